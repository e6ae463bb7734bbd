"""What all panels have in common: a header that folds, rows below it, and being built anew when they change shape.

A panel owns no state but whether it is open: what it shows comes from the session, what the person does goes
to the session. Panels know nothing of the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Set
from dataclasses import dataclass
from functools import partial

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UIButton, UILabel, UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.elements.icon import Icon
from explorer.elements.icons import chevron
from explorer.elements.name_label import NameLabel, NameStyle
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.elements.phase import Phase
from explorer.elements.placing import StillContainer
from explorer.panels.text_fit import fitted
from explorer.session.session import Session

PANEL_WIDTH = 304
LABEL_WIDTH = 88
CONTROL_LEFT = LABEL_WIDTH + 8
NUMBER_WIDTH = 104
HEADER_HEIGHT = 28
ROW_HEIGHT = 24
BUTTON_HEIGHT = 28
ROW_GAP = 8
BODY_TOP = 6
BODY_BOTTOM = 10
RESET_WIDTH = 64
LABEL_ROOM = 16
"""that a text leaves free, since a label that is filled loses its first letters"""
ICON_SIZE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelFrame:
    """Where panels live and what they work on."""

    manager: UIManager
    container: IContainerLikeInterface
    theme_parent: UIPanel
    """whose names the theme looks up before those of a row; the scroller's own would cost milliseconds a widget"""
    session: Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """What a button that folds rows says."""

    text: str
    opened: bool
    tooltip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberField:
    """A number with a name, in a row that has room for a button beside it."""

    label: str
    tooltip: str
    numbers: NumberFormat
    default: float
    """where a double click on the name takes it"""
    on_change: Callable[[float, Phase], None]


class Column:
    """Hands out places from top to bottom."""

    def __init__(self, top: int) -> None:
        self.bottom = top

    def place(self, height: int = ROW_HEIGHT, gap: int = ROW_GAP) -> pygame.Rect:
        """The next full-width rectangle."""
        rect = pygame.Rect(0, self.bottom, PANEL_WIDTH, height)
        self.bottom += height + gap
        return rect


