"""The library over the grid, worked with the mouse and with the keyboard; what it does is on the disk."""

from __future__ import annotations

import itertools
from contextlib import closing
from pathlib import Path

import numpy as np
import pygame
import pytest

from explorer.elements.text_field import TextField
from explorer.library.favourites import Library
from explorer.panels.library_view import LibraryView
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, Driver
from tests.explorer.app.test_window import cut_off

SIZES = ((1440, 900), (1000, 900), (900, 600))


def message(driver: Driver) -> str:
    notice = driver.app.window.notices.current
    return notice.text if notice else ""


def opened(driver: Driver, kept: int = 4) -> LibraryView:
    """The library with so many favourites."""
    for tile in range(kept):
        driver.click(driver.tile(tile))
    driver.key(pygame.K_l, "l")
    driver.frames()
    view = driver.app.window.library
    assert view is not None
    return view


def ids(view: LibraryView) -> list[int]:
    return [card.card_id for card in view.cards.cards]


def retype(driver: Driver, field: TextField, text: str) -> None:
    """In place of what is there."""
    driver.click(field)
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.write(text)
    driver.key(pygame.K_RETURN, "\r")


def others_of(pixels: np.ndarray, pictures: list[np.ndarray]) -> list[np.ndarray]:
    return [other for other in pictures if other is not pixels]


def on_disk(data_folder: Path) -> list[tuple]:
    with closing(Library(data_folder)) as library:
        return [(f.favourite_id, f.name, f.rating, f.tags) for f in library.shelf().favourites]


def test_names_tags_stars_and_collections_are_typed_and_found(driver: Driver, data_folder: Path) -> None:
    view = opened(driver)
    first, second, third, _ = ids(view)
    driver.click(view.cards.centre(first))
    retype(driver, view.inspector.fields["Name"], "Nice one")
    retype(driver, view.inspector.fields["Tags"], "Sea, blue")
    retype(driver, view.inspector.fields["Collections"], "Best, Other")
    driver.click(view.inspector.stars.centre(4))
    driver.click(view.cards.centre(third))
    driver.key(pygame.K_2, "2")
    assert on_disk(data_folder)[:3] == [
        (first, "Nice one", 4, ("blue", "sea")),
        (second, "", 0, ()),
        (third, "", 2, ()),
    ]
    assert [entry.label for entry in view.rail.entries] == ["Favourites", "Best", "Other"]

    driver.click(view.search)
    driver.write("nice")
    assert ids(view) == [first]
    driver.key(pygame.K_ESCAPE)
    assert len(ids(view)) == 4
    driver.click(view.stars.centre(2))
    assert ids(view) == [first, third]
    driver.click(view.stars.centre(3))
    assert ids(view) == [first]
    driver.click(view.stars.centre(3))
    best = view.rail.entries[1].entry_id
    driver.click(view.rail.centre(best))
    assert ids(view) == [first]
    retype(driver, view.collection_name, "Very best")
    assert view.rail.entries[2].label == "Very best"
    driver.click(view.cards.centre(first))
    retype(driver, view.inspector.fields["Collections"], "Other")
    assert ids(view) == []


def test_names_tags_and_ratings_can_be_taken_back_and_made_again(driver: Driver, data_folder: Path) -> None:
    view = opened(driver)
    first, second, *_ = ids(view)
    document = driver.app.session.document
    states = [on_disk(data_folder)]
    driver.click(view.cards.centre(first))
    retype(driver, view.inspector.fields["Name"], "Nice one")
    states.append(on_disk(data_folder))
    retype(driver, view.inspector.fields["Tags"], "sea, blue")
    states.append(on_disk(data_folder))
    driver.click(view.cards.centre(first))
    driver.key(pygame.K_RIGHT, mod=pygame.KMOD_LSHIFT)
    assert view.cards.chosen == (first, second)
    retype(driver, view.inspector.fields["Tags"], "sea, sky")
    states.append(on_disk(data_folder))
    driver.click(view.cards.centre(second))
    driver.key(pygame.K_3, "3")
    states.append(on_disk(data_folder))
    assert all(before != after for before, after in itertools.pairwise(states))
    for state in reversed(states[:-1]):
        driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
        assert on_disk(data_folder) == state
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)  # once more: there is nothing, and a message says so
    assert on_disk(data_folder) == states[0]
    for state in states[1:]:
        driver.key(pygame.K_y, mod=pygame.KMOD_LCTRL)
        assert on_disk(data_folder) == state
    assert driver.app.session.document == document


