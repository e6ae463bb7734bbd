"""A larger scale: all is drawn in the display's pixels, lies where it lies at scale 1, and is hit where it is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest
from pygame_gui.elements import UIButton, UITextEntryLine

from explorer.app.options import MIN_SIZE
from explorer.library.settings import Settings, write_settings
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver, centre
from tests.explorer.app.test_goldens import flat_picture
from tests.explorer.app.test_window import unfold_everything

AtScale = Callable[..., Driver]


@pytest.fixture
def at_scale(launch: Launch, data_folder: Path) -> AtScale:
    """Starts an application in which events, as everything in a test, are in points."""

    def start(scale: float, size: tuple[int, int] = (900, 600)) -> Driver:
        write_settings(data_folder, Settings(scale=scale))
        driver = launch(size=(round(size[0] * scale), round(size[1] * scale)), new=True)
        driver.scale = scale
        driver.settle()
        return driver

    return start


def seen(driver: Driver) -> np.ndarray:
    """float32 [width, height]: the whole window in grey, in pixels."""
    return pygame.surfarray.array3d(driver.app.window.surface).mean(axis=2, dtype=np.float32)


def rest(driver: Driver) -> None:
    driver.move((2, 2))
    for _ in range(30):
        driver.app.happenings.seconds_per_picture = 0.0
        driver.app.step(0.016)


def views(driver: Driver) -> Iterator[str]:
    """One view after the other, each at rest."""
    commands, window = driver.app.commands, driver.app.window
    rest(driver)
    yield "window"
    unfold_everything(driver)
    rest(driver)
    yield "panels"
    for toggle in (commands.show_help, commands.show_model, commands.toggle_library):
        toggle()
        rest(driver)
        yield toggle.__name__
        toggle()
    window.show_timeline(True)
    driver.app.timeline.studio.add(tuple(driver.app.session.look_of(tile) for tile in range(3)))
    driver.settle()
    rest(driver)
    yield "timeline"


def edges(picture: np.ndarray) -> float:
    """How steep its steepest edges are: of the differences between neighbours, the mean of the largest hundredth."""
    steps = np.sort(np.abs(np.diff(picture, axis=0)).ravel())
    return float(steps[-len(steps) // 100 :].mean())


def test_text_and_shapes_are_sharp_and_lie_where_they_lie_at_scale_1(
    at_scale: AtScale, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.worker.backend.TorchModel.render", flat_picture)
    driver = at_scale(1.0)
    once = {name: seen(driver) for name in views(driver)}
    driver.app.close()
    driver = at_scale(2.0)
    for name in views(driver):
        twice, before = seen(driver), once[name]
        assert twice.shape == (2 * before.shape[0], 2 * before.shape[1])
        averaged = twice.reshape(before.shape[0], 2, before.shape[1], 2).mean(axis=(1, 3))
        blurred = [blocks(picture, 12) for picture in (averaged, before)]
        assert np.abs(blurred[0] - blurred[1]).mean() < 1.5, name
        assert (np.abs(blurred[0] - blurred[1]) > 24).mean() < 0.002, name
        surface = pygame.surfarray.make_surface(np.repeat(before[:, :, None], 3, axis=2))
        magnified = pygame.transform.smoothscale(surface, twice.shape)
        magnified_once = pygame.surfarray.array3d(magnified).mean(axis=2, dtype=np.float32)
        assert edges(twice) > 1.5 * edges(magnified_once), name


def blocks(picture: np.ndarray, side: int) -> np.ndarray:
    """The means of squares: a letter that stands a pixel elsewhere makes no difference, one that is missing does."""
    width, height = (length // side * side for length in picture.shape)
    return picture[:width, :height].reshape(width // side, side, height // side, side).mean(axis=(1, 3))


def test_generated_pictures_have_the_display_s_pixels(at_scale: AtScale, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pattern of single pixels, as large as its tile, is seen pixel for pixel."""
    driver = at_scale(2.0)
    grid, scale = driver.app.window.grid, driver.app.window.screen.scale
    place = pygame.Rect(grid.geometry.place(0)).move(grid.rect.topleft)
    side = scale.place(place).width
    assert side == 2 * grid.geometry.side
    pattern = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    grid.show_picture(0, pattern)
    driver.move((2, 2))
    driver.frames()
    shown = pygame.surfarray.array3d(driver.app.window.surface.subsurface(scale.place(place)))
    inside = slice(60, -60)  # the heart and the name lie in the corners
    assert np.array_equal(shown.transpose(1, 0, 2)[inside, inside], pattern[inside, inside])


