"""Which favourites a person means, out of all of them. Knows neither files nor windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.library.shelf import Favourite, Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Everything that is asked for must be true of a favourite."""

    text: str = ""
    """words that its name, its tags or its model's name contain; #word is the beginning of a tag"""
    rating: int = 0
    """at least"""
    content_id: str = ""
    """of this model; "" for any"""
    collection_id: int | None = None


def found(shelf: Shelf, query: Query) -> tuple[Favourite, ...]:
    """In the order of the collection, or else in that of all favourites."""
    chosen = shelf.favourites
    if query.collection_id is not None:
        collection = shelf.collection(query.collection_id)
        members = collection.members if collection else ()
        by_id = {favourite.favourite_id: favourite for favourite in chosen}
        chosen = tuple(by_id[member] for member in members if member in by_id)
    words = query.text.casefold().split()
    return tuple(
        favourite
        for favourite in chosen
        if favourite.rating >= query.rating
        and query.content_id in ("", favourite.content_id)
        and all(_says(favourite, word, shelf.models) for word in words)
    )


def _says(favourite: Favourite, word: str, models: Mapping[str, str]) -> bool:
    if word.startswith("#") and len(word) > 1:
        return any(tag.startswith(word[1:]) for tag in favourite.tags)
    texts = (favourite.name, models.get(favourite.content_id, ""), *favourite.tags)
    return any(word in text.casefold() for text in texts)
