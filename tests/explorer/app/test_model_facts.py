"""All that is known of a model, in a window of its own."""

from __future__ import annotations

import pygame
import pytest

from tests.explorer.app.driver import MODEL, Driver
from tests.explorer.app.test_window import cut_off


@pytest.mark.parametrize("way", ["key", "button"])
def test_the_model_tells_about_itself(driver: Driver, way: str) -> None:
    if way == "key":
        driver.key(pygame.K_i, "i")
    else:
        driver.click(driver.app.window.sidebar.model.about_button)
    dialog = driver.app.window.dialog
    told = {name: label.text for name, label in dialog.values.items()}
    assert told["File"].endswith(MODEL.name)
    assert told["Format"] == "nvlabs pickle"
    assert told["Picture"] == "64 × 64, RGB"
    assert told["Classes"] == "none"
    assert "…" in told["Content id"] or len(told["Content id"]) == 64
    assert cut_off(driver) == []
    driver.key(pygame.K_ESCAPE)
    assert not driver.app.window.has_dialog
