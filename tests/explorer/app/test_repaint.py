"""Whatever happened: what was drawn in parts is what one drawing of everything gives."""

from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from explorer.app.input import combined_motions
from explorer.app.options import AppOptions
from explorer.app.repaint import MOST_PARTS, Repaint
from tests.explorer.app.driver import MODEL, Driver

WINDOW = (400, 300)


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SDL_VIDEODRIVER", "dummy")
        patch.setenv("STYLEGAN_EXPLORER_DATA", str(tmp_path_factory.mktemp("data")))
        driver = Driver(AppOptions(model=MODEL, grid=(2, 3), device="cpu", new=True))
        driver.settle()
        yield driver
        driver.app.close()


def in_parts_and_as_a_whole(driver):
    """The window as it stands there, and drawn anew."""
    window = driver.app.window
    seen = pygame.surfarray.array3d(window.surface)
    window.screen.expose()
    window.grid.repaint()
    window.draw()
    return seen, pygame.surfarray.array3d(window.surface)


def assert_drawn_well(driver):
    seen, whole = in_parts_and_as_a_whole(driver)
    assert np.argwhere((seen != whole).any(axis=2)).tolist()[:5] == []


def drag_psi(driver):
    x, y = driver.app.window.sidebar.truncation.psi.slider.sliding_button.rect.center
    driver.drag((int(x), int(y)), (int(x) - 40, int(y)))


def drag_and_look_at_once(driver):
    x, y = driver.tile(1)
    driver.press((x, y))
    driver.move((x + 60, y + 20))
    assert_drawn_well(driver)
    driver.release((x + 60, y + 20))


def hover_tiles(driver):
    for tile in (0, 1, 4):
        driver.move(driver.tile(tile))


def keep_and_select(driver):
    driver.click(driver.tile(0))
    driver.click(driver.tile(2), pygame.BUTTON_RIGHT)
    driver.settle()


def fold(driver):
    driver.click(driver.app.window.sidebar.seeds.header)
    driver.click(driver.app.window.sidebar.arrange.header)


def scroll(driver):
    driver.move((100, 600))
    driver.post(pygame.MOUSEWHEEL, x=0, y=-3, flipped=False, touch=False)
    driver.frames(4)


def show_help(driver):
    driver.key(pygame.K_QUESTION, "?")
    driver.frames(4)
    assert_drawn_well(driver)
    driver.key(pygame.K_ESCAPE)


def walk_with_tab(driver):
    for _ in range(3):
        driver.key(pygame.K_TAB, "\t")


def show_library(driver):
    driver.key(pygame.K_l, "l")
    assert_drawn_well(driver)
    driver.key(pygame.K_l, "l")


def zoom(driver):
    driver.move(driver.tile(3))
    driver.key(pygame.K_z, "z")
    assert_drawn_well(driver)
    driver.key(pygame.K_z, "z")


def another_grid(driver):
    driver.key(pygame.K_3, "3")
    driver.settle()


def new_seeds(driver):
    driver.key(pygame.K_n, "n")
    driver.settle()


def resize(driver):
    driver.post(pygame.VIDEORESIZE, w=1200, h=800, size=(1200, 800))
    driver.frames(4)


@pytest.mark.parametrize(
    "act",
    [
        drag_psi,
        drag_and_look_at_once,
        hover_tiles,
        keep_and_select,
        fold,
        scroll,
        show_help,
        walk_with_tab,
        show_library,
        zoom,
        another_grid,
        new_seeds,
        resize,
    ],
)
def test_in_parts_as_in_one(driver, act):
    act(driver)
    assert_drawn_well(driver)


def test_a_slider_costs_no_picture_of_the_grid(driver, monkeypatch):
    """The handle moves; the grid, whose pictures have not come, is not drawn."""
    driver.settle()
    driver.frames(80)  # tooltips and hovering have come to rest
    drawn = []
    monkeypatch.setattr(pygame.display, "update", drawn.extend)
    driver.app.window.sidebar.truncation.psi.slider.set_current_value(0.3)
    driver.app.window.update(0.01)
    driver.app.window.draw()
    assert drawn
    assert not any(part.colliderect(driver.app.window.layout.grid) for part in drawn)


