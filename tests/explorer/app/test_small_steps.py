"""Wheel, arrow keys, double clicks and tooltips: every slider and number has all of them."""

from __future__ import annotations

import time

import pygame
import pytest
from pygame_gui.core import UIElement
from pygame_gui.elements import UIButton, UIHorizontalSlider, UITextEntryLine

from explorer.elements.nudges import SCROLL_SECONDS, Nudges, WheelGuard
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, Driver, centre
from tests.explorer.app.test_window import unfold_everything


def wheel(driver: Driver, element: UIElement, notches: int) -> None:
    driver.move(centre(element))
    rested = time.monotonic() + SCROLL_SECONDS
    driver.pump(lambda: time.monotonic() > rested, "no more scrolling")
    driver.move(centre(element))
    for _ in range(abs(notches)):
        driver.post(pygame.MOUSEWHEEL, x=0, y=1 if notches > 0 else -1, flipped=False, precise_x=0.0, precise_y=0.0)


def wait_for_the_gesture(driver: Driver) -> None:
    """Until steps that follow are another gesture."""
    elements = driver.app.window.manager.get_sprite_group().sprites()
    nudges = [element._nudges for element in elements if hasattr(element, "_nudges")]
    driver.pump(lambda: not any(nudge.pending for nudge in nudges), "the end of the gesture")


def test_the_wheel_goes_by_fine_steps_that_are_one_step_of_undo(driver: Driver) -> None:
    row = driver.app.window.sidebar.truncation.psi
    wheel(driver, row.slider, -3)
    assert driver.app.session.document.truncation.psi == pytest.approx(0.97)
    wait_for_the_gesture(driver)
    assert row.entry.text == "0.97"
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    driver.frames()
    assert driver.app.session.document.truncation.psi == 1.0
    assert not driver.app.session.can_undo
    assert row.entry.text == "1.00"
    wheel(driver, row.entry, 2)
    assert driver.app.session.document.truncation.psi == pytest.approx(1.02)
    driver.frames()
    assert row.slider.value == pytest.approx(1.02)


def test_what_follows_small_steps_is_a_step_of_its_own(driver: Driver) -> None:
    tiles = driver.app.session.document.tiles
    wheel(driver, driver.app.window.sidebar.truncation.psi.slider, -1)
    driver.key(pygame.K_n, "n")  # before the gesture of the wheel has come to rest
    wait_for_the_gesture(driver)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert driver.app.session.document.tiles == tiles
    assert driver.app.session.document.truncation.psi == pytest.approx(0.99)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    wait_for_the_gesture(driver)
    assert driver.app.session.document.truncation.psi == 1.0


def test_the_wheel_steps_through_seeds_and_on_below_zero(driver: Driver) -> None:
    first = driver.app.window.sidebar.seeds.first
    wheel(driver, first, 3)
    assert driver.app.session.document.seed_of(0) == 3
    wheel(driver, first, -5)
    assert driver.app.session.document.seed_of(0) == 2**32 - 2
    assert first.text == "−2"
    driver.type_into(first, "-7")
    assert driver.app.session.document.seed_of(0) == 2**32 - 7
    driver.type_into(first, "4294967295")
    assert first.text == "−1"
    wheel(driver, first, 1)
    assert driver.app.session.document.seed_of(0) == 0


def test_scrolling_the_sidebar_does_not_turn_into_stepping(launch: Launch) -> None:
    driver = launch(size=(900, 600))
    driver.settle()
    unfold_everything(driver)
    sidebar = driver.app.window.sidebar
    driver.move((20, 300))
    before = driver.app.session.document
    for _ in range(40):
        driver.post(pygame.MOUSEWHEEL, x=0, y=-2, flipped=False, precise_x=0.0, precise_y=-2.0)
        hovered = [row.slider for row in sidebar.mixing.layers.rows.values() if row.slider.rect.collidepoint(160, 300)]
        driver.app.window.manager.mouse_position = (160, 300) if hovered else (20, 300)
    assert driver.app.session.document == before
    assert sidebar.scroller.scrollable_container.relative_rect.top < -200


