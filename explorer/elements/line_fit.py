"""A line of text that may be too long: its beginning and an ellipsis. Knows only a way to measure."""

from __future__ import annotations

from collections.abc import Callable

ELLIPSIS = "…"


def shortened(text: str, width: int, measure: Callable[[str], int]) -> str:
    """The text if it is at most `width` wide, else as much of its beginning as fits before an ellipsis."""
    if measure(text) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle].rstrip() + ELLIPSIS) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + ELLIPSIS
