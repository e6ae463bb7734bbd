"""Which model is to be opened, first and later. Knows the worker only as something that takes a path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from explorer.app.happenings import Happenings
from explorer.app.notices import Notice
from explorer.app.options import BUNDLED_MODEL


class ModelDesk:
    """Orders models, and remembers where the person finds them."""

    def __init__(self, happenings: Happenings, order: Callable[[Path], None]) -> None:
        self._happenings = happenings
        self._order = order
        self.folder = Path.home()

    def open(self, path: Path) -> None:
        """Orders the file; the model before stays until it is there."""
        if path.parent.is_dir():
            self.folder = path.parent
        self._happenings.model = replace(self._happenings.model, opening=path.name)
        self._order(path)

    def open_first(self, path: Path | None, choose: Callable[[], None]) -> Notice | None:
        """At the start; what to tell the person if there is nothing to open."""
        if path is not None:
            self.open(path)
            return None
        sentence = f"The bundled model {BUNDLED_MODEL} is not there: open a model file, or drop one on the window."
        self._happenings.failed = sentence
        return Notice(text=sentence, action_label="Open a model…", action=choose)
