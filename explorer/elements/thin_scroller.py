"""A scrolling container whose bar is thin. Knows nothing of what it scrolls."""

from __future__ import annotations

from pygame_gui.elements import UIScrollingContainer

from explorer.elements.placing import finish

BAR_WIDTH = 8


class ThinScroller(UIScrollingContainer):
    """The library's bar is 20 pixels wide, as much as a row of buttons is high."""

    def update(self, time_delta: float) -> None:
        """Scrolls, and draws a bar that has become longer, shorter or thinner as it is to stay."""
        super().update(time_delta)
        if self.vert_scroll_bar is not None:
            finish(self.vert_scroll_bar)
            if self.vert_scroll_bar.sliding_button is not None:
                finish(self.vert_scroll_bar.sliding_button)

    def _check_scroll_bars(self) -> tuple[bool, bool]:
        """Asks for thin bars."""
        needed: tuple[bool, bool] = super()._check_scroll_bars()
        self.scroll_bar_width = min(self.scroll_bar_width, BAR_WIDTH)
        self.scroll_bar_height = min(self.scroll_bar_height, BAR_WIDTH)
        return needed
