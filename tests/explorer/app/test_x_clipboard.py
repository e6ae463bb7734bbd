"""What another program gets when it asks X's clipboard: pictures and looks, from the running application."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.inference.images import RECIPE_KEYWORD, png_bytes
from tests.explorer.app.driver import MODEL
from tests.explorer.app.x_server import NEEDS_X, x_server

pytest.importorskip("tkinter", reason="tkinter, the other program, is not installed")
pytestmark = [NEEDS_X, pytest.mark.timeout(180)]

ROOT = Path(__file__).parents[3]
APPLICATION = f"""
import queue, sys, threading
from pathlib import Path
import pygame
from explorer.app.options import AppOptions
from tests.explorer.app.driver import Driver

driver = Driver(AppOptions(model=Path({str(MODEL)!r}), size=(900, 600), grid=(2, 2), device="cpu", new=True))
driver.app.sharing.folder = Path(sys.argv[1])
driver.settle()
print(pygame.display.get_driver(), flush=True)
orders = queue.Queue()
threading.Thread(target=lambda: [orders.put(line.strip()) for line in sys.stdin], daemon=True).start()
control, shift = pygame.KMOD_LCTRL, pygame.KMOD_LSHIFT
keys = {{"save": (pygame.K_s, 0), "picture": (pygame.K_c, control | shift), "look": (pygame.K_c, control)}}
while (order := "" if orders.empty() else orders.get()) != "end":
    if order:
        driver.move(driver.tile(2))
        key, mod = keys[order]
        driver.key(key, mod=mod)
        driver.pump(lambda: not driver.app.errands.busy, "the errand")
        print(driver.app.window.notices.current.text, flush=True)
    driver.app.step(0.02)
driver.app.close()
"""
ANOTHER_PROGRAM = """
import sys, tkinter
window = tkinter.Tk()
window.withdraw()
try:
    print(window.selection_get(selection="CLIPBOARD", type=sys.argv[1]))
except tkinter.TclError:
    print("nothing")
"""
OWNER = """
import sys
from explorer.app.x_selection import XSelection

selection = XSelection({"image/png": open(sys.argv[1], "rb").read()})
print("held", flush=True)
sys.stdin.readline()
selection.close()
"""


class Application:
    """The explorer in a window on X, told what to do line by line."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        command = [sys.executable, "-c", APPLICATION, str(folder)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(command, env=environment, cwd=ROOT, text=True, **pipes)
        self.environment = environment

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def do(self, order: str) -> str:
        """What the window says to it."""
        assert self.process.stdin is not None
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return "" if order == "end" else self.hear()


def asked(environment: dict[str, str], kind: str) -> str:
    """What a second program gets."""
    command = [sys.executable, "-c", ANOTHER_PROGRAM, kind]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()


def as_bytes(numbers: str) -> bytes:
    """Tk writes bytes as hexadecimal numbers."""
    return bytes(int(number, 16) for number in numbers.split())


@pytest.fixture
def application(data_folder: Path, tmp_path: Path) -> Iterator[Application]:
    with x_server() as environment:
        own = {"STYLEGAN_EXPLORER_DATA": str(data_folder), "PYTHONPATH": str(ROOT), "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
        environment |= own
        application = Application(environment, tmp_path)
        assert application.hear() == "x11"
        yield application
        if application.process.poll() is None:
            application.do("end")
            application.process.communicate(timeout=60)


def test_another_program_gets_the_picture_with_its_recipe_and_the_look_as_text(
    application: Application, tmp_path: Path
) -> None:
    environment = application.environment
    assert asked(environment, "image/png") == "nothing"
    assert "Saved as" in application.do("save")
    saved = next(tmp_path.glob("*.png")).read_bytes()
    assert application.do("picture") == "The picture is on the clipboard."
    assert asked(environment, "TARGETS").split() == ["TARGETS", "TIMESTAMP", "image/png"]
    for _ in range(2):  # whoever asks again gets it again
        assert as_bytes(asked(environment, "image/png")) == saved
    assert asked(environment, "UTF8_STRING") == "nothing"
    with Image.open(io.BytesIO(saved)) as picture:
        recipe = json.loads(picture.info[RECIPE_KEYWORD])
    assert "on the clipboard as text" in application.do("look")
    assert json.loads(asked(environment, "UTF8_STRING")) == recipe
    assert asked(environment, "image/png") == "nothing"  # the text has taken its place
    application.do("picture")
    assert as_bytes(asked(environment, "image/png")) == saved
    application.do("end")
    assert application.process.wait(60) == 0
    assert asked(environment, "image/png") == "nothing"


def test_a_large_picture_is_handed_over_in_parts(tmp_path: Path) -> None:
    content = png_bytes(np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8), {})
    assert len(content) > 700_000
    (tmp_path / "large.png").write_bytes(content)
    with x_server() as environment:
        environment["PYTHONPATH"] = str(ROOT)
        command = [sys.executable, "-c", OWNER, str(tmp_path / "large.png")]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env=environment, cwd=ROOT, text=True, **pipes) as owner:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "held\n"
            assert as_bytes(asked(environment, "image/png")) == content
            assert asked(environment, "image/jpeg") == "nothing"
            assert as_bytes(asked(environment, "image/png")) == content
            owner.communicate("end\n", timeout=20)
        assert asked(environment, "image/png") == "nothing"
