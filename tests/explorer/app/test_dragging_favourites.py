"""A favourite goes directly where it is dropped: into a picture, a corner of a sheet, or the truncation's centre."""

from __future__ import annotations

import pytest

from explorer.session.arrangements import Sheet
from explorer.session.document import latent_of
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver, Point, centre


@pytest.fixture
def kept(launch: Launch) -> Driver:
    """Four favourites that are not on the grid any more."""
    driver = launch(size=(1440, 900))
    driver.settle()
    for tile in range(4):
        driver.click(driver.tile(tile))
    driver.key(ord("n"), "n")
    driver.settle()
    return driver


def latents(driver: Driver) -> list[object]:
    return [driver.app.favourites.shelf.favourite(each).look.latent for each in driver.app.window.strip.ids]


def hold_over(driver: Driver, index: int, point: Point) -> str:
    """Drags a favourite there without letting go; what the window says."""
    start = driver.app.window.strip.centre(index)
    driver.press(start)
    driver.move((start[0], start[1] - 40))
    driver.move(point)
    return driver.app.commands.favourite_drag.told


def test_any_four_become_a_sheets_corners_without_being_brought_back(kept: Driver) -> None:
    driver, session = kept, kept.app.session
    driver.app.window.sidebar.arrange.arrange("sheet")
    driver.settle()
    wanted = latents(driver)[::-1]
    document = session.document
    last = len(document.tiles) - 1
    places = (0, document.columns - 1, last - document.columns + 1, last)
    for index, tile in zip((3, 2, 1, 0), places, strict=True):
        assert "corner" in hold_over(driver, index, driver.tile(tile))
        driver.release(driver.tile(tile))
    driver.settle()
    arrangement = session.document.arrangement
    assert isinstance(arrangement, Sheet)
    assert list(arrangement.corners) == wanted
    assert [latent_of(session.document, tile) for tile in places] == wanted
    session.undo()
    assert session.document.arrangement.corners[:3] == arrangement.corners[:3]
    assert session.document.arrangement != arrangement


def test_a_picture_in_a_sheets_quarter_stands_for_its_corner(kept: Driver) -> None:
    driver = kept
    driver.app.window.sidebar.arrange.arrange("sheet")
    driver.settle()
    hold_over(driver, 1, driver.tile(5))  # beside the middle of three by three: of the upper half
    driver.release(driver.tile(5))
    assert driver.app.session.document.arrangement.corners[1] == latents(driver)[1]


def test_a_favourite_becomes_the_centre_of_truncation(kept: Driver) -> None:
    driver, session = kept, kept.app.session
    panel = driver.app.window.sidebar.truncation
    tiles = session.document.tiles
    point = centre(panel.header)
    assert "truncation" in hold_over(driver, 2, point)
    assert panel.header.is_selected
    driver.release(point)
    driver.settle()
    assert session.document.truncation.centre == latents(driver)[2]
    assert session.document.tiles == tiles
    assert panel.shows_layers
    assert not panel.header.is_selected
    assert driver.app.commands.favourite_drag.told == ""
    session.undo()
    assert session.document.truncation.centre == "average"


def test_elsewhere_on_the_grid_it_comes_back_there(kept: Driver) -> None:
    driver, session = kept, kept.app.session
    assert "picture" in hold_over(driver, 0, driver.tile(2))
    driver.release(driver.tile(2))
    assert latent_of(session.document, 2) == latents(driver)[0]


def test_beside_everything_nothing_happens(kept: Driver) -> None:
    driver, session = kept, kept.app.session
    document = session.document
    status = (driver.app.window.layout.status.centerx, driver.app.window.layout.status.centery)
    assert hold_over(driver, 0, status) == ""
    driver.release(status)
    assert session.document == document
