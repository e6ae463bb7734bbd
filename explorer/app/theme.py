"""The look of the window: reads assets/theme.json and puts the palette's colours into it.

The palette is the only place where a colour is written down. Elements ask pygame_gui's theme for colours by
name, so that another palette is another file and nothing else.
"""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def load_theme() -> dict[str, Any]:
    """The theme as pygame_gui takes it, every "$name" replaced by the palette's colour."""
    source = json.loads(resources.files("assets").joinpath("theme.json").read_text(encoding="utf-8"))
    return _with_colours(source["theme"], source["palette"])


def load_palette() -> dict[str, str]:
    """Colour names and their "#rrggbb" or "#rrggbbaa"."""
    source = json.loads(resources.files("assets").joinpath("theme.json").read_text(encoding="utf-8"))
    return dict(source["palette"])


def _with_colours(node: Any, palette: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _with_colours(value, palette) for key, value in node.items()}
    if isinstance(node, str) and node.startswith("$"):
        return palette[node[1:]]
    return node
