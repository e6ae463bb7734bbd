"""Random hands for the running application, and a watch over what each of its turns costs."""

from __future__ import annotations

import ctypes
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pygame
from PIL import Image

from engine.formats.model_file import save_model
from explorer.elements.text_field import TextField
from tests.engine.networks.stylegan3_models import R, make_stylegan3
from tests.explorer.app.driver import FIXTURES, MODEL, Driver, Point
from tests.explorer.app.runs import new_run, report, tiny_generator

LETTERS = "nfeohlkdpmbsivwtayr"
KEYS = (
    *((ord(letter), letter) for letter in LETTERS),
    *((key, "") for key in (pygame.K_LEFT, pygame.K_RIGHT, pygame.K_UP, pygame.K_DOWN, pygame.K_ESCAPE, pygame.K_F11)),
    *((key, "") for key in (pygame.K_RETURN, pygame.K_BACKSPACE, pygame.K_DELETE, pygame.K_HOME, pygame.K_END)),
    *((ord(character), character) for character in "+-z? 0123456789.xψ"),
    *((pygame.K_TAB, "\t"),) * 4,
)
CONTROL_KEYS = (*(pygame.K_z,) * 4, *(pygame.K_y,) * 2, pygame.K_c, pygame.K_v, pygame.K_a, pygame.K_s)
FILES = (
    MODEL,
    *(
        FIXTURES / name
        for name in ("ada_grey_32.pkl", "ada_cond_64.pkl", "luc_16", "luc_16/model_0.pt", "ada_grey_32.npz")
    ),
)
KINDS = (
    *(*("click",) * 6, *("drag",) * 2, *("key",) * 4, "control", "wheel", "wheel", "double", "resize", "drop"),
    *("timeline", "library", "favourite", "view"),
)
VIEWS = "tlrmoiph?"
SOME_KEYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of the loop."""

    seconds: float
    """of the processor, in the UI thread: what others do on the machine does not count"""
    during: str
    """what the hands did"""


class Monkey:
    """Acts by a seed, so that what it found can be found again."""

    def __init__(self, driver: Driver, seed: int, scratch: Path) -> None:
        """Writes bad files into the folder `scratch`."""
        self._driver = driver
        self._random = random.Random(seed)
        self._files = (*FILES, *bad_files(scratch), *other_files(scratch))
        self.acts: list[str] = []
        """all that was done so far"""

    def act(self) -> None:
        """One thing that a person might do."""
        kind = self._random.choice(KINDS)
        self.acts.append(kind)
        getattr(self, f"_{kind}")()

    def _note(self, *details: object) -> None:
        self.acts[-1] += " " + " ".join(map(str, details))

    def _point(self) -> Point:
        """Anywhere, and mostly on something that can be clicked."""
        window = self._driver.app.window
        width, height = window.size
        stops = window.focus_ring.stops()
        if stops and self._random.random() < 0.6:
            element = self._random.choice(stops)
            place = pygame.Rect(element.rect).clip(pygame.Rect((0, 0), window.size))
            if place.width and place.height:
                return self._random.randrange(place.left, place.right), self._random.randrange(place.top, place.bottom)
        return self._random.randrange(width), self._random.randrange(height)

    def _click(self) -> None:
        buttons = (pygame.BUTTON_LEFT,) * 8 + (pygame.BUTTON_RIGHT, pygame.BUTTON_MIDDLE)
        point, button = self._point(), self._random.choice(buttons)
        self._note(point, button)
        self._driver.click(point, button)

    def _double(self) -> None:
        point = self._point()
        self._note(point)
        self._driver.click(point)
        self._driver.click(point)

    def _drag(self) -> None:
        start, end = self._point(), self._point()
        self._note(start, end)
        self._driver.drag(start, end, steps=3)

    def _key(self) -> None:
        key, character = self._random.choice(KEYS)
        mod = self._random.choice((0, 0, 0, pygame.KMOD_LSHIFT))
        self._note(pygame.key.name(key), mod)
        self._driver.key(key, character, mod)
        if character.isprintable() and character:
            self._driver.post(pygame.TEXTINPUT, text=character)

    def _control(self) -> None:
        key = self._random.choice(CONTROL_KEYS)
        mod = pygame.KMOD_LCTRL | self._random.choice((0, pygame.KMOD_LSHIFT))
        self._note(pygame.key.name(key), mod)
        self._driver.key(key, mod=mod)

    def _wheel(self) -> None:
        point, notches = self._point(), self._random.choice((-3, -1, 1, 3))
        self._note(point, notches)
        self._driver.move(point)
        self._driver.post(pygame.MOUSEWHEEL, x=0, y=notches, flipped=False, precise_x=0.0, precise_y=float(notches))

    def _resize(self) -> None:
        width, height = self._random.randrange(300, 1600), self._random.randrange(200, 1100)
        self._note(width, height)
        self._driver.post(pygame.VIDEORESIZE, size=(width, height), w=width, h=height)

    def _view(self) -> None:
        """Something that is rarely met by chance."""
        letter = self._random.choice(VIEWS)
        self._note(letter)
        self._driver.key(ord(letter), letter)

    def _timeline(self) -> None:
        """Unfolds it and fills it if need be; else something happens among its keys."""
        window, studio = self._driver.app.window, self._driver.app.timeline.studio
        if window.timeline.view is None or len(studio.timeline.keys) < SOME_KEYS:
            tile = self._random.randrange(len(self._driver.app.session.document.tiles))
            self._note("add", tile)
            self._driver.move(window.grid.tile_centre(tile))
            self._driver.key(pygame.K_a, "a")
            return
        track = pygame.Rect(window.timeline.view.track.rect)
        start, end = (self._random_in(track), self._random_in(track.inflate(60, 60)))
        key = self._random.choice((0, pygame.K_SPACE, pygame.K_DELETE, pygame.K_LEFT, pygame.K_RIGHT))
        self._note(start, end, pygame.key.name(key))
        self._driver.drag(start, end, steps=3)
        if key:
            self._driver.key(key)

    def _library(self) -> None:
        """Opens it; else a favourite is chosen and something is written about it."""
        window = self._driver.app.window
        if window.library is None:
            self._driver.key(pygame.K_l, "l")
            return
        fields = [each for each in window.manager.get_sprite_group().sprites() if isinstance(each, TextField)]
        self._driver.click(self._random_in(pygame.Rect(window.library.cards.rect)))
        if fields:
            word = self._random.choice(("blue", "round, blue", "", "ψ" * 40))
            self._note(word)
            field = self._random.choice(fields)
            if field.alive() and field.visible:
                self._driver.type_into(field, word)

    def _favourite(self) -> None:
        """Drags a thumbnail anywhere, or clicks it."""
        strip = self._driver.app.window.strip
        if not strip.ids or not strip.visible:
            return
        start, end = strip.centre(self._random.randrange(len(strip.ids))), self._point()
        self._note(start, end)
        if self._random.random() < 0.5:
            self._driver.drag(start, end, steps=3)
        else:
            self._driver.click(start)

    def _random_in(self, place: pygame.Rect) -> Point:
        place = place.clip(pygame.Rect((0, 0), self._driver.app.window.size))
        if not place.width or not place.height:
            return 0, 0
        return self._random.randrange(place.left, place.right), self._random.randrange(place.top, place.bottom)

    def _drop(self) -> None:
        file = self._random.choice(self._files)
        self._note(file.name)
        self._driver.post(pygame.DROPFILE, file=str(file))


class MallocInfo(ctypes.Structure):
    """glibc's `struct mallinfo2`."""

    _fields_ = [
        *((name, ctypes.c_size_t) for name in ("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks")),
        *((name, ctypes.c_size_t) for name in ("uordblks", "fordblks", "keepcost")),
    ]


