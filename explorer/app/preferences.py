"""How a person likes the window, kept for the next start. Knows the settings' file, not what they change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from explorer.app.display import suggested_scale
from explorer.app.errands import Errand, Errands
from explorer.library.folders import data_folder
from explorer.library.settings import SCALES, Settings, read_settings, with_session, write_settings


class Preferences:
    """Belongs to the main thread."""

    def __init__(self, errands: Errands, complain: Callable[[str], None], *, remembers: bool) -> None:
        """remembers: whether changes are written; a screenshot leaves no traces."""
        self._errands = errands
        self._complain = complain
        self._remembers = remembers
        self.settings = read_settings(data_folder())

    @cached_property
    def _suggested(self) -> float:
        return suggested_scale() if self._remembers else SCALES[0]

    @property
    def scale(self) -> float:
        """The one that was chosen, or the display's; a screenshot looks the same on every display."""
        return self._suggested if self.settings.scale is None else self.settings.scale

    def change(self, settings: Settings) -> None:
        """From now on, and for the next start."""
        if settings == self.settings:
            return
        self.settings = settings
        if self._remembers:
            folder: Path = data_folder()
            self._errands.run(
                Errand(
                    task="save the settings",
                    work=partial(write_settings, folder, settings),
                    then=lambda _nothing: None,
                    failed=self._complain,
                    quiet=True,
                )
            )

    def remember_session(self, path: Path) -> None:
        """A session that was saved or opened, for the list of recent ones."""
        self.change(replace(self.settings, sessions=with_session(self.settings.sessions, path)))
