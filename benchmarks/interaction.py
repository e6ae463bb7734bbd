"""How soon the window answers a hand: a scripted minute of dragging in the real application.

Every event is timed to the first picture that changes, and to the moment when no tile shows anything older than that
event. Beside it, the longest turn of the loop: for so long the window does not answer. Runs without a display.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.taken import Taken

if TYPE_CHECKING:
    from explorer.app.main_loop import App

EVENTS_PER_SECOND = 30
Point = tuple[int, int]


@dataclass(slots=True, kw_only=True)
class Drag:
    """What one drag has shown, in milliseconds."""

    name: str
    first: list[float] = field(default_factory=list)
    """for each event, to the first changed picture"""
    complete: list[float] = field(default_factory=list)
    """for each event, to a grid without anything older than it"""
    turns: list[float] = field(default_factory=list)
    """duration of each turn of the loop"""
    release: float = 0.0
    """from letting go to the grid in full quality"""


@dataclass(slots=True, kw_only=True)
class _Watch:
    """Which event each tile has caught up with."""

    looks: list[tuple[object, ...]] = field(default_factory=list)
    """of all tiles, as each event left them"""
    times: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    complete: list[float] = field(default_factory=list)
    _before: tuple[object, ...] = ()
    _waiting: list[float] = field(default_factory=list)
    """when the events came that have not been taken in yet"""

    def event_came(self, looks: tuple[object, ...], now: float) -> None:
        """looks: of all tiles, before it is taken in."""
        self._before = looks
        self._waiting.append(now)

    def turned(self, looks: tuple[object, ...], shown: dict[int, object], now: float) -> None:
        """looks: of all tiles, after a turn; shown: tile -> the look of the picture that it shows.

        The oldest event that waited counts; one that changes nothing is not timed.
        """
        if self._waiting and looks != self._before:
            self.looks.append(looks)
            self.times.append(self._waiting[0])
            self._before = looks
        self._waiting.clear()
        if not self.looks:
            return
        versions = [self._version(tile, shown.get(tile)) for tile in range(len(self.looks[0]))]
        while len(self.first) <= max(versions):
            self.first.append((now - self.times[len(self.first)]) * 1000)
        while len(self.complete) <= min(versions):
            self.complete.append((now - self.times[len(self.complete)]) * 1000)

    def _version(self, tile: int, look: object) -> int:
        """The newest event that wants this look in this tile; -1 for none."""
        return next((i for i in range(len(self.looks) - 1, -1, -1) if self.looks[i][tile] == look), -1)


def main() -> None:
    arguments = _parse()
    os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    sections = [f"# Interaction\n\n{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["STYLEGAN_EXPLORER_DATA"] = folder
        for rows, columns in arguments.grids:
            taken = Taken()
            drags = run(arguments.model, (rows, columns), arguments.seconds)
            sections.append(table(f"{rows}x{columns}", drags) + "\n" + taken.sentence())
            print(sections[-1], flush=True)
    if arguments.out is not None:
        arguments.out.write_text("\n".join(sections), encoding="utf-8")


def run(model: Path | None, grid: tuple[int, int], seconds: float) -> list[Drag]:
    """All drags in one application; each takes `seconds`."""
    from explorer.app.main_loop import App
    from explorer.app.options import AppOptions

    app = App(AppOptions(model=model, grid=grid, new=True))
    app.start()
    try:
        _turn_until(app, lambda: app.settled)
        return [drag(app, name, start, path, seconds) for name, start, path in gestures(app)]
    finally:
        app.close()


def gestures(app: App) -> Iterator[tuple[str, Point, Callable[[float], Point]]]:
    """Name, where the button goes down, and where the mouse is after a share (0 to 1) of the drag."""
    sidebar = app.window.sidebar
    x, y = _centre(sidebar.truncation.psi.slider.sliding_button.rect)
    yield "psi", (x, y), _swing((x, y), -80, 0)
    app.session.undo()
    rows = sidebar.mixing.layers.rows
    for name, layers in (("coarse mixing", min(rows)), ("fine mixing", max(rows))):
        x, y = _centre(rows[layers].slider.sliding_button.rect)
        yield name, (x, y), _swing((x, y), 80, 0)
        app.session.undo()
    x, y = app.window.grid.tile_centre(0)
    yield "latent pad", (x, y), _swing((x, y), 60, 40)


def drag(app: App, name: str, start: Point, path: Callable[[float], Point], seconds: float) -> Drag:
    """Down, along the path, up; events come at a steady pace whatever the application does."""
    import pygame

    _turn_until(app, lambda: app.settled)
    _post(pygame.MOUSEMOTION, start, buttons=(0, 0, 0), rel=(0, 0))
    _post(pygame.MOUSEBUTTONDOWN, start, button=1)
    app.step()
    found, watch = Drag(name=name), _Watch()
    begin = time.monotonic()
    for index in range(int(seconds * EVENTS_PER_SECOND)):
        due = begin + index / EVENTS_PER_SECOND
        while time.monotonic() < due:
            _timed_turn(app, found, watch, due=due)
        _post(pygame.MOUSEMOTION, path(index / (seconds * EVENTS_PER_SECOND)), buttons=(1, 0, 0), rel=(1, 0))
        watch.event_came(_looks(app), due)
    _post(pygame.MOUSEBUTTONUP, path(1.0), button=1)
    released = time.monotonic()
    _turn_until(app, lambda: app.settled, lambda: _timed_turn(app, found, watch))
    found.release = (time.monotonic() - released) * 1000
    found.first, found.complete = watch.first, watch.complete
    return found


def table(title: str, drags: list[Drag]) -> str:
    """Markdown, milliseconds."""
    lines = [
        f"## {title}\n",
        "| drag | first change: median | 95th | worst | complete grid: median | 95th | worst | after release "
        "| longest stall |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in drags:
        cells = [*_spread(one.first), *_spread(one.complete), one.release, max(one.turns, default=math.nan)]
        lines.append(f"| {one.name} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _spread(values: list[float]) -> tuple[float, float, float]:
    if not values:
        return math.nan, math.nan, math.nan
    ordered = sorted(values)
    return statistics.median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1], ordered[-1]


def _timed_turn(app: App, found: Drag, watch: _Watch, *, due: float | None = None) -> None:
    """One turn as the application makes them; due: when the next event will come."""
    if due is None:
        app.turn()
    else:
        app.turn(max(0.0, due - time.monotonic()))
    ended = time.monotonic()
    found.turns.append((ended - app.pace.stepped) * 1000)
    watch.turned(_looks(app), {tile: result.look for tile, result in app.session.results.items()}, ended)


def _turn_until(app: App, done: Callable[[], bool], turn: Callable[[], None] | None = None) -> None:
    deadline = time.monotonic() + 120
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("the window did not come to rest within two minutes")
        if turn is None:
            app.turn(0.005)
        else:
            turn()


def _looks(app: App) -> tuple[object, ...]:
    from explorer.session.document import looks_of

    return tuple(looks_of(app.session.document))


def _post(kind: int, pos: Point, **attributes: object) -> None:
    import pygame

    pygame.event.post(pygame.event.Event(kind, {"pos": pos, "touch": False, **attributes}))


def _swing(start: Point, across: int, down: int) -> Callable[[float], Point]:
    """There and back, four times."""

    def path(share: float) -> Point:
        swing = math.sin(share * 4 * math.pi) ** 2 if share < 1 else 0.5
        return round(start[0] + across * swing), round(start[1] + down * swing)

    return path


def _centre(rect: object) -> Point:
    x, y = rect.center  # type: ignore[attr-defined]
    return int(x), int(y)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="a model file; without it, the bundled one")
    parser.add_argument("--grids", type=_grid, nargs="+", default=[(3, 3), (6, 4)], help="rows x columns")
    parser.add_argument("--seconds", type=float, default=7.5, help="of each drag")
    parser.add_argument("--out", type=Path, help="write the tables here, too")
    return parser.parse_args()


def _grid(text: str) -> tuple[int, int]:
    rows, columns = text.lower().split("x")
    return int(rows), int(columns)


if __name__ == "__main__":
    main()
