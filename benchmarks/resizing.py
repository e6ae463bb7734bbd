"""What a window costs whose edge is dragged: from 900x600 to 1440x900 and back, with more and less of it open.

Every size is an event, and one turn of the loop takes it in, as a slow machine would; the turns that follow until
everything is at rest are measured as well. In processor time of the window's thread, so that what else the machine
does counts little. Runs without a display.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import tempfile
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.app.main_loop import App

SMALL, LARGE = (900, 600), (1440, 900)
THEMES = ("dark", "light")
REST_TURNS = 12
"""after each drag"""
Opener = Callable[["App"], object]


def main() -> None:
    arguments = _parse()
    os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"
    print(
        "| open | theme | a size: median, ms | 95th | longest | a turn afterwards: longest |\n|---|---|---|---|---|---|"
    )
    chosen = {name: opener for name, opener in layouts().items() if arguments.only in name}
    for name, opener in chosen.items():
        for theme in THEMES[: arguments.themes]:
            with tempfile.TemporaryDirectory() as folder:
                os.environ["STYLEGAN_EXPLORER_DATA"] = folder
                sizes, after = measured(opener, theme, arguments)
            sizes.sort()
            cells = statistics.median(sizes), sizes[int(0.95 * len(sizes))], sizes[-1], max(after)
            print(f"| {name} | {theme} | " + " | ".join(f"{cell:.0f}" for cell in cells) + " |", flush=True)


def layouts() -> dict[str, Opener]:
    """Name -> what opens it."""
    return {
        "as a new window": lambda app: None,
        "every panel": _unfold_all,
        "every panel, the timeline": lambda app: (_unfold_all(app), app.window.show_timeline(True)),
        "every panel, the library": lambda app: (_unfold_all(app), app.window.show_library(True)),
        "every panel, training": lambda app: (_unfold_all(app), app.commands.train()),
        "every panel, a message": lambda app: (_unfold_all(app), app.complain("Something went wrong with it. " * 6)),
    }


def measured(opener: Opener, theme: str, arguments: argparse.Namespace) -> tuple[list[float], list[float]]:
    """Milliseconds of each turn that takes a size in, and of each turn after the last size."""
    from explorer.app.main_loop import App
    from explorer.app.options import AppOptions
    from explorer.library.settings import Settings

    app = App(AppOptions(model=None, grid=(2, 2), new=True, size=SMALL))
    app.start()
    try:
        _turn_until(app, lambda: app.settled)
        app.restyle(Settings(theme=theme, scale=arguments.scale))
        _favourites(app)
        opener(app)
        _rest(app, [])
        profile = cProfile.Profile() if arguments.profile else None
        turns = drag(app, arguments.sizes, profile)
        if profile is not None:
            pstats.Stats(profile).sort_stats("cumulative").print_stats(60)
        return turns
    finally:
        app.close()


def drag(app: App, sizes: int, profile: cProfile.Profile | None) -> tuple[list[float], list[float]]:
    """There and back, a turn for each size; at both ends until nothing changes any more."""
    import pygame

    turns: list[float] = []
    after: list[float] = []
    shares = [i / sizes for i in range(1, sizes + 1)]
    for share in (*shares, *reversed(shares[:-1]), 0.0):
        width, height = (round(a + (b - a) * share) for a, b in zip(SMALL, LARGE, strict=True))
        pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, {"size": (width, height), "w": width, "h": height}))
        if profile is not None:
            profile.enable()
        _timed_step(app, turns)
        if profile is not None:
            profile.disable()
        if share == 1.0:
            _rest(app, after)
    _rest(app, after)
    return turns, after


def _timed_step(app: App, turns: list[float]) -> None:
    before = time.thread_time()
    app.step()
    turns.append((time.thread_time() - before) * 1000)


def _rest(app: App, turns: list[float]) -> None:
    """All that a drag leaves to be done later."""
    count = 0
    while count < REST_TURNS or app.window.sidebar.building:
        app.pace.happened(time.monotonic())
        _timed_step(app, turns)
        count += 1


def _turn_until(app: App, done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not done():
        if time.monotonic() > deadline:
            raise SystemExit("the window did not come to rest within two minutes")
        app.turn(0.005)


def _unfold_all(app: App) -> None:
    window = app.window
    before: frozenset[str] | None = None
    while before != window.unfolded:  # what is unfolded may have more to unfold
        before = window.unfolded
        window.unfold(before | {panel.title for panel in window.sidebar.panels})
        _rest(app, [])


def _favourites(app: App) -> None:
    """As many as the grid has pictures."""
    for tile in range(len(app.session.document.tiles)):
        app.favourites.toggle(tile)
    _turn_until(app, lambda: not app.favourites.busy and len(app.favourites.shelf.favourites) > 0)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, default=20, help="of one way of a drag; default %(default)s")
    parser.add_argument("--themes", type=int, choices=(1, 2), default=2, help="the dark one alone, or both")
    parser.add_argument("--scale", type=float, default=1.0, help="of the interface; default %(default)s")
    parser.add_argument("--only", default="", help="layouts whose name contains this")
    parser.add_argument("--profile", action="store_true", help="print where the time goes, too")
    return parser.parse_args()


if __name__ == "__main__":
    main()