@pytest.mark.parametrize(
    ("size", "scale"), [((960, 600), 1.5), ((900, 600), 2.0), ((960, 600), 2.5), ((1000, 704), 1.375)]
)
def test_every_control_is_hit_at_its_first_and_last_pixel(
    at_scale: AtScale, size: tuple[int, int], scale: float
) -> None:
    driver = at_scale(scale, size)
    window = driver.app.window
    assert window.size == size
    driver.scale = 1.0  # from here on pixels
    buttons = [each for each in window.focus_ring.stops() if isinstance(each, UIButton) and can_be_hovered(each)]
    assert len(buttons) > 15
    for button in buttons:
        place = window.screen.scale.place(pygame.Rect(button.rect))
        middle = place.centery
        for x in (place.left, place.centerx, place.right - 1):
            driver.post(pygame.MOUSEMOTION, pos=(x, middle), rel=(0, 0), buttons=(0, 0, 0), touch=False)
            assert button.hovered, (button.text, x, place)
        driver.post(pygame.MOUSEMOTION, pos=(place.right, middle), rel=(0, 0), buttons=(0, 0, 0), touch=False)
        assert not button.hovered, (button.text, place)
    for tile in range(4):
        x, y = driver.tile(tile)
        driver.click((round(x * scale), round(y * scale)))
        assert driver.app.favourites.marked_tiles() == set(range(tile + 1))


def can_be_hovered(button: UIButton) -> bool:
    """Whether all of it is seen, nothing lies over it, and it is not lit already."""
    if "@header" in button.class_ids:  # Reset does
        return False
    inside = button.ui_container is None or button.ui_container.get_rect().contains(button.rect)
    return bool(inside and button.rect.bottom < 500 and button.can_hover())


def test_a_drag_goes_as_far_in_points_as_in_pixels(at_scale: AtScale) -> None:
    driver = at_scale(2.0)
    slider = driver.app.window.sidebar.truncation.psi.slider
    start = centre(slider.sliding_button)
    driver.drag(start, (start[0] - 40, start[1]))
    expected = 1.0 - 40 * 1.5 / slider.scrollable_width
    assert driver.app.session.document.truncation.psi == pytest.approx(expected, abs=0.03)
    assert driver.app.session.can_undo


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_a_click_in_a_text_meets_the_letter_that_is_seen_and_the_cursor_stands_there(
    at_scale: AtScale, scale: float
) -> None:
    driver = at_scale(scale)
    driver.app.commands.toggle_library()
    driver.frames()
    assert driver.app.window.library is not None
    field = driver.app.window.library.search
    driver.click(field)
    text = "a quick brown fox, jumping over lazy_dogs"
    driver.write(text)
    driver.frames()
    left = cursor_pixel(driver, field, 0)
    for index in range(0, len(text), 5):
        x = cursor_pixel(driver, field, index)
        assert x >= left
        after = cursor_pixel(driver, field, index + 1)
        driver.scale = 1.0
        driver.click((round(x + (after - x) * 0.2), round(centre(field)[1] * scale)))
        driver.scale = scale
        assert abs(field.edit_position - index) <= 1
        left = x


def cursor_pixel(driver: Driver, field: UITextEntryLine, index: int) -> int:
    """Where the cursor is seen before a letter."""
    field.select_range = [0, 0]
    field.edit_position, field.cursor_has_moved_recently = index, True
    driver.frames(1)
    field.cursor_on = True
    window = driver.app.window
    place = window.screen.scale.place(pygame.Rect(field.rect).inflate(-8, -8))
    colour = window.screen.accent
    for _ in range(200):
        driver.frames(1)
        shown = pygame.surfarray.array3d(window.surface.subsurface(place))
        columns = (shown == np.array(colour[:3])).all(axis=2).mean(axis=1)
        if columns.max() > 0.4:
            return place.left + int(columns.argmax())
    raise AssertionError("no cursor is seen")


def test_a_change_of_scale_keeps_everything_but_the_scale(at_scale: AtScale) -> None:
    driver = at_scale(1.0, (1800, 1200))
    window = driver.app.window
    driver.click(driver.tile(1))
    driver.key(pygame.K_n)
    driver.settle()
    window.unfold(window.unfolded | {window.sidebar.window.title, window.sidebar.noise.title})
    driver.frames()
    document, unfolded = driver.app.session.document, window.unfolded
    window.sidebar.reveal(window.sidebar.window.scale.buttons[2.0])
    driver.frames()
    driver.click(window.sidebar.window.scale.buttons[2.0])
    driver.scale = 2.0
    driver.settle()
    window = driver.app.window
    assert window.screen.scale.factor == 2.0
    assert (window.size, window.surface.get_size()) == ((900, 600), (1800, 1200))
    assert driver.app.session.document == document
    assert window.unfolded == unfolded
    driver.key(pygame.K_z, "z", mod=pygame.KMOD_CTRL)
    assert driver.app.session.document != document
    driver.key(pygame.K_y, "y", mod=pygame.KMOD_CTRL)
    assert driver.app.session.document == document


def test_a_smaller_display_gets_as_much_of_the_scale_as_fits(at_scale: AtScale) -> None:
    driver = at_scale(2.0, (1000, 700))
    for size, factor in (((1800, 1200), 2.0), ((1440, 900), 1.5), (MIN_SIZE, 1.0), ((2700, 1800), 2.0)):
        driver.post(pygame.VIDEORESIZE, size=size, w=size[0], h=size[1])
        window = driver.app.window
        assert window.surface.get_size() == size
        assert window.screen.scale.factor == factor
        assert window.grid.image.get_size() == window.screen.scale.most(window.grid.rect.size)
        assert driver.app.snapshot().size == size
