"""The explorer: who knows whom, and one step of its loop: events, session, request, replies, draw."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pygame

from engine.errors import EngineError
from explorer.app.commands import Desks, WindowCommands
from explorer.app.errors import WindowError
from explorer.app.exporting import ExportBackend, ExportDesk
from explorer.app.favourites import FavouritesDesk
from explorer.app.input import dispatch
from explorer.app.notices import Notice
from explorer.app.options import BUNDLED_MODEL, AppOptions
from explorer.app.replies import Happenings, ReplyDesk
from explorer.app.screenshot import save_screenshot
from explorer.app.window import Scene, Window, WindowActions
from explorer.elements.favourites_strip import StripActions
from explorer.elements.image_grid import GridActions
from explorer.panels.export_panel import ExportActions
from explorer.panels.sidebar import SidebarActions
from explorer.session.document import new_document
from explorer.session.session import Session
from explorer.worker.render_worker import RenderWorker

AWAKE_SECONDS = 1.2
"""How long the window keeps drawing after something happened: tooltips and hovering need a moment."""
FRAME_SECONDS = 1 / 60
POLL_SECONDS = 1 / 60
"""Between looks into the worker's replies while some are to come."""
QUIET_FRAME_SECONDS = 1 / 15
"""Between frames of the loading animation and of a text cursor."""
IDLE_SECONDS = 0.25
SCREENSHOT_SECONDS = 600.0
SHAPES_SECONDS = 0.4
"""How long pygame_gui may take to give resized shapes their final form."""


