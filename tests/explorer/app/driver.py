"""Drives the real application with posted events, as a hand and two eyes would."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import pygame
from pygame_gui.core import UIElement

from explorer.app.main_loop import App
from explorer.app.options import AppOptions
from explorer.worker.backend import TorchBackend
from explorer.worker.inference_thread import InferenceThread
from explorer.worker.render_worker import RenderWorker

FIXTURES = Path(__file__).parents[2] / "fixtures"
MODEL = FIXTURES / "ada_uncond_64.pkl"
LIMIT_SECONDS = 120.0
Point = tuple[int, int]


def in_a_thread(options: AppOptions) -> RenderWorker:
    return RenderWorker(InferenceThread(partial(TorchBackend, options.device, options.precision)))


def in_a_process(options: AppOptions) -> RenderWorker:
    """As the command does it."""
    return RenderWorker.in_a_process(options.device, options.precision)


class Driver:
    """One running application. Its pictures are made in a thread, which can be looked into and starts at once."""

    def __init__(self, options: AppOptions, worker: RenderWorker | None = None) -> None:
        self.scale = 1.0
        """of the window: pixels for each of the points in which a test reckons"""
        self.app = App(options, worker or in_a_thread(options))
        self.app.start()

    def pump(self, until: Callable[[], object], what: str = "", seconds: float = LIMIT_SECONDS) -> None:
        """Turns the loop until something is true."""
        deadline = time.monotonic() + seconds
        while not until():
            assert time.monotonic() < deadline, f"nothing came of it: {what or until}"
            self.app.step(0.016)

    def frames(self, count: int = 4) -> None:
        """Turns the loop a few times, until all panels are built, and until the library has answered."""
        pygame.event.post(pygame.event.Event(pygame.USEREVENT))  # or else a window at rest would not be drawn
        for _ in range(count):
            self.app.step()
        while self.app.window.sidebar.building:
            self.app.step()
        if self.app.favourites.busy:
            self.pump(lambda: not self.app.favourites.busy, "the library")
            self.app.step()

    def settle(self) -> None:
        """Until every tile shows its current look."""
        self.frames()
        self.pump(lambda: self.app.settled, "all tiles drawn")
        self.frames()

    def post(self, kind: int, **attributes: object) -> None:
        """One event, and a turn of the loop for it."""
        if self.scale != 1.0 and "pos" in attributes:
            x, y = cast(Point, attributes["pos"])
            attributes["pos"] = round((x + 0.5) * self.scale - 0.5), round((y + 0.5) * self.scale - 0.5)
        pygame.event.post(pygame.event.Event(kind, attributes))
        self.frames(2)

    def move(self, point: Point) -> None:
        self.post(pygame.MOUSEMOTION, pos=point, rel=(0, 0), buttons=(0, 0, 0), touch=False)

    def press(self, point: Point, button: int = pygame.BUTTON_LEFT) -> None:
        self.move(point)
        self.post(pygame.MOUSEBUTTONDOWN, pos=point, button=button, touch=False)

    def release(self, point: Point, button: int = pygame.BUTTON_LEFT) -> None:
        self.post(pygame.MOUSEBUTTONUP, pos=point, button=button, touch=False)

    def click(self, target: Point | UIElement, button: int = pygame.BUTTON_LEFT) -> None:
        point = target if isinstance(target, tuple) else centre(target)
        self.press(point, button)
        self.release(point, button)

    def drag(self, start: Point, end: Point, steps: int = 6) -> None:
        """Down, over, up."""
        self.press(start)
        for step in range(1, steps + 1):
            share = step / steps
            self.move(
                (
                    round(start[0] + (end[0] - start[0]) * share),
                    round(start[1] + (end[1] - start[1]) * share),
                )
            )
        self.release(end)

    def key(self, key: int, character: str = "", mod: int = 0) -> None:
        self.post(pygame.KEYDOWN, key=key, unicode=character, mod=mod, scancode=0)
        self.post(pygame.KEYUP, key=key, unicode=character, mod=mod, scancode=0)

    def type_into(self, entry: UIElement, text: str) -> None:
        """A click that selects all, the text, Enter."""
        self.click(entry)
        self.write(text)
        self.key(pygame.K_RETURN, "\r")

    def write(self, text: str) -> None:
        """As fast as a paste: all characters within one turn of the loop."""
        for character in text:
            key = {"key": ord(character), "unicode": character, "mod": 0, "scancode": 0}
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key))
            pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, {"text": character}))
            pygame.event.post(pygame.event.Event(pygame.KEYUP, key))
        self.frames(2)

    def tile(self, index: int) -> Point:
        return self.app.window.grid.tile_centre(index)

    def pictures(self) -> list[np.ndarray]:
        """What the tiles show, as pixels."""
        grid = self.app.window.grid
        surfaces = [grid.picture(tile) for tile in range(grid.rows * grid.columns)]
        return [pygame.surfarray.array3d(surface) for surface in surfaces if surface is not None]

    def save(self, path: Path) -> None:
        """What the window shows now."""
        pygame.image.save(self.app.window.surface, str(path))


def centre(element: UIElement) -> Point:
    x, y = element.rect.center
    return int(x), int(y)
