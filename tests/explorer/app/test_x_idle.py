"""What the real window costs while nothing happens: the processor's time, on an X server."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.explorer.app.driver import MODEL
from tests.explorer.app.x_server import NEEDS_X, x_server

ROOT = Path(__file__).parents[3]
SECONDS = 2.0
MOST = 0.03
"""of a core"""


def used(process: psutil.Process) -> float:
    """Seconds, of the window and of what it has started."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


@NEEDS_X
@pytest.mark.timeout(180)
def test_the_window_at_rest_costs_less_than_three_percent_of_a_core(data_folder: Path) -> None:
    with x_server() as environment:
        environment |= {"STYLEGAN_EXPLORER_DATA": str(data_folder), "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "explorer", "--model", str(MODEL), "--grid", "2x2", "--new"]
        with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL) as started:
            process = psutil.Process(started.pid)
            shares = [1.0]
            deadline = time.monotonic() + 90
            while (shares[-1] > MOST or len(shares) < 3) and time.monotonic() < deadline:
                before, since = used(process), time.monotonic()
                time.sleep(SECONDS)
                shares.append((used(process) - before) / (time.monotonic() - since))
            assert started.poll() is None
            started.terminate()
        assert shares[1] > MOST  # it was busy while it started: this measures something
        assert shares[-1] < MOST
