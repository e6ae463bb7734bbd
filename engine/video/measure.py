"""How far the picture changes along the transitions of a walk, seen in small drafts.

Distance is the root mean square of the difference between two drafts' pixels. Knows nothing of frames or of time.
"""

from __future__ import annotations

from collections.abc import Generator
from itertools import accumulate

import numpy as np

from engine.inference.compositing import over_white
from engine.inference.renderer import Renderer
from engine.video.pace import PathLengths
from engine.video.pictures import Painter
from engine.video.timeline import Place, Timeline
from engine.video.walk import Walk

SAMPLES = 24
"""drafts along each transition"""
DRAFT_SIZE = 64
"""pixels: what a picture is averaged down to before it is compared"""


def measure(renderer: Renderer, timeline: Timeline) -> Generator[int, None, PathLengths]:
    """Yields the number of drafts done, `drafts_of` in all, and returns the lengths. Raises ConfigError."""
    walk, painter = Walk(renderer, timeline), Painter(renderer, timeline.noise)
    resolution = next((r for r in renderer.resolutions if r >= DRAFT_SIZE), None)
    transitions: list[tuple[float, ...]] = []
    done = 0
    for key in range(timeline.transitions):
        if timeline.keys[key].transition == 0:  # a cut is no way
            transitions.append((0.0, 0.0))
            continue
        steps, before = [], None
        for sample in range(SAMPLES + 1):
            moment = walk.moment(_place(timeline, key, sample))
            draft = _means(painter.paint([moment], resolution)[0])
            if before is not None:
                steps.append(float(np.sqrt(np.mean((draft - before) ** 2))))
            before = draft
            done += 1
            yield done
        transitions.append(tuple(accumulate(steps, initial=0.0)))
    return PathLengths(transitions=tuple(transitions))


def drafts_of(timeline: Timeline) -> int:
    """How many drafts a measurement makes."""
    moving = [key for key in timeline.keys[: timeline.transitions] if key.transition > 0]
    return len(moving) * (SAMPLES + 1)


def _place(timeline: Timeline, key: int, sample: int) -> Place:
    return timeline.along(key, (key + 1) % len(timeline.keys), sample / SAMPLES)


def _means(draft: np.ndarray) -> np.ndarray:
    """float32 [h, w, 3], the means of square blocks of pixels."""
    pixels = over_white(draft).astype(np.float32)
    block = max(1, pixels.shape[0] // DRAFT_SIZE)
    height, width = (side - side % block for side in pixels.shape[:2])
    blocks = pixels[:height, :width].reshape(height // block, block, width // block, block, 3)
    return np.asarray(blocks.mean(axis=(1, 3)))