def memory_in_use() -> int:
    """Bytes that were asked for and not given back; on a system that does not say so, all that the process has."""
    mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None) if sys.platform == "linux" else None
    if mallinfo is None:
        return int(psutil.Process().memory_info().rss)
    mallinfo.restype = MallocInfo
    info = mallinfo()
    return int(info.uordblks + info.hblkhd)


def bad_files(folder: Path) -> tuple[Path, ...]:
    """Files that nothing can be made of, under names that promise something; a folder; and nothing at all."""
    contents = {
        "broken.pkl": b"\x80\x04broken",
        "empty.safetensors": b"",
        "text.png": b"no picture",
        "list.json": b"[1, 2",
        "cut.zip": b"PK\x03\x04",
        "cut.mp4": b"\0\0\0\x18ftypisom",
        "nameless": b"?",
    }
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return (*(folder / name for name in contents), folder, folder / "missing.pkl")


def other_files(folder: Path) -> tuple[Path, ...]:
    """A StyleGAN3 model, a run folder with a snapshot and statistics, and a folder of pictures to train on."""
    model = folder / "stylegan3.safetensors"
    save_model(model, G_ema=make_stylegan3(**R))
    run = new_run(folder / "runs")
    run.write_snapshot(tiny_generator(1), 1_000)
    for kimg in range(1, 20):
        report(run, float(kimg), loss_G=1.0, loss_D=0.7)
    pictures = folder / "pictures"
    pictures.mkdir()
    for index in range(4):
        Image.new("RGB", (16, 16), (index * 40, 90, 30)).save(pictures / f"{index}.png")
    return model, run.path, pictures


def watch_turns(driver: Driver, monkey: Monkey) -> list[Turn]:
    """A list that gets a line for every turn from now on."""
    turns: list[Turn] = []
    step = driver.app.step

    def timed(patience: float = 0.0) -> None:
        before = time.thread_time()
        step(patience)
        turns.append(Turn(seconds=time.thread_time() - before, during=monkey.acts[-1] if monkey.acts else ""))

    driver.app.step = timed  # type: ignore[method-assign]
    return turns