class Panel:
    """Subclasses give a title, `build_body`, `sync_body`, and a `structure` if their shape can change."""

    title = ""
    tooltip = ""
    reset_tooltip = ""

    def __init__(self, frame: PanelFrame, *, opened: bool = True) -> None:
        self.frame = frame
        self.opened = opened
        self.height = 0
        self.container: StillContainer | None = None
        self._top = 0
        self._built: Hashable = None
        self._written: dict[UILabel | UIButton, str] = {}

    @property
    def session(self) -> Session:
        """The document and its pictures."""
        return self.frame.session

    @property
    def applies(self) -> bool:
        """Whether the panel has anything to say about the model that is open."""
        return True

    def structure(self) -> Hashable:
        """What the shape of the body depends on."""
        return None

    def reset(self) -> Callable[[], None] | None:
        """What the header's Reset does; None for a panel without one."""
        return None

    def build_body(self, column: Column) -> None:
        """Makes the rows."""
        raise NotImplementedError

    def sync_body(self) -> None:
        """Brings the rows into line with the session."""
        raise NotImplementedError

    @property
    def outdated(self) -> bool:
        """Whether it is to be built anew: then it can neither be brought into line nor be clicked."""
        return self._built != self._shape()

    def build(self) -> None:
        """Makes its elements."""
        self.take_down()
        self._built = self._shape()
        self._rebuild()

    def take_down(self) -> None:
        """Lets go of its elements. Its height stays until it is built, so that the panels below it do not jump."""
        self._built = None
        if self.container is not None:
            self._top = int(self.container.relative_rect.top)
            self.container.kill()
            self.container = None
            self._written.clear()

    def sync(self) -> None:
        """Brings what is built into line with the session."""
        if self.opened and self.applies:
            self.sync_body()

    def toggle(self) -> None:
        """Folds or unfolds at the next sync."""
        self.opened = not self.opened

    def unfolded(self) -> frozenset[str]:
        """Names of what is open in it; `unfold` is the inverse."""
        return frozenset({self.title} if self.opened else ())

    def unfold(self, names: Set[str]) -> None:
        """Opens what is among the names, folds the rest, at the next sync."""
        self.opened = self.title in names

    def _shape(self) -> Hashable:
        return self.applies, self.opened, self.structure()

    def _rebuild(self) -> None:
        self.height = 0
        if not self.applies:
            return
        self.container = StillContainer(
            pygame.Rect(0, self._top, PANEL_WIDTH, 2000),
            self.frame.manager,
            container=self.frame.container,
            parent_element=self.frame.theme_parent,
        )
        column = Column(HEADER_HEIGHT + BODY_TOP)
        self._build_header()
        self.height = HEADER_HEIGHT
        if self.opened:
            self.build_body(column)
            self.height = column.bottom - ROW_GAP + BODY_BOTTOM
        self.container.set_dimensions((PANEL_WIDTH, self.height))

    def _build_header(self) -> None:
        manager, container = self.frame.manager, self.container
        assert container is not None
        self.header = UIButton(
            pygame.Rect(0, 0, PANEL_WIDTH, HEADER_HEIGHT),
            self.title,
            manager,
            container,
            object_id=ObjectID(class_id="@header"),
            command=self.toggle,
            tool_tip_text=self.tooltip or None,
        )
        self._chevron(pygame.Rect(6, 0, ICON_SIZE, HEADER_HEIGHT), opened=self.opened)
        action = self.reset()
        if action is not None and self.opened:
            self.reset_button = UIButton(
                pygame.Rect(PANEL_WIDTH - RESET_WIDTH, 2, RESET_WIDTH, HEADER_HEIGHT - 4),
                "Reset",
                manager,
                container,
                starting_height=3,
                object_id=ObjectID(class_id="@quiet"),
                command=action,
                tool_tip_text=self.reset_tooltip,
            )

    def _chevron(self, place: pygame.Rect, *, opened: bool) -> None:
        """In the middle of the place's height."""
        colour = self.frame.manager.get_theme().get_colour("muted")
        rect = pygame.Rect(place.x, place.centery - ICON_SIZE // 2, ICON_SIZE, ICON_SIZE)
        Icon(rect, partial(chevron, colour=colour, opened=opened), self.frame.manager, self.container)

    def label(self, rect: pygame.Rect, text: str, class_id: str = "@label") -> UILabel:
        """A line of text."""
        return UILabel(rect, text, self.frame.manager, self.container, object_id=ObjectID(class_id=class_id))

    def button(self, rect: pygame.Rect, text: str, command: Callable[[], None], tooltip: str | None = None) -> UIButton:
        """A button."""
        return UIButton(rect, text, self.frame.manager, self.container, command=command, tool_tip_text=tooltip)

    def number_field(self, row: pygame.Rect, field: NumberField) -> NumberEntry:
        """Its name and the number; `beside_number` is the room that is left."""
        manager, container = self.frame.manager, self.place
        name = NameStyle(text=field.label, tooltip=f"{field.tooltip.rstrip('.')}. Double click: {field.default:.0f}")
        reset = partial(field.on_change, field.default, "drop")
        NameLabel(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), name, manager, container, reset)
        place = pygame.Rect(CONTROL_LEFT, row.y, NUMBER_WIDTH, BUTTON_HEIGHT)
        entry = NumberEntry(place, field.numbers, manager, container, field.on_change)
        entry.set_tooltip(field.tooltip)
        return entry

    def beside_number(self, row: pygame.Rect) -> pygame.Rect:
        """The room for a button right of a number field."""
        left = CONTROL_LEFT + NUMBER_WIDTH + ROW_GAP
        return pygame.Rect(left, row.y, row.right - left, BUTTON_HEIGHT)

    def fold_button(self, rect: pygame.Rect, fold: Fold, command: Callable[[], None]) -> UIButton:
        """A quiet button with a chevron, that shows or hides the rows below it."""
        self._chevron(pygame.Rect(rect.x + 2, rect.y, ICON_SIZE, rect.height), opened=fold.opened)
        return UIButton(
            rect,
            fold.text,
            self.frame.manager,
            self.container,
            object_id=ObjectID(class_id="@fold"),
            command=command,
            tool_tip_text=fold.tooltip,
        )

    def show_text(self, label: UILabel | UIButton, text: str) -> None:
        """Writes the text, shortened to the width that there is."""
        font = label.font
        if font is None or self._written.get(label) == text:
            return
        self._written[label] = text
        room = int(label.rect.width) - (2 * ROW_GAP if isinstance(label, UIButton) else LABEL_ROOM)
        shown = fitted(text, room, lambda candidate: font.size(candidate)[0])
        if label.text != shown:
            label.set_text(shown)

    @property
    def place(self) -> StillContainer:
        """The container that rows are made in; there is one whenever a body is built."""
        assert self.container is not None
        return self.container
