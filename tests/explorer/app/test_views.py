"""What has a key has a button, too: the film strip, the layers, the history and the library."""

from __future__ import annotations

import pytest

from tests.explorer.app.conftest import Launch


@pytest.mark.parametrize("view", ["film", "layers", "history", "library"])
def test_a_click_opens_a_view_and_another_closes_it(launch: Launch, view: str) -> None:
    driver = launch(size=(1440, 900))
    driver.settle()
    window = driver.app.window
    sidebar = window.sidebar
    sidebar.unfold(frozenset({"Window"}))
    driver.frames()
    shown = {
        "film": lambda: window.shows_film,
        "layers": lambda: window.layer_viewer is not None,
        "history": lambda: window.shows_history,
        "library": lambda: window.shows_library,
    }[view]
    row = next(row for row in sidebar.window.views if view in row.buttons)
    before = shown()
    for expected in (not before, before):
        sidebar.reveal(row.buttons[view])
        driver.frames()
        driver.click(row.buttons[view])
        driver.frames()
        assert shown() == expected
        assert row.buttons[view].is_selected == expected
    assert driver.app.session.document.truncation.psi == 1.0
