"""Which of several things are chosen, and which one the keyboard is at. Knows ids, nothing of what they stand for."""

from __future__ import annotations

from collections.abc import Sequence


class Selection:
    """As file managers have it: one, a range, or some."""

    def __init__(self) -> None:
        self.ids: frozenset[int] = frozenset()
        self.current: int | None = None
        self._anchor: int | None = None

    def only(self, item: int) -> None:
        """This one and no other."""
        self.ids, self.current, self._anchor = frozenset({item}), item, item

    def toggle(self, item: int) -> None:
        """This one too, or not any more."""
        self.ids ^= {item}
        self.current = self._anchor = item

    def extend(self, order: Sequence[int], item: int) -> None:
        """All from the last one that was chosen alone to this one."""
        anchor = self._anchor if self._anchor in order else item
        first, last = sorted((order.index(anchor), order.index(item)))
        self.ids, self.current, self._anchor = frozenset(order[first : last + 1]), item, anchor

    def all(self, order: Sequence[int]) -> None:
        """Every one of them."""
        self.ids = frozenset(order)

    def clear(self) -> bool:
        """None. False if none was."""
        had = bool(self.ids)
        self.ids = frozenset()
        return had

    def keep(self, present: Sequence[int]) -> bool:
        """Without those that are not there any more; True if there were such."""
        left = self.ids & frozenset(present)
        changed, self.ids = left != self.ids, left
        if self.current not in present:
            self.current = None
        return changed
