"""Favourites as cards: thumbnail, name, stars, tags. Knows cards and their ids, nothing of the library.

The mouse: click, Ctrl and Shift click select, a double click picks, dragging moves. The keyboard, while it has the
focus: arrows, Home, End, Page keys, Ctrl+A, Enter, Delete, and digits for stars.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pygame
from pygame_gui.core.gui_type_hints import Coordinate
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.card_geometry import CARD_WIDTH, CardGeometry
from explorer.elements.drawn import DrawnElement, Press
from explorer.elements.icons import star
from explorer.elements.line_fit import shortened
from explorer.elements.pen import Pen
from explorer.elements.selection import Selection

WHEEL_STEP = 98
STAR_SIZE = 14
STAR_PITCH = 18
PADDING = 6
LINE = 18
MOVES = {pygame.K_LEFT: (-1, 0), pygame.K_RIGHT: (1, 0), pygame.K_UP: (0, -1), pygame.K_DOWN: (0, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One favourite as it is shown."""

    card_id: int
    title: str
    detail: str
    rating: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardActions:
    """What the grid tells."""

    select: Callable[[], None]
    """the selection is another one"""
    pick: Callable[[int], None]
    """(card) double click, or Enter"""
    remove: Callable[[tuple[int, ...]], None]
    rate: Callable[[tuple[int, ...], int], None]
    drag: Callable[[tuple[int, int]], None]
    """(point in the window) cards are being dragged there"""
    drop: Callable[[tuple[int, ...], tuple[int, int], int | None], None]
    """(cards, point in the window, the card they go before: None for behind the last)"""


