"""The window: opening, resizing, legibility, idleness, closing, and its picture as a file."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image
from pygame_gui.elements import UIButton, UILabel, UITextEntryLine

from explorer.app.errors import WindowError
from explorer.app.main_loop import App
from explorer.app.options import AppOptions
from explorer.app.pace import IDLE_SECONDS
from explorer.app.screenshot import save_screenshot
from explorer.app.theme import load_palette
from explorer.elements.letters import Letters
from explorer.library.settings import Settings, write_settings
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import FIXTURES, MODEL, Driver

ROOT = Path(__file__).parents[3]
SIZES = ((1440, 900), (900, 600))
CTRL_C = "signal.raise_signal(signal.SIGINT)"
NO_DISPLAY = {"SDL_VIDEODRIVER": "", "DISPLAY": "", "WAYLAND_DISPLAY": ""}


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


def test_the_first_frame_comes_within_a_second_and_before_torch(data_folder: Path) -> None:
    """In processor time: the machine may be busy with other things. Even that varies; the best of three counts."""
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from explorer.app.main_loop import App\n"
        "from explorer.app.options import AppOptions\n"
        f"app = App(AppOptions(model=Path({str(MODEL)!r})))\n"
        "app.worker.start = lambda: None\n"
        "app.start()\n"
        "print(app.frames_drawn, 'torch' in sys.modules, time.process_time())\n"
    )
    taken: list[float] = []
    while not taken or (min(taken) >= 1.0 and len(taken) < 3):
        outcome = run("-c", program)
        assert outcome.returncode == 0, outcome.stderr
        frames, torch_is_there, seconds = outcome.stdout.split()[-3:]
        assert int(frames) >= 1
        assert torch_is_there == "False"
        taken.append(float(seconds))
    assert min(taken) < 1.0


def test_help_imports_neither_torch_nor_pygame() -> None:
    program = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from explorer.cli import main\n"
        "print(CliRunner().invoke(main, ['--help']).output)\n"
        "assert not {'torch', 'pygame', 'pygame_gui'} & set(sys.modules)\n"
    )
    outcome = run("-c", program)
    assert outcome.returncode == 0, outcome.stderr
    assert "--screenshot" in outcome.stdout


def test_the_loading_state_is_seen(launch: Launch) -> None:
    driver = launch()
    driver.app.step()
    assert driver.app.window.grid.waiting
    first = pygame.surfarray.array3d(driver.app.window.surface)
    assert "ada_uncond_64.pkl" in driver.app.window.status.left.text
    driver.settle()
    assert not driver.app.window.grid.waiting
    assert not np.array_equal(first, pygame.surfarray.array3d(driver.app.window.surface))


def test_the_grid_uses_the_room_of_a_resized_window(driver: Driver) -> None:
    before = driver.app.window.grid.geometry.side
    driver.post(pygame.VIDEORESIZE, size=(1800, 1100), w=1800, h=1100)
    grid = driver.app.window.grid
    assert driver.app.window.surface.get_size() == (1800, 1100)
    assert grid.geometry.side > before
    assert grid.geometry.side * 2 > 0.9 * min(grid.rect.size)
    assert grid.rect.right == 1800
    assert driver.app.window.strip.rect.top == grid.rect.bottom
    driver.post(pygame.VIDEORESIZE, size=(300, 200), w=300, h=200)
    assert driver.app.window.surface.get_size() == (900, 600)
    driver.key(pygame.K_F11)
    driver.key(pygame.K_F11)
    assert driver.app.window.surface.get_size() == (900, 600)
    driver.click(driver.tile(3))
    assert driver.app.favourites.marked_tiles() == {3}


@pytest.mark.parametrize("key", [pygame.K_o, pygame.K_F1])
def test_a_dialog_stays_reachable_in_a_smaller_window(launch: Launch, key: int) -> None:
    driver = launch(size=(1000, 900))
    driver.settle()
    driver.key(key if key == pygame.K_o else pygame.K_SLASH, "o" if key == pygame.K_o else "?")
    dialog = driver.app.window.dialog
    for size in ((1600, 1000), (900, 600)):
        driver.post(pygame.VIDEORESIZE, size=size, w=size[0], h=size[1])
        assert driver.app.window.surface.get_rect().contains(dialog.rect)
    if key == pygame.K_o:
        assert dialog.rect.contains(dialog.cancel_button.rect)
        driver.click(dialog.cancel_button)
    else:
        driver.click(dialog.close_window_button)
    assert not driver.app.window.has_dialog


def unfold_everything(driver: Driver) -> None:
    sidebar = driver.app.window.sidebar
    for panel in sidebar.panels:
        panel.opened = True
    sidebar.truncation.shows_layers = sidebar.noise.shows_layers = True
    sidebar.mixing.shows_sources = sidebar.classes.shows_mixture = True
    for rows in (sidebar.truncation.layers, sidebar.mixing.layers):
        for name in ("Coarse", "Middle", "Fine"):
            rows.toggle(name)
    driver.key(pygame.K_F1)
    driver.frames()


def cut_off(driver: Driver) -> list[str]:
    """Texts that do not fit into their label, button or field."""
    found = []
    for element in driver.app.window.manager.get_sprite_group().sprites():
        if not isinstance(element, UIButton | UILabel | UITextEntryLine) or not element.text:
            continue
        letters = Letters(element.font, driver.app.window.screen.scale, element.ui_theme)
        width, height = letters.size(element.text)
        margin = 0 if isinstance(element, UILabel) else 4 if isinstance(element, UIButton) else 12
        if width + margin > element.rect.width or height > element.rect.height + 4:
            found.append(f"{element.text!r}: {width}x{height} in {element.rect.size}")
    return found


@pytest.mark.parametrize(
    ("size", "model", "scale"),
    [
        (SIZES[0], MODEL, 1.0),
        (SIZES[1], MODEL, 1.0),
        (SIZES[1], FIXTURES / "ada_cond_64.pkl", 1.0),
        (SIZES[1], FIXTURES / "ada_cond_64.pkl", 1.5),
        (SIZES[1], FIXTURES / "ada_cond_64.pkl", 2.0),
    ],
)
def test_no_text_is_cut_off(
    launch: Launch, data_folder: Path, size: tuple[int, int], model: Path, scale: float
) -> None:
    write_settings(data_folder, Settings(scale=scale))
    driver = launch(model, size=(round(size[0] * scale), round(size[1] * scale)))
    driver.scale = scale
    assert driver.app.window.size == size
    driver.settle()
    unfold_everything(driver)
    driver.type_into(driver.app.window.sidebar.seeds.first, "4294867000")
    driver.type_into(driver.app.window.sidebar.truncation.psi.entry, "-1.55")
    driver.frames()
    assert cut_off(driver) == []
    driver.key(pygame.K_SLASH, "?")
    driver.frames()
    assert cut_off(driver) == []


@pytest.mark.parametrize("size", SIZES)
def test_everything_in_the_sidebar_can_be_scrolled_to(launch: Launch, size: tuple[int, int]) -> None:
    driver = launch(size=size)
    driver.settle()
    unfold_everything(driver)
    sidebar = driver.app.window.sidebar
    driver.move(sidebar.truncation.header.rect.center)
    for _ in range(200):
        driver.post(pygame.MOUSEWHEEL, x=0, y=-5, flipped=False, precise_x=0.0, precise_y=-5.0)
        if sidebar.export.export_button.rect.bottom <= sidebar.scroller.rect.bottom:
            break
    assert sidebar.export.export_button.rect.bottom <= sidebar.scroller.rect.bottom


def test_the_defaults_fit_without_scrolling(launch: Launch) -> None:
    driver = launch(size=(1440, 900))
    driver.settle()
    sidebar = driver.app.window.sidebar
    assert sidebar.export.export_button.rect.bottom <= sidebar.scroller.rect.bottom


def luminance(colour: str) -> float:
    """WCAG 2, relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *[("text", ground) for ground in ("canvas", "panel", "control", "raised", "accent_soft")],
        *[("muted", ground) for ground in ("canvas", "panel", "control")],
        *[("faint", ground) for ground in ("panel", "control")],
        ("on_accent", "accent"),
        ("on_accent", "accent_hover"),
    ],
)
def test_text_has_contrast(text: str, ground: str) -> None:
    palette = load_palette()
    dark, light = sorted((luminance(palette[text]), luminance(palette[ground])))
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_idle_draws_nothing(driver: Driver) -> None:
    driver.pump(lambda: driver.app.patience() == IDLE_SECONDS, "idleness")
    drawn, cpu = driver.app.frames_drawn, time.process_time()
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        driver.app.step(driver.app.patience())
    assert driver.app.frames_drawn == drawn
    assert time.process_time() - cpu < 0.1
    driver.move(driver.tile(0))
    assert driver.app.frames_drawn > drawn


