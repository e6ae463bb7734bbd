"""What a saved picture or video says about itself: the looks, and which model they are for.

A recipe of one picture is the look's own dict with the model's content id beside it, so that
`look_from_dict` reads it directly. Knows nothing of torch or of files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import ConfigError
from engine.inference.requests import RECIPE_VERSION, Look, look_from_dict, look_to_dict


def recipe_of_look(look: Look, content_id: str) -> dict[str, Any]:
    """The recipe of one picture."""
    return {**look_to_dict(look), "model": content_id}


def recipe_of_looks(looks: Sequence[Look], content_id: str) -> dict[str, Any]:
    """The recipe of a contact sheet or of a video's keyframes."""
    return {"version": RECIPE_VERSION, "looks": [look_to_dict(look) for look in looks], "model": content_id}


def looks_of(recipe: Mapping[str, Any]) -> tuple[Look, ...]:
    """The looks of a recipe of any kind, of a video those of its keys; raises ConfigError if it is not one of ours."""
    walks = recipe.get("timelines", [recipe["timeline"]] if "timeline" in recipe else None)
    if walks is not None:
        return _looks_of_keys(walks)
    if "looks" not in recipe:
        return (look_from_dict(recipe),)
    looks = recipe["looks"]
    if not isinstance(looks, list) or not looks:
        raise ConfigError("this is not a recipe of ours: it lists no looks")
    return tuple(look_from_dict(look) for look in looks)


def _looks_of_keys(walks: Any) -> tuple[Look, ...]:
    try:
        looks = tuple(look_from_dict(key["look"]) for walk in walks for key in walk["keys"])
    except (KeyError, TypeError) as error:
        raise ConfigError(f"this is not a recipe of ours: {error!r}"[:500]) from error
    if not looks:
        raise ConfigError("this is not a recipe of ours: its timeline has no keys")
    return looks
