"""The windows inside the window: choosing a file, and the list of shortcuts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pygame
import pygame_gui
from pygame_gui.core import ObjectID
from pygame_gui.core.interfaces.gui_font_interface import IGUIFontInterface
from pygame_gui.elements import UILabel, UIWindow
from pygame_gui.ui_manager import UIManager
from pygame_gui.windows import UIFileDialog

from explorer.elements.text_table import TableStyle, TextTable
from explorer.panels.text_fit import fitted

DIALOG_SIZE = (640, 520)
HELP_COLUMN = 416
HELP_TITLE = 40
HELP_ROW = 24
HELP_MARGIN = 12
FACTS_WIDTH = 520
FACT_NAME_WIDTH = 136
KEYS_WIDTH = 96
MARGIN = 24
BUTTON_WIDTH = 96
BUTTON_HEIGHT = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PathQuestion:
    """Which file?"""

    title: str
    start: Path
    """a folder, or a file whose name is proposed"""
    existing: bool
    """only a file that is there"""
    suffixes: frozenset[str] | None = None
    """None for any"""
    folders: bool = False
    """whether a folder is an answer too"""


class PathDialog(UIFileDialog):
    """Calls `on_pick(path)`. Cannot delete files: that is not what one comes for."""

    def __init__(self, question: PathQuestion, manager: UIManager, on_pick: Callable[[Path], None]) -> None:
        super().__init__(
            centred(DIALOG_SIZE, manager),
            manager,
            window_title=question.title,
            allowed_suffixes=set(question.suffixes) if question.suffixes else None,
            initial_file_path=str(question.start),
            allow_existing_files_only=question.existing,
            allow_picking_directories=question.folders,
        )
        self._on_pick = on_pick
        self.delete_button.hide()
        for button in (self.ok_button, self.cancel_button):
            button.set_dimensions((BUTTON_WIDTH, BUTTON_HEIGHT))
            button.rebuild()  # else the text stays where the narrow button had it
        self.cancel_button.set_relative_position((-BUTTON_WIDTH - 10, -BUTTON_HEIGHT - 10))
        self.ok_button.set_relative_position((-BUTTON_WIDTH - 8, -BUTTON_HEIGHT - 10))
        self.set_blocking(True)

    def process_event(self, event: pygame.event.Event) -> bool:
        """Takes its own answer."""
        if event.type == pygame_gui.UI_BUTTON_PRESSED and event.ui_element == self.ok_button:
            path = self.current_file_path
            handled = bool(super().process_event(event))
            if not self.alive() and path is not None:
                self._on_pick(Path(path))
            return handled
        return bool(super().process_event(event))


class HelpWindow(UIWindow):
    """Every shortcut, in the words of the table that binds them, in two columns."""

    def __init__(self, shortcuts: Sequence[tuple[str, str]], manager: UIManager) -> None:
        rows = (len(shortcuts) + 1) // 2
        height = HELP_TITLE + rows * HELP_ROW + 2 * HELP_MARGIN
        super().__init__(
            centred((2 * HELP_COLUMN + HELP_MARGIN, height), manager),
            manager,
            window_display_title="Keyboard and mouse",
            object_id=ObjectID(object_id="#help"),
        )
        inside = self.get_container().get_size()
        place = pygame.Rect(HELP_MARGIN, HELP_MARGIN, inside[0] - 2 * HELP_MARGIN, inside[1] - 2 * HELP_MARGIN)
        self.table = TextTable(place, shortcuts, TableStyle(columns=2, name_width=KEYS_WIDTH), manager, self)


class FactsWindow(UIWindow):
    """Names and values, one a line; long values are shortened in the middle and told in full by their tooltips."""

    def __init__(self, title: str, facts: Sequence[tuple[str, str]], manager: UIManager) -> None:
        height = HELP_TITLE + len(facts) * HELP_ROW + 2 * HELP_MARGIN
        super().__init__(
            centred((FACTS_WIDTH, height), manager),
            manager,
            window_display_title=title,
            object_id=ObjectID(object_id="#facts"),
        )
        self.values: dict[str, UILabel] = {}
        for index, (name, value) in enumerate(facts):
            top = HELP_MARGIN + index * HELP_ROW
            name_place = pygame.Rect(HELP_MARGIN, top, FACT_NAME_WIDTH, HELP_ROW)
            UILabel(name_place, name, manager, self, object_id=ObjectID(class_id="@muted"))
            room = FACTS_WIDTH - FACT_NAME_WIDTH - 4 * HELP_MARGIN
            place = pygame.Rect(name_place.right + HELP_MARGIN, top, room, HELP_ROW)
            label = UILabel(place, "", manager, self, object_id=ObjectID(class_id="@label"))
            font = label.font
            shown = value if font is None else fitted(value, room, partial(_width, font))
            label.set_text(shown)
            if shown != value:
                label.set_tooltip(value)
            self.values[name] = label


def _width(font: IGUIFontInterface, text: str) -> int:
    return int(font.size(text)[0])


def keep_inside(dialog: UIWindow, manager: UIManager) -> None:
    """After the window has another size: all of the dialog can be reached."""
    width, height = manager.window_resolution
    room = pygame.Rect(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)
    place = pygame.Rect(dialog.rect)
    if room.contains(place):
        return
    place.size = min(place.width, room.width), min(place.height, room.height)
    dialog.set_dimensions(place.size)
    dialog.set_position(place.clamp(room).topleft)


def centred(size: tuple[int, int], manager: UIManager) -> pygame.Rect:
    """A rectangle in the middle of the window, with a margin if the window is small."""
    width, height = manager.window_resolution
    rect = pygame.Rect(0, 0, min(size[0], width - 2 * MARGIN), min(size[1], height - 2 * MARGIN))
    rect.center = (width // 2, height // 2)
    return rect
