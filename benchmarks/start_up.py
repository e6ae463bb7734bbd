"""How long a person waits after the command: for a window, for everything in it, for the first picture, for all.

Each start is a process of its own with the bundled model and nothing restored; the median counts. Uses the display
that there is, or none with SDL_VIDEODRIVER=dummy. Processor time is told beside it, for a machine that is busy.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.taken import Taken

STAGES = {
    "window": "a window stands on the screen",
    "interface": "everything but the pictures is in it",
    "picture": "the first full picture is seen",
    "grid": "all nine are",
}
CHILD = """
import json, os, sys, time
stages = {}
def reached(stage):
    stages.setdefault(stage, (time.monotonic() - float(os.environ["BEGUN"]), time.process_time()))

def shown(options, show):
    show(options)
    reached("window")

def begun(options, worker):
    from explorer.app.main_loop import App
    start = App.start
    App.start, App.run = lambda app: (start(app), reached("interface")), run
    return go_on(options, worker)

def run(app):
    while not app.settled:
        app.turn()
        if any(not result.draft for result in app.session.results.values()):
            reached("picture")
    reached("grid")
    print(json.dumps(stages))

from explorer import cli
from explorer.app import first_window  # what the command imports next
show = first_window.show_first_window
first_window.show_first_window = lambda options: shown(options, show)
go_on, cli._show = cli._show, begun
cli.main(["--new", "--size", "1440x900"])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5, help="default %(default)s")
    arguments = parser.parse_args()
    _start()  # fills the system's file cache and Python's own
    taken = Taken()
    starts = [_start() for _ in range(arguments.starts)]
    print("| until | seconds | processor time |\n|---|---|---|")
    for stage, meaning in STAGES.items():
        wall, processor = (statistics.median(start[stage][i] for start in starts) for i in (0, 1))
        print(f"| {meaning} | {wall:.2f} | {processor:.2f} |")
    print(taken.sentence())


def _start() -> dict[str, tuple[float, float]]:
    """Stage -> seconds since the command, seconds of processor time."""
    root = Path(__file__).resolve().parent.parent  # so that `explorer` is found without being installed
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "STYLEGAN_EXPLORER_DATA": folder, "BEGUN": repr(time.monotonic())}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-c", CHILD]
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root, env=environment)
    stages: dict[str, tuple[float, float]] = json.loads(output.stdout.splitlines()[-1])
    return stages


if __name__ == "__main__":
    main()
