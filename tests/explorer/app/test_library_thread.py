"""The library's thread: the window goes on while it works, and backups are made while it runs."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from engine.inference.requests import Look, SeedLatent
from explorer.app.library_thread import LibraryThread
from explorer.library.backups import backup_paths, examine
from explorer.library.favourites import DATABASE_NAME, Library
from explorer.library.shelf import Shelf
from tests.explorer.app.driver import Driver


def test_the_window_goes_on_while_the_library_is_slow(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go, threads = threading.Event(), []

    def slowly(_library: Library, *_arguments: object) -> None:
        threads.append(threading.current_thread())
        assert let_go.wait(60)

    monkeypatch.setattr(Library, "toggle", slowly)
    driver.app.favourites.toggle(0)
    drawn, end = driver.app.frames_drawn, time.monotonic() + 0.5
    while time.monotonic() < end:
        driver.app.step(0.016)
    assert driver.app.favourites.busy
    assert driver.app.frames_drawn > drawn + 3
    let_go.set()
    driver.frames()
    assert threads
    assert threads[0] is not threading.main_thread()


def test_backups_are_made_while_it_runs(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.app.library_thread.BACKUP_SECONDS", 0.05)
    shelves: list[Shelf] = []
    thread = LibraryThread(shelves.append, pytest.fail)
    thread.open()
    pixels = np.zeros((8, 8, 3), np.uint8)
    newest, older = backup_paths(data_folder / DATABASE_NAME)
    for seed in range(2):
        look = Look(latent=SeedLatent(seed=seed))
        thread.change("keep", lambda library, look=look: library.toggle("model", look, pixels))
        end = time.monotonic() + 60
        made = newest.stat().st_mtime_ns if newest.exists() else 0
        while (
            len(shelves[-1].favourites if shelves else ()) <= seed
            or not newest.exists()
            or newest.stat().st_mtime_ns == made
        ):
            assert time.monotonic() < end, "no backup was made"
            thread.collect()
            time.sleep(0.01)
    thread.close()
    examine(newest)
    examine(older)
