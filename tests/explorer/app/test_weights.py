"""The averaged weights or the raw ones, where a file has both: switched live, remembered, and kept apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pygame

from engine.formats.model_file import load_model, save_model
from engine.inference.renderer import Renderer
from explorer.library.recent_models import RecentModel, with_recent
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, MODEL, Driver


def choose(driver: Driver, weights: str) -> None:
    row = driver.app.window.sidebar.model.weights
    assert row is not None
    driver.click(row.buttons[weights])
    driver.pump(lambda: driver.app.session.model.weights == weights, f"the {weights} weights")
    driver.settle()


def wait(driver: Driver) -> None:
    driver.pump(lambda: not driver.app.errands.busy, "the errands")
    driver.frames()


def test_the_raw_weights_are_a_click_away_and_keep_every_control(launch: Launch) -> None:
    driver = launch()
    driver.settle()
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "0.7")
    driver.settle()
    document, averaged = driver.app.session.document, driver.pictures()
    driver.click(driver.tile(1))
    driver.frames()
    choose(driver, "raw")
    assert driver.app.session.document == document
    assert driver.app.favourites.marked_tiles() == frozenset()  # a favourite is of the weights that made it
    raw = load_model(MODEL, weights="raw")
    expected = Renderer(raw, "cpu").render(driver.app.session.look_of(0))
    assert np.array_equal(driver.app.session.results[0].pixels, expected)
    assert not np.array_equal(driver.pictures()[0], averaged[0])
    assert driver.app.window.sidebar.model.weights.buttons["raw"].is_selected
    assert len(driver.app.models.others) == 0  # it is one file
    choose(driver, "ema")
    assert all(np.array_equal(a, b) for a, b in zip(averaged, driver.pictures(), strict=True))
    assert driver.app.favourites.marked_tiles() == {1}


def test_a_start_restores_the_raw_weights(launch: Launch) -> None:
    driver = launch()
    driver.settle()
    choose(driver, "raw")
    pictures, content_id = driver.pictures(), driver.app.session.model.content_id
    driver.app.close()
    driver = launch(None, size=None, grid=None)
    driver.settle()
    assert driver.app.session.model.weights == "raw"
    assert driver.app.session.model.content_id == content_id
    assert all(np.array_equal(a, b) for a, b in zip(pictures, driver.pictures(), strict=True))


def test_a_picture_of_the_raw_weights_brings_them_back(launch: Launch, tmp_path: Path) -> None:
    driver = launch()
    driver.settle()
    choose(driver, "raw")
    picture = driver.pictures()[3]
    driver.move(driver.tile(3))
    driver.frames()
    driver.key(pygame.K_s, "s")
    wait(driver)
    (saved,) = tmp_path.glob("*.png")
    choose(driver, "ema")
    driver.post(pygame.DROPFILE, file=str(saved))
    wait(driver)
    notices = driver.app.window.notices
    assert "raw weights" in notices.current.text
    driver.click(notices.action_button)
    driver.pump(lambda: driver.app.session.model.weights == "raw", "the raw weights")
    driver.settle()
    assert np.array_equal(driver.pictures()[0], picture)


def test_a_file_with_the_average_alone_has_no_switch(launch: Launch, tmp_path: Path) -> None:
    driver = launch(FIXTURES / "ada_uncond_64_onlyGema.pkl")
    driver.settle()
    assert driver.app.window.sidebar.model.weights is None
    both = tmp_path / "both.safetensors"
    model = load_model(MODEL, with_discriminator=True)
    save_model(both, G_ema=model.G_ema, G=model.G)
    driver.post(pygame.DROPFILE, file=str(both))
    driver.pump(lambda: driver.app.happenings.model.name == both.name, "the other file")
    driver.settle()
    choose(driver, "raw")


def test_both_weights_of_a_file_are_remembered() -> None:
    averaged = RecentModel(path=Path("a"), content_id="1")
    raw = RecentModel(path=Path("a"), content_id="2", weights="raw")
    assert with_recent((averaged,), raw) == (raw, averaged)
    assert with_recent((raw, averaged), averaged) == (averaged, raw)
