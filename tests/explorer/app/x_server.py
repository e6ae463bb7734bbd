"""An X server of our own, so that nobody's display and nobody's clipboard is touched."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NEEDS_X = pytest.mark.skipif(
    shutil.which("Xvfb") is None, reason="Xvfb, an X server without a screen, is not installed"
)


@contextmanager
def x_server(size: tuple[int, int] = (1440, 900)) -> Iterator[dict[str, str]]:
    """The environment of a program that is to show its window there."""
    reading, writing = os.pipe()
    screen = f"{size[0]}x{size[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        assert number, "Xvfb did not start"
        yield {**os.environ, "DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}
    finally:
        server.terminate()
        server.wait(10)
