"""How much of the processors the host of a virtual machine has given to others meanwhile: such figures tell little.

Linux tells it in /proc/stat ("steal"); elsewhere nothing is known.
"""

from __future__ import annotations

from pathlib import Path

STAT = Path("/proc/stat")
STEAL = 7
COUNTED = 8
"""user, nice, system, idle, iowait, irq, softirq, steal; what follows is in them already"""


class Taken:
    """Counts from its making on."""

    def __init__(self) -> None:
        self._before = _times()

    def sentence(self) -> str:
        """For below a table; "" where nothing is known."""
        now = _times()
        if now is None or self._before is None:
            return ""
        passed = [later - earlier for later, earlier in zip(now, self._before, strict=True)]
        share = passed[STEAL] / max(1, sum(passed))
        return f"The host gave {share:.0%} of the processors' time to others meanwhile.\n"


def _times() -> list[int] | None:
    try:
        first = STAT.read_text(encoding="ascii").split("\n", 1)[0].split()
    except OSError:
        return None
    return [int(each) for each in first[1 : 1 + COUNTED]] if len(first) > COUNTED else None
