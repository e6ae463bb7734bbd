"""Random hands on the running application: whatever they do, it goes on and can still draw everything."""

from __future__ import annotations

import random
from pathlib import Path

import pygame
import pytest

from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, MODEL, Driver

STEPS = 100
KEYS = (
    *((key, chr(key)) for key in (pygame.K_n, pygame.K_f, pygame.K_e, pygame.K_o, pygame.K_PLUS, pygame.K_MINUS)),
    *((key, "") for key in (pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP, pygame.K_DOWN, pygame.K_ESCAPE)),
    *((key, "") for key in (pygame.K_RETURN, pygame.K_BACKSPACE, pygame.K_TAB, pygame.K_F11)),
    *((key, chr(key)) for key in (pygame.K_z, pygame.K_b, pygame.K_h, pygame.K_s, pygame.K_SPACE)),
    (pygame.K_SLASH, "?"),
    *((ord(character), character) for character in "0123456789.-xψ"),
)
FILES = (MODEL, FIXTURES / "ada_grey_32.pkl", FIXTURES / "ada_cond_64.pkl", FIXTURES / "ada_grey_32.npz")


class Monkey:
    """Acts by a seed, so that what it found can be found again."""

    def __init__(self, driver: Driver, seed: int, scratch: Path) -> None:
        self._driver = driver
        self._random = random.Random(seed)
        self._broken = scratch / "broken.pkl"
        self._broken.write_bytes(b"\x80\x04broken")

    def act(self) -> None:
        kinds = ("click", "click", "click", "drag", "key", "key", "undo", "wheel", "rare")
        getattr(self, f"_{self._random.choice(kinds)}")()

    def _point(self) -> tuple[int, int]:
        width, height = self._driver.app.window.surface.get_size()
        return self._random.randrange(width), self._random.randrange(height)

    def _click(self) -> None:
        buttons = (pygame.BUTTON_LEFT,) * 4 + (pygame.BUTTON_RIGHT, pygame.BUTTON_MIDDLE)
        self._driver.click(self._point(), self._random.choice(buttons))

    def _drag(self) -> None:
        self._driver.drag(self._point(), self._point(), steps=3)

    def _key(self) -> None:
        key, character = self._random.choice(KEYS)
        self._driver.key(key, character)
        if character.isprintable() and character:
            self._driver.post(pygame.TEXTINPUT, text=character)

    def _undo(self) -> None:
        keys = (pygame.K_z, pygame.K_z, pygame.K_y, pygame.K_c, pygame.K_v)
        self._driver.key(self._random.choice(keys), mod=pygame.KMOD_LCTRL)

    def _wheel(self) -> None:
        self._driver.move(self._point())
        self._driver.post(
            pygame.MOUSEWHEEL, x=0, y=self._random.choice((-3, 3)), flipped=False, precise_x=0.0, precise_y=0.0
        )

    def _rare(self) -> None:
        if self._random.random() < 0.5:
            self._driver.post(pygame.DROPFILE, file=str(self._random.choice((*FILES, self._broken))))
        else:
            width, height = self._random.randrange(500, 1600), self._random.randrange(400, 1100)
            self._driver.post(pygame.VIDEORESIZE, size=(width, height), w=width, h=height)


@pytest.mark.parametrize("seed", [1])
def test_random_hands_find_no_exception(launch: Launch, tmp_path: Path, seed: int) -> None:
    driver = launch()
    monkey = Monkey(driver, seed, tmp_path)
    for _ in range(STEPS):
        monkey.act()
    driver.key(pygame.K_ESCAPE)
    driver.app.export.cancel()
    driver.pump(lambda: not driver.app.happenings.model.opening, "the last model")
    driver.post(pygame.DROPFILE, file=str(MODEL))
    driver.pump(lambda: driver.app.happenings.model.name == MODEL.name, "a model")
    driver.settle()
    assert driver.app.running
    assert len(driver.pictures()) == len(driver.app.session.document.tiles)
