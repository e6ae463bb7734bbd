"""Every panel and view at three sizes looks as it did, but for its pictures, its speed and its smoothing of edges.

`goldens.py` says how the pictures are made anew.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pygame
import pytest
from PIL import Image

from engine.video.plan import Output, VideoPlan
from engine.video.progress import Progress
from engine.video.timeline import Timeline
from explorer.app.video_window import VideoWindow
from explorer.library.video_list import OrderedVideo
from explorer.panels.states import QueuedVideo
from tests.engine.video.test_sound import plucks, write_wav
from tests.explorer.app.conftest import Launch
from tests.explorer.app.driver import Driver
from tests.explorer.app.goldens import FOLDER, SHARE, difference, mismatch, shot, stored

SIZES = ((900, 600), (1440, 900), (1920, 1200))
WHOLE_SCALE = 2


@pytest.fixture
def still(launch: Launch, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Driver:
    """An application in which nothing depends on this computer."""
    monkeypatch.setattr("explorer.app.exporting.default_folder", lambda: Path("videos"))
    monkeypatch.setattr("explorer.app.video_commands.can_open", lambda: True)
    monkeypatch.setattr("explorer.worker.backend.TorchModel.render", flat_picture)
    driver = launch(size=request.param)
    driver.settle()
    driver.click(driver.tile(1))
    driver.app.window.notices.close()
    driver.app.window.show_history(False)
    driver.app.models.current = replace(driver.app.models.current, path=None)
    return driver


def flat_picture(_model: object, _look: object, _tile: int, resolution: int) -> np.ndarray:
    """In the place of the network's pictures, whose many colours a golden does not hold."""
    return np.full((resolution, resolution, 3), 96, dtype=np.uint8)


def rest(driver: Driver) -> None:
    """Nothing under the mouse, no speed in the status line, and shapes in their final form."""
    driver.move((driver.app.window.surface.get_width() - 2, 2))
    for _ in range(30):
        driver.app.happenings.seconds_per_picture = 0.0
        driver.app.step(0.016)


def panels(driver: Driver) -> Iterator[tuple[str, Image.Image]]:
    """Each panel that applies, alone unfolded."""
    sidebar = driver.app.window.sidebar
    for panel in sidebar.panels:
        sidebar.unfold(frozenset({panel.title}))
        rest(driver)
        if panel.container is None:
            continue
        bar = sidebar.scroller.vert_scroll_bar
        if bar is not None:
            sidebar.reveal(panel.header)
            rest(driver)
        yield panel.title.lower().replace(" ", "-"), shot(driver.app.window.surface, pygame.Rect(panel.container.rect))


def without_pictures(driver: Driver) -> Image.Image:
    """The whole window at half its size, grey where the grid's pictures are unless something covers them."""
    window = driver.app.window
    surface = window.surface.copy()
    if not window.has_dialog and not window.shows_library:
        surface.fill("grey", pygame.Rect(window.grid.rect).inflate(-8, -8))
    return shot(surface, surface.get_rect(), WHOLE_SCALE)


def views(driver: Driver) -> Iterator[tuple[str, Image.Image]]:
    """The whole window with each of the views."""
    window, commands = driver.app.window, driver.app.commands
    rest(driver)
    yield "window", without_pictures(driver)
    for name, toggle, complete in (
        ("help", commands.show_help, lambda: True),
        ("about", commands.show_model, lambda: True),
        ("library", commands.toggle_library, lambda: True),
        ("film", commands.toggle_psi_film, lambda: window.film.complete),
    ):
        toggle()
        driver.move((2, 2))  # something happens, so that the window is drawn
        driver.pump(complete, name)
        rest(driver)
        yield name, without_pictures(driver)
        toggle()
        rest(driver)
    yield from film_views(driver)


def film_views(driver: Driver) -> Iterator[tuple[str, Image.Image]]:
    """The timeline with its keys, with a sound below them, and with the sound's settings."""
    app, before = driver.app, driver.app.session.document
    app.window.show_timeline(True)
    app.timeline.studio.add(tuple(app.session.look_of(tile) for tile in range(3)))
    driver.settle()
    rest(driver)
    yield "timeline", without_pictures(driver)
    with tempfile.TemporaryDirectory() as folder:
        app.timeline.sounds.open(write_wav(Path(folder) / "a song.wav", plucks((0.5, 1.0, 1.5, 2.0, 3.5), seconds=5.0)))
        driver.pump(lambda: not app.timeline.sounds.busy, "the sound")
    app.window.notices.close()
    app.timeline.studio.choose(())
    rest(driver)
    yield "sound", without_pictures(driver)
    app.timeline.sound.shown = True
    app.timeline.sound.set_amount(0.4)
    rest(driver)
    yield "sound-settings", without_pictures(driver)
    app.timeline.sound.shown = False
    app.timeline.sound.remove()
    rest(driver)
    yield "film-settings", without_pictures(driver)
    yield from export_views(driver)
    app.window.show_timeline(False)
    app.session.restore(before)
    driver.settle()


