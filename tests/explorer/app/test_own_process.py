"""The window beside the process that makes its pictures: it has no torch, and survives the other's end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pygame
import pytest

from explorer.worker.inference_process import InferenceProcess
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, in_a_process

ROOT = Path(__file__).parents[3]


def test_the_window_never_imports_torch(data_folder: Path) -> None:
    """Not for pictures, layers, videos or a library: its import alone would hold the window up for a second."""
    program = (
        "import sys\n"
        "from tests.explorer.app.driver import *\n"
        f"options = AppOptions(model=Path({str(MODEL)!r}), grid=(2, 2), device='cpu', new=True)\n"
        "driver = Driver(options, in_a_process(options))\n"
        "driver.settle()\n"
        "driver.click(driver.tile(0))\n"
        "driver.app.commands.toggle_layers()\n"
        "driver.frames(40)\n"
        "assert len(driver.pictures()) == 4\n"
        "driver.app.close()\n"
        "print('torch' in sys.modules)\n"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, env=dict(os.environ), check=False
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.split()[-1] == "False"


@pytest.mark.timeout(120)
def test_the_window_outlives_the_engine_and_starts_it_anew(launch: Launch) -> None:
    driver = launch(worker=in_a_process)
    driver.settle()
    workshop = driver.app.worker._workshop
    assert isinstance(workshop, InferenceProcess)
    before = driver.pictures()
    psutil.Process(workshop.pid).kill()
    driver.pump(lambda: driver.app.window.notices.current is not None, "what has happened")
    notice = driver.app.window.notices.current
    assert notice is not None
    assert "open the model again" in notice.text
    driver.key(pygame.K_RIGHT)  # the person goes on, and nothing hangs
    driver.frames(10)
    assert driver.app.window.notices.action_button is not None
    driver.click(driver.app.window.notices.action_button)
    assert driver.app.window.notices.current != notice  # what was asked for is not asked again
    driver.pump(lambda: driver.app.settled, "the pictures again")
    driver.frames()
    after = driver.pictures()
    assert len(after) == len(before) == 4
    driver.key(pygame.K_LEFT)
    driver.settle()
    assert all((ours == theirs).all() for ours, theirs in zip(driver.pictures(), before, strict=True))
