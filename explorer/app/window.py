"""Everything that is seen: the parts of the window, where they lie, and how they follow the session.

Knows the session and the elements; what a click means it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from types import UnionType

import numpy as np
import pygame
from pygame_gui.core import UIElement
from pygame_gui.elements import UITextEntryLine, UIWindow

from explorer.app.dialogs import keep_inside
from explorer.app.display import open_window, set_size
from explorer.app.focus import FocusRing
from explorer.app.history_view import HistoryView
from explorer.app.layer_viewer import LayerViewer
from explorer.app.layout import ROOMY, SIDEBAR_WIDTH, Layout, lay_out
from explorer.app.magnifier import Magnifier
from explorer.app.manager import make_manager
from explorer.app.notices import Notices
from explorer.app.options import MIN_SIZE
from explorer.app.repaint import Repaint
from explorer.app.status_line import StatusLine
from explorer.app.theme import load_theme
from explorer.app.timeline_drawer import TimelineDrawer
from explorer.app.training_window import TrainingWindow
from explorer.app.video_window import VideoWindow
from explorer.elements.drawn import DrawnElement
from explorer.elements.favourites_strip import FavouritesStrip, StripActions
from explorer.elements.film_strip import FilmActions, FilmStrip
from explorer.elements.history_strip import HistoryActions, HistoryStrip
from explorer.elements.image_grid import GridActions, ImageGrid
from explorer.elements.large_picture import LargePicture
from explorer.elements.layer_bars import LayerBars
from explorer.elements.value_slider import ValueSlider
from explorer.panels.library_actions import LibraryActions
from explorer.panels.library_view import LibraryState, LibraryView
from explorer.panels.sidebar import Sidebar, SidebarActions
from explorer.panels.states import ModelState
from explorer.panels.timeline_view import TimelineActions
from explorer.session.document import latent_of
from explorer.session.seed_plane import described
from explorer.session.session import Session
from explorer.session.studio import Studio

HISTORY = "History"
TIMELINE = "Timeline"


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowActions:
    """What clicks mean."""

    sidebar: SidebarActions
    grid: GridActions
    strip: StripActions
    library: LibraryActions
    history: HistoryActions
    film: FilmActions
    studio: Studio
    timeline: TimelineActions
    toggle_timeline: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is shown beyond the session."""

    model: ModelState
    marked: frozenset[int]
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowStyle:
    """How it looks."""

    theme: str = "dark"
    scale: float = 1.0
    visible: bool = True
    """whether a person is to see it"""


