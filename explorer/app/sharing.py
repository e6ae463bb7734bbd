"""Pictures with their recipe, looks as text, sessions as files: what leaves the window and what comes back.

Knows nothing of widgets; files are read and written by errands.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from platformdirs import user_pictures_dir

from engine.errors import ConfigError, DataError
from engine.formats.model_info import ModelInfo
from engine.inference.images import png_bytes, read_recipe, save_png
from engine.inference.new_file import free_path
from engine.inference.recipes import looks_of, recipe_of_look
from engine.inference.requests import Look, RenderResult
from engine.video.plan_file import timelines_of
from engine.video.recipe import RECIPE_SUFFIXES, read_video_recipe
from engine.video.sound import SOUND_SUFFIXES
from engine.video.timeline import Timeline
from engine.video.timeline_file import with_sound_found
from explorer.app import clipboard
from explorer.app.errands import Errand, Errands
from explorer.app.errors import WindowError
from explorer.app.notices import Notice
from explorer.app.opening import ModelDesk, holds_models
from explorer.panels.text_fit import shown_path
from explorer.runs.data_check import holds_pictures
from explorer.session.edits import fitted_to, with_look, with_looks
from explorer.session.seed_plane import leading_seed
from explorer.session.session import Session
from explorer.session.session_file import SavedSession, SessionFileError, read_session, write_session

SESSION_SUFFIXES = frozenset({".json"})
LIBRARY_SUFFIXES = frozenset({".zip"})
RECIPE_READERS = {suffix: read_video_recipe for suffix in RECIPE_SUFFIXES if suffix not in SESSION_SUFFIXES} | {
    ".png": read_recipe
}
NO_TILE = "Move the mouse over a picture first, or select one with the right button."


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Looks, and the model they are for."""

    looks: tuple[Look, ...]
    content_id: str
    timeline: Timeline | None = None
    """of a film"""


def recipe_from(values: dict[str, Any], folder: Path | None = None) -> Recipe:
    """Raises ConfigError if it is not one of ours. folder: where it was found, and a film's sound perhaps is, too."""
    timeline = timelines_of(values)[0] if "timeline" in values or "timelines" in values else None
    if timeline is not None and folder is not None:
        timeline = with_sound_found(timeline, folder.absolute())
    return Recipe(looks=looks_of(values), content_id=str(values.get("model", "")), timeline=timeline)


def session_or_recipe(path: Path) -> SavedSession | Recipe:
    """What a .json holds: a session, or the recipe beside a film. Raises SessionFileError, or ConfigError."""
    try:
        return read_session(path)
    except SessionFileError as error:
        try:
            recipe = recipe_from(read_video_recipe(path), path.parent)
        except (DataError, ConfigError):
            raise error from None  # it is neither: the first sentence says what was expected
        if recipe.timeline is None:
            raise
        return recipe