def export_views(driver: Driver) -> Iterator[tuple[str, Image.Image]]:
    """The window of the export, all that can be set in it, and the list of videos in every state."""
    app = driver.app
    app.commands.video.toggle_window()
    driver.pump(lambda: not app.errands.running, "the list of encoders")
    rest(driver)
    yield "export", without_pictures(driver)
    window = app.window.dialog
    assert isinstance(window, VideoWindow)
    shape = Output(format="vp9", width=640, height=360, fit="crop", rows=1, columns=2, quality=95, supersampling=4)
    before, queue = app.export.state(), app.export.queue
    app.export.change(replace(before, output=shape, spread="seeds"))
    window.toggle_more()
    rest(driver)
    yield "export-settings", without_pictures(driver)
    window.toggle_more()
    app.export.change(before)
    queue.videos = videos_in_every_state(app.timeline.studio.timeline)
    window.sync()
    window.queue.scroller.vert_scroll_bar.set_scroll_from_start_percentage(0.0)
    rest(driver)
    yield "export-list", without_pictures(driver)
    window.queue.scroller.vert_scroll_bar.set_scroll_from_start_percentage(0.5)
    rest(driver)
    yield "export-list-below", without_pictures(driver)
    queue.videos = ()
    app.window.close_dialog()


def videos_in_every_state(timeline: Timeline) -> tuple[QueuedVideo, ...]:
    """None of which is made."""
    grey = np.full((64, 64, 3), 96, np.uint8)
    measuring = Progress(stage="rendering", done=72, total=180, seconds_left=83.0)
    states = (
        ("running", measuring, ""),
        ("waiting", None, ""),
        ("waiting", None, ""),
        ("kept", None, ""),
        ("finished", None, ""),
        ("failed", None, "walk-6.mp4 could not be written: the disk is full"),
    )
    orders = [
        OrderedVideo(plan=VideoPlan(timelines=(timeline,), path=Path(f"videos/walk-{number}.mp4")), content_id="")
        for number in range(1, len(states) + 1)
    ]
    return tuple(
        QueuedVideo(number=number, order=order, state=state, progress=progress, picture=grey, message=message)
        for number, (order, (state, progress, message)) in enumerate(zip(orders, states, strict=True), start=1)
    )


@pytest.mark.parametrize("still", SIZES, indirect=True, ids=lambda size: f"{size[0]}x{size[1]}")
def test_every_panel_and_view_looks_like_its_golden(still: Driver, tmp_path: Path) -> None:
    width, height = still.app.window.surface.get_size()
    found = [mismatch(f"{width}x{height}/{name}", image, tmp_path) for name, image in views(still)]
    found += [mismatch(f"{width}x{height}/panel-{name}", image, tmp_path) for name, image in panels(still)]
    assert len(found) > 14
    assert [each for each in found if each] == []


@pytest.mark.parametrize("still", [(1440, 900)], indirect=True)
def test_a_control_that_moves_by_two_pixels_is_seen(still: Driver) -> None:
    still.app.window.sidebar.unfold(frozenset({"Window"}))
    rest(still)
    panel = still.app.window.sidebar.window
    place = pygame.Rect(panel.container.rect)
    golden = stored(shot(still.app.window.surface, place))
    assert difference(shot(still.app.window.surface, place), golden) == 0.0
    button = panel.theme.buttons["light"]
    button.set_relative_position((button.relative_rect.x, button.relative_rect.y + 2))
    rest(still)
    assert difference(shot(still.app.window.surface, place), golden) > SHARE
    button.set_relative_position((button.relative_rect.x, button.relative_rect.y - 2))
    rest(still)
    button.set_text("Lights")
    rest(still)
    assert difference(shot(still.app.window.surface, place), golden) > SHARE


def test_a_little_noise_in_every_pixel_passes() -> None:
    rng = np.random.default_rng(0)
    for path in sorted(FOLDER.glob("1440x900/panel-*.png")):
        golden = Image.open(path)
        pixels = np.asarray(golden.convert("RGB")).astype(int)
        noisy = np.clip(pixels + rng.integers(-20, 21, pixels.shape), 0, 255).astype(np.uint8)
        assert difference(Image.fromarray(noisy), golden) <= SHARE


def test_the_goldens_are_small() -> None:
    assert len(files := list(FOLDER.rglob("*.png"))) > 40
    assert sum(path.stat().st_size for path in files) < 1.5e6
