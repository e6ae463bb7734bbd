"""The explorer: who knows whom, and one step of its loop: events, session, request, replies, draw."""

from __future__ import annotations

import time
from pathlib import Path

import pygame

from engine.errors import EngineError
from explorer.app.commands import Desks, WindowCommands
from explorer.app.errors import WindowError
from explorer.app.exporting import ExportBackend, ExportDesk
from explorer.app.favourites import FavouritesDesk
from explorer.app.happenings import Happenings
from explorer.app.input import Keyboard
from explorer.app.notices import Notice
from explorer.app.opening import ModelDesk
from explorer.app.options import AppOptions
from explorer.app.replies import ReplyDesk
from explorer.app.screenshot import save_screenshot
from explorer.app.window import Scene, Window, WindowActions
from explorer.elements.favourites_strip import StripActions
from explorer.elements.image_grid import GridActions
from explorer.elements.nudges import key_steps
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
        self.happenings = Happenings()
        self.models = ModelDesk(self.happenings, self.worker.open_model)
        self.favourites = FavouritesDesk(self.session, self.complain)
        self.export = ExportDesk(self._export_backend())
        self.commands = WindowCommands(self._desks(), lambda: self.window)
        self.keyboard = Keyboard(self.commands)
        self.window = Window(options.size, self.session, self._actions(), visible=options.screenshot is None)
        self.favourites.strip = self.window.strip
        self.replies = self._reply_desk()
        self.running = True
        self.frames_drawn = 0
        self._awake_until = 0.0
        self._last_update = time.monotonic()

    def start(self) -> None:
        """Shows the window, then starts what takes its time."""
        self.export.propose()
        self.favourites.open_library()
        notice = self.models.open_first(self.options.model_path(), self.commands.choose_model)
        if notice is not None:
            self.window.notices.show(notice)
        self._draw()
        self.worker.start()

    def run(self) -> None:
        """Until the window is closed."""
        while self.running:
            self.step(self.patience())

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
        """Closes the window at once, and gives up what is running."""
        pygame.quit()
        self.favourites.close()
        self.worker.stop()

    @property
    def settled(self) -> bool:
        """Whether a model is open and every tile shows its current look."""
        return self.session.model is not None and not self.happenings.model.opening and not self.session.pending

    def patience(self) -> float:
        """How long the loop may sleep, in seconds."""
        if time.monotonic() < self._awake_until:
            return FRAME_SECONDS
        if self.window.grid.waiting or self.window.typing:
            return QUIET_FRAME_SECONDS
        return IDLE_SECONDS

    def complain(self, sentence: str) -> None:
        """A failure, in the window."""
        self.happenings.failed = sentence
        self.window.notices.show(Notice(text=sentence))

    def _events(self, patience: float) -> list[pygame.event.Event]:
        drawing = bool(self.session.pending) and self.session.failure is None
        if drawing or self.export.running or self.happenings.model.opening:
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
        self.keyboard.watch(event)
        if event.type == pygame.QUIT:
            self.running = False
        elif event.type == pygame.VIDEORESIZE:
            self.window.resize((event.w, event.h))
        elif event.type == pygame.DROPFILE:
            self.models.open(Path(event.file))
        elif event.type == pygame.KEYDOWN and not self._is_for_element(event):
            self.session.complete()
            self.keyboard.run(event)
        else:
            if event.type == pygame.MOUSEBUTTONDOWN:
                self.session.complete()
            self.window.manager.process_events(event)

    def _is_for_element(self, event: pygame.event.Event) -> bool:
        """Keys belong to a text field that has the focus, or to a dialog; arrows to a slider that has the focus."""
        if self.window.has_dialog:
            return bool(event.key != pygame.K_ESCAPE)
        return self.window.typing or (self.window.steering and key_steps(event) != 0)

    def _ask(self) -> None:
        self.session.hovered = self.window.grid.hovered_tile
        request = self.session.next_request()
        if request is not None:
            self.worker.request(request)

    def _draw(self) -> None:
        now = time.monotonic()
        scene = Scene(
            model=self.happenings.model,
            marked=self.favourites.marked_tiles(),
            status=self.happenings.status(self.session.model),
        )
        self.window.sync(scene)
        self.window.update(now - self._last_update)
        self.window.draw()
        self._last_update = now
        self.frames_drawn += 1

    def _export_backend(self) -> ExportBackend:
        return ExportBackend(
            export=self.worker.export_video,
            cancel=self.worker.cancel_export,
            looks=lambda: self.favourites.looks,
            complain=self.complain,
        )

    def _desks(self) -> Desks:
        return Desks(session=self.session, favourites=self.favourites, export=self.export, models=self.models)

    def _reply_desk(self) -> ReplyDesk:
        return ReplyDesk(
            session=self.session,
            favourites=self.favourites,
            export=self.export,
            happenings=self.happenings,
            say=self.window.notices.show,
            choose_model=self.commands.choose_model,
        )

    def _actions(self) -> WindowActions:
        commands = self.commands
        export = ExportActions(
            state=self.export.state,
            change=self.export.change,
            choose_path=commands.choose_video_path,
            start=self.export.start,
            cancel=self.export.cancel,
        )
        return WindowActions(
            sidebar=SidebarActions(
                model_state=lambda: self.happenings.model, choose_model=commands.choose_model, export=export
            ),
            grid=GridActions(click=self.favourites.toggle, select=commands.select, drag=commands.drag),
            strip=StripActions(pick=self.favourites.bring_back, remove=self.favourites.remove),
        )
