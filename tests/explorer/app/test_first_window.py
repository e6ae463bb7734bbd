"""A window stands before anything is in it, and the real one takes its place."""

import subprocess
import sys

import pygame
import pytest

from explorer.app.display import suggested_scale, usual_size
from explorer.app.first_window import show_first_window
from explorer.app.layout import SIDEBAR_WIDTH
from explorer.app.options import FIRST_SIZE, LAST_SESSION, MIN_SIZE, AppOptions
from explorer.app.theme import load_palette
from explorer.elements.thin_scroller import BAR_WIDTH
from explorer.library.settings import Settings, write_settings
from explorer.panels.panel import PANEL_WIDTH
from explorer.panels.sidebar import MARGIN
from explorer.session.document import new_document
from explorer.session.session_file import SavedSession, write_session


@pytest.fixture
def shown(data_folder):
    data_folder.mkdir()

    def show(**options):
        show_first_window(AppOptions(**options))
        return pygame.display.get_surface()

    yield show
    pygame.quit()


def test_it_needs_neither_torch_nor_elements(data_folder):
    program = (
        "import sys\n"
        "from explorer.app.first_window import show_first_window\n"
        "from explorer.app.options import AppOptions\n"
        "show_first_window(AppOptions())\n"
        "import pygame\n"
        "assert pygame.display.get_active()\n"
        "assert not {'torch', 'numpy', 'pygame_gui'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_it_shows_the_ground_of_the_palette_and_of_the_panels(shown, data_folder):
    write_settings(data_folder, Settings(theme="light"))
    surface, palette = shown(), load_palette("light")
    assert surface.get_size() == FIRST_SIZE
    assert surface.get_at((10, 10)) == pygame.Color(palette["panel"])
    assert surface.get_at((SIDEBAR_WIDTH + 10, 10)) == pygame.Color(palette["canvas"])


def test_it_has_the_size_of_the_last_session(shown, data_folder):
    write_session(data_folder / LAST_SESSION, SavedSession(document=new_document(2, 2), size=(1111, 777)))
    assert shown().get_size() == (1111, 777)
    assert shown(new=True).get_size() == FIRST_SIZE
    assert shown(size=(1234, 800)).get_size() == (1234, 800)
    assert shown(size=(10, 10)).get_size() == MIN_SIZE


@pytest.mark.parametrize(
    ("desktop", "scale", "size"),
    [
        ((3840, 2160), 1.5, (2160, 1350)),
        ((5120, 2880), 2.0, (2880, 1800)),
        ((2560, 1600), 1.25, (1800, 1125)),
        ((2560, 1440), 1.0, FIRST_SIZE),
        ((2160, 3840), 1.0, FIRST_SIZE),
        ((1024, 768), 1.0, FIRST_SIZE),
    ],
)
def test_a_display_of_small_pixels_gets_a_larger_scale_until_one_is_chosen(
    shown, launch, data_folder, monkeypatch, desktop, scale, size
):
    monkeypatch.setattr("pygame.display.get_desktop_sizes", lambda: [desktop])
    first = shown()
    assert first.get_size() == size
    window = launch(size=None).app.window
    assert window.surface is first
    assert (window.screen.scale.factor, window.size) == (scale, FIRST_SIZE)
    write_settings(data_folder, Settings(scale=1.0))
    assert shown().get_size() == FIRST_SIZE


def test_without_a_display_nothing_is_suggested(monkeypatch):
    def fail():
        raise pygame.error("no display")

    monkeypatch.setattr("pygame.display.get_desktop_sizes", fail)
    assert suggested_scale() == 1.0
    assert usual_size(2.0) == FIRST_SIZE


def test_a_session_that_cannot_be_read_is_told_of_later(shown, data_folder):
    (data_folder / LAST_SESSION).write_text("no session", encoding="utf-8")
    assert shown().get_size() == FIRST_SIZE


def test_the_real_window_takes_its_place(shown, launch):
    first = shown(size=(1000, 900))
    assert launch().app.window.surface is first


def test_the_panels_are_as_wide_as_their_place():
    assert 2 * MARGIN + PANEL_WIDTH + BAR_WIDTH == SIDEBAR_WIDTH
