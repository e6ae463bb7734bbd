"""Models that were open lately are a click away, and a run's folder means its newest snapshot."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pygame
import pytest

from engine.errors import ModelFileError
from explorer.app.opening import newest_snapshot
from explorer.library.recent_models import MAX_MODELS, RecentModel, read_recent, with_recent, write_recent
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, MODEL, Driver


def recent(*names: str) -> tuple[RecentModel, ...]:
    return tuple(RecentModel(path=Path(name), content_id=name.upper()) for name in names)


def test_a_recent_model_is_a_click_away_also_after_a_restart(launch: Launch) -> None:
    driver = launch()
    driver.settle()
    panel = driver.app.window.sidebar.model
    assert panel.recent_button is None
    driver.post(pygame.DROPFILE, file=str(FIXTURES / "ada_grey_32.pkl"))
    driver.pump(lambda: driver.app.happenings.model.name == "ada_grey_32.pkl", "the other model")
    driver.frames()
    driver.click(panel.recent_button)
    driver.frames()
    assert [button.text for button in panel.recent_buttons.values()] == [MODEL.name]
    driver.click(panel.recent_buttons[MODEL])
    driver.pump(lambda: driver.app.happenings.model.name == MODEL.name, "the first model")
    driver.frames()
    driver.app.close()
    driver = launch()
    driver.settle()
    assert driver.app.models.others == (FIXTURES / "ada_grey_32.pkl",)


def test_the_folder_of_a_run_opens_its_newest_snapshot(driver: Driver, tmp_path: Path) -> None:
    run = tmp_path / "00000-run.png"  # whatever a folder is called, it is one
    run.mkdir()
    driver.post(pygame.DROPFILE, file=str(run))
    assert "holds no model yet" in driver.app.window.notices.current.text
    for name in ("network-snapshot-000200.pkl", "network-snapshot-001000.pkl", "network-snapshot-000900.pkl"):
        shutil.copy(FIXTURES / "ada_grey_32.pkl", run / name)
    (run / "checkpoint.safetensors").write_bytes(b"much newer")
    driver.post(pygame.DROPFILE, file=str(run))
    driver.pump(lambda: driver.app.happenings.model.name == "network-snapshot-001000.pkl", "the snapshot")


def test_without_numbers_the_newest_file_counts(tmp_path: Path) -> None:
    for age, name in enumerate(("b.pkl", "a.safetensors", "c.txt", "checkpoint.safetensors")):
        (tmp_path / name).write_bytes(b"")
        os.utime(tmp_path / name, (1e9 + age, 1e9 + age))
    assert newest_snapshot(tmp_path) == tmp_path / "a.safetensors"
    with pytest.raises(ModelFileError, match="cannot be read"):
        newest_snapshot(tmp_path / "gone")


def test_the_list_is_short_and_names_no_file_twice(tmp_path: Path) -> None:
    models = recent()
    for number in range(20):
        models = with_recent(models, *recent(f"{number % 9}.pkl"))
    assert len(models) == MAX_MODELS
    assert models[0].path == Path("1.pkl")
    write_recent(tmp_path, models)
    assert read_recent(tmp_path) == models


@pytest.mark.parametrize("content", [b"", b"[]", b'{"models": 3}', b'{"models": [{}]}', b"\xff"])
def test_a_damaged_list_is_no_list(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recent-models.json").write_bytes(content)
    assert read_recent(tmp_path) == ()
    write_recent(tmp_path, recent("a.pkl"))
    assert read_recent(tmp_path) == recent("a.pkl")
