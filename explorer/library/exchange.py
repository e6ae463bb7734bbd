"""Favourites as one file to give away: a zip of JSON and pictures, written whole and read with suspicion.

Nothing is ever unpacked onto the disk: only entries that the JSON names are read, each up to a limit, and pictures are
decoded and made anew before they are kept. Knows nothing of windows.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.errors import ConfigError
from engine.inference.new_file import new_file
from engine.inference.requests import look_from_dict, look_to_dict
from explorer.library.errors import LibraryError
from explorer.library.favourites import Library
from explorer.library.shelf import MAX_RATING, Favourite, Record, Shelf, clean_name, clean_tags
from explorer.library.thumbnails import from_image, preview_of, thumbnail_of, to_png

FORMAT = "stylegan-explorer library"
VERSION = 1
SUFFIX = ".zip"
INDEX = "library.json"
MAX_INDEX_BYTES = 64 * 2**20
MAX_PICTURE_BYTES = 4 * 2**20
MAX_FAVOURITES = 100_000
BROKEN_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What zipfile raises for damaged, encrypted and unknown archives; RecursionError is a RuntimeError."""
BROKEN_ENTRY = (ConfigError, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError, OverflowError)
MAX_ID = 256
"""Characters of a content id; ours have 64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What came of an import."""

    added: int
    known: int
    """were here already"""
    unreadable: int
    """were left out"""


def export_library(library: Library, path: Path, favourite_ids: Sequence[int] | None = None) -> int:
    """Writes a new file with these favourites (None: all). How many. Raises LibraryError or ExportError."""
    shelf = library.shelf()
    chosen = [f for f in shelf.favourites if favourite_ids is None or f.favourite_id in set(favourite_ids)]
    if not chosen:
        raise LibraryError("there are no favourites to export: keep some first")
    with new_file(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
        entries = [_write_pictures(archive, library, favourite, n) for n, favourite in enumerate(chosen)]
        index = json.dumps(_index(shelf, chosen, entries), indent=1)
        archive.writestr(INDEX, index, zipfile.ZIP_DEFLATED)
    return len(chosen)


def import_library(library: Library, path: Path) -> Imported:
    """Takes in what a file of `export_library` holds. Raises LibraryError, and then nothing has changed."""
    try:
        with zipfile.ZipFile(path) as archive:
            index = _read_index(archive, path)
            read = [_record(archive, entry) for entry in index["favourites"]]
    except FileNotFoundError as error:
        raise LibraryError(f"{path} does not exist: choose a library that this program exported") from error
    except OSError as error:
        raise LibraryError(f"{path} could not be read: {error.strerror or error}") from error
    except (*BROKEN_ARCHIVE, ValueError, KeyError) as error:
        raise LibraryError(f"{path} is no library that this program exported, or is damaged ({error})") from error
    records = [record for record in read if record is not None]
    merged = library.merge(records)
    ids = iter(merged.ids)
    id_of = [None if record is None else next(ids) for record in read]
    _take_collections(library, index, id_of)
    for content_id, name in _models(index).items():
        if content_id not in library.shelf().models:
            library.name_model(content_id, name)
    known = len(set(merged.ids)) - merged.added
    return Imported(added=merged.added, known=known, unreadable=len(read) - len(records))


def _index(shelf: Shelf, chosen: Sequence[Favourite], entries: list[dict[str, Any]]) -> dict[str, Any]:
    number_of = {favourite.favourite_id: number for number, favourite in enumerate(chosen)}
    collections = []
    for collection in shelf.collections:
        members = [number_of[member] for member in collection.members if member in number_of]
        if members:
            collections.append({"name": collection.name, "members": members})
    models = {f.content_id: shelf.models[f.content_id] for f in chosen if f.content_id in shelf.models}
    return {
        "format": FORMAT,
        "version": VERSION,
        "favourites": entries,
        "collections": collections,
        "models": models,
    }


def _write_pictures(archive: zipfile.ZipFile, library: Library, favourite: Favourite, number: int) -> dict[str, Any]:
    thumbnail, preview = library.pictures(favourite.favourite_id)
    entry = {
        "model": favourite.content_id,
        "look": look_to_dict(favourite.look),
        "created": favourite.created.isoformat(),
        "name": favourite.name,
        "rating": favourite.rating,
        "tags": list(favourite.tags),
        "thumbnail": f"pictures/{number + 1:05d}.png",
        "preview": None if preview is None else f"pictures/{number + 1:05d}.jpg",
    }
    archive.writestr(str(entry["thumbnail"]), thumbnail)
    if preview is not None:
        archive.writestr(str(entry["preview"]), preview)
    return entry


def _read_index(archive: zipfile.ZipFile, path: Path) -> dict[str, Any]:
    index = json.loads(_read(archive, INDEX, MAX_INDEX_BYTES))
    if not isinstance(index, dict) or index.get("format") != FORMAT:
        raise ValueError("it does not say that it is one")
    version = index.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise LibraryError(
            f"{path} was exported by a newer version of this program (version {version}, known here: {VERSION}): "
            "update the program"
        )
    favourites = index.get("favourites")
    if not isinstance(favourites, list) or len(favourites) > MAX_FAVOURITES:
        raise ValueError("it lists no favourites")
    return index


def _read(archive: zipfile.ZipFile, name: str, limit: int) -> bytes:
    """At most `limit` bytes, whatever the archive says about itself. Raises ValueError, KeyError or BadZipFile."""
    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name} is compressed in another way than ours")
    with archive.open(name) as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise ValueError(f"{name} is larger than anything of ours")
    return content


def _record(archive: zipfile.ZipFile, entry: Any) -> Record | None:
    """None for a favourite that cannot be understood; the others are not its fault."""
    try:
        look = look_from_dict(entry["look"])
        content_id = entry["model"]
        if not isinstance(content_id, str) or not 0 < len(content_id) <= MAX_ID or not content_id.isprintable():
            return None
        thumbnail = from_image(_read(archive, str(entry["thumbnail"]), MAX_PICTURE_BYTES))
        named = entry.get("preview")
        preview = None if named is None else from_image(_read(archive, str(named), MAX_PICTURE_BYTES))
        created = datetime.fromisoformat(entry["created"]).isoformat()
        rating = min(max(int(entry.get("rating", 0)), 0), MAX_RATING)
        tags = clean_tags(str(tag) for tag in entry.get("tags", ()))
        name = clean_name(str(entry.get("name", "")))
    except (*BROKEN_ARCHIVE, *BROKEN_ENTRY):
        return None
    return Record(
        content_id=content_id,
        look=look,
        created=created,
        thumbnail=to_png(thumbnail_of(thumbnail)),
        preview=None if preview is None else preview_of(preview),
        name=name,
        rating=rating,
        tags=tags,
    )


def _take_collections(library: Library, index: Mapping[str, Any], id_of: Sequence[int | None]) -> None:
    listed = index.get("collections")
    for entry in listed if isinstance(listed, list) else ():
        if not isinstance(entry, dict) or not clean_name(str(entry.get("name", ""))):
            continue
        numbers = entry.get("members")
        numbers = numbers if isinstance(numbers, list) else []
        places = [n for n in numbers if isinstance(n, int) and 0 <= n < len(id_of)]
        members = [member for member in (id_of[n] for n in places) if member is not None]
        if members:
            library.put_into(library.create_collection(str(entry["name"])).collection_id, members)


def _models(index: Mapping[str, Any]) -> dict[str, str]:
    listed = index.get("models")
    if not isinstance(listed, dict):
        return {}
    return {str(key): clean_name(str(name)) for key, name in listed.items() if 0 < len(str(key)) <= MAX_ID}