class CardGrid(DrawnElement):
    """As many columns as fit; the wheel scrolls."""

    takes_keys = True

    def __init__(
        self,
        rect: pygame.Rect,
        manager: UIManager,
        container: IContainerLikeInterface | None,
        actions: CardActions,
    ) -> None:
        self._actions = actions
        self.cards: tuple[Card, ...] = ()
        self.pictures: Callable[[int], pygame.Surface | None] = lambda _card_id: None
        self.empty_text = ""
        self.selection = Selection()
        self._scroll = 0
        self._scaled: dict[int, tuple[pygame.Surface, pygame.Surface]] = {}
        self._press: Press | None = None
        self._insertion: int | None = None
        self._clicked = (0.0, -1)
        super().__init__(rect, manager, container, "card_grid")

    @property
    def geometry(self) -> CardGeometry:
        """Where the cards are, relative to the element."""
        size = {"width": int(self.rect.width), "height": int(self.rect.height)}
        most = CardGeometry(**size, count=len(self.cards)).most_scroll
        return CardGeometry(**size, count=len(self.cards), scroll=min(self._scroll, most))

    def show_cards(self, cards: Sequence[Card], empty_text: str) -> None:
        """In order; what is selected stays selected as far as it is still there."""
        if (tuple(cards), empty_text) == (self.cards, self.empty_text):
            return
        self.cards, self.empty_text = tuple(cards), empty_text
        ids = [card.card_id for card in cards]
        self._scaled = {key: value for key, value in self._scaled.items() if key in set(ids)}
        if self.selection.keep(ids):
            self._actions.select()
        self.touch()

    def centre(self, card_id: int) -> tuple[int, int]:
        """The middle of a card in the window."""
        index = [card.card_id for card in self.cards].index(card_id)
        x, y = pygame.Rect(self.geometry.place(index)).center
        return int(self.rect.x) + x, int(self.rect.y) + y

    def set_dimensions(self, dimensions: Coordinate, clamp_to_container: bool = False) -> None:
        """Keeps the scroll position possible."""
        super().set_dimensions(dimensions, clamp_to_container)
        self._scroll = self.geometry.scroll

    def process_event(self, event: pygame.event.Event) -> bool:
        """Mouse and keyboard."""
        if event.type == pygame.MOUSEWHEEL and self.hovered:
            self._scroll_to(self.geometry.scroll - round(event.y * WHEEL_STEP))
            return True
        if event.type == pygame.KEYDOWN and self.is_focused:
            return self._key(event)
        if event.type == pygame.MOUSEBUTTONDOWN and event.button == pygame.BUTTON_LEFT and self.hover_point(*event.pos):
            self._down(event.pos)
            return True
        if event.type == pygame.MOUSEMOTION and self._press is not None:
            self._press.moved(event.pos)
            if self._press.dragging and self._press.tile is not None:
                self._follow(event.pos)
            return True
        if event.type == pygame.MOUSEBUTTONUP and event.button == pygame.BUTTON_LEFT and self._press is not None:
            self._up(event.pos)
            return True
        return False

    def paint(self, pen: Pen) -> None:
        """Cards, or why there are none."""
        geometry = self.geometry
        if not self.cards:
            self.write(pen, self.empty_text, "muted", pen.area.center)
        for index, card in enumerate(self.cards):
            place = pygame.Rect(geometry.place(index))
            if place.colliderect(pen.area):
                self._paint_card(pen, card, place)
        if self._insertion is not None:
            left, top, _, height = geometry.place(self._insertion)
            pen.rect(self.colour("accent"), (left - 8, top, 4, height), radius=2)
        self._paint_overflow(pen, geometry)

    def _paint_card(self, pen: Pen, card: Card, place: pygame.Rect) -> None:
        chosen = card.card_id in self.selection.ids
        pen.rect(self.colour("accent_soft" if chosen else "panel"), place, radius=6)
        if card.card_id == self.selection.current and self.is_focused:
            pen.rect(self.colour("accent"), place.inflate(4, 4), width=2, radius=8)
        side = CARD_WIDTH - 2 * PADDING
        picture = pygame.Rect(place.x + PADDING, place.y + PADDING, side, side)
        scaled = self._picture(card.card_id, pen.side(picture))
        if scaled is None:
            pen.rect(self.colour("control"), picture, radius=4)
        else:
            pen.picture(scaled, picture)
        top = picture.bottom + 4
        self._line(pen, card.title, "text", (picture.x, top))
        for number in range(card.rating):
            spot = (picture.x + number * STAR_PITCH, top + LINE + 2)
            pen.picture(star(pen.length(STAR_SIZE), self.colour("accent"), filled=True), spot)
        detail_top = top + (2 if card.rating else 1) * LINE
        self._line(pen, card.detail, "text" if chosen else "muted", (picture.x, detail_top))

    def _line(self, pen: Pen, text: str, colour: str, topleft: tuple[int, int]) -> None:
        shown = shortened(text, CARD_WIDTH - 2 * PADDING, self.letters.width)
        if shown:
            self.write_at(pen, shown, colour, ("topleft", topleft))

    def _picture(self, card_id: int, side: int) -> pygame.Surface | None:
        picture = self.pictures(card_id)
        if picture is None:
            return None
        known = self._scaled.get(card_id)
        if known is None or known[0] is not picture or known[1].get_width() != side:
            known = picture, pygame.transform.smoothscale(picture, (side, side))
            self._scaled[card_id] = known
        return known[1]

    def _paint_overflow(self, pen: Pen, geometry: CardGeometry) -> None:
        """A thin bar that says where one is."""
        if geometry.most_scroll <= 0:
            return
        height = pen.area.height
        bar = max(height * height // (geometry.most_scroll + height), 24)
        top = (height - bar) * geometry.scroll // geometry.most_scroll
        pen.rect(self.colour("track"), (pen.area.width - 6, top, 4, bar), radius=2)

    def _inside(self, position: tuple[int, int]) -> tuple[int, int]:
        return int(position[0] - self.rect.x), int(position[1] - self.rect.y)

    def _down(self, position: tuple[int, int]) -> None:
        self.ui_manager.set_focus_set(self)
        index = self.geometry.card_at(*self._inside(position))
        self._press = Press(start=position, tile=index)
        if index is not None and self.cards[index].card_id not in self.selection.ids:
            self._choose(index, pygame.key.get_mods())

    def _up(self, position: tuple[int, int]) -> None:
        press, self._press = self._press, None
        insertion, self._insertion = self._insertion, None
        self.touch()
        if press is None:
            return
        if press.dragging and press.tile is not None:
            after = None if insertion is None or insertion >= len(self.cards) else self.cards[insertion].card_id
            self._actions.drop(self.chosen, position, after)
        elif press.tile is None:
            if self.selection.clear():
                self._actions.select()
        else:
            self._clicked_on(press.tile)

    def _clicked_on(self, index: int) -> None:
        now = time.monotonic()
        when, card = self._clicked
        twice = card == index and now - when < self.ui_manager.get_double_click_time()
        self._clicked = (0.0, -1) if twice else (now, index)
        if twice:
            self._actions.pick(self.cards[index].card_id)
        else:
            self._choose(index, pygame.key.get_mods())

    @property
    def chosen(self) -> tuple[int, ...]:
        """The selected cards, in the order in which they are shown."""
        return tuple(card.card_id for card in self.cards if card.card_id in self.selection.ids)

    def _choose(self, index: int, modifiers: int) -> None:
        ids = [card.card_id for card in self.cards]
        if modifiers & pygame.KMOD_SHIFT:
            self.selection.extend(ids, ids[index])
        elif modifiers & (pygame.KMOD_CTRL | pygame.KMOD_META):
            self.selection.toggle(ids[index])
        else:
            self.selection.only(ids[index])
        self.touch()
        self._actions.select()

    def _follow(self, position: tuple[int, int]) -> None:
        inside = self._inside(position)
        over = self.rect.collidepoint(position)
        self._insertion = self.geometry.insertion_at(*inside) if over else None
        self._actions.drag(position)
        self.touch()

    def _key(self, event: pygame.event.Event) -> bool:
        control = bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
        if control and event.key == pygame.K_a:
            self.selection.all([card.card_id for card in self.cards])
            self.touch()
            self._actions.select()
            return True
        if control or event.mod & pygame.KMOD_ALT or not self.cards:
            return False
        target = self._target(event.key)
        if target is not None:
            self._choose(target, event.mod & pygame.KMOD_SHIFT)
            self._scroll_to(self.geometry.scroll_to(target))
            return True
        return self._act(event)

    def _act(self, event: pygame.event.Event) -> bool:
        chosen = self.chosen
        typed = getattr(event, "unicode", "")
        if not chosen:
            return False
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            self._actions.pick(self.selection.current if self.selection.current in chosen else chosen[0])
        elif event.key in (pygame.K_DELETE, pygame.K_BACKSPACE):
            self._actions.remove(chosen)
        elif typed and typed in "012345":
            self._actions.rate(chosen, int(typed))
        else:
            return False
        return True

    def _target(self, key: int) -> int | None:
        """The card that an arrow or a page key leads to."""
        ids = [card.card_id for card in self.cards]
        geometry, last = self.geometry, len(ids) - 1
        page = geometry.columns * geometry.rows_in_view
        jumps = {pygame.K_HOME: -last, pygame.K_END: last, pygame.K_PAGEUP: -page, pygame.K_PAGEDOWN: page}
        across, down = MOVES.get(key, (0, 0))
        step = jumps.get(key, across + down * geometry.columns)
        if key not in MOVES and key not in jumps:
            return None
        if self.selection.current not in ids:
            return 0
        return min(max(ids.index(self.selection.current) + step, 0), last)

    def _scroll_to(self, scroll: int) -> None:
        self._scroll = min(max(scroll, 0), self.geometry.most_scroll)
        self.touch()
