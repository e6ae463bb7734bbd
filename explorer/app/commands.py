"""What keys, clicks and buttons do. Knows how to say it to session, desks and window; draws nothing itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.inference.layer_maps import LayerQuestion
from explorer.app.dialogs import FactsWindow, HelpWindow
from explorer.app.drifting import DriftDesk
from explorer.app.exporting import ExportDesk
from explorer.app.favourite_drag import FavouriteDrag
from explorer.app.favourites import FavouritesDesk
from explorer.app.file_questions import FileQuestions
from explorer.app.filmstrip import FilmDesk
from explorer.app.following import FollowDesk
from explorer.app.input import shortcut_list
from explorer.app.layer_viewer import LayerViewer
from explorer.app.library_desk import LibraryDesk
from explorer.app.model_facts import model_facts
from explorer.app.notices import Notice
from explorer.app.opening import ModelDesk
from explorer.app.path_dialog import PathDialog
from explorer.app.preferences import Preferences
from explorer.app.sharing import NO_TILE, SharingDesk
from explorer.app.timeline_desk import TimelineDesk
from explorer.app.training_commands import TrainingCommands
from explorer.app.training_desk import TrainingDesk
from explorer.app.video_commands import VideoCommands
from explorer.app.window import Window
from explorer.elements.value_slider import ValueSlider
from explorer.library.settings import Settings
from explorer.session.arrangements import Neighbours
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
    sharing: SharingDesk
    models: ModelDesk
    library: LibraryDesk
    drift: DriftDesk
    follow: FollowDesk
    training: TrainingDesk
    film: FilmDesk
    timeline: TimelineDesk
    preferences: Preferences
    restyle: Callable[[Settings], None]
    """another theme or scale"""
    look_into: Callable[[LayerQuestion], None]
    """asks for the maps of a layer"""


class WindowCommands:
    """The commands of the binding table, and those of the mouse."""

    def __init__(self, desks: Desks, window: Callable[[], Window]) -> None:
        self._desks = desks
        self._window = window
        self._drag_start: tuple[float, float] | None = None
        self.training = TrainingCommands(desks.training, lambda: desks.follow.state().run, window)
        self.favourite_drag = FavouriteDrag(
            session=desks.session, favourites=desks.favourites, timeline=desks.timeline, window=window
        )
        self.files = FileQuestions(
            sharing=desks.sharing,
            library=desks.library,
            models=desks.models,
            export=desks.export,
            timeline=desks.timeline,
            window=window,
        )
        self.video = VideoCommands(desks.export, desks.timeline, window, self.files.ask)

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

    def neighbours(self) -> None:
        """Children of the picture under the mouse, else of the selected one, else of the one in the middle."""
        self._window().sidebar.arrange.neighbours_of(self._tile())

    def former_parent(self) -> None:
        """The generation before."""
        arrangement = self._desks.session.document.arrangement
        if not isinstance(arrangement, Neighbours) or not arrangement.lineage:
            self.complain("There is no parent to go back to: K makes children of a picture.")
            return
        self._window().sidebar.arrange.back()

    def toggle_drift(self) -> None:
        """From seed to seed, or no more."""
        drift = self._desks.drift
        if not drift.stop():
            drift.change(replace(drift.state(), kind="straight"))

    def toggle_film(self) -> None:
        """Pictures along the slider under the mouse, the one with the focus, or psi; again, for the same one: none."""
        film, slider = self._desks.film, self._window().slider_in_use()
        if film.opened and film.slider is slider:
            self.close_film()
        else:
            self._open_film(slider)

    def toggle_psi_film(self) -> None:
        """Pictures along psi's range; none if any are shown."""
        if not self.close_film():
            self._open_film(self._window().sidebar.unfolded_psi())

    def _open_film(self, slider: ValueSlider) -> None:
        self._desks.film.open(slider)
        self._window().show_film(True)

    def views(self) -> frozenset[str]:
        """Which of those that can be toggled are open."""
        window = self._window()
        opened = {
            "film": window.shows_film,
            "layers": window.layer_viewer is not None,
            "history": window.shows_history,
            "library": window.shows_library,
        }
        return frozenset(name for name, shown in opened.items() if shown)

    def close_film(self) -> bool:
        """False if there was none."""
        self._window().show_film(False)
        return self._desks.film.close()

    def toggle_layers(self) -> None:
        """Looks into the network while it makes the picture under the mouse, the selected one, or the first."""
        window = self._window()
        if isinstance(window.dialog, LayerViewer) and window.has_dialog:
            window.close_dialog()
            return
        tile = self._tile()
        window.open_dialog(LayerViewer(tile or 0, self._desks.session, window.manager, self._desks.look_into))

    def toggle_timeline(self) -> None:
        """Unfolds it, or folds it."""
        window = self._window()
        if window.timeline.opened:
            self._desks.timeline.studio.leave()
        window.show_timeline(not window.timeline.opened)

    def add_key(self) -> None:
        """The picture under the mouse, else the selected one, becomes a key at the timeline's end."""
        self._add_key(None)

    def insert_key(self) -> None:
        """The same, at the playhead, where it divides a transition."""
        self._add_key(self._desks.timeline.studio.playhead)

    def _add_key(self, seconds: float | None) -> None:
        tile = self._tile()
        if tile is None:
            self.complain("Move the mouse over a picture and press A, or select one with the right button.")
            return
        self._window().show_timeline(True)
        self._desks.timeline.add(tile, seconds)

    def play(self) -> None:
        """Plays the timeline, or stands still."""
        if not self._desks.timeline.studio.timeline.keys:
            self.complain("The timeline is empty: press A over at least two pictures, then play.")
            return
        self._window().show_timeline(True)
        self._desks.timeline.studio.toggle_play()

    def complain(self, sentence: str) -> None:
        """Something that cannot be done now."""
        self._window().notices.show(Notice(text=sentence, lasting=False))

    def toggle_favourite(self) -> None:
        """The picture under the mouse, else the selected one."""
        tile = self._tile()
        if tile is None:
            self.complain(NO_TILE)
        else:
            self._desks.favourites.toggle(tile)

    def save_picture(self) -> None:
        """The picture under the mouse, else the selected one, as a PNG with its recipe."""
        self._desks.sharing.save_picture(self._tile())

    def copy_look(self) -> None:
        """The look of that picture, as text."""
        self._desks.sharing.copy_look(self._tile())

    def copy_picture(self) -> None:
        """The pixels of that picture, for other programs."""
        self._desks.sharing.copy_picture(self._tile())

    def paste_look(self) -> None:
        """A look that was copied."""
        self._desks.sharing.paste_look()

    def compare(self) -> None:
        """Shows the state before the last change, or the base, until the key is let go."""
        if not self._desks.session.compare(held=True):
            self._window().notices.show(Notice(text="There is no earlier state to compare with.", lasting=False))

    def stop_comparing(self) -> None:
        """Back to the present."""
        self._desks.session.compare(held=False)

    def set_base(self) -> None:
        """What Space compares with."""
        now = "this state" if self._desks.session.set_base() else "the state before the last change"
        self._window().notices.show(Notice(text=f"Space shows {now} while it is held.", lasting=False))

    def toggle_history(self) -> None:
        """Shows or hides the thumbnails of the last steps."""
        window = self._window()
        window.show_history(not window.shows_history)

    def toggle_library(self) -> None:
        """Shows or hides all favourites, over the grid."""
        window = self._window()
        window.show_library(not window.shows_library)

    def compare_favourites(self) -> None:
        """Two that are selected in the library, side by side; and back."""
        view = self._window().library
        if view is not None:
            view.toggle_comparison()

    def zoom(self) -> None:
        """One picture gets all the room: the one under the mouse, the selected one, or the first; and back."""
        grid, tile = self._window().grid, self._tile()
        grid.zoom((0 if tile is None else tile) if grid.zoomed is None else None)

    def undo(self) -> None:
        """One step back, in the library if it is shown; whatever moves by itself stands still."""
        if self._window().shows_library:
            self._desks.library.undo()
            return
        self._desks.drift.stop()
        if not self._desks.session.undo():
            self.complain("There is nothing to undo.")

    def redo(self) -> None:
        """One step forward again, likewise."""
        if self._window().shows_library:
            self._desks.library.redo()
            return
        self._desks.drift.stop()
        if not self._desks.session.redo():
            self.complain("There is nothing to redo.")

    def start_export(self) -> None:
        """Makes the video."""
        self._desks.export.start()

    def choose_model(self) -> None:
        """Asks for a model file, or the folder of a run."""
        self.files.choose_model()

    def save_session(self) -> None:
        """Asks where to, and writes a copy of everything."""
        self.files.save_session()

    def train(self) -> None:
        """The window that begins a training; again: not."""
        self.training.train()

    def toggle_full_screen(self) -> None:
        """The whole display, or a window."""
        self._window().toggle_full_screen()

    def show_model(self) -> None:
        """What is known about the model that is open; again: not."""
        window, model, current = self._window(), self._desks.session.model, self._desks.models.current
        if isinstance(window.dialog, FactsWindow) and window.has_dialog:
            window.close_dialog()
        elif model is not None:
            path = "the bundled model" if current is None or current.path is None else str(current.path)
            window.open_dialog(FactsWindow("About the model", model_facts(model, path), window.manager))

    def show_help(self) -> None:
        """The list of shortcuts; again: not."""
        window = self._window()
        showing = isinstance(window.dialog, HelpWindow) and window.has_dialog
        if showing:
            window.close_dialog()
        else:
            window.open_dialog(HelpWindow(shortcut_list(), window.manager))

    def close_dialogs(self) -> None:
        """The topmost of what lies over the grid; then a slider's focus, the strip, the zoom, and the selection."""
        window, session = self._window(), self._desks.session
        if isinstance(window.dialog, PathDialog) and window.has_dialog:
            window.dialog.cancel()
            return
        if window.close_dialog() or window.notices.close() or window.keys.drop():
            return
        if window.close_library() or self._desks.timeline.studio.leave() or self.close_film():
            return
        if window.grid.zoomed is not None:
            window.grid.zoom(None)
        else:
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

    def _tile(self) -> int | None:
        """The picture that single-picture commands mean: under the mouse, else selected, else the only one."""
        document = self._desks.session.document
        grid = self._window().grid
        for tile in (grid.hovered_tile, grid.zoomed, document.selected):
            if tile is not None:
                return tile
        return 0 if len(document.tiles) == 1 else None
