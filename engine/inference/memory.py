"""Keeps freed memory with the process, so that big activations do not cost a page fault for every page.

glibc hands every big block back to the system when it is freed, and the kernel clears each page again when the
next layer asks for the same amount: hundreds of thousands of page faults a picture at 512 pixels and more.
`benchmarks/render_speed.py` measures what keeping the memory is worth. Knows nothing of torch.
"""

from __future__ import annotations

import ctypes
import platform

# From glibc's malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_MAX = -4
_M_ARENA_MAX = -8
_NEVER = 2**31 - 1


def keep_freed_memory() -> bool:
    """Tells glibc to keep what is freed; True if it does. Elsewhere nothing happens, and the answer is False.

    A thread stays with the heap ("arena") that it got from its first allocation, and only the main heap can grow
    big enough: call this before the thread that renders starts, or the thread gains little.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _NEVER), (_M_ARENA_MAX, 1))
    accepted = [mallopt(option, value) == 1 for option, value in settings]
    return all(accepted)
