"""Pictures along a slider's range: only when asked for, true to what the slider would show, and a way to set it."""

from __future__ import annotations

import numpy as np
import pygame

from explorer.session.session import FIRST_PREVIEW
from tests.explorer.app.driver import Driver, centre


def test_the_strip_shows_what_psi_would_show_and_a_click_sets_it(driver: Driver) -> None:
    session, window = driver.app.session, driver.app.window
    rendered: list[int] = []
    request = driver.app.worker.request
    driver.app.worker.request = lambda wanted: (rendered.extend(tile for tile, _ in wanted.looks), request(wanted))
    height, document = window.grid.rect.height, session.document
    driver.key(pygame.K_p, "p")
    driver.pump(lambda: window.film.complete, "the strip")
    driver.frames()
    assert sorted(set(rendered)) == [FIRST_PREVIEW + index for index in (0, 1, 2, 3, 5, 6)]  # psi 1 is on the grid
    assert window.grid.rect.height == height - window.film.rect.height
    assert session.document == document
    assert not session.can_undo
    film = driver.app.film
    assert film._film is not None
    promised = session.picture_of(film._film.looks[2])
    driver.click(window.film.centre(2))
    driver.settle()
    assert session.document.truncation.psi == 0.5
    assert window.sidebar.truncation.psi.entry.text == "0.50"
    assert np.array_equal(session.results[0].pixels, promised)
    driver.key(pygame.K_z, mod=pygame.KMOD_LCTRL)
    assert session.document == document
    driver.key(pygame.K_p, "p")
    assert not window.shows_film
    assert window.grid.rect.height == height


def test_the_strip_is_for_the_slider_under_the_mouse_and_follows_the_rest(driver: Driver) -> None:
    window = driver.app.window
    driver.move(centre(window.sidebar.mixing.layers.rows[(0, 1, 2, 3)].slider))
    driver.key(pygame.K_p, "p")
    driver.pump(lambda: window.film.complete, "the strip")
    film = driver.app.film._film
    assert film is not None
    assert [look.style_mixes[0].strengths[0] if look.style_mixes else 0 for look in film.looks] == [
        0, 0.17, 0.33, 0.5, 0.67, 0.83, 1,
    ]  # fmt: skip
    driver.type_into(window.sidebar.truncation.psi.entry, "0.7")
    driver.settle()
    driver.pump(lambda: window.film.complete and driver.app.film._film is not film, "the other strip")
    assert {look.truncation.psi for look in driver.app.film._film.looks} == {0.7}
    driver.key(pygame.K_ESCAPE)
    driver.key(pygame.K_ESCAPE)
    assert not window.shows_film


def test_a_folded_panel_neither_hides_psi_nor_the_slider_of_an_open_strip(driver: Driver) -> None:
    window, session = driver.app.window, driver.app.session
    driver.app.window.sidebar.unfold(frozenset())
    driver.frames()
    driver.move((5, 5))
    driver.key(pygame.K_p, "p")
    assert window.sidebar.truncation.opened
    driver.pump(lambda: window.film.complete, "the strip")
    driver.click(window.sidebar.truncation.header)
    driver.frames()
    driver.click(window.film.centre(2))
    assert session.document.truncation.psi == 0.5
