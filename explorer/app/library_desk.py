"""What the library's view asks for, done: edits, collections, files to give away, and looks brought back.

Knows the library's thread and the desks; nothing of how the view looks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from explorer.app.favourites import FavouritesDesk
from explorer.app.notices import Notice
from explorer.app.sharing import Recipe, SharingDesk
from explorer.app.thumbnails import PictureStore
from explorer.library.exchange import SUFFIX, Imported, export_library, import_library
from explorer.library.favourites import Library
from explorer.library.shelf import Collection
from explorer.panels.library_actions import LibraryActions
from explorer.panels.text_fit import shown_path
from explorer.session.seed_plane import described
from explorer.session.session import Session

MAX_PREVIEWS = 24


@dataclass(slots=True, kw_only=True)
class LibraryDesk:
    """Everything that the view does."""

    session: Session
    favourites: FavouritesDesk
    sharing: SharingDesk
    say: Callable[[Notice], None]
    previews: PictureStore = field(init=False)

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
            rename=lambda favourite_id, name: change(
                "rename the favourite", lambda library: library.rename(favourite_id, name)
            ),
            tag=lambda ids, added, removed: change(
                "tag the favourites", lambda library: library.tag(added, removed, *ids)
            ),
            rate=lambda ids, rating: change("rate the favourites", lambda library: library.rate(rating, *ids)),
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
