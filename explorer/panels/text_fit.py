"""How text that may be long is shown: shortened in the middle, where file names differ least.

Knows only a way to measure.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

ELLIPSIS = "…"


def fitted(text: str, width: int, measure: Callable[[str], int]) -> str:
    """The text if it is at most `width` wide, else its beginning and end around an ellipsis."""
    if measure(text) <= width:
        return text
    for kept in range(len(text) - 1, 0, -1):
        head, tail = (kept + 1) // 2, kept // 2
        candidate = text[:head] + ELLIPSIS + (text[-tail:] if tail else "")
        if measure(candidate) <= width:
            return candidate
    return ELLIPSIS


def shown_path(path: Path) -> str:
    """The path as people write it: the home folder is ~."""
    try:
        return f"~{os.sep}{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
