"""The explorer: who knows whom, and one step of its loop: events, session, request, replies, draw."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import pygame

from engine.errors import EngineError
from engine.formats.model_info import ModelInfo
from engine.video.available import problems
from explorer.app.actions import window_actions
from explorer.app.commands import Desks, WindowCommands
from explorer.app.drifting import DriftDesk
from explorer.app.edge import Edge
from explorer.app.errands import Errand, Errands
from explorer.app.errors import WindowError
from explorer.app.export_queue import QueueBackend
from explorer.app.exporting import ExportBackend, ExportDesk
from explorer.app.favourites import FavouritesDesk
from explorer.app.filmstrip import FilmDesk
from explorer.app.following import FollowDesk
from explorer.app.happenings import Happenings
from explorer.app.input import Keyboard, combined_motions, without_passed_sizes
from explorer.app.keeping import SessionKeeper, first_document, restored_document
from explorer.app.library_desk import LibraryDesk
from explorer.app.notices import Notice
from explorer.app.opening import FirstModel, ModelDesk
from explorer.app.options import FIRST_SIZE, AppOptions
from explorer.app.pace import IDLE_SECONDS, POLL_SECONDS, Pace
from explorer.app.preferences import Preferences
from explorer.app.replies import ReplyDesk
from explorer.app.resuming import Resumer
from explorer.app.screenshot import save_screenshot
from explorer.app.sharing import SharingDesk
from explorer.app.sweeping import Sweeper
from explorer.app.timeline_desk import TimelineDesk
from explorer.app.training_desk import TrainingDesk
from explorer.app.window import Scene, Window, WindowStyle
from explorer.elements.nudges import key_steps
from explorer.library.folders import data_folder
from explorer.library.recent_models import RecentModel, read_recent, write_recent
from explorer.library.settings import Settings, with_session
from explorer.session.edits import with_class_by_seed
from explorer.session.session import Session
from explorer.session.session_file import SavedSession
from explorer.worker.backend import TorchBackend
from explorer.worker.render_worker import RenderWorker

OTHER_MODIFIERS = pygame.KMOD_CTRL | pygame.KMOD_META | pygame.KMOD_ALT
REFINE_SECONDS = 0.2
"""How long a drag has to pause before drafts become full pictures."""
SCREENSHOT_SECONDS = 600.0
COMPARING = "As it was before. Let Space go to return."
SHAPES_SECONDS = 0.4
"""How long pygame_gui may take to give resized shapes their final form."""


class App:
    """The window, the session and the worker. `step` is one turn of the loop."""

    def __init__(self, options: AppOptions) -> None:
        """Opens the window. Raises WindowError. Nothing heavy has been imported when this returns."""
        self.options = options
        self.errands = Errands()
        self.keeper = SessionKeeper(options, self.errands, self.complain)
        self.preferences = Preferences(self.errands, self.complain, remembers=options.screenshot is None)
        self.session = Session(first_document(options, self.keeper.saved))
        self.worker = RenderWorker(options.device, partial(TorchBackend, precision=options.precision))
        self.happenings = Happenings()
        self.models = ModelDesk(self.happenings, self.worker.open_model, self._remember_models)
        self.models.cancel_order = self.worker.cancel_open
        self.follow = FollowDesk(self.models, self.happenings, lambda notice: self.window.notices.show(notice))
        self.training = TrainingDesk(lambda notice: self.window.notices.show(notice), self.models.open)
        self.favourites = FavouritesDesk(self.session, lambda notice: self.window.notices.show(notice), self.complain)
        self.export = ExportDesk(self._export_backend())
        self.drift = DriftDesk(self.session)
        self.film = FilmDesk(self.session)
        self.timeline = TimelineDesk(
            session=self.session,
            favourites=self.favourites,
            order=self.worker.show_frame,
            complain=self.complain,
            say=lambda notice: self.window.notices.show(notice),
            unfold=lambda: self.window.show_timeline(True),
        )
        self.sharing = SharingDesk(
            session=self.session,
            models=self.models,
            errands=self.errands,
            say=lambda notice: self.window.notices.show(notice),
            complain=self.complain,
            snapshot=self.snapshot,
            import_library=lambda path: self.library.import_file(path),
            remember=self._remember_session,
            train_on=lambda path: self.commands.training.train_on(path),
            show_timeline=lambda: self.window.show_timeline(True),
            open_sound=self.timeline.sounds.open,
        )
        self.library = LibraryDesk(
            session=self.session,
            favourites=self.favourites,
            sharing=self.sharing,
            say=lambda notice: self.window.notices.show(notice),
        )
        self.commands = WindowCommands(self._desks(), lambda: self.window)
        self.keyboard = Keyboard(self.commands)
        remembered = self.keeper.saved.size if self.keeper.saved else None
        size = options.size or remembered or FIRST_SIZE
        self.window = self._make_window(size)
        self.follow.begun = lambda: self.window.unfold(self.window.unfolded | {self.window.sidebar.training.title})
        self.favourites.followers.append(lambda: self.window.pictures_arrived())
        self.export.propose()
        self._restore()
        self.replies = self._reply_desk()
        self.edge = Edge(self.replies.fail)
        self.sweeper = Sweeper()
        self.running = True
        self._closed = False
        self.frames_drawn = 0
        self.pace = Pace(time.monotonic())
        self._seen_document = self.session.document
        self._changed_at = 0.0

    def start(self) -> None:
        """Shows the window, then starts what takes its time: the engine, and a library that may be big or in use."""
        self.models.recent = read_recent(data_folder())
        remembered = self.keeper.saved.model if self.keeper.saved else None
        first = FirstModel(wanted=self.options.model, remembered=remembered, choose=self.commands.choose_model)
        notice = self.models.open_first(first, self._first_opened)
        self._draw()
        self.worker.start()
        self.favourites.open_library()
        if notice is not None:
            self.window.notices.show(notice)
        elif self.keeper.notice:
            self.window.notices.show(Notice(text=self.keeper.notice))
        self.pace.happened(time.monotonic())

    def run(self) -> None:
        """Until the window is closed."""
        while self.running:
            self.turn()

    def turn(self, most: float = IDLE_SECONDS) -> None:
        """A step when there is a reason for one, or after `most` seconds; but no sooner than a frame after the last."""
        patience = min(self.patience(), most, POLL_SECONDS if self._expecting else IDLE_SECONDS)
        time.sleep(self.pace.rest(time.monotonic()))
        self.step(self.pace.left(time.monotonic(), patience))

    def step(self, patience: float = 0.0) -> None:
        """One turn: at most `patience` seconds of waiting for an event."""
        events = self._events(patience)
        self.pace.step(time.monotonic())
        for event in combined_motions(events):
            self._handle(event)
        self._ask()
        replies = self.worker.replies()
        for reply in replies:
            self.edge.attempt("take in what the engine has answered", partial(self.replies.take, reply))
        told = self.errands.collect() | self.favourites.collect()
        told |= self.follow.pass_time(time.monotonic()) | self.training.pass_time(time.monotonic())
        if not self.session.comparing:
            self.keeper.observe(self.snapshot())
        if events or replies or told or self.window.notices.pass_time():
            self.pace.happened(time.monotonic())
        if self.patience() < IDLE_SECONDS:
            self._draw()
            self._request()  # what sliders have made of the events
            self.sweeper.pass_time(time.monotonic(), engine_runs=self.session.model is not None)

    def run_for_screenshot(self, path: Path) -> None:
        """Until every tile shows its look; then writes the window. Raises WindowError.

        What has nothing to do with the pictures, such as favourites that cannot be opened, is no reason to give up.
        """
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
        save_screenshot(self.window.display, path)

    def close(self) -> bool:
        """Closes the window at once, and gives up what is running; whether the worker has ended, too."""
        if self._closed:
            return self.worker.stop()
        self._closed = True
        self.session.compare(held=False)
        present = self.snapshot()
        self.timeline.sounds.close()
        pygame.quit()
        self.errands.close()
        self.follow.close()
        self.training.close()
        self.keeper.close(present)
        self.favourites.close()
        return self.worker.stop()

    @property
    def settled(self) -> bool:
        """Whether a model is open and every tile shows its current look."""
        return self.session.model is not None and not self.happenings.model.opening and not self.session.pending

    def snapshot(self) -> SavedSession:
        """Everything that the next start restores."""
        return SavedSession(
            document=self.session.document,
            model=self.models.current,
            video=self.export.settings,
            size=self.window.restored_size,
            unfolded=self.window.unfolded,
        )

    def patience(self) -> float:
        """How long the loop may sleep, in seconds."""
        moving = self.drift.running or self.timeline.moving or self.window.sidebar.building
        quiet = self.window.grid.waiting or self.window.typing
        return self.pace.patience(time.monotonic(), moving=moving, quiet=quiet)

    def complain(self, sentence: str) -> None:
        """A failure, in the window."""
        self.window.notices.show(Notice(text=sentence))

    def _remember_session(self, path: Path) -> None:
        settings = self.preferences.settings
        self.preferences.change(replace(settings, sessions=with_session(settings.sessions, path)))

    def _make_window(self, size: tuple[int, int]) -> Window:
        settings = self.preferences.settings
        style = WindowStyle(theme=settings.theme, scale=settings.scale, visible=self.options.screenshot is None)
        window = Window(size, self.session, window_actions(self._desks(), self.commands, self.happenings), style)
        window.strip.pictures = self.favourites.thumbnails.get
        self.favourites.strip = window.strip
        return window

    def _restyle(self, settings: Settings) -> None:
        """Another theme or scale: a new window in the place of the old one, with the same things open."""
        self.preferences.change(settings)
        before = self.window
        self.film.close()  # it was open for a slider of that window
        self.window = self._make_window(before.restored_size)
        self.window.unfold(before.unfolded)
        self.favourites.show()
        if before.full_screen:
            self.window.toggle_full_screen()
        if before.notices.current is not None:
            self.window.notices.show(before.notices.current)
        self.sweeper.hurry()

    def _restore(self) -> None:
        """What the last session has beyond the document."""
        saved = self.keeper.saved
        if saved is None:
            return
        self.export.set(saved.video)
        if saved.unfolded is not None:
            self.window.unfold(saved.unfolded)
        if self.options.model is None:
            self.models.current = saved.model

    def _remember_models(self, models: tuple[RecentModel, ...]) -> None:
        """For the next start; a screenshot leaves no traces."""
        if self.options.screenshot is None:
            write = partial(write_recent, data_folder(), models)
            task = "write the list of recent models"
            self.errands.run(Errand(task=task, work=write, then=lambda _nothing: None, failed=self.complain))

    def _first_opened(self, info: ModelInfo) -> None:
        """A model that was asked for may turn out to be the last session's: its controls come back."""
        if self.options.screenshot is None:
            self._resumer().look(info)
        saved = self.keeper.saved
        if self.session.can_undo:
            return
        if saved is None:  # a new session shows what there is: every class, not class 0 in every picture
            self.session.restore(with_class_by_seed(self.session.document, info.c_dim))
        elif self.options.model is not None and saved.model and saved.model.content_id == info.content_id:
            self.session.restore(restored_document(self.options, saved))

    def _events(self, patience: float) -> list[pygame.event.Event]:
        if self._expecting:
            patience = min(patience, POLL_SECONDS)
        if patience <= 0:
            return without_passed_sizes(pygame.event.get())
        first = pygame.event.wait(max(1, round(patience * 1000)))
        rest = pygame.event.get()
        return without_passed_sizes(rest if first.type == pygame.NOEVENT else [first, *rest])

    @property
    def _expecting(self) -> bool:
        """Whether another thread is to answer."""
        drawing = bool(self.session.pending or self.session.previewing) and self.session.failure is None
        busy = self.errands.busy or self.favourites.busy or self.timeline.sounds.busy
        return drawing or self.export.running or bool(self.happenings.model.opening) or busy or self.timeline.waiting

    def _handle(self, event: pygame.event.Event) -> None:
        try:
            self._act_on(self.window.in_own_pixels(event))
        except EngineError as error:
            self.complain(str(error))

    def _act_on(self, event: pygame.event.Event) -> None:
        self.keyboard.watch(event)
        if event.type == pygame.QUIT:
            self.commands.video.ask_to_leave(lambda: self.commands.training.ask_to_leave(self._leave))
        elif event.type == pygame.WINDOWEXPOSED:
            self.window.expose()
        elif event.type == pygame.VIDEORESIZE:
            self.window.resize((event.w, event.h))
        elif event.type == pygame.DROPFILE:
            self.sharing.open(Path(event.file))
        elif event.type == pygame.KEYDOWN and event.key == pygame.K_TAB and not event.mod & OTHER_MODIFIERS:
            self.window.focus_ring.move(backwards=bool(event.mod & pygame.KMOD_SHIFT))
        elif event.type == pygame.KEYDOWN and self.window.focus_ring.press(event):
            self.session.complete()
        elif event.type == pygame.KEYDOWN and not self._is_for_element(event):
            if not self.window.offer_key(event):
                self.session.complete()
                self.keyboard.run(event)
        else:
            if event.type == pygame.MOUSEBUTTONDOWN:
                self.session.complete()
                self.window.focus_ring.shown = False
            self.window.manager.process_events(event)

    def _leave(self) -> None:
        self.running = False

    def _is_for_element(self, event: pygame.event.Event) -> bool:
        """Keys belong to a text field that has the focus, or to a dialog; arrows to a slider that has the focus."""
        if self.window.has_dialog:
            return bool(event.key != pygame.K_ESCAPE)
        return self.window.typing or (self.window.steering and key_steps(event) != 0)

    def _ask(self) -> None:
        zoomed = self.window.grid.zoomed
        self.session.hovered = self.window.grid.hovered_tile if zoomed is None else zoomed
        self.drift.pass_time(time.monotonic())
        self.timeline.pass_time()
        self._request()

    def _request(self) -> None:
        request = self.session.next_request(refine=self._at_rest())
        if request is not None:
            self.worker.request(request)

    def _at_rest(self) -> bool:
        """Whether nothing is dragged, or the hand holds still."""
        now, document = time.monotonic(), self.session.document
        if document is not self._seen_document:
            self._seen_document, self._changed_at = document, now
        return not self.session.dragging or now - self._changed_at > REFINE_SECONDS

    def _draw(self) -> None:
        since = self.pace.draw(time.monotonic())
        scene = Scene(
            model=self.happenings.model,
            marked=self.favourites.marked_tiles(),
            status=self._status(),
        )
        self.edge.attempt("show everything", partial(self.window.sync, scene))
        self.edge.attempt("show the pictures along a slider", partial(self.film.sync, self.window.film))
        self.edge.attempt("show the timeline's frame", partial(self.timeline.sync, self.window))
        self.window.update(since)
        self.window.draw()
        self.frames_drawn += 1

    def _status(self) -> str:
        """What is going on, in a line."""
        if self.session.comparing:
            return COMPARING
        return self.commands.favourite_drag.told or self.happenings.status(self.session.model)

    def _resumer(self) -> Resumer:
        return Resumer(
            errands=self.errands,
            export=self.export,
            models=self.models,
            say=lambda notice: self.window.notices.show(notice),
            complain=self.complain,
        )

    def _export_backend(self) -> ExportBackend:
        return ExportBackend(
            queue=QueueBackend(
                export=self.worker.export_video, pause=self.worker.pause_export, cancel=self.worker.cancel_export
            ),
            content_id=lambda: "" if self.session.model is None else self.session.model.content_id,
            looks=lambda: self.favourites.looks,
            opening=lambda: bool(self.happenings.model.opening),
            complain=self.complain,
            find_problems=self._find_video_problems,
        )

    def _find_video_problems(self, then: Callable[[Mapping[str, str]], None]) -> None:
        task = "see which kinds of video can be made"
        self.errands.run(Errand(task=task, work=problems, then=then, failed=self.complain, quiet=True))

    def _desks(self) -> Desks:
        return Desks(
            session=self.session,
            favourites=self.favourites,
            export=self.export,
            sharing=self.sharing,
            models=self.models,
            library=self.library,
            drift=self.drift,
            follow=self.follow,
            training=self.training,
            film=self.film,
            timeline=self.timeline,
            preferences=self.preferences,
            restyle=self._restyle,
            look_into=self.worker.look_into,
        )

    def _reply_desk(self) -> ReplyDesk:
        return ReplyDesk(
            session=self.session,
            favourites=self.favourites,
            export=self.export,
            timeline=self.timeline,
            models=self.models,
            happenings=self.happenings,
            say=lambda notice: self.window.notices.show(notice),
            choose_model=self.commands.choose_model,
            layer_viewer=lambda: self.window.layer_viewer,
            follow=self.follow,
        )
