"""The pictures of looks seen lately, so that undo and moving back show them at once.

Bounded by the bytes of the pictures, oldest use first out. Knows nothing of tiles or of models.
"""

from __future__ import annotations

from collections import OrderedDict

from engine.inference.requests import Look, RenderResult

MAX_BYTES = 256 * 2**20


class ResultCache:
    """Results by look, the least lately used dropped when their pictures take too much room."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._results: OrderedDict[Look, RenderResult] = OrderedDict()
        self.used_bytes = 0

    def __len__(self) -> int:
        return len(self._results)

    def get(self, look: Look) -> RenderResult | None:
        """The result of this look, if it is still there; it counts as used now."""
        result = self._results.get(look)
        if result is not None:
            self._results.move_to_end(look)
        return result

    def peek(self, look: Look) -> RenderResult | None:
        """As `get`, without counting as a use."""
        return self._results.get(look)

    def put(self, result: RenderResult) -> None:
        """Keeps the result, and drops others as needed. A picture larger than all the room is not kept."""
        self._drop(result.look)
        if result.pixels.nbytes > self._max_bytes:
            return
        self._results[result.look] = result
        self.used_bytes += result.pixels.nbytes
        while self.used_bytes > self._max_bytes:
            self._drop(next(iter(self._results)))

    def clear(self) -> None:
        """Forgets everything."""
        self._results.clear()
        self.used_bytes = 0

    def _drop(self, look: Look) -> None:
        dropped = self._results.pop(look, None)
        if dropped is not None:
            self.used_bytes -= dropped.pixels.nbytes
