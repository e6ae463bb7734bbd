"""Which file? Everything that asks for one, and where the looking begins. Knows the desks that take the answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_documents_dir, user_music_dir

from engine.inference.new_file import free_path
from engine.video.sound import SOUND_SUFFIXES
from explorer.app.exporting import ExportDesk
from explorer.app.library_desk import LibraryDesk
from explorer.app.opening import MODEL_SUFFIXES, ModelDesk
from explorer.app.path_dialog import PathDialog, PathQuestion
from explorer.app.sharing import LIBRARY_SUFFIXES, RECIPE_READERS, SESSION_SUFFIXES, SharingDesk
from explorer.app.timeline_desk import TimelineDesk
from explorer.app.window import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class FileQuestions:
    """One at a time: another question takes the place of an open one."""

    sharing: SharingDesk
    library: LibraryDesk
    models: ModelDesk
    export: ExportDesk
    timeline: TimelineDesk
    window: Callable[[], Window]

    def ask(
        self, question: PathQuestion, on_pick: Callable[[Path], None], on_cancel: Callable[[], None] | None = None
    ) -> None:
        """Opens the dialog."""
        window = self.window()
        window.open_dialog(PathDialog(question, window.manager, on_pick, on_cancel))

    def choose_model(self) -> None:
        """Asks for a model file."""
        question = PathQuestion(
            title="Open a model, or the folder of a run",
            start=self.models.folder,
            existing=True,
            suffixes=MODEL_SUFFIXES,
            folders=True,
        )
        self.ask(question, self.sharing.open)

    def save_session(self) -> None:
        """Asks where to, and writes a copy of everything."""
        start = documents_folder() / "session.json"
        self.ask(PathQuestion(title="Save the session as", start=start, existing=False), self.sharing.save_session)

    def open_session(self) -> None:
        """Asks for a session."""
        question = PathQuestion(
            title="Open a session", start=documents_folder(), existing=True, suffixes=SESSION_SUFFIXES
        )
        self.ask(question, self.sharing.open)

    def open_picture(self) -> None:
        """Asks for a picture or a video that carries a recipe."""
        question = PathQuestion(
            title="Open a picture or a video of ours",
            start=self.sharing.folder,
            existing=True,
            suffixes=frozenset(RECIPE_READERS),
        )
        self.ask(question, self.sharing.open)

    def export_library(self, favourite_ids: tuple[int, ...]) -> None:
        """Asks where to, and writes these favourites."""
        start = free_path(documents_folder() / "favourites.zip")
        question = PathQuestion(title="Export favourites as", start=start, existing=False)
        self.ask(question, lambda path: self.library.export(favourite_ids, path))

    def import_library(self) -> None:
        """Asks for a file of favourites."""
        question = PathQuestion(
            title="Import favourites", start=documents_folder(), existing=True, suffixes=LIBRARY_SUFFIXES
        )
        self.ask(question, self.library.import_file)

    def choose_video_path(self) -> None:
        """Asks where the video should go."""
        path = self.export.state().path
        question = PathQuestion(title="Where the video goes", start=path or Path.home(), existing=False)
        self.ask(question, self.export.choose)

    def choose_sound(self) -> None:
        """Asks for the film's sound."""
        music = Path(user_music_dir())
        start = music if music.is_dir() else Path.home()
        question = PathQuestion(title="Choose a sound", start=start, existing=True, suffixes=SOUND_SUFFIXES)
        self.ask(question, self.timeline.sounds.open)


def documents_folder() -> Path:
    """The person's, else their home."""
    documents = Path(user_documents_dir())
    return documents if documents.is_dir() else Path.home()
