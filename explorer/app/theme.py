"""The look of the window: reads assets/theme.json and puts the palette's colours into it.

The palettes are the only place where a colour is written down. Elements ask pygame_gui's theme for colours by
name, so that another palette is another file and nothing else.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def load_theme(palette: str = "dark") -> dict[str, Any]:
    """The theme as pygame_gui takes it, every "$name" replaced by the colour of that palette."""
    return _with_colours(_source()["theme"], load_palette(palette))


def load_palette(name: str = "dark") -> dict[str, str]:
    """Colour names and their "#rrggbb" or "#rrggbbaa", of the palette "dark" or "light"."""
    return dict(_source()["palettes"][name])


def _source() -> dict[str, Any]:
    return dict(json.loads(resources.files("assets").joinpath("theme.json").read_text(encoding="utf-8")))


def _with_colours(node: Any, palette: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _with_colours(value, palette) for key, value in node.items()}
    if isinstance(node, str) and node.startswith("$"):
        return palette[node[1:]]
    return node
