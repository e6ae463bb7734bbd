"""How much memory a measuring process has had at most."""

from __future__ import annotations

import sys
from pathlib import Path


def peak_bytes() -> int:
    """Of this process, since it began."""
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held when it started this process
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
