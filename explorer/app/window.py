"""Everything that is seen: the parts of the window, where they lie, and which of them are open.

How it comes onto the screen, what the grid shows, and who has the keyboard is left to `screen`, `grid_view` and
`key_focus`; what a click means it is told.
"""

from __future__ import annotations

from collections.abc import Set

import pygame
from pygame_gui.elements import UITooltip, UIWindow

from explorer.app.dialogs import keep_inside
from explorer.app.focus import FocusRing
from explorer.app.grid_view import GridView
from explorer.app.history_view import HistoryView
from explorer.app.key_focus import KeyFocus
from explorer.app.layer_viewer import LayerViewer
from explorer.app.layout import ROOMY, SIDEBAR_WIDTH, Layout, lay_out
from explorer.app.manager import make_manager
from explorer.app.notices import Notices
from explorer.app.options import MIN_SIZE
from explorer.app.screen import Screen
from explorer.app.status_line import StatusLine
from explorer.app.theme import load_theme
from explorer.app.timeline_drawer import TimelineDrawer
from explorer.app.training_window import TrainingWindow
from explorer.app.video_window import VideoWindow
from explorer.app.window_values import Scene, WindowActions, WindowStyle
from explorer.elements.favourites_strip import FavouritesStrip
from explorer.elements.film_strip import FilmStrip
from explorer.elements.history_strip import HistoryStrip
from explorer.elements.image_grid import ImageGrid
from explorer.elements.large_picture import LargePicture
from explorer.elements.placing import put
from explorer.elements.value_slider import ValueSlider
from explorer.panels.library_view import LibraryState, LibraryView
from explorer.panels.sidebar import Sidebar
from explorer.session.session import Session

HISTORY = "History"
TIMELINE = "Timeline"