def test_the_keyboard_does_it_all(driver: Driver, data_folder: Path) -> None:
    view = opened(driver)
    first, second, third, fourth = ids(view)
    look = driver.app.favourites.shelf.favourite(second).look
    driver.key(pygame.K_RIGHT)
    driver.key(pygame.K_RIGHT)
    assert view.cards.chosen == (second,)
    driver.key(pygame.K_RIGHT, mod=pygame.KMOD_SHIFT)
    assert view.cards.chosen == (second, third)
    driver.key(pygame.K_3, "3")
    assert [entry[2] for entry in on_disk(data_folder)] == [0, 3, 3, 0]
    driver.key(pygame.K_END)
    driver.key(pygame.K_DELETE)
    assert ids(view) == [first, second, third]
    driver.click(driver.app.window.notices.action_button)
    assert ids(view) == [first, second, third, fourth]
    driver.key(pygame.K_ESCAPE)  # the message
    driver.app.window.manager.set_focus_set(view.cards)
    driver.key(pygame.K_HOME)
    driver.key(pygame.K_RIGHT)
    driver.key(pygame.K_RETURN, "\r")
    driver.settle()
    assert driver.app.session.look_of(0) == look
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_ESCAPE)
    assert driver.app.window.library is None
    driver.key(pygame.K_l, "l")
    driver.key(pygame.K_l, "l")
    assert driver.app.window.library is None


def test_dragging_reorders_and_fills_collections(launch: Launch) -> None:
    driver = launch(size=(1440, 900))
    driver.settle()
    view = opened(driver)
    first, second, third, fourth = ids(view)
    x, y = view.cards.centre(second)
    driver.drag(view.cards.centre(fourth), (x - 40, y))
    assert ids(view) == [first, fourth, second, third]
    assert driver.app.window.strip.ids == (first, fourth, second, third)
    x, y = view.cards.centre(third)
    driver.drag(view.cards.centre(first), (x + 200, y))
    assert ids(view) == [fourth, second, third, first]
    driver.click(view.cards.centre(second))
    retype(driver, view.inspector.fields["Collections"], "Best")
    best = view.rail.entries[1].entry_id
    driver.drag(view.cards.centre(first), view.rail.centre(best))
    assert driver.app.favourites.shelf.collections[0].members == (second, first)
    assert ids(view) == [fourth, second, third, first]
    driver.click(view.rail.centre(best))
    x, y = view.cards.centre(second)
    driver.drag(view.cards.centre(first), (x - 40, y))
    assert ids(view) == [first, second]
    driver.click(view.collection_button)
    assert driver.app.favourites.shelf.collections == ()
    driver.click(driver.app.window.notices.action_button)
    assert driver.app.favourites.shelf.collections[0].members == (first, second)


def test_two_are_compared_side_by_side(launch: Launch) -> None:
    driver = launch(size=(1440, 900))
    driver.settle()
    view = opened(driver)
    first, _, third, _ = ids(view)
    pictures = [driver.app.session.results[tile].pixels for tile in (0, 2)]
    driver.click(view.cards.centre(first))
    driver.key(pygame.K_v, "v")
    assert not view.comparison.visible  # it takes two
    driver.app.window.manager.set_focus_set(view.cards)
    driver.key(pygame.K_RIGHT, mod=pygame.KMOD_SHIFT)
    driver.key(pygame.K_RIGHT, mod=pygame.KMOD_SHIFT)
    view.cards.selection.toggle(ids(view)[1])  # a click with Ctrl held, which cannot be posted
    driver.key(pygame.K_v, "v")
    driver.frames(8)
    assert view.comparison.visible
    assert [side[0] for side in view.comparison.sides] == [first, third]
    for place, pixels in zip(view.comparison.places(), pictures, strict=True):
        shown = driver.app.window.surface.subsurface(place.move(view.comparison.rect.topleft))
        small = pygame.transform.smoothscale(shown, (64, 64))
        picture = pygame.surfarray.array3d(small).swapaxes(0, 1).astype(int)
        own, others = (np.abs(picture - pixels).mean() for pixels in (pixels, *others_of(pixels, pictures)))
        assert own < others / 2
    driver.key(pygame.K_ESCAPE)
    assert not view.comparison.visible
    assert driver.app.window.library is view