def test_arrow_keys_move_the_slider_that_was_clicked(driver: Driver) -> None:
    row = driver.app.window.sidebar.truncation.psi
    driver.click(centre(row.slider.sliding_button))
    driver.frames()
    pad = driver.app.session.document.pad
    driver.key(pygame.K_LEFT)
    driver.key(pygame.K_DOWN)
    assert driver.app.session.document.truncation.psi == pytest.approx(0.98)
    driver.key(pygame.K_UP, mod=pygame.KMOD_LSHIFT)
    assert driver.app.session.document.truncation.psi == pytest.approx(1.08)
    assert driver.app.session.document.pad == pad
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_RIGHT)
    assert driver.app.session.document.pad == (1.0, 0.0)
    assert driver.app.session.document.truncation.psi == pytest.approx(1.08)


def test_up_and_down_step_from_the_number_that_is_being_typed(driver: Driver) -> None:
    first = driver.app.window.sidebar.seeds.first
    driver.click(first)
    driver.write("41")
    driver.key(pygame.K_UP)
    assert driver.app.session.document.seed_of(0) == 42
    assert first.text == "42"
    driver.key(pygame.K_ESCAPE)
    assert driver.app.session.document.seed_of(0) == 42


def test_a_double_click_on_a_name_resets(driver: Driver) -> None:
    sidebar = driver.app.window.sidebar
    driver.type_into(sidebar.truncation.psi.entry, "0.4")
    driver.type_into(sidebar.mixing.seed, "7")
    driver.frames()
    names = {element.text: element for element in driver.app.window.manager.get_sprite_group().sprites()
             if getattr(element, "text", "") in ("Psi", "Second seed")}  # fmt: skip
    driver.app.window.manager.mouse_double_click_time = 60.0  # a slow machine's hand
    for name in names.values():
        driver.click(name)
        driver.click(name)
    driver.frames()
    assert driver.app.session.document.truncation.psi == 1.0
    assert driver.app.session.document.source_seed(0) == 1000


@pytest.mark.parametrize("model", ["ada_uncond_64.pkl", "ada_cond_64.pkl"])
def test_every_control_has_a_tooltip(launch: Launch, model: str) -> None:
    driver = launch(FIXTURES / model)
    driver.settle()
    unfold_everything(driver)
    driver.app.complain("A message.")
    driver.frames()
    controls = [
        element
        for element in driver.app.window.manager.get_sprite_group().sprites()
        if isinstance(element, UIButton | UIHorizontalSlider | UITextEntryLine)
        and "scroll_bar" not in element.most_specific_combined_id
    ]
    assert len(controls) > 60
    assert [c.most_specific_combined_id + " " + getattr(c, "text", "") for c in controls if not c.tool_tip_text] == []


def test_the_tooltip_of_a_slider_is_shown(driver: Driver) -> None:
    slider = driver.app.window.sidebar.truncation.psi.slider
    driver.move((slider.rect.left + 20, slider.rect.centery))
    driver.pump(lambda: slider.tool_tip is not None, "the tooltip")
    driver.move(centre(slider.sliding_button))
    driver.pump(lambda: slider.sliding_button.tool_tip is not None, "the handle's tooltip")
    assert "average" in slider.sliding_button.tool_tip.text_block.html_text


def test_a_wheel_that_scrolls_goes_on_scrolling(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("explorer.elements.nudges.time.monotonic", lambda: now[0])
    guard = WheelGuard()
    move = pygame.event.Event(pygame.MOUSEMOTION)
    turn = pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=2)
    assert guard.steps(turn, under_mouse=True) == 0
    now[0] += SCROLL_SECONDS / 2
    guard.steps(move, under_mouse=True)  # a hand that trembles while it turns the wheel
    assert guard.steps(turn, under_mouse=True) == 0
    now[0] += 2 * SCROLL_SECONDS
    guard.steps(move, under_mouse=True)
    assert guard.steps(turn, under_mouse=True) == 2
    assert guard.steps(turn, under_mouse=False) == 0


def test_small_steps_come_to_rest_once() -> None:
    drops: list[int] = []
    nudges = Nudges(lambda: drops.append(1))
    for _ in range(3):
        nudges.step()
        nudges.pass_time(0.4)
    assert drops == []
    nudges.pass_time(0.4)
    nudges.pass_time(9.0)
    assert drops == [1]
    nudges.step()
    nudges.forget()
    nudges.pass_time(9.0)
    assert drops == [1]
