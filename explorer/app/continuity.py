"""What goes on from one start to the next: the session, the models that were open, videos that were not finished.

Knows the window only by what is to be restored in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine.formats.model_info import ModelInfo
from explorer.app.display import usual_size
from explorer.app.errands import Errand, Errands
from explorer.app.exporting import ExportDesk
from explorer.app.keeping import SessionKeeper, restored_document
from explorer.app.notices import Notice
from explorer.app.opening import FirstModel, ModelDesk
from explorer.app.options import AppOptions
from explorer.app.resuming import Resumer
from explorer.app.video_keeper import VideoKeeper
from explorer.app.window import Window
from explorer.library.folders import data_folder
from explorer.library.recent_models import RecentModel, read_recent, write_recent
from explorer.session.edits import with_class_by_seed
from explorer.session.session import Session
from explorer.session.session_file import SavedSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuity:
    """Of one program. A screenshot reads what is there and leaves no traces."""

    options: AppOptions
    keeper: SessionKeeper
    errands: Errands
    session: Session
    export: ExportDesk
    videos: VideoKeeper
    models: ModelDesk
    say: Callable[[Notice], None]
    complain: Callable[[str], None]

    def first_size(self, scale: float) -> tuple[int, int]:
        """Of the window: as asked for, as it was, or the usual one."""
        remembered = self.keeper.saved.size if self.keeper.saved else None
        return self.options.size or remembered or usual_size(scale)

    def restore(self, window: Window) -> None:
        """What the last session has beyond the document."""
        saved = self.keeper.saved
        if saved is None:
            return
        self.export.set(saved.video)
        if saved.unfolded is not None:
            window.unfold(saved.unfolded)
        if self.options.model is None:
            self.models.current = saved.model

    def open_first_model(self, choose: Callable[[], None]) -> None:
        """As asked for, as it was, or the bundled one. choose: lets the person pick another."""
        self.models.recent = read_recent(data_folder())
        remembered = self.keeper.saved.model if self.keeper.saved else None
        first = FirstModel(wanted=self.options.model, remembered=remembered, choose=choose)
        notice = self.models.open_first(first, self._first_opened)
        if notice is not None:
            self.say(notice)
        elif self.keeper.notice:
            self.say(Notice(text=self.keeper.notice))

    def present(self, window: Window) -> SavedSession:
        """Everything that the next start restores."""
        return SavedSession(
            document=self.session.document,
            model=self.models.current,
            video=self.export.settings,
            size=window.restored_size,
            unfolded=window.unfolded,
        )

    def remember_models(self, models: tuple[RecentModel, ...]) -> None:
        """The ones that were opened, the newest first."""
        if self.options.screenshot is None:
            write = partial(write_recent, data_folder(), models)
            task = "write the list of recent models"
            self.errands.run(Errand(task=task, work=write, then=lambda _nothing: None, failed=self.complain))

    def _first_opened(self, info: ModelInfo) -> None:
        """A model that was asked for may turn out to be the last session's: its controls come back."""
        if self.options.screenshot is None:
            self._resumer().look()
        saved = self.keeper.saved
        if self.session.can_undo:
            return
        if saved is None:  # a new session shows what there is: every class, not class 0 in every picture
            self.session.restore(with_class_by_seed(self.session.document, info.c_dim))
        elif self.options.model is not None and saved.model and saved.model.content_id == info.content_id:
            self.session.restore(restored_document(self.options, saved))

    def _resumer(self) -> Resumer:
        return Resumer(
            errands=self.errands,
            keeper=self.videos,
            export=self.export,
            models=self.models,
            say=self.say,
            complain=self.complain,
        )
