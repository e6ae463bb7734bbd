import numpy as np
import pygame
import pytest

from explorer.elements.pixels import quickly_scaled_to, scaled_to, surface_of
from explorer.elements.tile_pictures import REFINE_SECONDS, REFINED_AT_ONCE, REFINED_PIXELS, TilePictures

SIDE = 40


@pytest.fixture(autouse=True)
def _display(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()


def noise(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (16, 16, 3), dtype=np.uint8)


def array(surface):
    return pygame.surfarray.array3d(surface)


def test_a_picture_is_enlarged_quickly_and_then_well():
    pictures = TilePictures()
    pictures.put(2, noise())
    assert (array(pictures.scaled(2, SIDE)) == array(quickly_scaled_to(surface_of(noise()), SIDE))).all()
    assert pictures.pass_time(REFINE_SECONDS / 2) == []
    assert pictures.pass_time(REFINE_SECONDS / 2) == [2]
    assert pictures.pass_time(REFINE_SECONDS) == []
    assert (array(pictures.scaled(2, SIDE)) == array(scaled_to(surface_of(noise()), SIDE))).all()


def test_the_next_picture_begins_anew():
    pictures = TilePictures()
    pictures.put(0, noise())
    pictures.pass_time(REFINE_SECONDS * 0.9)
    pictures.put(0, noise(1))
    assert pictures.pass_time(REFINE_SECONDS * 0.9) == []
    assert (array(pictures.scaled(0, SIDE)) == array(quickly_scaled_to(surface_of(noise(1)), SIDE))).all()


def test_only_a_few_are_enlarged_in_a_frame():
    pictures = TilePictures()
    for tile in range(REFINED_AT_ONCE + 1):
        pictures.put(tile, noise(tile))
    assert len(pictures.pass_time(REFINE_SECONDS)) == REFINED_AT_ONCE
    assert pictures.pass_time(0.0) == [REFINED_AT_ONCE]


def test_another_size_is_enlarged_from_the_picture_as_it_came():
    pictures = TilePictures()
    pictures.put(0, noise())
    pictures.pass_time(REFINE_SECONDS)
    pictures.scaled(0, SIDE)
    assert (array(pictures.scaled(0, 60)) == array(quickly_scaled_to(surface_of(noise()), 60))).all()
    assert pictures.pass_time(REFINE_SECONDS) == [0]  # it may have got another size in every frame
    assert (array(pictures.scaled(0, 60)) == array(scaled_to(surface_of(noise()), 60))).all()
    assert (array(pictures.unscaled(0)) == noise().swapaxes(0, 1)).all()


def test_tiles_that_are_gone_have_no_pictures():
    pictures = TilePictures()
    for tile in range(3):
        pictures.put(tile, noise(tile))
    pictures.keep(range(2))
    assert [tile in pictures for tile in range(3)] == [True, True, False]
    assert pictures.pass_time(REFINE_SECONDS) == [0, 1]


def test_a_frame_enlarges_as_many_as_it_has_time_for():
    pictures = TilePictures()
    side = int(REFINED_PIXELS**0.5)
    for tile in range(3):
        pictures.put(tile, noise(tile))
        pictures.scaled(tile, side)
    assert [pictures.pass_time(seconds) for seconds in (REFINE_SECONDS, 0.0)] == [[0], [1]]
    assert pictures.refining
    assert pictures.pass_time(0.0) == [2]
    assert not pictures.refining
