"""The window before there is anything in it: its ground stands on the screen while all the rest is imported.

Imports pygame and little else. `Window` opens the same window again, which is then only taken over.
"""

from __future__ import annotations

import pygame

from explorer.app.display import open_window, suggested_scale, usual_size
from explorer.app.layout import SIDEBAR_WIDTH, lay_out
from explorer.app.options import LAST_SESSION, MIN_SIZE, AppOptions
from explorer.app.theme import load_palette
from explorer.elements.points import Scale
from explorer.library.folders import data_folder
from explorer.library.settings import read_settings
from explorer.session.session_file import SessionFileError, read_session


def show_first_window(options: AppOptions) -> None:
    """The ground, and where the panels will be. Raises WindowError."""
    settings = read_settings(data_folder())
    wanted = suggested_scale() if settings.scale is None else settings.scale
    width, height = options.size or _remembered_size(options) or usual_size(wanted)
    surface = open_window((max(width, MIN_SIZE[0]), max(height, MIN_SIZE[1])), visible=True)
    palette = load_palette(settings.theme)
    scale = Scale.fitted(wanted, surface.get_size(), MIN_SIZE)
    layout = lay_out(scale.room(surface.get_size()), SIDEBAR_WIDTH)
    surface.fill(palette["canvas"])
    for place in (layout.sidebar, layout.status):
        surface.fill(palette["panel"], scale.place(place))
    pygame.display.flip()
    pygame.event.pump()


def _remembered_size(options: AppOptions) -> tuple[int, int] | None:
    """The last session's; a session that cannot be read is told of later."""
    path = options.session or data_folder() / LAST_SESSION
    if options.new or not path.is_file():
        return None
    try:
        return read_session(path).size
    except SessionFileError:
        return None
