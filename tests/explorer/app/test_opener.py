"""Files handed to the system, with a program of ours in the place of the system's."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from explorer.app.opener import OpenerError, can_open, open_file, show_in_folder

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the system's own way is not for a test")


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What xdg-open was asked to open, a line each."""
    log, program = tmp_path / "shown", tmp_path / "bin" / "xdg-open"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$1" >> "{log}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/bin:/usr/bin")
    return log


def lines(log: Path, count: int) -> list[str]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = log.read_text().splitlines() if log.is_file() else []
        if len(found) >= count:
            return found
        time.sleep(0.01)
    raise AssertionError("it was not started")


def test_a_file_is_opened_and_shown_where_it_lies(shown: Path, tmp_path: Path) -> None:
    video = tmp_path / "a walk.mp4"
    video.write_bytes(b"x")
    assert can_open()
    open_file(video)
    assert lines(shown, 1) == [str(video)]
    show_in_folder(video)
    assert lines(shown, 2)[1] == str(tmp_path)


def test_what_cannot_be_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OpenerError, match="not there any more"):
        open_file(tmp_path / "gone.mp4")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not can_open()
    with pytest.raises(OpenerError, match="does not start"):
        open_file(tmp_path)