def test_closing_the_window_ends_the_loop(driver: Driver) -> None:
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    driver.app.run()
    assert not driver.app.running


@pytest.mark.parametrize(("end", "code"), [("pygame.event.post(pygame.event.Event(pygame.QUIT))", 0), (CTRL_C, 130)])
def test_the_window_ends_at_once_while_the_engine_is_loading(data_folder: Path, end: str, code: int) -> None:
    program = (
        "import signal, sys, threading, time\n"
        # a test run in the background of a shell inherits a Ctrl-C that is ignored
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "import pygame\n"
        "from explorer.worker.inference_thread import InferenceThread\n"
        "from explorer.worker.render_worker import RenderWorker\n"
        f"def end_it():\n    time.sleep(0.5)\n    {end}\n"
        "def slow():\n"
        "    threading.Thread(target=end_it, daemon=True).start()\n"
        "    time.sleep(1000)\n"
        "RenderWorker.in_a_process = lambda device, precision: RenderWorker(InferenceThread(slow))\n"
        "from explorer.cli import main\n"
        f"main(['--model', {str(MODEL)!r}])\n"
    )
    outcome = run("-c", program)  # which fails after two minutes
    assert outcome.returncode == code, outcome.stderr
    assert outcome.stderr == ""


def test_a_screenshot_without_a_display(tmp_path: Path, data_folder: Path) -> None:
    path = tmp_path / "window.png"
    arguments = ("--model", str(MODEL), "--size", "1000x700", "--grid", "2x3", "--screenshot", str(path))
    outcome = run("-m", "explorer", *arguments, **(NO_DISPLAY if sys.platform == "linux" else {}))
    assert outcome.returncode == 0, outcome.stderr
    with Image.open(path) as picture:
        assert picture.size == (1000, 700)
        assert len(picture.convert("RGB").getcolors(1_000_000) or ()) > 1000
    assert [entry.name for entry in tmp_path.glob("*.png")] == ["window.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_a_window_that_nobody_would_see_is_refused(data_folder: Path) -> None:
    outcome = run("-m", "explorer", "--model", str(MODEL), **NO_DISPLAY)
    assert outcome.returncode == 1
    assert "no window can be opened here" in outcome.stderr
    assert "--screenshot" in outcome.stderr
    assert "Traceback" not in outcome.stderr


def test_a_screenshot_that_fails_says_why(tmp_path: Path, data_folder: Path) -> None:
    path = tmp_path / "window.png"
    outcome = run("-m", "explorer", "--model", str(tmp_path / "missing.pkl"), "--screenshot", str(path))
    assert outcome.returncode == 1
    assert "missing.pkl" in outcome.stderr
    assert "Traceback" not in outcome.stderr
    assert not path.exists()


def test_a_screenshot_needs_no_favourites(tmp_path: Path, data_folder: Path) -> None:
    data_folder.write_text("a file where a folder should be")
    path = tmp_path / "window.png"
    app = App(AppOptions(model=MODEL, size=(900, 600), grid=(1, 1), device="cpu", screenshot=path))
    try:
        app.start()
        app.run_for_screenshot(path)
    finally:
        app.close()
    with Image.open(path) as picture:
        assert len(picture.convert("RGB").getcolors(1_000_000) or ()) > 1000


def test_a_screenshot_needs_a_folder_and_replaces_only_when_complete(tmp_path: Path) -> None:
    surface = pygame.Surface((8, 8))
    with pytest.raises(WindowError, match="gone"):
        save_screenshot(surface, tmp_path / "gone" / "window.png")
    save_screenshot(surface, tmp_path / "window.png")
    save_screenshot(surface, tmp_path / "window.png")
    assert [entry.name for entry in tmp_path.iterdir()] == ["window.png"]


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as a full disk would")
def test_a_screenshot_that_the_disk_does_not_take_is_one_sentence(tmp_path: Path) -> None:
    program = (
        "import pathlib, resource, signal, sys\n"
        "import numpy, pygame\n"
        "from explorer.app.errors import WindowError\n"
        "from explorer.app.screenshot import save_screenshot\n"
        "noise = numpy.random.RandomState(0).randint(0, 256, (500, 500, 3), numpy.uint8)\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "try:\n"
        "    save_screenshot(pygame.surfarray.make_surface(noise), pathlib.Path(sys.argv[1]))\n"
        "except WindowError as error:\n"
        "    sys.exit(str(error))\n"
    )
    outcome = run("-c", program, str(tmp_path / "window.png"))
    assert outcome.returncode == 1
    assert len(outcome.stderr.splitlines()) == 1
    assert "could not be written" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "option", [("--size", "10x10"), ("--size", "big"), ("--grid", "9x9"), ("--grid", "3"), ("--screenshot", "a.jpg")]
)
def test_impossible_options_are_refused(option: tuple[str, str]) -> None:
    from click.testing import CliRunner

    from explorer.cli import main

    outcome = CliRunner().invoke(main, option)
    assert outcome.exit_code == 2
    assert option[1] in outcome.output


def test_of_many_sizes_in_one_turn_only_the_last_is_laid_out(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    window, sizes = driver.app.window, []
    monkeypatch.setattr(window, "resize", sizes.append)
    for width in (1100, 1150, 1200):
        pygame.event.post(pygame.event.Event(pygame.VIDEORESIZE, size=(width, 800), w=width, h=800))
    driver.app.step()
    assert sizes == [(1200, 800)]
