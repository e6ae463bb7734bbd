"""What the window works on: the document with its history, which pictures are wanted, which have come.

The main thread owns it. Knows nothing of widgets, of the worker, or of how a picture is made: it says what to
ask for and judges what comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.formats.model_info import ModelInfo
from engine.inference.requests import Look, RenderFailure, RenderRequest, RenderResult
from explorer.session.document import Document, looks_of, new_document
from explorer.session.edits import fitted_to
from explorer.session.history import History, Phase
from explorer.session.result_cache import MAX_BYTES, ResultCache

if TYPE_CHECKING:
    import numpy as np


FIRST_PREVIEW = 1000
"""Previews are asked for as tiles from this number on."""


class Session:
    """One document, one model, and the pictures of the tiles."""

    def __init__(self, document: Document | None = None, max_cache_bytes: int = MAX_BYTES) -> None:
        self._history: History[Document] = History(document or new_document())
        self._base: Document | None = None
        self._compared: Document | None = None
        self._looks = looks_of(self.document)
        self._cache = ResultCache(max_cache_bytes)
        self._asked: dict[int, tuple[Look, bool]] = {}
        """tile -> (look, hurry)"""
        self._asked_first: int | None = None
        self._previews: dict[str, tuple[Look, ...]] = {}
        self._tried: list[Document] | None = None
        self._request_id = 0
        self._first_valid_id = 1
        self.model: ModelInfo | None = None
        self.hovered: int | None = None
        """the tile under the mouse: it is wanted first; set by the window"""
        self.results: dict[int, RenderResult] = {}
        """the last picture of each tile, of its current look or of an earlier one"""
        self.failure: RenderFailure | None = None
        """why the newest request failed; None once the looks have changed"""
        self.succeeding = False
        """whether the model is a later one of the same kind, whose pictures replace the former ones one by one"""

    @property
    def document(self) -> Document:
        """The document as it is now; while comparing, the one that it is compared with."""
        return self._compared or self._history.present

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would change anything."""
        return self._history.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether `redo` would change anything."""
        return self._history.can_redo

    @property
    def pending(self) -> tuple[int, ...]:
        """The tiles that do not show their current look yet, or only a draft of it, in reading order."""
        return tuple(tile for tile, look in enumerate(self._looks) if not self._shows(tile, look))

    @property
    def missing(self) -> tuple[int, ...]:
        """The tiles that do not even show a draft of their current look, in reading order."""
        return tuple(tile for tile, look in enumerate(self._looks) if not self._shows(tile, look, draft=True))

    @property
    def dragging(self) -> bool:
        """Whether a change is under way that has not been completed."""
        return self._history.dragging

    def finished(self, tile: int) -> RenderResult | None:
        """What the tile shows, if it is no draft: what may be kept."""
        result = self.results.get(tile)
        return None if result is None or result.draft else result

    def look_of(self, tile: int) -> Look:
        """The recipe of the picture that the tile should show."""
        return self._looks[tile]

    def set_model(self, model: ModelInfo, *, successor: bool = False) -> None:
        """Another model: the document keeps what still makes sense, every picture has to be made anew.

        What was asked of the former model is refused from now on, even if the look is still wanted. A successor is
        the same network after more training: the former pictures may be seen until there are new ones.
        """
        self.compare(held=False)
        self.succeeding = successor
        self.model = model
        self._first_valid_id = self._request_id + 1
        self._cache.clear()
        self.results.clear()
        self._asked.clear()
        self.failure = None
        self._history.amend(fitted_to(self.document, model))
        self._document_changed()

    def restore(self, document: Document) -> None:
        """Begins with this document: there is nothing to undo."""
        self.compare(held=False)
        self._history = History(document if self.model is None else fitted_to(document, self.model))
        self._document_changed()

    @property
    def comparing(self) -> bool:
        """Whether another document than the present one is shown, for as long as a key is held."""
        return self._compared is not None

    def compare(self, *, held: bool) -> bool:
        """Shows the base, or else the state before the last change, while held. False if there is none to show."""
        before = (self._base,) if self._base is not None else self._history.previous
        if not held:
            before = None
        if before is None and self._compared is None:
            return False
        self._compared = None
        if before is not None:
            self._compared = before[0] if self.model is None else fitted_to(before[0], self.model)
        self._document_changed()
        return True

    def set_base(self) -> bool:
        """From now on `compare` shows the present document; called again with it, the last change. True if set."""
        present = self._history.present
        self._base = None if self._base == present else present
        return self._base is not None

    def edit(self, document: Document, phase: Phase = "drop") -> None:
        """A changed document. The drags up to the next drop are one step of undo; a mere selection is none.

        While comparing nothing is changed.
        """
        if self._tried is not None:
            self._tried.append(document)
            return
        if self.comparing:
            return
        present = self.document
        if document != present and replace(document, selected=present.selected) == present:
            self._history.amend(document)
        else:
            self._history.edit(document, phase)
        self._document_changed()

    def tried(self, change: Callable[[], None]) -> Document:
        """What the document would be if `change` edited it; nothing changes."""
        self._tried = []
        try:
            change()
            return self._tried[-1] if self._tried else self.document
        finally:
            self._tried = None

    def preview(self, looks: tuple[Look, ...], purpose: str = "") -> None:
        """Looks whose pictures are wanted beside the tiles, after them; `picture_of` has them once they have come.

        They replace what was wanted for the same purpose.
        """
        self._previews[purpose] = looks

    @property
    def previewing(self) -> bool:
        """Whether pictures beside the tiles are still to come."""
        return bool(self._missing_previews())

    def complete(self) -> None:
        """Something else begins: drags that no drop has completed are a step of their own."""
        self._history.complete()

    def undo(self) -> bool:
        """One step back. False if there is none."""
        self.compare(held=False)
        return self._moved(self._history.undo())

    def redo(self) -> bool:
        """One undone step forward again. False if there is none."""
        self.compare(held=False)
        return self._moved(self._history.redo())

    def steps(self, count: int) -> tuple[tuple[tuple[int, Look], ...], int]:
        """The newest `count` steps, the newest first, each with a look that tells it from the step before it.

        And the number of the present one. `go_to` takes these numbers.
        """
        documents = self._history.steps
        numbers = range(len(documents) - 1, max(len(documents) - 1 - count, -1), -1)
        return tuple(
            (n, _telling_look(documents[n], documents[max(n - 1, 0)])) for n in numbers
        ), self._history.position

    def picture_of(self, look: Look) -> np.ndarray | None:
        """The pixels of a look that was rendered lately."""
        known = self._cache.peek(look)
        return None if known is None else known.pixels

    def go_to(self, step: int) -> bool:
        """Undo or redo up to that step. False if there is nothing to do."""
        self.compare(held=False)
        return self._moved(self._history.go_to(step))

    def next_request(self, *, refine: bool = True) -> RenderRequest | None:
        """The pictures that are missing; None if nothing is new. Without any, and if `refine`, those that are drafts.

        First the hovered tile, then the selected one, then those that have waited longest; during a drag the two have
        to wait, too, every other time, so that every tile gets its turn. What was asked for and has not come is not
        asked for again, unless something else is missing too or the mouse has moved to a tile that is. After a failure
        nothing is asked for until the looks change.
        """
        if self.model is None:
            return None
        missing = self.missing
        tiles = missing or (self.pending if refine else ())
        wanted = {tile: self._looks[tile] for tile in tiles}
        if refine and not missing:
            wanted |= self._missing_previews()
        if not wanted:
            return None
        hurry = bool(missing) and self.dragging
        first = self.hovered if self.hovered in wanted else None
        all_asked = all(self._asked.get(tile) == (look, hurry) for tile, look in wanted.items())
        if self.failure is not None or (all_asked and first in (None, self._asked_first)):
            return None
        order = sorted(wanted, key=self._importance)
        self._request_id += 1
        self._asked = {tile: (wanted[tile], hurry) for tile in order}
        self._asked_first = first
        looks = tuple((tile, wanted[tile]) for tile in order)
        return RenderRequest(request_id=self._request_id, looks=looks, hurry=hurry)

    def _missing_previews(self) -> dict[int, Look]:
        wanted = [look for looks in self._previews.values() for look in looks]
        return {FIRST_PREVIEW + index: look for index, look in enumerate(wanted) if self._cache.peek(look) is None}

    def _importance(self, tile: int) -> tuple[bool, int, int, int]:
        shown = self.results.get(tile)
        waiting_since = 0 if shown is None else shown.request_id
        first = self._first_tiles()
        return tile >= FIRST_PREVIEW, first.index(tile) if tile in first else len(first), waiting_since, tile

    def _first_tiles(self) -> tuple[int | None, ...]:
        """What the person looks at; during a drag not twice in a row."""
        first = (self.hovered, self.document.selected)
        hurried = any(hurry for _, hurry in self._asked.values())
        shown = [self.results[tile].request_id for tile in first if tile in self.results]
        return () if hurried and self._request_id in shown else first

    def accept(self, reply: RenderResult | RenderFailure) -> bool:
        """Takes a reply in; False if it is stale: of another model, or of a look that is no longer wanted.

        A late picture of a look that is still wanted, or wanted again, is taken.
        """
        if reply.request_id < self._first_valid_id:
            return False
        if isinstance(reply, RenderFailure):
            if reply.request_id != self._request_id:
                return False
            self.failure = reply
            return True
        if not reply.draft:
            self._cache.put(reply)
        if reply.tile >= len(self._looks) or self._looks[reply.tile] != reply.look:
            return False
        if not (reply.draft and self._shows(reply.tile, reply.look)):
            self.results[reply.tile] = reply
        return True

    def _moved(self, moved: bool) -> bool:
        if moved and self.model is not None:
            self._history.amend(fitted_to(self.document, self.model))
        if moved:
            self._document_changed()
        return moved

    def _document_changed(self) -> None:
        looks = looks_of(self.document)
        if looks != self._looks and self.failure is not None:
            self.failure = None
            self._asked.clear()  # what failed will not come by itself
        self._looks = looks
        for tile in [tile for tile in self.results if tile >= len(self._looks)]:
            del self.results[tile]
        for tile in self.pending:
            known = self._cache.get(self._looks[tile])
            if known is not None:
                self.results[tile] = replace(known, tile=tile)

    def _shows(self, tile: int, look: Look, *, draft: bool = False) -> bool:
        result = self.results.get(tile)
        return result is not None and result.look == look and (draft or not result.draft)


def _telling_look(document: Document, before: Document) -> Look:
    """Of the first tile that a step has changed; of the first tile if it has changed none."""
    looks, looks_before = looks_of(document), looks_of(before)
    pairs = zip(looks, looks_before, strict=False)
    return next((look for look, look_before in pairs if look != look_before), looks[0])
