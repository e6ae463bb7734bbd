"""Keeps freed memory with the process, so that big activations do not cost a page fault for every page.

glibc hands every big block back to the system when it is freed, and the kernel clears each page again when the
next layer asks for the same amount: hundreds of thousands of page faults a picture at 512 pixels and more. What is
kept may lie in pages of 2 MiB (Linux: transparent huge pages), of which a processor finds more without searching.
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
# From Linux's mman.h.
_MADV_HUGEPAGE = 14

HUGE_PAGE_BYTES = 2 * 2**20
HUGE_HEAP_BYTES = 2**30
"""of addresses behind the heap's present end; costs no memory until it is used"""


def keep_freed_memory() -> bool:
    """Tells glibc to keep what is freed; True if it does. Elsewhere nothing happens, and the answer is False.

    A thread stays with the heap ("arena") that it got from its first allocation, and only the main heap can grow
    big enough: call this before the thread that renders starts, or the thread gains little.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    mallopt = getattr(libc, "mallopt", None)
    if mallopt is None:
        return False
    settings = ((_M_MMAP_MAX, 0), (_M_TRIM_THRESHOLD, _NEVER), (_M_ARENA_MAX, 1))
    accepted = [mallopt(option, value) == 1 for option, value in settings]
    if all(accepted):
        _ask_for_huge_pages(libc)
    return all(accepted)


def _ask_for_huge_pages(libc: ctypes.CDLL) -> None:
    """For the memory that the heap will grow into: one big block stretches it, and is freed again, which it keeps.

    Advice only: where the system has no huge pages, or not so many addresses, everything stays as it was.
    """
    malloc, free, madvise = libc.malloc, libc.free, getattr(libc, "madvise", None)
    if madvise is None or ctypes.sizeof(ctypes.c_void_p) < 8:
        return
    malloc.argtypes, malloc.restype, free.argtypes = [ctypes.c_size_t], ctypes.c_void_p, [ctypes.c_void_p]
    madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    block = malloc(HUGE_HEAP_BYTES)
    if block is None:
        return
    start = -(-block // HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES
    madvise(start, HUGE_HEAP_BYTES - HUGE_PAGE_BYTES, _MADV_HUGEPAGE)
    free(block)
