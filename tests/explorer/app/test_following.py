"""A training run is followed in the running application: snapshots, curves, warnings, and what may go wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame
import pytest

from engine.networks.config import GeneratorConfig
from engine.training.run_folder import RunFolder
from explorer.app import following
from explorer.library.recent_models import read_recent
from explorer.panels.training_panel import BEST
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import MODEL, Driver
from tests.explorer.app.runs import new_run, report, tiny_generator
from tests.explorer.app.test_window import cut_off


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "READ_SECONDS", 0.05)
    monkeypatch.setattr(following, "RETRY_SECONDS", 0.2)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """After its first snapshot."""
    made = new_run(tmp_path / "runs")
    made.write_snapshot(tiny_generator(1), 1_000)
    report(made, 1.0, loss_G=1.0, loss_D=0.7)
    return made


def shown(driver: Driver) -> str:
    return driver.app.window.sidebar.training.shown.text


def follow(driver: Driver, run: RunFolder) -> None:
    driver.post(pygame.DROPFILE, file=str(run.path))
    driver.pump(lambda: driver.app.follow.state().shown.startswith("Shown"), "the snapshot")
    driver.settle()


def test_new_snapshots_are_shown_as_they_appear_with_everything_kept(driver: Driver, run: RunFolder) -> None:
    driver.app.window.sidebar.truncation.psi.slider.choose(0.6)
    driver.settle()
    follow(driver, run)
    assert driver.app.session.model.img_resolution == 8
    before, document = driver.pictures(), driver.app.session.document
    assert document.truncation.psi == 0.6
    run.write_snapshot(tiny_generator(2), 2_000)
    blank = []
    driver.pump(
        lambda: blank.append(len(driver.pictures())) or "000002" in driver.app.happenings.model.name, "the newer one"
    )
    driver.settle()
    assert set(blank) == {4}  # there was a picture in every tile all the time
    assert driver.app.session.document == document
    assert not any(np.array_equal(a, b) for a, b in zip(before, driver.pictures(), strict=True))
    assert driver.app.window.notices.current is None
    assert "000002" in shown(driver)


def test_the_panel_tells_of_curves_time_and_warnings(driver: Driver, run: RunFolder) -> None:
    follow(driver, run)
    panel = driver.app.window.sidebar.training
    assert panel.opened
    assert [element.chart.title for element in panel.charts] == ["Loss"]
    assert panel.progress.text.startswith("1.0 kimg  ·  1 min 00 s  ·  16.0 img/s")
    report(run, 2.0, loss_G=1.2, loss_D=0.6, kid_squeezenet=0.3, diversity_outlines=0.8, ada_p=0.05)
    run.append_warning(2_000, "Warning: The samples have become alike")
    driver.pump(lambda: len(panel.charts) == 4, "four charts")
    driver.frames()
    assert panel.progress.text.startswith("2.0 kimg")
    assert "warns at 2.0 kimg: The samples have become alike." in driver.app.window.notices.current.text
    assert "become alike" in panel.warning.html_text
    driver.key(pygame.K_ESCAPE)
    chart = panel.charts[0]
    driver.app.window.sidebar.reveal(chart)
    driver.frames()
    driver.move((int(chart.rect.left) + 2, int(chart.rect.centery)))
    driver.frames()
    assert chart.legend() == ("At 1.0 kimg", ("G 1", "D 0.7"))
    assert cut_off(driver) == []


def test_the_best_snapshot_is_a_choice(driver: Driver, run: RunFolder) -> None:
    run.write_best(tiny_generator(7))
    follow(driver, run)
    newest = driver.pictures()
    panel = driver.app.window.sidebar.training
    driver.click(panel.wanted.buttons[BEST])
    driver.pump(lambda: driver.app.happenings.model.name == "network-best.safetensors", "the best one")
    driver.settle()
    best = driver.pictures()
    assert not np.array_equal(newest[0], best[0])
    run.write_snapshot(tiny_generator(2), 2_000)
    run.write_best(tiny_generator(8))
    known = driver.app.session.model.content_id
    driver.pump(lambda: driver.app.session.model.content_id != known, "a better one")
    driver.settle()
    assert driver.app.happenings.model.name == "network-best.safetensors"
    assert not np.array_equal(best[0], driver.pictures()[0])


def test_a_half_written_snapshot_is_no_error_and_comes_when_it_is_whole(driver: Driver, run: RunFolder) -> None:
    follow(driver, run)
    run.write_snapshot(tiny_generator(2), 2_000)
    whole = run.snapshot_path(2_000).read_bytes()
    run.snapshot_path(2_000).unlink()
    half = run.snapshot_path(3_000)
    half.write_bytes(whole[: len(whole) // 2])
    driver.pump(lambda: driver.app.follow._failed, "the attempt")
    driver.frames()
    assert driver.app.window.notices.current is None
    assert "000001" in driver.app.happenings.model.name
    half.write_bytes(whole)
    driver.pump(lambda: "000003" in driver.app.happenings.model.name, "the whole one")
    half.unlink()
    driver.frames(20)
    driver.settle()
    assert driver.app.window.notices.current is None


def test_without_a_snapshot_it_waits_for_the_first(launch: Launch, tmp_path: Path) -> None:
    run = new_run(tmp_path)
    driver = launch(run.path)
    driver.pump(lambda: driver.app.window.notices.current, "a message")
    assert "no snapshot yet" in driver.app.window.notices.current.text
    assert "Waiting for the first" in driver.app.follow.state().shown
    run.write_snapshot(tiny_generator(0), 0)
    driver.settle()
    assert len(driver.pictures()) == 4


def test_only_broken_snapshots_are_a_message(driver: Driver, tmp_path: Path) -> None:
    run = new_run(tmp_path)
    run.snapshot_path(1_000).write_bytes(b"not a model")
    before = driver.app.session.model
    driver.post(pygame.DROPFILE, file=str(run.path))
    driver.pump(lambda: driver.app.window.notices.current, "a message")
    assert "network-snapshot-000001" in driver.app.window.notices.current.text
    assert driver.app.session.model is before
    run.write_snapshot(tiny_generator(0), 1_000)
    driver.pump(lambda: driver.app.session.model is not before, "the good one")


def test_another_model_ends_it_and_a_restart_takes_it_up_again(
    launch: Launch, run: RunFolder, data_folder: Path
) -> None:
    driver = launch(run.path)
    driver.settle()
    driver.app.close()
    assert [model.path for model in read_recent(data_folder)] == [run.path]
    driver = launch(None)
    driver.settle()
    assert driver.app.follow.state().run.folder == run.path
    driver.post(pygame.DROPFILE, file=str(MODEL))
    driver.pump(lambda: driver.app.happenings.model.name == MODEL.name, "the other model")
    run.write_snapshot(tiny_generator(2), 2_000)
    driver.frames(20)
    driver.settle()
    assert driver.app.follow.state().run is None
    assert driver.app.happenings.model.name == MODEL.name
    panel = driver.app.window.sidebar.model
    driver.app.window.sidebar.reveal(panel.recent_button)
    driver.click(panel.recent_button)
    driver.frames()
    driver.click(panel.recent_buttons[run.path])
    driver.pump(lambda: "000002" in driver.app.happenings.model.name, "the run again")
    driver.settle()
    driver.app.window.sidebar.reveal(driver.app.window.sidebar.training.leave_button)
    driver.frames()
    driver.click(driver.app.window.sidebar.training.leave_button)
    driver.frames()
    assert driver.app.follow.state().run is None
    assert driver.app.snapshot().model.path == run.snapshot_path(2_000)


def test_the_generators_of_these_tests_differ() -> None:
    assert tiny_generator(1).config == tiny_generator(2).config
    assert isinstance(tiny_generator(1).config, GeneratorConfig)
