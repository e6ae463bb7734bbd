"""Which model is to be opened, first and later. Knows the worker only as something that takes a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import ModelFileError
from engine.formats.model_info import ModelInfo, Weights
from engine.training.run_files import SNAPSHOT_NAME
from explorer.app.happenings import Happenings
from explorer.app.notices import Notice
from explorer.app.options import BUNDLED_MODEL, bundled_model
from explorer.library.recent_models import RecentModel, with_recent
from explorer.runs.run_reader import is_run
from explorer.session.session_file import SavedModel

MODEL_SUFFIXES = frozenset({".safetensors", ".pkl", ".pt", ".pth"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstModel:
    """What the start knows about the model to open."""

    wanted: Path | None
    """asked for on the command line"""
    remembered: SavedModel | None
    """the last session's"""
    choose: Callable[[], None]
    """asks the person for one"""


def newest_snapshot(folder: Path) -> Path:
    """The snapshot of the most training in a folder; without numbered ones, the model file changed last.

    Raises ModelFileError if there is no model file.
    """
    try:
        models = [path for path in folder.iterdir() if path.suffix.lower() in MODEL_SUFFIXES and path.is_file()]
    except OSError as error:
        raise ModelFileError(f"the folder {folder} cannot be read: {error.strerror or error}") from error
    numbered = [(int(found[1]), path) for path in models if (found := SNAPSHOT_NAME.fullmatch(path.name))]
    if numbered:
        return max(numbered)[1]
    others = [path for path in models if not path.name.startswith("checkpoint")]
    if not others:
        raise ModelFileError(f"the folder {folder} holds no model yet: choose a run that has written a snapshot")
    return max(others, key=lambda path: path.stat().st_mtime)


def holds_models(folder: Path) -> bool:
    """Whether a folder is a run's, or has a model file."""
    try:
        return is_run(folder) or any(path.suffix.lower() in MODEL_SUFFIXES for path in folder.iterdir())
    except OSError:
        return False


