"""A training can be stopped whatever has been made of interrupts where the explorer was started."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from explorer.runs.training_process import TrainingProcess, TrainPlan

SECONDS = 60.0


@pytest.fixture
def interrupts_ignored() -> Iterator[None]:
    """As a shell has it for what a script puts in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform == "win32", reason="there, trainings are told with another signal")
@pytest.mark.usefixtures("interrupts_ignored")
def test_a_training_that_is_still_loading_can_be_stopped(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    Image.new("RGB", (16, 16)).save(pictures / "0.png")
    process = TrainingProcess.start(TrainPlan(data=pictures, outdir=tmp_path / "runs"), tmp_path / "logs")
    try:
        time.sleep(0.3)
        process.stop()
        deadline = time.monotonic() + SECONDS
        while process.running:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert not (tmp_path / "runs").exists()
        assert process.look().error == ""
    finally:
        process._process.kill()
        process._process.wait()