def test_favourites_of_all_models_are_seen_and_their_model_is_offered(driver: Driver) -> None:
    view = opened(driver, 2)
    look = driver.app.favourites.shelf.favourites[1].look
    driver.post(pygame.DROPFILE, file=str(FIXTURES / "ada_grey_32.pkl"))
    driver.pump(lambda: driver.app.session.model.img_resolution == 32, "the other model")
    driver.settle()
    assert ids(view) == []
    driver.click(view.scope.buttons[False])
    assert len(ids(view)) == 2
    assert {card.detail for card in view.cards.cards} == {"ada_uncond_64.pkl"}
    driver.click(view.cards.centre(ids(view)[1]))
    driver.key(pygame.K_RETURN, "\r")
    assert "made with another model, ada_uncond_64.pkl" in message(driver)
    driver.click(driver.app.window.notices.action_button)
    driver.pump(lambda: driver.app.session.model.img_resolution == 64, "its model")
    driver.settle()
    assert driver.app.session.look_of(0) == look


def test_favourites_travel_in_one_file(launch: Launch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = launch()
    driver.settle()
    view = opened(driver, 3)
    driver.click(view.cards.centre(ids(view)[0]))
    retype(driver, view.inspector.fields["Name"], "Given away")
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.click(view.export_button)
    dialog = driver.app.window.dialog
    driver.click(dialog.path_field)
    driver.key(pygame.K_a, mod=pygame.KMOD_LCTRL)
    driver.write(str(tmp_path / "gift.zip"))
    driver.click(dialog.accept_button)
    driver.pump((tmp_path / "gift.zip").exists, "the file")
    driver.frames()
    looks = driver.app.favourites.looks
    driver.app.close()

    monkeypatch.setenv("STYLEGAN_EXPLORER_DATA", str(tmp_path / "another person"))
    other = launch()
    other.settle()
    assert other.app.favourites.looks == ()
    other.post(pygame.DROPFILE, file=str(tmp_path / "gift.zip"))
    assert set(other.app.favourites.looks) <= set(looks)
    assert len(other.app.favourites.looks) in (1, 3)
    assert other.app.favourites.shelf.favourites[0].name == "Given away"
    assert "taken in" in message(other)
    (tmp_path / "bad.zip").write_bytes(b"no zip")
    other.post(pygame.DROPFILE, file=str(tmp_path / "bad.zip"))
    assert "bad.zip is no library" in message(other)
    assert "bug" not in message(other)


@pytest.mark.parametrize("size", SIZES)
def test_the_library_fits_and_cuts_no_text(launch: Launch, size: tuple[int, int]) -> None:
    driver = launch(size=size)
    driver.settle()
    view = opened(driver)
    driver.click(view.cards.centre(ids(view)[0]))
    retype(driver, view.inspector.fields["Tags"], "blue, sea")
    retype(driver, view.inspector.fields["Collections"], "Best")
    assert cut_off(driver) == []
    ground = view.ground.rect
    assert ground.right == size[0]
    parts = (
        view.cards,
        view.rail,
        view.search,
        view.export_button,
        view.close_button,
        view.inspector.buttons["Let go"],
    )
    assert all(ground.contains(part.rect) for part in parts)
    assert not view.stars.rect.colliderect(view.import_button.rect)
    driver.post(pygame.VIDEORESIZE, size=(950, 650), w=950, h=650)
    assert driver.app.window.library.ground.rect.right == 950