class ModelDesk:
    """Orders models, and remembers where the person finds them."""

    def __init__(
        self,
        happenings: Happenings,
        order: Callable[[Path, Weights], None],
        remember: Callable[[tuple[RecentModel, ...]], None],
    ) -> None:
        """order: takes a path and which of its weights; remember: takes the recent models whenever there is another."""
        self._happenings = happenings
        self._order = order
        self.cancel_order: Callable[[], None] = lambda: None
        """tells whoever opens models that the one on its way is not wanted"""
        self.move_order: Callable[[Path, Weights, str], None] = lambda path, weights, device: None
        """orders a file anew, on another device"""
        self._remember = remember
        self._afterwards: tuple[Path, Callable[[ModelInfo], None]] | None = None
        self.folder = Path.home()
        self.current: SavedModel | None = None
        """the model that is open, or that the last session was about"""
        self.recent: tuple[RecentModel, ...] = ()
        """models that were open lately, newest first"""
        self.run: Path | None = None
        """the folder of the run whose snapshots are to be opened; None if the model is no run's"""
        self.runs_opened = 0
        self._opened: Path | None = None
        self._ordered: Path | None = None
        self._weights: Weights = "ema"

    @property
    def others(self) -> tuple[Path, ...]:
        """Recent models besides the one that is open."""
        opened = self.recent[0].path if self.current is not None and self.recent else None
        return tuple(dict.fromkeys(model.path for model in self.recent if model.path != opened))

    @property
    def name(self) -> str:
        """The file's name of the model that is open."""
        return self._happenings.model.name

    def open(self, path: Path, then: Callable[[ModelInfo], None] | None = None, *, weights: Weights = "ema") -> None:
        """Orders the file; the model before stays until it is there. `then` is told once it is, and only then.

        The folder of a training run is followed: whoever does that loads its snapshots. Of another folder, the newest
        snapshot. Raises ModelFileError if it has none.
        """
        follow = path.is_dir() and is_run(path)
        if path.is_dir() and not follow:
            path = newest_snapshot(path)
        if path.parent.is_dir():
            self.folder = path.parent
        self.run = path.absolute() if follow else None
        self._afterwards = None if then is None else (path.absolute(), then)
        self._happenings.model = replace(self._happenings.model, opening=path.name)
        self._weights = weights
        self._ordered = path
        if follow:
            self.runs_opened += 1
        else:
            self._order(path, weights)

    def open_again(self) -> None:
        """What was ordered last, from the start: after the engine has ended, for instance. Raises ModelFileError."""
        if self._ordered is not None:
            self.open(self._ordered, weights=self._weights)

    def move_to(self, device: str) -> None:
        """The model that is open is computed there from now on: 'cpu', 'cuda' or 'mps'. Nothing if it is already."""
        state = self._happenings.model
        if self._opened is None or state.opening or device == state.device:
            return
        self._happenings.model = replace(state, opening=self._opened.name)
        self.move_order(self._opened, self._weights, device)

    def load(self, path: Path, *, first: bool) -> None:
        """Orders a snapshot of the run; all but the first come unannounced."""
        if first:
            self._happenings.model = replace(self._happenings.model, opening=path.name)
        self._order(path, self._weights)

    def change_weights(self, weights: Weights) -> None:
        """The other weights of the file that is open; a run goes on being followed with them."""
        if self._opened is None or self._happenings.model.opening:
            return
        if self.run is None:
            self.open(self._opened, weights=weights)
        else:
            self._weights = weights
            self.load(self._opened, first=True)

    def cancel(self) -> None:
        """What is being opened is not wanted: the model before stays."""
        if not self._happenings.model.opening:
            return
        self.cancel_order()
        self._afterwards = None
        self.nothing_yet()
        self.leave_run()

    def nothing_yet(self) -> None:
        """The run has nothing to open."""
        self._happenings.model = replace(self._happenings.model, opening="")

    def leave_run(self) -> None:
        """What is open is a model like any other now."""
        self.run = None
        if self.current is not None and self._opened is not None:
            self.current = replace(self.current, path=self._opened.absolute())

    def opened(self, path: Path, info: ModelInfo) -> None:
        """It is there, and the session has it."""
        bundled = path == bundled_model()
        self._opened = path
        place = self.run if self.run is not None and path.absolute().parent == self.run else path.absolute()
        known, weights = info.content_id, info.weights
        self.current = SavedModel(path=None if bundled else place, content_id=known, weights=weights)
        self.recent = with_recent(self.recent, RecentModel(path=place, content_id=known, weights=weights))
        self._remember(self.recent)
        afterwards, self._afterwards = self._afterwards, None
        if afterwards is not None and afterwards[0] == place:
            afterwards[1](info)

    @property
    def file(self) -> Path | None:
        """Of the model that is open."""
        return self._opened

    def find(self, content_id: str) -> RecentModel | None:
        """A file of that model that was open lately and is still there."""
        found = (model for model in self.recent if model.content_id == content_id)
        return next((model for model in found if model.path.is_file()), None)

    def path_of(self, model: SavedModel) -> Path | None:
        """Where a session's model is; None if it is the bundled one and that is missing."""
        return model.path or bundled_model()

    def open_first(self, first: FirstModel, then: Callable[[ModelInfo], None]) -> Notice | None:
        """At the start: what was asked for, else the last session's, else the bundled one; what to tell the person."""
        path, notice = first.wanted, None
        weights: Weights = "ema"
        if path is None and first.remembered is not None:
            weights = first.remembered.weights
        if path is None and first.remembered is not None and first.remembered.path is not None:
            path = first.remembered.path
            if not path.exists() and bundled_model() is not None:
                sentence = f"The last session's model {path} is not there any more: this is the bundled one."
                path, notice, weights = None, Notice(text=sentence), "ema"
        path = path or bundled_model()
        if path is not None:
            self.open(path, then, weights=weights)
            return notice
        sentence = f"The bundled model {BUNDLED_MODEL} is not there: open a model file, or drop one on the window."
        self._happenings.failed = sentence
        return Notice(text=sentence, action_label="Open a model…", action=first.choose)
