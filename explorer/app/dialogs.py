"""Windows inside the window that only tell something: the list of shortcuts, and facts. And where such windows lie."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.core.interfaces.gui_font_interface import IGUIFontInterface
from pygame_gui.elements import UILabel, UIWindow
from pygame_gui.ui_manager import UIManager

from explorer.elements.text_table import TableStyle, TextTable
from explorer.panels.text_fit import fitted

HELP_COLUMN = 416
HELP_TITLE = 40
HELP_ROW = 24
HELP_MARGIN = 12
FACTS_WIDTH = 520
FACT_NAME_WIDTH = 136
KEYS_WIDTH = 96
MARGIN = 24


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
