"""What leaves the window and what comes back: pictures, looks, sessions. Knows what to ask for, not how."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pygame
from pygame_gui.elements import UIButton

from explorer.panels.panel import BUTTON_HEIGHT, CONTROL_LEFT, LABEL_WIDTH, ROW_GAP, Column, Fold, Panel, PanelFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareActions:
    """What the panel asks for."""

    save_picture: Callable[[], None]
    copy_picture: Callable[[], None]
    open_picture: Callable[[], None]
    copy_look: Callable[[], None]
    paste_look: Callable[[], None]
    save_session: Callable[[], None]
    open_session: Callable[[], None]
    sessions: Callable[[], tuple[Path, ...]]
    """session files that were saved or opened lately"""
    reopen_session: Callable[[Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What leaves at the left, what comes back at the right."""

    name: str
    buttons: tuple[tuple[str, Callable[[], None], str], ...]
    """(text, command, tooltip)"""


class SharePanel(Panel):
    """Three rows of buttons, and the recent sessions where there are any."""

    title = "Save and share"
    tooltip = "Pictures that carry their recipe, looks as text, sessions"

    def __init__(self, frame: PanelFrame, actions: ShareActions, *, opened: bool = False) -> None:
        super().__init__(frame, opened=opened)
        self._actions = actions
        self._shows_recent = False
        self.recent_button: UIButton | None = None
        self.recent_buttons: dict[Path, UIButton] = {}
        self.buttons: dict[tuple[str, str], UIButton] = {}

    def structure(self) -> Hashable:
        """A button for each recent session."""
        return self._actions.sessions(), self._shows_recent

    def build_body(self, column: Column) -> None:
        """The rows."""
        self.buttons = {}
        for line in self._rows():
            row = column.place(BUTTON_HEIGHT)
            self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), line.name)
            count = len(line.buttons)
            width = (row.right - CONTROL_LEFT - (count - 1) * ROW_GAP) // count
            for index, (text, command, tooltip) in enumerate(line.buttons):
                place = pygame.Rect(CONTROL_LEFT + index * (width + ROW_GAP), row.y, width, BUTTON_HEIGHT)
                self.buttons[line.name, text] = self.button(place, text, command, tooltip)
        self._build_recent(column)

    def _rows(self) -> tuple[_Row, ...]:
        actions = self._actions
        return (
            _Row(
                name="Picture",
                buttons=(
                    ("Save", actions.save_picture, "A PNG with its recipe inside: the selected picture (S)"),
                    ("Copy", actions.copy_picture, "The selected picture, for other programs (Ctrl+Shift+C)"),
                    ("Open…", actions.open_picture, "Brings the look of a saved picture or video back"),
                ),
            ),
            _Row(
                name="Look",
                buttons=(
                    ("Copy", actions.copy_look, "The selected picture's recipe, as text (Ctrl+C)"),
                    ("Paste", actions.paste_look, "A look that was copied as text (Ctrl+V)"),
                ),
            ),
            _Row(
                name="Session",
                buttons=(
                    ("Save as…", actions.save_session, "Model, grid and all controls, in a file (Ctrl+S)"),
                    ("Open…", actions.open_session, "A session that was saved"),
                ),
            ),
        )

    def _build_recent(self, column: Column) -> None:
        self.recent_button, self.recent_buttons = None, {}
        sessions = self._actions.sessions()
        if not sessions:
            return
        row = column.place(BUTTON_HEIGHT, gap=4)
        fold = Fold(text="Recent sessions", opened=self._shows_recent, tooltip="Saved or opened lately")
        self.recent_button = self.fold_button(row, fold, self._toggle_recent)
        for path in sessions if self._shows_recent else ():
            place = column.place(BUTTON_HEIGHT, gap=4)
            button = self.button(place, "", partial(self._actions.reopen_session, path), str(path))
            self.show_text(button, path.name)
            self.recent_buttons[path] = button

    def _toggle_recent(self) -> None:
        self._shows_recent = not self._shows_recent

    def sync_body(self) -> None:
        """Nothing changes."""
