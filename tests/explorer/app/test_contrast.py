"""What is written in the running window can be read: its colour against the pixels that it really lies on.

Whatever the window holds is measured, in both themes, over white pictures and over black ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest
from pygame_gui.core import UIElement
from pygame_gui.elements import UIButton, UILabel, UITextBox, UITextEntryLine, UITooltip

from explorer.app.continue_window import ContinueWindow
from explorer.app.notices import Notice
from explorer.elements.drawn import DrawnElement
from explorer.elements.image_grid import ImageGrid
from explorer.elements.pen import Anchor, Pen, Spot
from explorer.library.folders import data_folder as folder_of_data
from explorer.library.settings import Settings, write_settings
from explorer.runs.run_state import RunState
from tests.engine.video.test_sound import plucks, write_wav
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver
from tests.explorer.app.test_window import unfold_everything

TEXT = 4.5
SIGN = 3.0
"""what WCAG 2 asks of signs, which are larger than letters"""
Found = tuple[str, str, float]
"""(where, what, contrast)"""


def luminances(pixels: np.ndarray) -> np.ndarray:
    """Of RGB [..., 3], 0 to 255, as WCAG 2 defines them."""
    share = pixels.astype(float) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def contrasts(colour: pygame.Color, grounds: np.ndarray) -> np.ndarray:
    one, other = luminances(np.array(tuple(colour)[:3])), luminances(grounds)
    return np.asarray((np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05))


def colours_in(surface: pygame.Surface, place: pygame.Rect) -> tuple[np.ndarray, np.ndarray]:
    """(RGB [N, 3] of those that occur, how often)"""
    part = surface.subsurface(place.clip(surface.get_rect()))
    return np.unique(pygame.surfarray.array3d(part).reshape(-1, 3), axis=0, return_counts=True)


def test_the_measure_is_that_of_the_norm() -> None:
    grounds = np.array([[0, 0, 0], [255, 255, 255], [119, 119, 119]])
    measured = contrasts(pygame.Color("white"), grounds)
    assert measured == pytest.approx([21.0, 1.0, 4.48], abs=0.01)  # WCAG's own examples


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """Everything that elements write themselves, and how well it can be told from all that it covers."""
    found: list[Found] = []
    write = DrawnElement.write_at

    def measuring(self: DrawnElement, pen: Pen, text: str, colour: str, place: tuple[Anchor, Spot]) -> pygame.Rect:
        before = pen.surface.copy()
        where = write(self, pen, text, colour, place)
        pixels = pen.scale.place(where).clip(before.get_rect())
        if text and pixels.width and pixels.height:
            grounds, counts = colours_in(before, pixels)
            large = grounds[counts * 10 >= counts.sum()]  # a line that the text's box just touches is not its ground
            found.append((type(self).__name__, text, float(contrasts(self.colour(colour), large).min(initial=21.0))))
        return where

    monkeypatch.setattr(DrawnElement, "write_at", measuring)
    return found


def colour_of_text(element: UIElement) -> pygame.Color | None:
    """The one that it has in its present state."""
    theme, ids = element.ui_theme, element.combined_element_ids
    if isinstance(element, UIButton):
        state = "selected" if element.is_selected else "normal" if element.is_enabled else "disabled"
        return theme.get_colour(f"{state}_text", ids)
    if isinstance(element, UITextEntryLine):
        return theme.get_colour("normal_text" if element.is_enabled else "disabled_text", ids)
    if isinstance(element, UILabel | UITextBox):
        return theme.get_colour("normal_text", ids)
    return None


def in_the_library(driver: Driver) -> Iterator[Found]:
    """The texts of pygame_gui's elements that are seen now, on the ground that is commonest where they lie."""
    surface = driver.app.window.surface
    for element in driver.app.window.manager.get_sprite_group().sprites():
        text = getattr(element, "html_text", "") or getattr(element, "text", "")
        if not isinstance(element, UIElement) or not element.visible or not text:
            continue
        colour = colour_of_text(element)
        place = pygame.Rect(element.rect)
        if element.ui_container is not None:
            place = place.clip(element.ui_container.get_rect())
        place = place.clip(surface.get_rect())
        if colour is None or place.width < 8 or place.height < 8 or is_covered(driver, element, place):
            continue
        grounds, counts = colours_in(surface, place)
        ground = grounds[[counts.argmax()]]
        yield (
            type(element).__name__,
            f"{text[:40]} ({element.most_specific_combined_id})",
            float(contrasts(colour, ground)[0]),
        )


def is_covered(driver: Driver, element: UIElement, place: pygame.Rect) -> bool:
    """Whether a dialog or a message lies over it."""
    sprites = driver.app.window.manager.get_sprite_group().sprites()
    above = (each for each in sprites if each.visible and each.layer > element.layer + 1)
    return any(each.rect.colliderect(place) and not is_around(each, element) for each in above)


def is_around(other: UIElement, element: UIElement) -> bool:
    """Whether it is a part of the other."""
    return bool(element.element_ids[: len(other.element_ids)] == other.element_ids)


