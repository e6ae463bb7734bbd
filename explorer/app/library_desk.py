"""What the library's view asks for, done: edits, collections, files to give away, and looks brought back.

Knows the library's thread and the desks; nothing of how the view looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from explorer.app.favourites import FavouritesDesk
from explorer.app.notices import Notice
from explorer.app.sharing import Recipe, SharingDesk
from explorer.app.thumbnails import PictureStore
from explorer.library.exchange import SUFFIX, Imported, export_library, import_library
from explorer.library.favourites import Library
from explorer.library.shelf import Collection, Favourite
from explorer.panels.library_actions import LibraryActions
from explorer.panels.text_fit import shown_path
from explorer.session.seed_plane import described
from explorer.session.session import Session

MAX_PREVIEWS = 24
MAX_EDITS = 100
"""How many can be taken back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of what is written about favourites."""

    task: str
    do: Callable[[Library], None]
    undo: Callable[[Library], None]


@dataclass(slots=True, kw_only=True)
class LibraryDesk:
    """Everything that the view does."""

    session: Session
    favourites: FavouritesDesk
    sharing: SharingDesk
    say: Callable[[Notice], None]
    previews: PictureStore = field(init=False)
    _done: list[Edit] = field(default_factory=list)
    _undone: list[Edit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.previews = PictureStore(
            self.favourites.thread, Library.preview, self.favourites.pictures_arrived, MAX_PREVIEWS
        )

    def actions(
        self, export: Callable[[tuple[int, ...]], None], bring_in: Callable[[], None], close: Callable[[], None]
    ) -> LibraryActions:
        """Those of the view; export and bring_in ask for a file first."""
        change = self.favourites.thread.change
        return LibraryActions(
            shelf=lambda: self.favourites.shelf,
            model=lambda: self.session.model.content_id if self.session.model else "",
            thumbnail=self.favourites.thumbnails.get,
            preview=self.previews.get,
            bring_back=self.bring_back,
            remove=lambda ids: self.favourites.remove(*ids),
            rename=self.rename,
            tag=self.tag,
            rate=self.rate,
            move=lambda ids, before, collection_id: change(
                "move the favourites", lambda library: library.move(ids, before, collection_id)
            ),
            collect=self.collect,
            rename_collection=lambda collection_id, name: change(
                "rename the collection", lambda library: library.rename_collection(collection_id, name)
            ),
            remove_collection=self.remove_collection,
            export=export,
            bring_in=bring_in,
            close=close,
        )

    def rename(self, favourite_id: int, name: str) -> None:
        """It can be undone."""
        before = self._known((favourite_id,))

        def undo(library: Library) -> None:
            for favourite in before:
                library.rename(favourite.favourite_id, favourite.name)

        def do(library: Library) -> None:
            library.rename(favourite_id, name)

        self._change(Edit(task="rename the favourite", do=do, undo=undo))

    def tag(self, ids: tuple[int, ...], added: Sequence[str], removed: Sequence[str]) -> None:
        """It can be undone: each gets back the tags that it lost and loses those that it did not have."""
        before = self._known(ids)

        def undo(library: Library) -> None:
            for favourite in before:
                lost = [tag for tag in removed if tag in favourite.tags]
                gained = [tag for tag in added if tag not in favourite.tags]
                library.tag(lost, gained, favourite.favourite_id)

        def do(library: Library) -> None:
            library.tag(added, removed, *ids)

        self._change(Edit(task="tag the favourites", do=do, undo=undo))

    def rate(self, ids: tuple[int, ...], rating: int) -> None:
        """It can be undone."""
        before = self._known(ids)

        def undo(library: Library) -> None:
            for favourite in before:
                library.rate(favourite.rating, favourite.favourite_id)

        def do(library: Library) -> None:
            library.rate(rating, *ids)

        self._change(Edit(task="rate the favourites", do=do, undo=undo))

    def undo(self) -> None:
        """Takes the last change of names, tags or ratings back."""
        self._step(self._done, self._undone, "undo", "There is nothing in the library to undo.")

    def redo(self) -> None:
        """Makes it again."""
        self._step(self._undone, self._done, "do", "There is nothing in the library to redo.")

    def bring_back(self, favourite_id: int) -> None:
        """The look, in the selected picture; of another model, that model is offered first."""
        favourite = self.favourites.shelf.favourite(favourite_id)
        if favourite is not None:
            name = favourite.name or described(favourite.look.latent)
            self.sharing.take_recipe(name, Recipe(looks=(favourite.look,), content_id=favourite.content_id))

    def collect(self, ids: tuple[int, ...], added: Sequence[str], removed: Sequence[str]) -> None:
        """Into collections, which are made if there are none of that name, and out of others."""

        def work(library: Library) -> None:
            for name in added:
                library.put_into(library.create_collection(name).collection_id, ids)
            for collection in library.shelf().collections:
                if collection.name in removed:
                    library.take_out(collection.collection_id, ids)

        self.favourites.thread.change("put the favourites into a collection", work)

    def remove_collection(self, collection: Collection) -> None:
        """It can be undone."""
        change = self.favourites.thread.change
        undo = Notice(
            text=f"The collection {collection.name} was deleted. Its favourites are still there.",
            lasting=False,
            action_label="Undo",
            action=lambda: change(
                "bring the collection back",
                lambda library: library.restore_collection(collection),
                lambda _collection: self._news(f"The collection {collection.name} is back."),
            ),
        )
        change(
            "delete the collection",
            lambda library: library.remove_collection(collection.collection_id),
            lambda _nothing: self.say(undo),
        )

    def export(self, ids: tuple[int, ...], path: Path) -> None:
        """Writes a new file."""
        named = path if path.suffix.lower() == SUFFIX else path.with_name(path.name + SUFFIX)
        self.favourites.thread.read(
            "export the favourites",
            lambda library: export_library(library, named, ids),
            lambda count: self._news(f"{_counted(count)} saved as {shown_path(named)}"),
        )

    def import_file(self, path: Path) -> None:
        """Takes in what the file holds."""
        self.favourites.thread.change(
            f"read {path}", lambda library: import_library(library, path), lambda done: self._news(_told(path, done))
        )

    def _known(self, ids: tuple[int, ...]) -> list[Favourite]:
        """As the window knows them now."""
        found = (self.favourites.shelf.favourite(favourite_id) for favourite_id in ids)
        return [favourite for favourite in found if favourite is not None]

    def _change(self, edit: Edit) -> None:
        self._done.append(edit)
        del self._done[:-MAX_EDITS]
        self._undone.clear()
        self.favourites.thread.change(edit.task, edit.do)

    def _step(self, source: list[Edit], target: list[Edit], way: Literal["do", "undo"], nothing: str) -> None:
        if not source:
            self._news(nothing)
            return
        edit = source.pop()
        target.append(edit)
        self.favourites.thread.change(edit.task, edit.do if way == "do" else edit.undo)

    def _news(self, text: str) -> None:
        self.say(Notice(text=text, lasting=False))


def _counted(count: int) -> str:
    return "1 favourite" if count == 1 else f"{count} favourites"


def _told(path: Path, done: Imported) -> str:
    sentence = f"{path.name}: {_counted(done.added)} taken in"
    if done.known:
        sentence += f", {done.known} were here already"
    if done.unreadable:
        sentence += f", {done.unreadable} could not be read and are left out"
    return f"{sentence}. L shows the library."