def element(picture, left=0, top=0):
    width, height = picture.get_size()
    return SimpleNamespace(
        image=picture,
        rect=pygame.Rect(left, top, width, height),
        blendmode=0,
        get_image_clipping_rect=lambda: None,
    )


@pytest.fixture
def two():
    pygame.display.init()
    return element(pygame.Surface((20, 10)), 5, 5), element(pygame.Surface((30, 30)), 100, 100)


def drawn_once(*elements):
    repaint = Repaint()
    assert repaint.parts(elements, None, WINDOW) == [pygame.Rect((0, 0), WINDOW)]
    return repaint


def test_nothing_is_drawn_twice(two):
    assert drawn_once(*two).parts(two, None, WINDOW) == []


def test_what_moves_is_drawn_where_it_was_and_where_it_is(two):
    repaint = drawn_once(*two)
    two[0].rect = pygame.Rect(50, 5, 20, 10)
    assert sorted(repaint.parts(two, None, WINDOW)) == [pygame.Rect(5, 5, 20, 10), pygame.Rect(50, 5, 20, 10)]


def test_another_picture_in_the_same_place(two):
    repaint = drawn_once(*two)
    two[1].image = pygame.Surface((30, 30))
    assert repaint.parts(two, None, WINDOW) == [two[1].rect]


def test_what_goes_uncovers_what_it_lay_on(two):
    assert drawn_once(*two).parts(two[:1], None, WINDOW) == [two[1].rect]


def test_what_comes_to_the_front_is_drawn(two):
    two[1].rect = pygame.Rect(10, 8, 30, 30)
    repaint = drawn_once(*two)
    assert repaint.parts(two[::-1], None, WINDOW) == [two[0].rect.union(two[1].rect)]


def test_an_outline_comes_and_goes(two):
    repaint, outline = drawn_once(*two), pygame.Rect(200, 200, 9, 9)
    assert repaint.parts(two, outline, WINDOW) == [outline]
    assert repaint.parts(two, outline, WINDOW) == []
    assert repaint.parts(two, None, WINDOW) == [outline]


def test_what_lies_outside_of_the_window_is_not_drawn(two):
    repaint = drawn_once(*two)
    two[0].rect = pygame.Rect(-100, 5, 20, 10)
    assert repaint.parts(two, None, WINDOW) == [pygame.Rect(5, 5, 20, 10)]


def test_another_size_or_a_display_that_forgot_is_drawn_wholly(two):
    repaint = drawn_once(*two)
    assert repaint.parts(two, None, (300, 300)) == [pygame.Rect(0, 0, 300, 300)]
    repaint.forget()
    assert repaint.parts(two, None, (300, 300)) == [pygame.Rect(0, 0, 300, 300)]


def test_very_many_parts_become_one():
    many = [element(pygame.Surface((2, 2)), 10 * i, 0) for i in range(MOST_PARTS + 1)]
    repaint = drawn_once(*many)
    for each in many:
        each.image = pygame.Surface((2, 2))
    assert repaint.parts(many, None, WINDOW) == [pygame.Rect(0, 0, 10 * MOST_PARTS + 2, 2)]


def motion(x, rel):
    return pygame.event.Event(pygame.MOUSEMOTION, pos=(x, 0), rel=(rel, 1), buttons=(1, 0, 0))


def test_movements_in_a_row_become_one():
    down = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(3, 0), button=1)
    combined = combined_motions([motion(1, 1), motion(3, 2), down, motion(4, 1)])
    assert [event.type for event in combined] == [pygame.MOUSEMOTION, pygame.MOUSEBUTTONDOWN, pygame.MOUSEMOTION]
    assert (combined[0].pos, combined[0].rel, combined[2].rel) == ((3, 0), (3, 2), (1, 1))
