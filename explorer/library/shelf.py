"""What the library holds, as frozen values that may cross threads. Knows neither files nor windows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.inference.requests import Look

MAX_RATING = 5
MAX_NAME = 120
MAX_TAG = 40
MAX_TAGS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourite:
    """One kept look, and what a person has written about it."""

    favourite_id: int
    content_id: str
    """of the model"""
    look: Look
    created: datetime
    """in UTC"""
    name: str = ""
    rating: int = 0
    """0 for none, to MAX_RATING"""
    tags: tuple[str, ...] = ()
    """in alphabetical order"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Favourites that belong together, of whatever models, in an order of their own."""

    collection_id: int
    name: str
    members: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Everything in the library but the pictures, as it was at one moment."""

    favourites: tuple[Favourite, ...] = ()
    """in the person's order"""
    collections: tuple[Collection, ...] = ()
    """in alphabetical order"""
    models: Mapping[str, str] = field(default_factory=dict)
    """content id -> the name of the file that it was last opened from"""

    def favourite(self, favourite_id: int) -> Favourite | None:
        """The one with that id, if it is there."""
        return next((found for found in self.favourites if found.favourite_id == favourite_id), None)

    def collection(self, collection_id: int) -> Collection | None:
        """The one with that id, if it is there."""
        return next((found for found in self.collections if found.collection_id == collection_id), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A favourite from elsewhere, with its pictures as files' bytes."""

    content_id: str
    look: Look
    created: str
    """ISO 8601"""
    thumbnail: bytes
    preview: bytes | None = None
    name: str = ""
    rating: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What came of it."""

    ids: tuple[int, ...]
    """of all records, in their order"""
    added: int
    """how many of them were not here before"""


def clean_name(text: str) -> str:
    """One line, no blanks around it, of a length that can be shown."""
    return " ".join(printable(text).split())[:MAX_NAME].strip()


def clean_tags(texts: Iterable[str]) -> tuple[str, ...]:
    """Lower case, no doubles, in alphabetical order."""
    cleaned = {" ".join(printable(text).lower().split())[:MAX_TAG].strip(" #") for text in texts}
    return tuple(sorted(cleaned - {""}))[:MAX_TAGS]


def tags_from(text: str) -> tuple[str, ...]:
    """What a person has typed: tags with commas between them."""
    return clean_tags(text.replace(";", ",").split(","))


def printable(text: str) -> str:
    """Without control characters, and without halves of characters, which no file could hold."""
    return "".join(c if c.isprintable() else " " for c in text if not "\ud800" <= c <= "\udfff")