class Window:
    """All parts, at the size of the display."""

    def __init__(self, size: tuple[int, int], session: Session, actions: WindowActions, style: WindowStyle) -> None:
        """Raises WindowError."""
        size = max(size[0], MIN_SIZE[0]), max(size[1], MIN_SIZE[1])
        theme = load_theme(style.theme)
        self.screen = Screen(size, style, theme)
        self.manager = make_manager(self.size, theme, self.screen.scale)
        self.full_screen = False
        self.dialog: UIWindow | None = None
        self._size_before = size
        self._library_actions = actions.library
        self._library_state = LibraryState()
        self.library: LibraryView | None = None
        self.shows_film = False
        self.shows_history = self.size[0] >= ROOMY
        self.timeline = TimelineDrawer(self.manager, actions.studio, actions.timeline, actions.toggle_timeline)
        layout = self.layout
        self.history = HistoryStrip(layout.history, self.manager, actions.history)
        if not self.shows_history:
            self.history.hide()
        self._history_view = HistoryView(session, self.history)
        self.grid = ImageGrid(layout.grid, self.manager, actions.grid)
        self._grid_view = GridView(session, self.grid)
        self.film = FilmStrip(layout.film, self.manager, actions.film)
        self.frame = LargePicture(layout.grid, self.manager, actions.studio.leave)
        self.frame.hide()
        self.strip = FavouritesStrip(layout.strip, self.manager, actions.strip)
        self.timeline.lay_out(layout.timeline, layout.tab)
        self.sidebar = Sidebar(layout.sidebar, self.manager, session, actions.sidebar)
        self.status = StatusLine(layout.status, self.manager)
        self.notices = Notices(self.manager, layout.notice)
        self.focus_ring = FocusRing(self.manager, self._regions, self.sidebar.reveal, self._blocking_dialog)
        self.keys = KeyFocus(self.manager, self.focus_ring, by_mouse=(self.grid, self.strip, self.history))

    @property
    def surface(self) -> pygame.Surface:
        """What is seen, in the display's pixels."""
        return self.screen.surface

    @property
    def size(self) -> tuple[int, int]:
        """In points, as everything in it."""
        return self.screen.size

    @property
    def layout(self) -> Layout:
        """Where the parts lie at the present size."""
        return lay_out(
            self.size,
            SIDEBAR_WIDTH,
            history=self.shows_history,
            film=self.shows_film,
            timeline=self.timeline.height,
        )

    @property
    def restored_size(self) -> tuple[int, int]:
        """The window's size when it does not fill the display."""
        return self._size_before if self.full_screen else self.surface.get_size()

    def _regions(self) -> list[pygame.Rect]:
        layout = self.layout
        return [layout.sidebar, layout.grid, layout.history, layout.timeline, layout.strip, layout.tab]

    def _blocking_dialog(self) -> UIWindow | None:
        return self.dialog if self.has_dialog else None

    @property
    def has_dialog(self) -> bool:
        """Whether a dialog is open over the window."""
        return self.dialog is not None and self.dialog.alive()

    def open_dialog(self, dialog: UIWindow) -> None:
        """One at a time."""
        self.close_dialog()
        self._hide_tooltips()
        self.dialog = dialog

    def close_dialog(self) -> bool:
        """False if there was none."""
        if self.dialog is None or not self.dialog.alive():
            return False
        self.dialog.kill()
        self.dialog = None
        return True

    def resize(self, size: tuple[int, int]) -> None:
        """Everything takes its place in a window of another size."""
        size = (max(size[0], MIN_SIZE[0]), max(size[1], MIN_SIZE[1]))
        if self.surface.get_size() != size:
            self.screen.resize(size, full_screen=self.full_screen)
        self.screen.follow()
        self.screen.expose()
        self.manager.draw_at(self.screen.scale)
        self.manager.set_window_resolution(self.size)
        layout = self.layout
        put(self.grid, layout.grid)
        put(self.history, layout.history)
        put(self.film, layout.film)
        put(self.frame, layout.grid)
        put(self.strip, layout.strip)
        self.timeline.lay_out(layout.timeline, layout.tab)
        self.sidebar.resize(layout.sidebar)
        self.status.resize(layout.status)
        self.notices.move(layout.notice)
        if self.library is not None:
            self.library.resize(self._library_place)
        if self.dialog is not None and self.dialog.alive():
            keep_inside(self.dialog, self.manager)

    def toggle_full_screen(self) -> None:
        """The whole display, or the size before."""
        if not self.full_screen:
            self._size_before = self.surface.get_size()
        self.full_screen = not self.full_screen
        self.screen.resize(self._size_before, full_screen=self.full_screen)
        self.resize(self.surface.get_size())

    @property
    def unfolded(self) -> frozenset[str]:
        """Names of all that is open."""
        return self.sidebar.unfolded() | frozenset(
            {*({HISTORY} if self.shows_history else ()), *({TIMELINE} if self.timeline.opened else ())}
        )

    def unfold(self, names: Set[str]) -> None:
        """Opens what is among the names and folds the rest."""
        self.sidebar.unfold(names)
        self.show_history(HISTORY in names)
        self.show_timeline(TIMELINE in names)

    @property
    def shows_library(self) -> bool:
        """Whether the library lies over the grid."""
        return self.library is not None

    def show_library(self, shown: bool) -> None:
        """Over the grid, the history and the strip, or not at all."""
        if self.library is not None:
            self.library.kill()
            self.library = None
            self.manager.set_focus_set(None)
        for covered in (self.grid, self.film, self.strip):
            (covered.hide if shown else covered.show)()
        (self.history.show if self.shows_history and not shown else self.history.hide)()
        self.timeline.cover(shown)
        self._hide_tooltips()
        if shown:
            self.library = LibraryView(self._library_place, self.manager, self._library_actions, self._library_state)

    @property
    def _library_place(self) -> pygame.Rect:
        layout = self.layout
        return layout.grid.unionall([layout.strip, layout.tab, *([layout.history] if self.shows_history else [])])

    def close_library(self) -> bool:
        """The comparison in it first. False if it is not shown."""
        if self.library is None:
            return False
        if not self.library.close_innermost():
            self.show_library(False)
        return True

    def _hide_tooltips(self) -> None:
        """What they were about is covered, and so would they be."""
        for element in self.manager.get_sprite_group().sprites():
            if isinstance(element, UITooltip):
                element.kill()

    def pictures_arrived(self) -> None:
        """Thumbnails that the library's view has waited for."""
        if self.library is not None:
            self.library.touch()

    def show_history(self, shown: bool) -> None:
        """Beside the grid, or not at all."""
        if shown != self.shows_history:
            self.shows_history = shown
            (self.history.show if shown else self.history.hide)()
            self.resize(self.surface.get_size())

    def show_timeline(self, shown: bool) -> None:
        """Between the grid and the favourites, or not at all."""
        if shown != self.timeline.opened:
            self.timeline.opened = shown
            self.resize(self.surface.get_size())

    def show_film(self, shown: bool) -> None:
        """Below the grid, or not at all."""
        if shown != self.shows_film:
            self.shows_film = shown
            self.resize(self.surface.get_size())

    def slider_in_use(self) -> ValueSlider:
        """The slider under the mouse, else the one with the focus, else psi's."""
        return self.keys.slider_in_use() or self.sidebar.unfolded_psi()

    def sync(self, scene: Scene) -> None:
        """Brings everything into line with the session."""
        if self.timeline.follow_sound():
            self.resize(self.surface.get_size())
        self.sidebar.sync()
        if self.library is not None:
            self.library.sync()
        self.timeline.sync()
        self._grid_view.sync(scene)
        if self.shows_history:
            self._history_view.sync()
        self.status.show_text(scene.status)
        if self.layer_viewer is not None:
            self.layer_viewer.sync()
        if isinstance(self.dialog, TrainingWindow | VideoWindow) and self.dialog.alive():
            self.dialog.sync()

    def update(self, seconds: float) -> None:
        """Lets the elements follow mouse and time."""
        self.manager.update(seconds)

    def draw(self) -> None:
        """Draws what looks different than before, and shows it."""
        self.screen.draw(self.manager.get_sprite_group().sprites(), self.focus_ring.outline())

    @property
    def layer_viewer(self) -> LayerViewer | None:
        """The open one."""
        return self.dialog if isinstance(self.dialog, LayerViewer) and self.dialog.alive() else None
