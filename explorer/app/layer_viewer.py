"""A window that looks into the layers of the network: a map for each channel, scrubbed by sliders, with numbers.

Asks through a callable; the maps come from the worker whenever they are ready.
"""

from __future__ import annotations

from collections.abc import Callable

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UILabel, UIWindow
from pygame_gui.ui_manager import UIManager

from engine.inference.layer_maps import LayerMaps, LayerQuestion
from explorer.app.dialogs import centred
from explorer.elements.maps_view import MapsView
from explorer.elements.phase import Phase
from explorer.elements.value_row import RowStyle, ValueRow
from explorer.elements.value_slider import ValueRange
from explorer.session.session import Session

SIZE = (640, 452)
MARGIN = 12
TITLE = 36
ROW = 28
LINE = 20


class LayerViewer(UIWindow):
    """Follows the look of one tile for as long as it is open."""

    def __init__(self, tile: int, session: Session, manager: UIManager, ask: Callable[[LayerQuestion], None]) -> None:
        super().__init__(
            centred(SIZE, manager), manager, window_display_title="Layers", object_id=ObjectID(object_id="#layers")
        )
        self._manager = manager
        self._tile = tile
        self._session = session
        self._ask = ask
        self._asked: LayerQuestion | None = None
        self._maps: LayerMaps | None = None
        self._wanted = (0, 0)
        width = int(self.rect.width) - 2 * MARGIN
        height = int(self.rect.height) - TITLE - 2 * ROW - 2 * LINE - 3 * MARGIN
        self.view = MapsView(pygame.Rect(MARGIN, MARGIN, width, height), manager, self, self._pick)
        self._top = 2 * MARGIN + height
        self.rows: dict[str, ValueRow] = {}
        self._build_rows((1, 1))
        below = self._top + 2 * ROW
        self.first = self._line(below, width)
        self.second = self._line(below + LINE, width)

    @property
    def maps(self) -> LayerMaps | None:
        """What is shown now."""
        return self._maps

    def sync(self) -> None:
        """Asks anew if the picture, the layer or the channel is another one."""
        if self._tile >= len(self._session.document.tiles) or self._session.model is None:
            return
        layer, channel = self._wanted
        question = LayerQuestion(look=self._session.look_of(self._tile), layer=layer, channel=channel)
        if question != self._asked:
            self._asked = question
            self._ask(question)
        for name, value in (("Layer", layer), ("Channel", channel)):
            self.rows[name].show_value(value)

    def show_maps(self, maps: LayerMaps) -> None:
        """An answer; one to an older question is shown until the newer one comes."""
        counts = (maps.layers, maps.channels)
        if self._maps is None:
            self._pick(maps.by_strength[0])  # there is more to see than in channel 0
        if self._maps is None or counts != (self._maps.layers, self._maps.channels):
            self._build_rows(counts)
        self._maps = maps
        question = maps.question
        layer, channel = self._wanted
        if question.layer == layer and channel >= maps.channels:  # the layer before had more
            self._wanted = (layer, maps.channels - 1)
        shown = [(channel, maps.small[channel]) for channel in maps.by_strength[: self.view.room]]
        self.view.show_maps(maps.map, shown, question.channel)
        numbers, (height, width) = maps.numbers, maps.size
        self.first.set_text(
            f"{maps.channels} channels of {width} × {height}; this one is above 0 in {numbers.positive:.0%}"
        )
        spread = f"mean {numbers.mean:.3f}, standard deviation {numbers.std:.3f}"
        self.second.set_text(f"From {numbers.low:.3f} to {numbers.high:.3f}, {spread}")

    def fail(self, message: str) -> None:
        """Why there are no maps."""
        self.first.set_text(message)
        self.second.set_text("")

    def _line(self, top: int, width: int) -> UILabel:
        place = pygame.Rect(MARGIN, top, width, LINE)
        return UILabel(place, "", self.ui_manager, self, object_id=ObjectID(class_id="@muted"))

    def _build_rows(self, counts: tuple[int, int]) -> None:
        """The sliders' ranges are known once a layer was seen. One whose range stays may be in somebody's hand."""
        tooltips = ("From the coarsest to the finest", "One map of the layer")
        for index, (name, count, tooltip) in enumerate(zip(("Layer", "Channel"), counts, tooltips, strict=True)):
            values = ValueRange(low=0.0, high=float(max(count - 1, 1)), default=0.0, step=1.0, decimals=0)
            if name in self.rows:
                row = self.rows[name]
                if row.slider.values == values:
                    continue
                for element in (row.slider, row.entry, row.label):
                    if element is not None:
                        element.kill()
            style = RowStyle(label=name, values=values, tooltip=tooltip)
            place = pygame.Rect(MARGIN, self._top + index * ROW, int(self.rect.width) - 2 * MARGIN, ROW)
            self.rows[name] = ValueRow(place, style, self._manager, self, self._changed(index))

    def _changed(self, index: int) -> Callable[[float, Phase], None]:
        def change(value: float, _phase: Phase) -> None:
            layer, channel = self._wanted
            self._wanted = (int(value), channel) if index == 0 else (layer, int(value))

        return change

    def _pick(self, channel: int) -> None:
        self._wanted = (self._wanted[0], channel)
