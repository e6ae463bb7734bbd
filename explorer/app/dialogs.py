"""The windows inside the window: choosing a file, and the list of shortcuts."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pygame
import pygame_gui
from pygame_gui.core import ObjectID
from pygame_gui.elements import UITextBox, UIWindow
from pygame_gui.ui_manager import UIManager
from pygame_gui.windows import UIFileDialog

MODEL_SUFFIXES = {".safetensors", ".pkl", ""}
DIALOG_SIZE = (640, 520)
HELP_SIZE = (460, 560)
MARGIN = 24


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
        )
        self._on_pick = on_pick
        self.delete_button.hide()
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
    """Every shortcut, in the words of the table that binds them."""

    def __init__(self, shortcuts: Sequence[tuple[str, str]], manager: UIManager) -> None:
        super().__init__(
            centred(HELP_SIZE, manager),
            manager,
            window_display_title="Keyboard and mouse",
            object_id=ObjectID(object_id="#help"),
        )
        lines = [f"<b>{html.escape(keys)}</b>   {html.escape(what)}" for keys, what in shortcuts]
        inside = self.get_container().get_size()
        UITextBox(
            "<br>".join(lines),
            pygame.Rect(12, 12, inside[0] - 24, inside[1] - 24),
            manager,
            container=self,
            object_id=ObjectID(class_id="@notice_text"),
        )


def centred(size: tuple[int, int], manager: UIManager) -> pygame.Rect:
    """A rectangle in the middle of the window, with a margin if the window is small."""
    width, height = manager.window_resolution
    rect = pygame.Rect(0, 0, min(size[0], width - 2 * MARGIN), min(size[1], height - 2 * MARGIN))
    rect.center = (width // 2, height // 2)
    return rect
