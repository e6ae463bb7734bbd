"""One step of the explorer's loop: events, request, replies, draw. `assembly` makes the parts that it drives."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pygame

from explorer.app.assembly import Assembly
from explorer.app.edge import Edge
from explorer.app.errors import WindowError
from explorer.app.input import combined_motions, events_within, without_passed_sizes
from explorer.app.options import AppOptions
from explorer.app.pace import IDLE_SECONDS, POLL_SECONDS, Pace
from explorer.app.screenshot import save_screenshot
from explorer.app.window_values import Scene
from explorer.session.session_file import SavedSession
from explorer.worker.render_worker import RenderWorker

REFINE_SECONDS = 0.2
"""How long a drag has to pause before drafts become full pictures."""
SCREENSHOT_SECONDS = 600.0
COMPARING = "As it was before. Let Space go to return."
SHAPES_SECONDS = 0.4
"""How long pygame_gui may take to give resized shapes their final form."""


class App(Assembly):
    """The window, the session and the worker. `step` is one turn of the loop."""

    def __init__(self, options: AppOptions, worker: RenderWorker | None = None) -> None:
        """Opens the window. Raises WindowError. Nothing heavy has been imported when this returns.

        worker: who makes the pictures; without it a process of its own.
        """
        super().__init__(options, worker)
        self.edge = Edge(self.replies.fail)
        self.pace = Pace(time.monotonic())
        self.frames_drawn = 0
        self._seen_document = self.session.document
        self._changed_at = 0.0
        self._closed = False

    def start(self) -> None:
        """Shows the window, then starts what takes its time: the engine, and a library that may be big or in use."""
        self.continuity.open_first_model(self.commands.choose_model)
        self._draw()
        self.worker.start()
        self.favourites.open_library()
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
            self.edge.attempt("do what was asked", partial(self.events.take, event))
        self._ask()
        replies = self.worker.replies()
        for reply in replies:
            self.edge.attempt("take in what the engine has answered", partial(self.replies.take, reply))
        self.edge.attempt("take in what has been done meanwhile", self._hear)
        if not self.session.comparing:
            self.keeper.observe(self.snapshot())
        self.videos.observe(self.export.queue.unfinished)
        if events or replies or self.window.notices.pass_time():
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
        save_screenshot(self.window.surface, path)

    def close(self) -> bool:
        """Closes the window at once, and leaves what is running for the next start; whether the worker has ended."""
        if self._closed:
            return self.worker.stop()
        self._closed = True
        self.session.compare(held=False)
        present = self.snapshot()
        self.timeline.sounds.close()
        pygame.quit()
        self.errands.close()
        self.sharing.pictures.close()
        self.follow.close()
        self.training.close()
        self.keeper.close(present)
        self.videos.close(self.export.queue.unfinished)
        self.favourites.close()
        return self.worker.stop()

    @property
    def settled(self) -> bool:
        """Whether a model is open and every tile shows its current look."""
        return self.session.model is not None and not self.happenings.model.opening and not self.session.pending

    def snapshot(self) -> SavedSession:
        """Everything that the next start restores."""
        return self.continuity.present(self.window)

    def patience(self) -> float:
        """How long the loop may sleep, in seconds."""
        moving = self.drift.running or self.timeline.moving or self._finishing
        quiet = self.window.grid.waiting or self.window.keys.typing
        return self.pace.patience(time.monotonic(), moving=moving, quiet=quiet)

    @property
    def _finishing(self) -> bool:
        """Whether there is more to do for what is seen than one turn has time for."""
        window = self.window
        return window.sidebar.building or (window.grid.refining and not window.shows_library)

    def _events(self, patience: float) -> list[pygame.event.Event]:
        if self._expecting:
            patience = min(patience, POLL_SECONDS)
        return without_passed_sizes(events_within(patience))

    @property
    def _expecting(self) -> bool:
        """Whether another thread is to answer."""
        drawing = bool(self.session.pending or self.session.previewing) and self.session.failure is None
        busy = self.errands.busy or self.favourites.busy or self.timeline.sounds.busy
        return drawing or self.export.running or bool(self.happenings.model.opening) or busy or self.timeline.waiting

    def _hear(self) -> None:
        told = self.errands.collect() | self.favourites.collect()
        told |= self.follow.pass_time(time.monotonic()) | self.training.pass_time(time.monotonic())
        if told:
            self.pace.happened(time.monotonic())

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
        self.edge.attempt("follow mouse and time", partial(self.window.update, since))
        self.window.draw()
        self.frames_drawn += 1

    def _status(self) -> str:
        """What is going on, in a line."""
        if self.session.comparing:
            return COMPARING
        return self.commands.favourite_drag.told or self.happenings.status(self.session.model)