class Window:
    """The display's surface and all elements on it."""

    def __init__(
        self,
        size: tuple[int, int],
        session: Session,
        actions: WindowActions,
        style: WindowStyle,
    ) -> None:
        """Raises WindowError."""
        size = max(size[0], MIN_SIZE[0]), max(size[1], MIN_SIZE[1])
        self._magnifier = Magnifier(open_window(size, visible=style.visible), style.scale)
        theme = load_theme(style.theme)
        self.ground = pygame.Color(theme["defaults"]["colours"]["canvas"])
        self.accent = pygame.Color(theme["defaults"]["colours"]["accent"])
        self.manager = make_manager(self.surface.get_size(), theme)
        self._repaint = Repaint()
        self.full_screen = False
        self.dialog: UIWindow | None = None
        self._session = session
        self._size_before = size
        self._shown: dict[int, np.ndarray] = {}
        self._library_actions = actions.library
        self._library_state = LibraryState()
        self.library: LibraryView | None = None
        self.shows_film = False
        self.shows_history = self.surface.get_width() >= ROOMY
        self.timeline = TimelineDrawer(self.manager, actions.studio, actions.timeline, actions.toggle_timeline)
        layout = self.layout
        self.history = HistoryStrip(layout.history, self.manager, actions.history)
        if not self.shows_history:
            self.history.hide()
        self._history_view = HistoryView(session, self.history)
        self.grid = ImageGrid(layout.grid, self.manager, actions.grid)
        self.film = FilmStrip(layout.film, self.manager, actions.film)
        self.frame = LargePicture(layout.grid, self.manager, actions.studio.leave)
        self.frame.hide()
        self.strip = FavouritesStrip(layout.strip, self.manager, actions.strip)
        self.timeline.lay_out(layout.timeline, layout.tab)
        self.sidebar = Sidebar(layout.sidebar, self.manager, session, actions.sidebar)
        self.status = StatusLine(layout.status, self.manager)
        self.notices = Notices(self.manager, layout.notice)
        self.focus_ring = FocusRing(self.manager, self._regions, self.sidebar.reveal, self._blocking_dialog)

    @property
    def surface(self) -> pygame.Surface:
        """What everything is drawn on, in the window's own pixels: those of events, elements and layouts."""
        return self._magnifier.canvas

    @property
    def display(self) -> pygame.Surface:
        """What is seen, in the display's pixels."""
        return self._magnifier.display

    def in_own_pixels(self, event: pygame.event.Event) -> pygame.event.Event:
        """An event as the elements understand it."""
        return self._magnifier.translated(event)

    @property
    def layout(self) -> Layout:
        """Where the parts lie at the present size."""
        return lay_out(
            self.surface.get_size(),
            SIDEBAR_WIDTH,
            history=self.shows_history,
            film=self.shows_film,
            timeline=self.timeline.height,
        )

    @property
    def restored_size(self) -> tuple[int, int]:
        """The window's size when it does not fill the display."""
        return self._size_before if self.full_screen else self.display.get_size()

    @property
    def typing(self) -> bool:
        """Whether a text field has the focus, so that keys are text."""
        return self._has_focus(UITextEntryLine)

    @property
    def steering(self) -> bool:
        """Whether a slider or the bars of layers have the focus, so that arrow keys are for them."""
        return self._has_focus(ValueSlider | LayerBars)

    def drop_focus(self) -> bool:
        """No control has the keyboard; False if none had it, or nobody could see it."""
        had_it = self.steering or (self.focus_ring.shown and self.focus_ring.current is not None)
        if had_it:
            self.manager.set_focus_set(None)
        self.focus_ring.shown = False
        return had_it

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
        if self.display.get_size() != size:
            self._magnifier.show_on(set_size(size, full_screen=self.full_screen))
        self.expose()
        self.manager.set_window_resolution(self.surface.get_size())
        layout = self.layout
        for element, place in (
            (self.grid, layout.grid),
            (self.history, layout.history),
            (self.film, layout.film),
            (self.frame, layout.grid),
            (self.strip, layout.strip),
        ):
            element.set_relative_position(place.topleft)
            element.set_dimensions(place.size)
        self.timeline.lay_out(layout.timeline, layout.tab)
        self.sidebar.resize(layout.sidebar)
        self.status.resize(layout.status)
        self.notices.move(layout.notice)
        if self.library is not None:
            self.show_library(False)
            self.show_library(True)
        if self.dialog is not None and self.dialog.alive():
            keep_inside(self.dialog, self.manager)

    def toggle_full_screen(self) -> None:
        """The whole display, or the size before."""
        if not self.full_screen:
            self._size_before = self.display.get_size()
        self.full_screen = not self.full_screen
        self._magnifier.show_on(set_size(self._size_before, full_screen=self.full_screen))
        self.resize(self.display.get_size())

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
        if shown:
            layout = self.layout
            covered_places = [layout.strip, layout.tab, *([layout.history] if self.shows_history else [])]
            place = layout.grid.unionall(covered_places)
            self.library = LibraryView(place, self.manager, self._library_actions, self._library_state)

    def close_library(self) -> bool:
        """The comparison in it first. False if it is not shown."""
        if self.library is None:
            return False
        if not self.library.close_innermost():
            self.show_library(False)
        return True

    def pictures_arrived(self) -> None:
        """Thumbnails that the library's view has waited for."""
        if self.library is not None:
            self.library.touch()

    def offer_key(self, event: pygame.event.Event) -> bool:
        """To a drawn element that has the focus; False if it has no use for the key."""
        for element in tuple(self.manager.get_focus_set() or ()):
            by_mouse_only = element in (self.grid, self.strip, self.history) and not self.focus_ring.shown
            if isinstance(element, DrawnElement) and element.alive() and not by_mouse_only:
                return bool(element.process_event(event))
        return False

    def show_history(self, shown: bool) -> None:
        """Beside the grid, or not at all."""
        if shown != self.shows_history:
            self.shows_history = shown
            (self.history.show if shown else self.history.hide)()
            self.resize(self.display.get_size())

    def show_timeline(self, shown: bool) -> None:
        """Between the grid and the favourites, or not at all."""
        if shown != self.timeline.opened:
            self.timeline.opened = shown
            self.resize(self.display.get_size())

    def show_film(self, shown: bool) -> None:
        """Below the grid, or not at all."""
        if shown != self.shows_film:
            self.shows_film = shown
            self.resize(self.display.get_size())

    def slider_in_use(self) -> ValueSlider:
        """The slider under the mouse, else the one with the focus, else psi's."""
        sliders = [each for each in self.manager.get_sprite_group().sprites() if isinstance(each, ValueSlider)]
        mouse = self.manager.get_mouse_position()
        for slider in sliders:
            if slider.hover_point(*mouse):
                return slider
        focused = next((slider for slider in sliders if slider.is_focused), None)
        return self.sidebar.unfolded_psi() if focused is None else focused

    def sync(self, scene: Scene) -> None:
        """Brings everything into line with the session."""
        document = self._session.document
        if self.timeline.follow_sound():
            self.resize(self.display.get_size())
        self.sidebar.sync()
        if self.library is not None:
            self.library.sync()
        self.timeline.sync()
        self.grid.show_grid(document.rows, document.columns)
        self._sync_pictures()
        if self.shows_history:
            self._history_view.sync()
        self.grid.show_names(tuple(self._name_of(tile) for tile in range(len(document.tiles))))
        self.grid.show_marks(scene.marked, document.selected)
        caption, waiting = self._caption(scene.model)
        self.grid.show_caption(caption, waiting=waiting)
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
        group, outline, surface = self.manager.get_sprite_group(), self.focus_ring.outline(), self.surface
        sprites = (each for each in group.sprites() if each.visible and each.image is not None)
        elements = [each for each in sprites if isinstance(each, UIElement)]
        parts = self._repaint.parts(elements, outline, surface.get_size())
        for part in parts:
            surface.set_clip(part)
            surface.fill(self.ground)
            seen = (each for each in elements if part.colliderect((each.rect.topleft, each.image.get_size())))
            surface.blits([(each.image, each.rect, each.image.get_rect(), each.blendmode) for each in seen])
            if outline is not None:
                pygame.draw.rect(surface, self.accent, outline, width=2, border_radius=5)
        surface.set_clip(None)
        if parts:
            self._magnifier.show(parts)

    def expose(self) -> None:
        """The display may have lost what it showed: everything is drawn again."""
        self._repaint.forget()

    @property
    def layer_viewer(self) -> LayerViewer | None:
        """The open one."""
        return self.dialog if isinstance(self.dialog, LayerViewer) and self.dialog.alive() else None

    def _has_focus(self, kind: type[UIElement] | UnionType) -> bool:
        focused = self.manager.get_focus_set() or ()
        return any(isinstance(element, kind) and element.alive() and element.is_focused for element in focused)

    def _sync_pictures(self) -> None:
        results = self._session.results
        if not results and self._shown:
            if not self._session.succeeding:
                self.grid.clear()
            self._shown.clear()
        for tile in [tile for tile in self._shown if tile not in results]:
            del self._shown[tile]
        for tile, result in results.items():
            if self._shown.get(tile) is not result.pixels:
                self._shown[tile] = result.pixels
                self.grid.show_picture(tile, result.pixels)

    def _name_of(self, tile: int) -> str:
        """The seed, and the class where the classes have names."""
        name, model = described(latent_of(self._session.document, tile)), self._session.model
        if model is None or not model.class_names:
            return name
        weights = self._session.look_of(tile).class_weights or (1.0,)
        return f"{name}, {model.class_names[weights.index(max(weights))]}"

    def _caption(self, model: ModelState) -> tuple[str, bool]:
        """(text over the grid, whether empty tiles breathe)"""
        if self._session.model is None:
            return (f"Opening {model.opening}…", True) if model.opening else ("No model is open", False)
        missing = any(tile not in self._session.results for tile in self._session.pending)
        return "", missing and self._session.failure is None
