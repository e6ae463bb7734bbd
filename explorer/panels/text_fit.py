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
    low, high = 0, len(text) - 1
    while low < high:
        kept = (low + high + 1) // 2
        if measure(_around(text, kept)) <= width:
            low = kept
        else:
            high = kept - 1
    return _around(text, low)


def _around(text: str, kept: int) -> str:
    head, tail = (kept + 1) // 2, kept // 2
    return text[:head] + ELLIPSIS + (text[-tail:] if tail else "")


def shown_path(path: Path) -> str:
    """The path as people write it: the home folder is ~."""
    try:
        return f"~{os.sep}{path.relative_to(Path.home())}"
    except ValueError:
        return str(path)
