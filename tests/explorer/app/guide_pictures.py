"""Makes the pictures of the window, of a film with a sound and of its export anew, without a display:

python -m tests.explorer.app.guide_pictures

writes docs/window.png, docs/sound.png and docs/export.png; look at them before they are committed.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

import pygame
from PIL import Image

from engine.video.plan import Output
from explorer.app.options import AppOptions
from explorer.app.video_window import VideoWindow
from tests.engine.video.test_sound import plucks, write_wav
from tests.explorer.app.driver import Driver

DOCS = Path(__file__).parents[3] / "docs"
SIZE = (1200, 760)
FIRST_SIZE = (1440, 900)
KEPT = 5
COLOURS = 256


def window_picture(folder: Path) -> Image.Image:
    """What a person sees first, with a few favourites."""
    driver = Driver(AppOptions(model=None, size=FIRST_SIZE, grid=(3, 4), new=True))
    driver.settle()
    for tile in range(KEPT):
        driver.click(driver.tile(2 * tile + 1))
        driver.pump(lambda kept=tile + 1: len(driver.app.favourites.shelf.favourites) == kept, "a favourite")
    driver.app.window.notices.close()
    return _picture(driver)


def sound_picture(folder: Path) -> Image.Image:
    """Four keys on the beats of a song, psi following it, at a moment that is loud."""
    driver = Driver(AppOptions(model=None, size=SIZE, grid=(3, 4), new=True))
    driver.settle()
    app = driver.app
    for tile in range(4):
        driver.move(driver.tile(tile))
        driver.key(pygame.K_a, "a")
    beats = tuple(0.5 * number + 0.5 for number in range(16))
    song = plucks(beats, 9.0, 300.0) + 0.5 * plucks(tuple(beat + 0.25 for beat in beats), 9.0, 1800.0)
    driver.post(pygame.DROPFILE, file=str(write_wav(folder / "song.wav", song)))
    driver.pump(lambda: not app.timeline.sounds.busy, "the sound")
    sound = app.timeline.sound
    sound.every, sound.shown = 2, True
    sound.put_keys_on_beats()
    sound.set_band("bass")
    sound.set_amount(-0.5)
    app.window.notices.close()
    app.timeline.studio.choose(())
    app.timeline.studio.scrub(1.3)
    driver.settle()
    driver.pump(lambda: app.window.frame.picture is not None and not app.timeline.waiting, "the frame")
    return _picture(driver)


def export_picture(folder: Path) -> Image.Image:
    """Three videos of a film with four keys: one in the making, two that wait."""
    driver = Driver(AppOptions(model=None, size=SIZE, grid=(3, 4), new=True))
    driver.settle()
    app = driver.app
    os.chdir(folder)
    app.export.folder = Path("Videos")
    app.export.folder.mkdir()
    for tile in range(4):
        driver.move(driver.tile(tile))
        driver.key(pygame.K_a, "a")
    driver.settle()
    app.timeline.studio.choose(())
    app.commands.video.toggle_window()
    driver.pump(lambda: not app.errands.running, "the list of encoders")
    window = app.window.dialog
    assert isinstance(window, VideoWindow)
    window.toggle_more()
    shape = Output(format="h264", width=1280, height=640, rows=1, columns=2, quality=90, supersampling=2)
    for kind in ("h264", "gif", "vp9"):
        app.export.change(replace(app.export.state(), output=replace(shape, format=kind), spread="seeds"))
        app.export.start_timeline(app.timeline.studio.timeline)
    app.export.change(replace(app.export.state(), output=shape))
    driver.pump(lambda: app.export.state().done > 80, "a third of the first one")
    return _picture(driver)


def _picture(driver: Driver) -> Image.Image:
    """The window as it is once nothing in it moves; closes it."""
    for _ in range(60):
        driver.app.step(0.016)
    surface = driver.app.window.surface
    picture = Image.frombytes("RGB", surface.get_size(), pygame.image.tobytes(surface, "RGB"))
    driver.app.close()
    return picture


def main() -> None:
    """Writes them."""
    for name, make in (("window.png", window_picture), ("sound.png", sound_picture), ("export.png", export_picture)):
        with tempfile.TemporaryDirectory() as folder:
            os.environ |= {"SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy", "STYLEGAN_EXPLORER_DATA": folder}
            picture = make(Path(folder))
        picture.quantize(COLOURS, dither=Image.Dither.NONE).save(DOCS / name, optimize=True)


if __name__ == "__main__":
    main()
