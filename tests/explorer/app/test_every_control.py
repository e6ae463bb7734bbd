"""Every slider and every number of every panel: tooltip, wheel, arrow keys, a typed value, a double click that resets.

What is walked through is what the window holds, so that a control that is added tomorrow is tried, too.
"""

from __future__ import annotations

import pygame
import pytest
from pygame_gui.core import UIElement

from explorer.elements.name_label import NameLabel
from explorer.elements.number_entry import NumberEntry
from explorer.elements.value_slider import ValueSlider
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, Driver, centre

SLOW_HAND_SECONDS = 60.0
MODELS = ("ada_uncond_64.pkl", "ada_cond_64.pkl")


@pytest.fixture
def unfolded(launch: Launch, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """All panels open but for rows of their kind: each layer's, made as its group's is, and the weights of classes.

    Those are shares, so that a lone class always has 1.
    """
    monkeypatch.setattr("explorer.elements.nudges.SCROLL_SECONDS", 0.0)
    driver = launch(FIXTURES / request.param, grid=(1, 1), size=(1000, 1000))
    driver.settle()
    sidebar = driver.app.window.sidebar
    for panel in sidebar.panels:
        panel.opened = True
    sidebar.mixing.shows_sources = True
    driver.frames()
    driver.app.window.manager.mouse_double_click_time = SLOW_HAND_SECONDS
    return driver


def controls(driver: Driver, kind: type[UIElement]) -> list[UIElement]:
    """Those of the sidebar that can be used now, top to bottom."""
    content = driver.app.window.sidebar.scroller.scrollable_container
    found = [
        element
        for element in driver.app.window.manager.get_sprite_group().sprites()
        if isinstance(element, kind) and element.is_enabled and content.rect.contains(element.rect)
    ]
    return sorted(found, key=lambda element: (element.rect.y, element.rect.x))


def away(value: float, low: float, high: float) -> int:
    """The direction in which there is more room."""
    return 1 if high - value >= value - low else -1


def wheel(driver: Driver, element: UIElement, notches: int) -> None:
    driver.move((5, 5))
    driver.move(centre(element))
    driver.post(pygame.MOUSEWHEEL, x=0, y=notches, flipped=False, precise_x=0.0, precise_y=float(notches))


def reveal(driver: Driver, element: UIElement) -> None:
    driver.app.window.sidebar.reveal(element)
    driver.frames(2)


@pytest.mark.parametrize("unfolded", MODELS, indirect=True)
def test_every_slider(unfolded: Driver) -> None:
    sliders = controls(unfolded, ValueSlider)
    assert len(sliders) > 5
    for index in range(len(sliders)):
        slider = controls(unfolded, ValueSlider)[index]
        assert isinstance(slider, ValueSlider)
        reveal(unfolded, slider)
        name, values, start = slider.name, slider.values, slider.value
        assert slider.tool_tip_text, name
        assert slider.sliding_button.tool_tip_text, name
        direction = away(start, values.low, values.high)
        wheel(unfolded, slider, direction)
        assert slider.value == pytest.approx(start + direction * values.step), f"the wheel over {name}"
        unfolded.click(centre(slider.sliding_button))
        before = slider.value
        unfolded.key(pygame.K_RIGHT if direction > 0 else pygame.K_LEFT)
        assert slider.value == pytest.approx(before + direction * values.step), f"an arrow key for {name}"
        unfolded.click(centre(slider.sliding_button))
        unfolded.click(centre(slider.sliding_button))
        assert slider.value == pytest.approx(values.default), f"a double click on {name}"
        unfolded.key(pygame.K_ESCAPE)


@pytest.mark.parametrize("unfolded", MODELS, indirect=True)
def test_every_number(unfolded: Driver) -> None:
    entries = controls(unfolded, NumberEntry)
    assert len(entries) > 6
    for index in range(len(entries)):
        entry = controls(unfolded, NumberEntry)[index]
        assert isinstance(entry, NumberEntry)
        reveal(unfolded, entry)
        form, start = entry._format, entry._value
        name = f"{entry.tool_tip_text} ({entry.text})"
        assert entry.tool_tip_text, name
        direction = away(start, form.low, form.high)
        wheel(unfolded, entry, direction)
        assert entry._value == pytest.approx(start + direction * form.step), f"the wheel over {name}"
        typed = form.within(start + 3 * direction * form.step)
        unfolded.type_into(entry, form.write(typed))
        unfolded.frames()
        assert entry._value == pytest.approx(typed), f"a number typed into {name}"
        direction = away(typed, form.low, form.high)
        unfolded.click(entry)
        unfolded.key(pygame.K_UP if direction > 0 else pygame.K_DOWN)
        assert entry._value == pytest.approx(typed + direction * form.step), f"an arrow key in {name}"
        unfolded.key(pygame.K_ESCAPE)


@pytest.mark.parametrize("unfolded", MODELS, indirect=True)
def test_every_name_resets(unfolded: Driver) -> None:
    """A double click on the name puts right what was typed beside it."""
    names = controls(unfolded, NameLabel)
    assert len(names) > 6
    for index in range(len(names)):
        label = controls(unfolded, NameLabel)[index]
        reveal(unfolded, label)
        entry = next(e for e in controls(unfolded, NumberEntry) if abs(e.rect.centery - label.rect.centery) < 4)
        assert isinstance(entry, NumberEntry)
        unfolded.click(label)
        unfolded.click(label)
        unfolded.frames()
        default, step = entry._value, entry._format.step
        other = entry._format.within(default + 2 * step)
        other = other if other != default else default - 2 * step
        unfolded.type_into(entry, entry._format.write(other))
        unfolded.frames()
        assert entry._value == pytest.approx(other), label.text
        unfolded.click(label)
        unfolded.click(label)
        unfolded.frames()
        assert entry._value == pytest.approx(default), label.text
