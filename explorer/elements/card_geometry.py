"""Where the cards of a scrolling grid lie. Knows neither pygame nor what is on a card."""

from __future__ import annotations

from dataclasses import dataclass

MARGIN = 16
GAP = 12
CARD_WIDTH = 116
CARD_HEIGHT = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class CardGeometry:
    """Cards in reading order, as many in a row as fit; `scroll` pixels are above the upper edge."""

    width: int
    height: int
    count: int
    scroll: int = 0

    @property
    def columns(self) -> int:
        """At least one."""
        return max((self.width - 2 * MARGIN + GAP) // (CARD_WIDTH + GAP), 1)

    @property
    def rows_in_view(self) -> int:
        """Whole rows that are seen at once, at least one."""
        return max((self.height - MARGIN) // (CARD_HEIGHT + GAP), 1)

    @property
    def most_scroll(self) -> int:
        """How far one can scroll."""
        rows = -(-self.count // self.columns)
        return max(rows * (CARD_HEIGHT + GAP) - GAP + 2 * MARGIN - self.height, 0)

    def place(self, index: int) -> tuple[int, int, int, int]:
        """(x, y, width, height) of a card; also of the one after the last."""
        row, column = divmod(index, self.columns)
        left = MARGIN + column * (CARD_WIDTH + GAP)
        return left, MARGIN + row * (CARD_HEIGHT + GAP) - self.scroll, CARD_WIDTH, CARD_HEIGHT

    def card_at(self, x: int, y: int) -> int | None:
        """The card under a point; None between them and outside."""
        index = self.slot_at(x, y)
        if index >= self.count:
            return None
        left, top, width, height = self.place(index)
        return index if left <= x < left + width and top <= y < top + height else None

    def slot_at(self, x: int, y: int) -> int:
        """The card whose cell holds the point; the number of cards for what lies behind the last."""
        column = min(max((x - MARGIN) // (CARD_WIDTH + GAP), 0), self.columns - 1)
        row = max((y + self.scroll - MARGIN) // (CARD_HEIGHT + GAP), 0)
        return min(row * self.columns + column, self.count)

    def insertion_at(self, x: int, y: int) -> int:
        """Before which card something dropped here goes: the nearer side of the card counts."""
        index = self.slot_at(x, y)
        if index >= self.count:
            return self.count
        left, _, width, _ = self.place(index)
        return index + (1 if x > left + width // 2 else 0)

    def scroll_to(self, index: int) -> int:
        """The scroll at which the card is seen, changed as little as possible."""
        _, top, _, height = self.place(index)
        if top < MARGIN:
            return max(self.scroll + top - MARGIN, 0)
        over = top + height + MARGIN - self.height
        return min(self.scroll + max(over, 0), self.most_scroll)
