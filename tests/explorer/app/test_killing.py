"""The real application is killed at random moments: what is older than a second is there at the next start."""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from explorer.library.favourites import Library
from explorer.session.session_file import read_session
from tests.explorer.app.driver import MODEL

ROOT = Path(__file__).parents[3]
PROGRAM = f"""
import time
from tests.explorer.app.driver import *
options = AppOptions(model=Path({str(MODEL)!r}), grid=(2, 2), device='cpu', new=True)
driver = Driver(options, in_a_process(options))
driver.settle()
step, tile = 0, 0
while True:
    driver.key(pygame.K_RIGHT)
    step += 1
    if step % 5 == 0:
        driver.settle()
        driver.click(driver.tile(tile))
        tile = (tile + 1) % 4
    print(step, len(driver.app.favourites.looks), time.time(), flush=True)
"""


def killed(seconds: float) -> tuple[list[tuple[int, int, float]], float]:
    """What the application did, (step, favourites, when), until it was killed so long after its first step."""
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    lines = [process.stdout.readline()]
    while lines[-1] and not lines[-1][0].isdigit():
        lines.append(process.stdout.readline())
    timer = threading.Timer(seconds, lambda: process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM)))
    timer.start()
    lines += process.stdout.readlines()
    killed_at = time.time()
    process.wait()
    done = [line.split() for line in lines if line.endswith("\n") and line[0].isdigit()]
    return [(int(step), int(kept), float(at)) for step, kept, at in done], killed_at


def kill_and_look(data_folder: Path, seconds: float) -> None:
    done, killed_at = killed(seconds)
    assert done
    times = [at for *_, at in done]
    turn = max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)
    saved = 0
    if (data_folder / "session.json").exists():
        saved = round(read_session(data_folder / "session.json").document.pad[0])
    old = [step for step, _, at in done if killed_at - at > 1.0 + 2 * turn]  # a busy machine's turns are long
    assert saved >= (old[-1] if old else 0)
    with closing(Library(data_folder)) as library:
        assert library.notice == ""
        assert len(library.shelf().favourites) >= done[-1][1]


def test_a_kill_loses_nothing_older_than_a_second(data_folder: Path) -> None:
    kill_and_look(data_folder, 3.0)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("moment", range(30))
def test_thirty_kills_lose_nothing_older_than_a_second(data_folder: Path, moment: int) -> None:
    kill_and_look(data_folder, random.Random(moment).uniform(0.0, 6.0))
