"""Who knows whom: the session, the worker, the desks and the window are made here, and nothing happens yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.video.available import problems
from explorer.app.actions import window_actions
from explorer.app.commands import Desks, WindowCommands
from explorer.app.continuity import Continuity
from explorer.app.drifting import DriftDesk
from explorer.app.errands import Errand, Errands
from explorer.app.event_desk import EventDesk
from explorer.app.exporting import ExportBackend, ExportDesk
from explorer.app.favourites import FavouritesDesk
from explorer.app.filmstrip import FilmDesk
from explorer.app.following import FollowDesk
from explorer.app.happenings import Happenings
from explorer.app.input import Keyboard
from explorer.app.keeping import SessionKeeper, first_document
from explorer.app.library_desk import LibraryDesk
from explorer.app.notices import Notice
from explorer.app.opening import ModelDesk
from explorer.app.options import AppOptions
from explorer.app.preferences import Preferences
from explorer.app.replies import ReplyDesk
from explorer.app.sharing import SharingDesk
from explorer.app.sweeping import Sweeper
from explorer.app.timeline_desk import TimelineDesk
from explorer.app.training_desk import TrainingDesk
from explorer.app.video_keeper import VideoKeeper
from explorer.app.video_orders import VideoOrders
from explorer.app.window import Window
from explorer.app.window_values import WindowStyle
from explorer.library.folders import data_folder
from explorer.library.settings import Settings
from explorer.session.session import Session
from explorer.worker.render_worker import RenderWorker


class Assembly:
    """All parts of the program. They are made in this order; what comes later is reached through functions."""

    def __init__(self, options: AppOptions, worker: RenderWorker | None = None) -> None:
        """Opens the window. Raises WindowError. Nothing heavy has been imported when this returns.

        worker: who makes the pictures; without it a process of its own.
        """
        self.options = options
        self.running = True
        self.errands = Errands()
        self.keeper = SessionKeeper(options, self.errands, self.complain)
        self.preferences = Preferences(self.errands, self.complain, remembers=options.screenshot is None)
        self.session = Session(first_document(options, self.keeper.saved))
        self.worker = worker or RenderWorker.in_a_process(options.device, options.precision)
        self.happenings = Happenings()
        self.sweeper = Sweeper()
        self._make_desks()
        self.commands = WindowCommands(self._desks(), lambda: self.window)
        self.window = self._make_window(self.continuity.first_size(self.preferences.scale))
        self.follow.begun = lambda: self.window.unfold(self.window.unfolded | {self.window.sidebar.training.title})
        self.favourites.followers.append(lambda: self.window.pictures_arrived())
        self.export.propose()
        self.continuity.restore(self.window)
        self.replies = self._reply_desk()
        self.events = self._event_desk()

    def say(self, notice: Notice) -> None:
        """In the window."""
        self.window.notices.show(notice)

    def complain(self, sentence: str) -> None:
        """A failure, in the window."""
        self.say(Notice(text=sentence))

    def restyle(self, settings: Settings) -> None:
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
            self.say(before.notices.current)
        self.sweeper.hurry()

    def _make_desks(self) -> None:
        self.models = ModelDesk(
            self.happenings, self.worker.open_model, lambda models: self.continuity.remember_models(models)
        )
        self.models.cancel_order = self.worker.cancel_open
        self.models.move_order = self.worker.open_model
        self.follow = FollowDesk(self.models, self.happenings, self.say)
        self.training = TrainingDesk(self.say, self.models.open)
        self.favourites = FavouritesDesk(self.session, self.say, self.complain)
        self.export = ExportDesk(self._export_backend())
        self.videos = VideoKeeper(data_folder(), self.errands, self.complain)
        self.drift = DriftDesk(self.session)
        self.film = FilmDesk(self.session)
        self.timeline = TimelineDesk(
            session=self.session,
            favourites=self.favourites,
            order=self.worker.show_frame,
            complain=self.complain,
            say=self.say,
            unfold=lambda: self.window.show_timeline(True),
            sound_delay=lambda: self.preferences.settings.sound_delay_ms / 1000,
        )
        self.sharing = self._sharing_desk()
        self.library = LibraryDesk(session=self.session, favourites=self.favourites, sharing=self.sharing, say=self.say)
        self.continuity = Continuity(
            options=self.options,
            keeper=self.keeper,
            errands=self.errands,
            session=self.session,
            export=self.export,
            videos=self.videos,
            models=self.models,
            say=self.say,
            complain=self.complain,
        )

    def _make_window(self, size: tuple[int, int]) -> Window:
        settings = self.preferences.settings
        style = WindowStyle(theme=settings.theme, scale=self.preferences.scale, visible=self.options.screenshot is None)
        window = Window(size, self.session, window_actions(self._desks(), self.commands, self.happenings), style)
        window.strip.pictures = self.favourites.thumbnails.get
        self.favourites.strip = window.strip
        return window

    def _sharing_desk(self) -> SharingDesk:
        return SharingDesk(
            session=self.session,
            models=self.models,
            errands=self.errands,
            say=self.say,
            complain=self.complain,
            snapshot=lambda: self.continuity.present(self.window),
            import_library=lambda path: self.library.import_file(path),
            remember=self.preferences.remember_session,
            train_on=lambda path: self.commands.training.train_on(path),
            show_timeline=lambda: self.window.show_timeline(True),
            open_sound=self.timeline.sounds.open,
        )

    def _export_backend(self) -> ExportBackend:
        orders = VideoOrders(
            session=self.session,
            models=self.models,
            worker=self.worker,
            errands=self.errands,
            complain=self.complain,
        )
        return ExportBackend(
            queue=orders.backend(),
            ordered=orders.ordered,
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
            restyle=self.restyle,
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
            say=self.say,
            choose_model=self.commands.choose_model,
            layer_viewer=lambda: self.window.layer_viewer,
            follow=self.follow,
        )

    def _event_desk(self) -> EventDesk:
        return EventDesk(
            session=self.session,
            sharing=self.sharing,
            commands=self.commands,
            keyboard=Keyboard(self.commands),
            window=lambda: self.window,
            complain=self.complain,
            leave=self._leave,
        )

    def _leave(self) -> None:
        self.running = False