def views(driver: Driver, tmp_path: Path) -> Iterator[str]:
    """Everything that the window can show."""
    app, window = driver.app, driver.app.window
    unfold_everything(driver)
    for panel in window.sidebar.panels:
        if panel.container is not None:
            window.sidebar.reveal(panel.header)
            driver.frames(3)
            yield f"the panel {panel.title}"
    slider = window.sidebar.truncation.psi.slider
    window.sidebar.reveal(slider)
    driver.frames(2)
    driver.move(slider.rect.center)
    sprites = window.manager.get_sprite_group().sprites
    driver.pump(lambda: any(isinstance(each, UITooltip) for each in sprites()), "a tooltip")
    yield "a tooltip"
    window.sidebar.unfold(frozenset())
    for tile in range(4):
        driver.click(driver.tile(tile))
    driver.move(driver.tile(0))
    yield "the mouse over a picture"
    driver.key(pygame.K_p, "p")
    driver.pump(lambda: window.film.complete, "the strip")
    yield "pictures along psi"
    driver.key(pygame.K_p, "p")
    driver.key(pygame.K_t, "t")
    app.timeline.studio.add(tuple(app.session.look_of(tile) for tile in range(3)))
    app.timeline.sounds.open(write_wav(tmp_path / "song.wav", plucks((0.5, 1.0, 1.5), seconds=2.0)))
    driver.pump(lambda: not app.timeline.sounds.busy, "the sound")
    driver.settle()
    yield "the timeline"
    driver.click(window.timeline.view.export_button)
    driver.frames()
    yield "the export"
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_t, "t")
    for key, name in ((pygame.K_F1, "?"), (pygame.K_i, "i"), (pygame.K_m, "m"), (pygame.K_r, "r"), (pygame.K_o, "o")):
        driver.key(key, name)
        driver.frames()
        yield f"the dialog of {name}"
        driver.key(pygame.K_ESCAPE)
        if window.has_dialog:
            driver.key(pygame.K_ESCAPE)
    run = RunState(folder=tmp_path, kimg=1.0, seconds=60.0)
    window.open_dialog(ContinueWindow(run, window.manager, lambda _plan: None))
    yield "continuing"
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_l, "l")
    driver.frames()
    driver.click(window.library.cards.centre(window.library.cards.cards[0].card_id))
    driver.frames()
    yield "the library"
    driver.key(pygame.K_l, "l")
    window.notices.show(Notice(text="Something that is told.", action_label="Undo", action=lambda: None))
    yield "a message"


@pytest.mark.parametrize(("theme", "brightness"), [("dark", 255), ("light", 0)])
def test_everything_that_is_written_can_be_read(
    launch: Launch, tmp_path: Path, theme: str, brightness: int, drawn: list[Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    def flat(_model: object, _look: object, _tile: int, resolution: int) -> np.ndarray:
        return np.full((resolution, resolution, 3), brightness, dtype=np.uint8)

    monkeypatch.setattr("explorer.worker.backend.TorchModel.render", flat)
    write_settings(folder_of_data(), Settings(theme=theme))
    driver = launch(size=(1280, 800))
    driver.settle()
    poor: set[tuple[str, str, str, float]] = set()
    seen = 0
    for view in views(driver, tmp_path):
        driver.frames(3)
        written = list(in_the_library(driver))
        seen += len(written)
        poor |= {(view, *each[:2], round(each[2], 2)) for each in written if each[2] < TEXT}
    assert seen > 300
    assert {name for name, *_ in drawn} > {
        "ImageGrid",
        "HistoryStrip",
        "FileList",
        "TextTable",
        "CardGrid",
        "FilmStrip",
    }
    poor |= {("drawn", *each[:2], round(each[2], 2)) for each in drawn if each[2] < TEXT}
    assert sorted(poor) == []


@pytest.mark.parametrize("brightness", [0, 255])
def test_a_heart_is_seen_on_every_picture(launch: Launch, brightness: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def flat(_model: object, _look: object, _tile: int, resolution: int) -> np.ndarray:
        return np.full((resolution, resolution, 3), brightness, dtype=np.uint8)

    monkeypatch.setattr("explorer.worker.backend.TorchModel.render", flat)
    driver = launch()
    driver.settle()
    driver.click(driver.tile(1))
    driver.move((5, 5))
    driver.frames(3)
    grid: ImageGrid = driver.app.window.grid
    place = pygame.Rect(grid.geometry.place(1)).move(grid.rect.topleft)
    corner = pygame.Rect(place.right - 40, place.top, 40, 40)
    heart = grid.colour("heart")
    grounds, counts = colours_in(driver.app.window.surface, corner)
    assert any(tuple(ground) == tuple(heart)[:3] for ground in grounds)
    middle = driver.app.window.surface.get_at((place.right - 36 + 22 // 2 + 5, place.top + 6))  # the disc above it
    assert contrasts(heart, np.array([tuple(middle)[:3]]))[0] > SIGN
    assert counts.sum() == 1600