class App:
    """The window, the session and the worker. `step` is one turn of the loop."""

    def __init__(self, options: AppOptions) -> None:
        """Opens the window. Raises WindowError. Nothing heavy has been imported when this returns."""
        self.options = options
        self.session = Session(new_document(*options.grid))
        self.worker = RenderWorker(options.device)
        self.favourites = FavouritesDesk(self.session, self.complain)
        self.export = ExportDesk(
            ExportBackend(
                export=self.worker.export_video,
                cancel=self.worker.cancel_export,
                looks=lambda: self.favourites.looks,
                complain=self.complain,
            )
        )
        desks = Desks(
            session=self.session,
            favourites=self.favourites,
            export=self.export,
            open_model=self.open_model,
            model_folder=lambda: self._model_folder,
        )
        self.commands = WindowCommands(desks, lambda: self.window)
        self.happenings = Happenings()
        self.running = True
        self.frames_drawn = 0
        self._model_folder = Path.home()
        self._awake_until = 0.0
        self._last_update = time.monotonic()
        self.window = Window(options.size, self.session, self._actions, visible=options.screenshot is None)
        self.favourites.strip = self.window.strip
        self.replies = ReplyDesk(
            session=self.session,
            favourites=self.favourites,
            export=self.export,
            happenings=self.happenings,
            say=self.window.notices.show,
            choose_model=self.commands.choose_model,
        )

    def start(self) -> None:
        """Shows the window, then starts what takes its time."""
        self.export.propose()
        self.favourites.open_library()
        self._open_first_model()
        self._draw()
        self.worker.start()

    def step(self, patience: float = 0.0) -> None:
        """One turn: at most `patience` seconds of waiting for an event."""
        events = self._events(patience)
        for event in events:
            self._handle(event)
        self._ask()
        replies = self.worker.replies()
        for reply in replies:
            self.replies.take(reply)
        if events or replies or self.window.notices.pass_time():
            self._awake_until = time.monotonic() + AWAKE_SECONDS
        if self.patience() < IDLE_SECONDS:
            self._draw()

    def run(self) -> None:
        """Until the window is closed."""
        while self.running:
            self.step(self.patience())

    def run_for_screenshot(self, path: Path) -> None:
        """Until every tile shows its look; then writes the window. Raises WindowError."""
        deadline = time.monotonic() + SCREENSHOT_SECONDS
        complete_since = 0.0
        while not self.settled or time.monotonic() < complete_since + SHAPES_SECONDS:
            if not self.settled or not complete_since:
                complete_since = time.monotonic()
            if self.happenings.failed:
                raise WindowError(self.happenings.failed)
            if time.monotonic() > deadline:
                raise WindowError(f"the window was not complete after {SCREENSHOT_SECONDS:.0f} seconds")
            self.step(POLL_SECONDS)
        self._draw()
        save_screenshot(self.window.surface, path)

    def close(self) -> None:
        """Gives up what is running and closes the window."""
        self.worker.stop()
        self.favourites.close()
        pygame.quit()

    @property
    def settled(self) -> bool:
        """Whether a model is open and every tile shows its current look."""
        return self.session.model is not None and not self.happenings.model.opening and not self.session.pending

    def complain(self, sentence: str) -> None:
        """A failure, in the window."""
        self.happenings.failed = sentence
        self.window.notices.show(Notice(text=sentence))

    def open_model(self, path: Path) -> None:
        """Opens the file in the worker; the model before stays until then."""
        self._model_folder = path.parent if path.parent.is_dir() else self._model_folder
        self.happenings.model = replace(self.happenings.model, opening=path.name)
        self.worker.open_model(path)

    def patience(self) -> float:
        """How long the loop may sleep."""
        if time.monotonic() < self._awake_until:
            return FRAME_SECONDS
        if self.window.grid.waiting or self.window.typing:
            return QUIET_FRAME_SECONDS
        return IDLE_SECONDS

    def _open_first_model(self) -> None:
        path = self.options.model_path()
        if path is not None:
            self.open_model(path)
            return
        sentence = f"The bundled model {BUNDLED_MODEL} is not there: open a model file, or drop one on the window."
        self.happenings.failed = sentence
        notice = Notice(text=sentence, action_label="Open a model…", action=self.commands.choose_model)
        self.window.notices.show(notice)

    def _events(self, patience: float) -> list[pygame.event.Event]:
        busy = bool(self.session.pending and self.session.failure is None) or self.export.running
        if busy or self.happenings.model.opening:
            patience = min(patience, POLL_SECONDS)
        if patience <= 0:
            return pygame.event.get()
        first = pygame.event.wait(max(1, round(patience * 1000)))
        return pygame.event.get() if first.type == pygame.NOEVENT else [first, *pygame.event.get()]

    def _handle(self, event: pygame.event.Event) -> None:
        try:
            self._act_on(event)
        except EngineError as error:
            self.complain(str(error))

    def _act_on(self, event: pygame.event.Event) -> None:
        if event.type == pygame.QUIT:
            self.running = False
        elif event.type == pygame.VIDEORESIZE:
            self.window.resize((event.w, event.h))
        elif event.type == pygame.DROPFILE:
            self.open_model(Path(event.file))
        elif event.type == pygame.KEYDOWN and not self._is_text(event):
            dispatch(event, self.commands)
        else:
            self.window.manager.process_events(event)

    def _is_text(self, event: pygame.event.Event) -> bool:
        """Keys belong to a text field that has the focus; under a dialog only Escape works."""
        return self.window.typing or (self.window.has_dialog and event.key != pygame.K_ESCAPE)

    def _ask(self) -> None:
        self.session.hovered = self.window.grid.hovered_tile
        request = self.session.next_request()
        if request is not None:
            self.worker.request(request)

    def _draw(self) -> None:
        now = time.monotonic()
        scene = Scene(model=self.happenings.model, marked=self.favourites.marked_tiles(), status=self._status())
        self.window.sync(scene)
        self.window.update(now - self._last_update)
        self.window.draw()
        self._last_update = now
        self.frames_drawn += 1

    def _status(self) -> str:
        state, model = self.happenings.model, self.session.model
        parts = [f"Opening {state.opening}…"] if state.opening else []
        if model is not None and not state.opening:
            parts = [state.name, f"{model.img_resolution} × {model.img_resolution}"]
        if state.device:
            parts.append(state.device)
        if self.happenings.seconds_per_picture:
            parts.append(f"{self.happenings.seconds_per_picture * 1000:.0f} ms a picture")
        return "   ·   ".join(parts)

    def _actions(self) -> WindowActions:
        commands = self.commands
        return WindowActions(
            sidebar=SidebarActions(
                model_state=lambda: self.happenings.model,
                choose_model=commands.choose_model,
                export=ExportActions(
                    state=self.export.state,
                    change=self.export.change,
                    choose_path=commands.choose_video_path,
                    start=self.export.start,
                    cancel=self.export.cancel,
                ),
            ),
            grid=GridActions(click=self.favourites.toggle, select=commands.select, drag=commands.drag),
            strip=StripActions(pick=self.favourites.bring_back, remove=self.favourites.remove),
        )
