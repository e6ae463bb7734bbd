"""Text in the display's pixels: the theme's fonts at the size that the scale asks for, measured in points.

Knows fonts, and nothing of what is written.
"""

from __future__ import annotations

import base64
import io
import math
from importlib import resources
from typing import cast
from weakref import WeakKeyDictionary

import pygame
from pygame_gui.core.gui_font_pygame import GUIFontPygame
from pygame_gui.core.interfaces import IUIAppearanceThemeInterface
from pygame_gui.core.interfaces.gui_font_interface import IGUIFontInterface
from pygame_gui.core.package_resource import PackageResource
from pygame_gui.core.ui_font_dictionary import UIFontDictionary
from pygame_gui.core.utility import FontResource

from explorer.elements.points import Scale

_larger: WeakKeyDictionary[IGUIFontInterface, dict[float, IGUIFontInterface]] = WeakKeyDictionary()
"""font of the theme -> the same at other scales"""


class Letters:
    """One font of the theme at one scale."""

    def __init__(self, font: IGUIFontInterface, scale: Scale, theme: IUIAppearanceThemeInterface) -> None:
        self._factor = scale.factor
        self.font = font if scale.factor == 1.0 else _font_at(font, scale.factor, theme)
        """measures and draws in pixels"""

    def size(self, text: str) -> tuple[int, int]:
        """(width, height) of a line, in points."""
        width, height = self.font.size(text)
        return math.ceil(width / self._factor), math.ceil(height / self._factor)

    def width(self, text: str) -> int:
        """Of a line, in points."""
        return self.size(text)[0]

    def render(self, text: str, colour: pygame.Color) -> pygame.Surface:
        """A line in pixels, with premultiplied alpha."""
        return self.font.render_premul(text, colour)


def _font_at(font: IGUIFontInterface, factor: float, theme: IUIAppearanceThemeInterface) -> IGUIFontInterface:
    """The font itself where nobody knows the file that it came from."""
    known = _larger.setdefault(font, {})
    if factor not in known:
        fonts = cast(UIFontDictionary, theme.get_font_dictionary()).loaded_fonts.values()
        resource = next((each for each in fonts if each.loaded_font is font), None)
        known[factor] = font if resource is None else _load(resource, factor)
    return known[factor]


def _load(resource: FontResource, factor: float) -> IGUIFontInterface:
    place = resource.location
    file: str | io.BytesIO
    if isinstance(place, PackageResource):
        file = io.BytesIO(resources.files(place.package).joinpath(place.resource).read_bytes())
    else:
        file = place if isinstance(place, str) else io.BytesIO(base64.standard_b64decode(place))
    return GUIFontPygame(file, resource.size * factor, resource.force_style, resource.style)
