"""What is kept between renders of the same tile, so that a change of late layers costs only the late layers.

A step of the synthesis depends on its row of ws, its noise image, and the step before. If those of the first k steps
are what they were in the tile's last render, bit for bit, a render may begin from what that one had then, and gives
the same bits as one that begins at the start. Knows nothing of looks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from engine.inference.fast.state import State
from engine.inference.fast.synthesis import FastSynthesis, PreparedNoise, refuse_transform

SHARE_OF_A_TILE = 12
"""One tile's states at block ends take at most the budget divided by this; so many tiles find room at least."""


@dataclass(slots=True, kw_only=True, eq=False)
class _Tile:
    ws: Tensor
    noise: PreparedNoise
    states: dict[int, State] = field(default_factory=dict)
    """what the step of this index begins from"""
    size_bytes: int = 0
    """of the states; counted here, since it is asked for after every step"""

    def keep(self, index: int, state: State) -> None:
        before = self.states.get(index)
        self.size_bytes += state.size_bytes - (0 if before is None else before.size_bytes)
        self.states[index] = state


class PrefixCache:
    """Keeps states for each tile within a budget; the tiles that were rendered longest ago go first."""

    def __init__(self, synthesis: FastSynthesis, budget_bytes: int) -> None:
        self._synthesis = synthesis
        self._budget_bytes = budget_bytes
        self._tiles: OrderedDict[Hashable, _Tile] = OrderedDict()
        self.steps_run = 0
        """of all renders so far"""

    @property
    def size_bytes(self) -> int:
        """Memory that is kept."""
        return sum(tile.size_bytes for tile in self._tiles.values())

    def clear(self) -> None:
        """Forgets everything."""
        self._tiles.clear()

    def render(
        self,
        key: Hashable,
        ws: Tensor,
        noise: PreparedNoise,
        resolution: int | None = None,
        transform: Tensor | None = None,
    ) -> Tensor:
        """`FastSynthesis.render`, the same bits; begins where the tile `key` differs from what it last was.

        Kept are the states at block ends, from the lowest resolution on, as far as a tile's share of the budget goes,
        and the one from which the next render begins if the same layers change again, as they do during a drag.
        """
        refuse_transform(transform)
        end = self._synthesis.end(resolution)
        before = self._tiles.pop(key, None)
        tile = _Tile(ws=ws.clone(), noise=noise)
        unchanged = 0 if before is None else self._unchanged_steps(before, tile)
        if before is not None:
            for index, state in before.states.items():
                if index <= unchanged:
                    self._keep(tile, index, state, unchanged)
        img = self._run(tile, unchanged, end, resolution)
        self._tiles[key] = tile
        self._shrink()
        return img

    def _unchanged_steps(self, before: _Tile, now: _Tile) -> int:
        """How many steps from the start would do what they did before."""
        same_row = (before.ws == now.ws).all(dim=1).tolist()
        for index, step in enumerate(self._synthesis.steps):
            same_noise = step.noise is None or _equal(before.noise[step.noise], now.noise[step.noise])
            if not (same_row[step.row] and same_noise):
                return index
        return len(self._synthesis.steps)

    def _run(self, tile: _Tile, unchanged: int, end: int, resolution: int | None) -> Tensor:
        """Runs what has to be run up to `end`, and keeps states in the tile."""
        begin = max((index for index in tile.states if index <= end), default=0)
        kept = (begin, tile.states[begin]) if begin > 0 else None
        state = None if kept is None else kept[1]
        for index, state in self._synthesis.run(tile.ws, tile.noise, resolution=resolution, kept=kept):
            self.steps_run += 1
            self._keep(tile, index, state, unchanged)
        assert state is not None
        assert state.img is not None  # `end` lies behind a ToRGB
        return state.img

    def _keep(self, tile: _Tile, index: int, state: State, unchanged: int) -> None:
        room = self._budget_bytes // SHARE_OF_A_TILE - tile.size_bytes
        if index == unchanged or (self._ends_a_block(index) and state.size_bytes <= room):
            tile.keep(index, state)

    def _ends_a_block(self, index: int) -> bool:
        """Whether the step before this one is the last synthesis layer of its resolution."""
        steps = self._synthesis.steps
        if not 0 < index < len(steps) or steps[index - 1].noise is None:
            return False
        return steps[index].noise is None or steps[index].resolution > steps[index - 1].resolution

    def _shrink(self) -> None:
        while len(self._tiles) > 1 and self.size_bytes > self._budget_bytes:
            self._tiles.popitem(last=False)
        if self.size_bytes > self._budget_bytes:
            self._tiles.clear()


def _equal(one: Tensor | None, other: Tensor | None) -> bool:
    if one is other:
        return True
    return one is not None and other is not None and torch.equal(one, other)
