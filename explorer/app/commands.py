"""What keys, clicks and buttons do. Knows how to say it to session, desks and window; draws nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from explorer.app.dialogs import MODEL_SUFFIXES, HelpWindow, PathDialog, PathQuestion
from explorer.app.exporting import ExportDesk
from explorer.app.favourites import FavouritesDesk
from explorer.app.input import shortcut_list
from explorer.app.opening import ModelDesk
from explorer.app.window import Window
from explorer.session.document import MAX_SIDE
from explorer.session.edits import with_grid, with_pad, with_random_seeds, with_selected
from explorer.session.history import Phase
from explorer.session.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """What commands act on."""

    session: Session
    favourites: FavouritesDesk
    export: ExportDesk
    models: ModelDesk


class WindowCommands:
    """The commands of the binding table, and those of the mouse."""

    def __init__(self, desks: Desks, window: Callable[[], Window]) -> None:
        self._desks = desks
        self._window = window
        self._drag_start: tuple[float, float] | None = None

    def new_seeds(self) -> None:
        """A new seed for every tile."""
        session = self._desks.session
        session.edit(with_random_seeds(session.document))

    def step(self, across: int, down: int) -> None:
        """To the neighbouring seeds."""
        session = self._desks.session
        x, y = session.document.pad
        session.edit(with_pad(session.document, round(x) + across, round(y) + down))

    def resize_grid(self, change: int) -> None:
        """One row and column more or less."""
        session = self._desks.session
        side = min(max(max(session.document.rows, session.document.columns) + change, 1), MAX_SIDE)
        session.edit(with_grid(session.document, side, side))

    def toggle_favourite(self) -> None:
        """The picture under the mouse, else the selected one."""
        hovered = self._window().grid.hovered_tile
        tile = hovered if hovered is not None else self._desks.session.document.selected
        if tile is not None:
            self._desks.favourites.toggle(tile)

    def undo(self) -> None:
        """One step back."""
        self._desks.session.undo()

    def redo(self) -> None:
        """One step forward again."""
        self._desks.session.redo()

    def start_export(self) -> None:
        """Makes the video."""
        self._desks.export.start()

    def choose_model(self) -> None:
        """Asks for a model file."""
        question = PathQuestion(
            title="Open a model",
            start=self._desks.models.folder,
            existing=True,
            suffixes=MODEL_SUFFIXES,
        )
        window = self._window()
        window.open_dialog(PathDialog(question, window.manager, self._desks.models.open))

    def choose_video_path(self) -> None:
        """Asks where the video should go."""
        path = self._desks.export.state().path
        question = PathQuestion(title="Where the video goes", start=path or Path.home(), existing=False)
        window = self._window()
        window.open_dialog(PathDialog(question, window.manager, self._desks.export.choose))

    def toggle_full_screen(self) -> None:
        """The whole display, or a window."""
        self._window().toggle_full_screen()

    def show_help(self) -> None:
        """The list of shortcuts; again: not."""
        window = self._window()
        showing = isinstance(window.dialog, HelpWindow) and window.has_dialog
        if showing:
            window.close_dialog()
        else:
            window.open_dialog(HelpWindow(shortcut_list(), window.manager))

    def close_dialogs(self) -> None:
        """The topmost of what lies over the grid; then the focus of a slider; the selection last."""
        window, session = self._window(), self._desks.session
        if not (window.close_dialog() or window.notices.close() or window.drop_focus()):
            session.edit(with_selected(session.document, None))

    def select(self, tile: int) -> None:
        """The tile that favourites come back into; again: none."""
        session = self._desks.session
        chosen = None if session.document.selected == tile else tile
        session.edit(with_selected(session.document, chosen))

    def drag(self, across: float, down: float, phase: Phase) -> None:
        """The pictures' plane follows the hand; one tile is one seed."""
        session = self._desks.session
        if self._drag_start is None:
            self._drag_start = session.document.pad
        x, y = self._drag_start
        session.edit(with_pad(session.document, x - across, y - down), phase)
        if phase == "drop":
            self._drag_start = None