@dataclass(slots=True, kw_only=True)
class SharingDesk:
    """Saves, copies, and brings back."""

    session: Session
    models: ModelDesk
    errands: Errands
    say: Callable[[Notice], None]
    complain: Callable[[str], None]
    snapshot: Callable[[], SavedSession]
    import_library: Callable[[Path], None]
    """takes in a file of favourites"""
    remember: Callable[[Path], None]
    """a session file that was saved or opened"""
    train_on: Callable[[Path], None]
    """asks how to train on a folder of pictures"""
    show_timeline: Callable[[], None]
    """a film has come"""
    open_sound: Callable[[Path], None]
    """a sound for the film"""
    folder: Path = field(default_factory=lambda: default_folder())
    """where pictures go"""
    pictures: clipboard.PictureClipboard = field(default_factory=clipboard.PictureClipboard)

    def save_picture(self, tile: int | None) -> None:
        """What the tile shows, at full resolution, under a name that is free."""
        result = self._shown(tile)
        if result is None or self.session.model is None:
            return
        recipe = recipe_of_look(result.look, self.session.model.content_id)
        name = f"{Path(self.models.name).stem}-seed{leading_seed(result.look.latent)}.png"

        def write() -> Path:
            path = free_path(self.folder / name)
            save_png(path, result.pixels, recipe)
            return path

        self._run("save the picture", write, lambda path: self._news(f"Saved as {shown_path(path)}"))

    def copy_look(self, tile: int | None) -> None:
        """The recipe of what the tile shows, as text on the clipboard."""
        result = self._shown(tile)
        if result is None or self.session.model is None:
            return
        clipboard.put_text(json.dumps(recipe_of_look(result.look, self.session.model.content_id)))
        self._news("The look is on the clipboard as text. Ctrl+V brings it back.")

    def copy_picture(self, tile: int | None) -> None:
        """What the tile shows, for other programs: as it would be saved."""
        result = self._shown(tile)
        if result is None or self.session.model is None:
            return
        recipe = recipe_of_look(result.look, self.session.model.content_id)
        told = "The picture is on the clipboard."

        def copy() -> None:
            self.pictures.put(png_bytes(result.pixels, recipe))

        self._run("copy the picture", copy, lambda _nothing: self._news(told))

    def paste_look(self) -> None:
        """The look that the clipboard holds as text."""
        try:
            recipe = recipe_from(json.loads(clipboard.get_text()))
        except (WindowError, ValueError, TypeError, AttributeError, RecursionError, ConfigError):
            self.complain("The clipboard holds no look: copy one with Ctrl+C over a picture.")
            return
        self.take_recipe("the pasted look", recipe)

    def save_session(self, path: Path) -> None:
        """A copy of everything as it is now; never in the place of another file."""
        present = self.snapshot()
        named = path if path.suffix.lower() in SESSION_SUFFIXES else path.with_name(path.name + ".json")

        def write() -> Path:
            free = free_path(named)
            write_session(free, present)
            return free

        def told(free: Path) -> None:
            self.remember(free.absolute())
            self._news(f"The session is saved as {shown_path(free)}")

        self._run("save the session", write, told)

    def open(self, path: Path) -> None:
        """A picture or film with a recipe, a session, a sound, favourites, a model, a run, or pictures to train on."""
        suffix = "" if path.is_dir() else path.suffix.lower()
        if suffix in RECIPE_READERS:
            reader = RECIPE_READERS[suffix]
            self._run(
                f"read {path}", lambda: recipe_from(reader(path), path.parent), partial(self.take_recipe, path.name)
            )
        elif suffix in SESSION_SUFFIXES:
            self._run(f"read {path}", lambda: session_or_recipe(path), partial(self._take_json, path))
        elif suffix in SOUND_SUFFIXES:
            self.open_sound(path)
        elif suffix in LIBRARY_SUFFIXES:
            self.import_library(path)
        elif path.is_dir() and not holds_models(path) and holds_pictures(path):
            self.train_on(path)
        else:
            self.models.open(path)

    def take_recipe(self, origin: str, recipe: Recipe) -> None:
        """Brings the looks back, if they are of this model; else says so."""
        model = self.session.model
        if model is None:
            self.complain(f"Open a model first: {origin} is a look without one.")
            return
        if recipe.content_id == model.content_id:
            self._bring_back(origin, recipe, model)
            return
        known = self.models.find(recipe.content_id)
        if known is not None:
            raw = " with its raw weights" if known.weights == "raw" else ""
            text = f"{origin} was made with another model, {known.path.name}{raw}."
            then = partial(self._bring_back, origin, recipe)
            self.say(
                Notice(
                    text=text,
                    action_label="Open that model",
                    action=lambda: self.models.open(known.path, then, weights=known.weights),
                )
            )
            return
        text = f"{origin} was made with another model (its id begins with {recipe.content_id[:8] or 'nothing'})."
        anyway = partial(self._bring_back, origin, recipe, model)
        self.say(Notice(text=text, action_label="Use it anyway", action=anyway))

    def _take_json(self, path: Path, content: SavedSession | Recipe) -> None:
        if isinstance(content, Recipe):
            self.take_recipe(path.name, content)
        else:
            self._take_session_file(path, content)

    def _take_session_file(self, path: Path, saved: SavedSession) -> None:
        self.remember(path.absolute())
        self.take_session(path.name, saved)

    def take_session(self, origin: str, saved: SavedSession) -> None:
        """Its document, once its model is open. One step of undo."""
        model = self.session.model
        wanted = saved.model
        if wanted is None or (model is not None and model.content_id == wanted.content_id):
            self._take_document(origin, saved)
            return
        path = self.models.path_of(wanted)
        if path is None or not path.exists():
            self.complain(f"The model of {origin}, {path or 'the bundled one'}, is not there: open it first.")
            return
        self.models.open(path, lambda _info: self._take_document(origin, saved), weights=wanted.weights)

    def _take_document(self, origin: str, saved: SavedSession) -> None:
        model = self.session.model
        self.session.edit(saved.document if model is None else fitted_to(saved.document, model))
        self._news(f"{origin} is back. Ctrl+Z returns to where you were.")

    def _bring_back(self, origin: str, recipe: Recipe, model: ModelInfo) -> None:
        document, looks = self.session.document, recipe.looks
        if len(looks) == 1:
            changed = with_look(document, document.selected or 0, looks[0])
        else:
            changed = with_looks(document, looks)
        if recipe.timeline is not None:
            changed = replace(changed, timeline=recipe.timeline)
            self.show_timeline()
        self.session.edit(fitted_to(changed, model))
        self._news(f"{origin} is back. Ctrl+Z returns to where you were.")

    def _shown(self, tile: int | None) -> RenderResult | None:
        result = None if tile is None else self.session.finished(tile)
        if result is None:
            self.complain(NO_TILE)
        return result

    def _run(self, task: str, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self.errands.run(Errand(task=task, work=work, then=then, failed=self.complain))

    def _news(self, text: str) -> None:
        self.say(Notice(text=text, lasting=False))


def default_folder() -> Path:
    """The person's folder for pictures if there is one, else their home."""
    pictures = Path(user_pictures_dir())
    return pictures if pictures.is_dir() else Path.home()
