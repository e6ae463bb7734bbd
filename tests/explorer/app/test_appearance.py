"""Theme and scale: switched while it runs, remembered, legible, and worked with the mouse at every size."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pygame
import pytest

from explorer.app.dialogs import HelpWindow
from explorer.app.input import shortcut_list
from explorer.app.theme import load_palette, load_theme
from explorer.elements.rounded_shapes import RoundedShapes
from explorer.library.folders import data_folder as folder_of_data
from explorer.library.settings import THEMES, Settings, read_settings, with_session, write_settings
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver
from tests.explorer.app.test_window import cut_off, luminance

STATES = ("normal", "hovered", "disabled", "selected", "active")
DRAWN = (
    *(("text", ground) for ground in ("canvas", "panel", "control", "raised", "accent_soft")),
    *(("muted", ground) for ground in ("canvas", "panel", "control", "accent_soft")),
    *(("accent", ground) for ground in ("canvas", "panel")),
)
"""What elements that draw themselves write, and on what."""


def contrast(text: str, ground: str) -> float:
    """WCAG 2."""
    dark, light = sorted((luminance(text), luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def named_pairs(theme: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(block and state, text, ground) for every text that the theme can put on a ground, inherited colours too."""
    usual = theme["defaults"]["colours"]
    pairs = []
    for name, block in theme.items():
        if "#sliding_button" in name:  # a handle says nothing
            continue
        own = {**usual, **block.get("colours", {})}
        for state in STATES:
            pairs.append((f"{name} {state}", own[f"{state}_text"], own[f"{state}_bg"]))
        ground = own["dark_bg"] if len(own["dark_bg"]) == 7 else usual["dark_bg"]  # "clear" shows the panel below
        pairs.append((f"{name} link", own["link_text"], ground))
        if name != "@primary":  # a button has no box
            pairs.append((f"{name} text on its box", own["normal_text"], ground))
    return pairs


@pytest.mark.parametrize("name", THEMES)
def test_every_text_has_contrast_on_every_ground_that_the_theme_names(name: str) -> None:
    palette = load_palette(name)
    pairs = named_pairs(load_theme(name))
    pairs += [(f"drawn {text} on {ground}", palette[text], palette[ground]) for text, ground in DRAWN]
    assert len(pairs) > 100
    poor = [(where, round(contrast(text, ground), 2)) for where, text, ground in pairs if contrast(text, ground) < 4.5]
    assert poor == []
    assert set(load_palette("light")) == set(load_palette("dark"))


def test_the_theme_is_switched_and_remembered(launch: Launch, data_folder: Path) -> None:
    driver = launch()
    driver.settle()
    driver.click(driver.tile(1))
    panel = driver.app.window.sidebar.window
    panel.opened = True
    driver.frames()
    driver.app.window.sidebar.reveal(panel.theme.buttons["light"])
    driver.move((5, 5))
    driver.frames()
    document, pictures = driver.app.session.document, driver.pictures()
    driver.click(panel.theme.buttons["light"])
    driver.frames()
    light = pygame.Color(load_palette("light")["canvas"])
    x, y = driver.app.window.layout.grid.topleft
    assert driver.app.window.surface.get_at((x + 2, y + 2)) == light
    assert driver.app.window.sidebar.window.opened
    assert driver.app.session.document == document
    assert all(np.array_equal(a, b) for a, b in zip(pictures, driver.pictures(), strict=True))
    assert len(driver.app.window.strip.ids) == 1
    driver.click(driver.tile(2))
    assert driver.app.favourites.marked_tiles() == {1, 2}
    driver.pump(lambda: read_settings(data_folder).theme == "light", "the settings")
    driver.app.close()
    driver = launch()
    driver.frames()
    assert driver.app.window.surface.get_at((x + 2, y + 2)) == light


def test_the_scale_is_chosen_with_the_mouse(launch: Launch) -> None:
    driver = launch(size=(1800, 1200))
    driver.settle()
    panel = driver.app.window.sidebar.window
    panel.opened = True
    driver.frames()
    driver.app.window.sidebar.reveal(panel.scale.buttons[2.0])
    driver.move((5, 5))
    driver.frames()
    driver.click(panel.scale.buttons[2.0])
    driver.settle()
    assert driver.app.window.size == (900, 600)
    assert driver.app.window.surface.get_size() == (1800, 1200)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"theme": 7, "scale": "big", "sessions": 3}', '{"scale": 1e999}', '{"scale": NaN}']
)
def test_damaged_settings_are_the_usual_ones(tmp_path: Path, content: str) -> None:
    (tmp_path / "settings.json").write_text(content)
    assert read_settings(tmp_path) == Settings()


@pytest.mark.parametrize("scale", [None, 1.0, 1.5])
def test_settings_come_back(tmp_path: Path, scale: float | None) -> None:
    sessions = with_session((Path("a.json"), Path("b.json")), Path("b.json"))
    settings = Settings(theme="light", scale=scale, sessions=sessions)
    write_settings(tmp_path, settings)
    assert read_settings(tmp_path) == settings
    assert sessions == (Path("b.json"), Path("a.json"))


def test_the_driver_sees_no_text_cut_off_in_the_light(launch: Launch) -> None:
    write_settings(folder_of_data(), Settings(theme="light"))
    driver: Driver = launch(size=(900, 600))
    driver.settle()
    assert cut_off(driver) == []


@pytest.mark.parametrize("size", [(900, 600), (1440, 900)])
def test_every_shortcut_is_told_in_full(launch: Launch, size: tuple[int, int]) -> None:
    driver = launch(size=size)
    driver.key(ord("?"), "?")
    dialog = driver.app.window.dialog
    assert isinstance(dialog, HelpWindow)
    assert dialog.table.lines == shortcut_list()
    assert dialog.table.too_wide() == []
    assert dialog.get_container().get_abs_rect().contains(dialog.table.rect)
    last = dialog.table.image.subsurface((0, dialog.table.rect.height - 24, dialog.table.rect.width, 24))
    assert pygame.surfarray.array3d(last).std() > 5  # the last line is written there


def test_panels_are_built_over_several_turns_and_completely(launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explorer.panels.sidebar.BUILD_SECONDS", 0.0)
    driver = launch(size=(1440, 900))
    driver.settle()
    sidebar = driver.app.window.sidebar
    names = frozenset(panel.title for panel in sidebar.panels)
    driver.app.window.unfold(names)
    turns = 0
    while turns == 0 or sidebar.building:
        before = [panel for panel in sidebar.panels if panel.outdated]
        driver.app.step()
        assert len([panel for panel in sidebar.panels if panel.outdated]) < max(len(before), 1)
        assert sidebar.building == any(panel.outdated for panel in sidebar.panels)
        assert all(panel.container is None for panel in sidebar.panels if panel.outdated)  # nothing old to click on
        turns += 1
    assert turns > 1
    tops = [panel.container.relative_rect for panel in sidebar.panels if panel.container is not None]
    assert all(above.bottom == below.top for above, below in itertools.pairwise(tops))


def test_the_window_draws_its_rounded_shapes_from_tiles(launch: Launch) -> None:
    driver = launch()
    driver.frames()
    shapes = driver.app.window.manager.get_theme().shape_cache
    assert isinstance(shapes, RoundedShapes)
    assert shapes.tiles
