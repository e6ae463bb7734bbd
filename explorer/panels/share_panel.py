"""What leaves the window and what comes back: pictures, looks, sessions. Knows what to ask for, not how."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pygame

from explorer.panels.panel import BUTTON_HEIGHT, CONTROL_LEFT, LABEL_WIDTH, ROW_GAP, Column, Panel, PanelFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareActions:
    """What the panel asks for."""

    save_picture: Callable[[], None]
    open_picture: Callable[[], None]
    copy_look: Callable[[], None]
    paste_look: Callable[[], None]
    save_session: Callable[[], None]
    open_session: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One row: out at the left, back in at the right."""

    name: str
    out: tuple[str, Callable[[], None], str]
    back: tuple[str, Callable[[], None], str]


class SharePanel(Panel):
    """Three rows of two buttons."""

    title = "Save and share"
    tooltip = "Pictures that carry their recipe, looks as text, sessions"

    def __init__(self, frame: PanelFrame, actions: ShareActions, *, opened: bool = False) -> None:
        super().__init__(frame, opened=opened)
        self._pairs = (
            _Pair(
                name="Picture",
                out=("Save", actions.save_picture, "A PNG with its recipe inside: the selected picture (S)"),
                back=("Open…", actions.open_picture, "Brings the look of a saved picture or video back"),
            ),
            _Pair(
                name="Look",
                out=("Copy", actions.copy_look, "The selected picture's recipe, as text (Ctrl+C)"),
                back=("Paste", actions.paste_look, "A look that was copied as text (Ctrl+V)"),
            ),
            _Pair(
                name="Session",
                out=("Save as…", actions.save_session, "Model, grid and all controls, in a file (Ctrl+S)"),
                back=("Open…", actions.open_session, "A session that was saved"),
            ),
        )

    def build_body(self, column: Column) -> None:
        """The rows."""
        self.buttons = {}
        for pair in self._pairs:
            row = column.place(BUTTON_HEIGHT)
            self.label(pygame.Rect(0, row.y, LABEL_WIDTH, BUTTON_HEIGHT), pair.name)
            half = (row.right - CONTROL_LEFT - ROW_GAP) // 2
            for left, (text, command, tooltip) in ((CONTROL_LEFT, pair.out), (row.right - half, pair.back)):
                place = pygame.Rect(left, row.y, half, BUTTON_HEIGHT)
                self.buttons[pair.name, text] = self.button(place, text, command, tooltip)

    def sync_body(self) -> None:
        """Nothing changes."""
