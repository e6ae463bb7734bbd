"""Random hands on the running application: whatever they do, it goes on and can still draw everything."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import psutil
import pygame
import pytest

from explorer.library.settings import Settings, write_settings
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, Driver, in_a_process
from tests.explorer.app.monkey import Monkey, memory_in_use, watch_turns
from tests.explorer.app.test_training import TINY

STEPS = 60
MANY_STEPS = 2000
STALL_SECONDS = 0.1
GROWTH_BYTES = 48 * 2**20
"""How much more memory may be in use after the second half of many steps, pictures in caches and the like included."""
KEPT_BYTES = 128 * 2**20
"""How much more the process may have: what is freed stays with it on purpose (`engine/inference/memory.py`)."""


@pytest.fixture(autouse=True)
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is saved goes nowhere else."""
    monkeypatch.setattr("explorer.app.file_questions.user_documents_dir", lambda: str(tmp_path))
    monkeypatch.setattr("explorer.app.training_desk.default_outdir", lambda: tmp_path / "runs")


def come_to_rest(driver: Driver) -> None:
    """One model, four pictures, and nothing over them."""
    window = driver.app.window
    window.close_dialog()
    window.close_library()
    driver.app.drift.stop()
    driver.app.export.cancel()
    driver.app.training.stop()
    driver.pump(lambda: not driver.app.training.running, "the end of the training")
    for _ in range(4):
        driver.key(pygame.K_ESCAPE)
    driver.pump(lambda: not driver.app.happenings.model.opening, "the last model")
    driver.post(pygame.DROPFILE, file=str(MODEL))
    driver.pump(lambda: driver.app.happenings.model.name == MODEL.name, "a model")
    driver.settle()


@pytest.mark.parametrize(("seed", "scale"), [(1, 1.0), (2, 1.5)])
def test_random_hands_find_no_exception(
    launch: Launch, data_folder: Path, tmp_path: Path, seed: int, scale: float
) -> None:
    write_settings(data_folder, Settings(scale=scale))
    driver = launch(size=(round(1000 * scale), round(900 * scale)))
    driver.scale = scale
    driver.app.training.further = TINY
    monkey = Monkey(driver, seed, tmp_path / "bad")
    for _ in range(STEPS):
        monkey.act()
    come_to_rest(driver)
    assert driver.app.running
    assert len(driver.pictures()) == len(driver.app.session.document.tiles)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_many_random_steps_find_no_exception_no_stall_and_no_growth(launch: Launch, tmp_path: Path) -> None:
    driver = launch(worker=in_a_process)
    driver.app.training.further = TINY
    monkey = Monkey(driver, 2, tmp_path / "bad")
    turns = watch_turns(driver, monkey)
    memory: dict[int, int] = {}
    used: dict[int, int] = {}
    start = time.monotonic()
    for step in range(1, MANY_STEPS + 1):
        monkey.act()
        if step % (MANY_STEPS // 4) == 0:
            come_to_rest(driver)
            gc.collect()
            memory[step], used[step] = psutil.Process().memory_info().rss, memory_in_use()
            sprites = len(driver.app.window.manager.get_sprite_group().sprites())
            sizes = [f"{each[step] / 2**20:.0f} MiB" for each in (memory, used)]
            print(step, f"{time.monotonic() - start:.0f} s", *sizes, sprites, flush=True)
    slowest = sorted(turns, key=lambda turn: turn.seconds, reverse=True)[:12]
    for turn in slowest:
        print(f"{turn.seconds * 1000:.0f} ms", turn.during)
    assert driver.app.running
    assert used[MANY_STEPS] - used[MANY_STEPS // 2] < GROWTH_BYTES
    assert memory[MANY_STEPS] - memory[MANY_STEPS // 2] < KEPT_BYTES
    assert [turn for turn in slowest if turn.seconds > STALL_SECONDS] == []
