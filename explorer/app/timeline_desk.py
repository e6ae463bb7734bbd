"""The timeline between the studio, the worker and the window: pictures of the keys, and the frame at the playhead.

Knows of the window where frames go, and whether keys are to be seen.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pygame

from engine.inference.requests import Latent, Look
from engine.video.timeline import Timeline
from explorer.app.favourites import FavouritesDesk
from explorer.app.notices import Notice
from explorer.app.sound_desk import SoundDesk
from explorer.app.window import Window
from explorer.elements.pixels import scaled_to, surface_of
from explorer.elements.track_geometry import shown_seconds
from explorer.session.document import Document
from explorer.session.keyframes import timeline_on
from explorer.session.session import Session
from explorer.session.sound_studio import SoundStudio
from explorer.session.studio import Studio
from explorer.worker.commands import FrameRequest
from explorer.worker.replies import FrameFailed, FrameReply, FrameShown, PaceMeasured

REFINE_SECONDS = 0.2
"""How long the playhead has to stand still before a draft becomes a full picture."""
HINT = "click to return to the grid"


@dataclass(slots=True, kw_only=True)
class TimelineDesk:
    """Asks for what is to be seen, and shows it."""

    session: Session
    favourites: FavouritesDesk
    order: Callable[[FrameRequest], None]
    """asks the worker for a frame"""
    complain: Callable[[str], None]
    say: Callable[[Notice], None]
    unfold: Callable[[], None]
    """makes the timeline visible"""
    sound_delay: Callable[[], float]
    """seconds by which the person's loudspeakers are late"""
    studio: Studio = field(init=False)
    sound: SoundStudio = field(init=False)
    sounds: SoundDesk = field(init=False)
    waiting: bool = field(default=False, init=False)
    """whether a frame is on its way"""
    _request_id: int = field(default=0, init=False)
    _document: Document | None = field(default=None, init=False)
    _asked: tuple[Timeline, float, bool] | None = field(default=None, init=False)
    _model: str = field(default="", init=False)
    _moved_at: float = field(default=0.0, init=False)
    _newest: FrameShown | None = field(default=None, init=False)
    _shown: FrameShown | None = field(default=None, init=False)
    _thumbnails: dict[Look, pygame.Surface] = field(default_factory=dict, init=False)
    _ready: tuple[Timeline, Timeline] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.studio = Studio(self.session)
        self.sound = SoundStudio(self.studio, self._direction)
        self.sounds = SoundDesk(
            studio=self.studio,
            sound=self.sound,
            say=self.say,
            complain=self.complain,
            delay=self.sound_delay,
            opened=self.unfold,
        )

    @property
    def timeline(self) -> Timeline:
        """As the model that is open can show it."""
        timeline, model = self.studio.timeline, self.session.model
        if model is None:
            return timeline
        if self._ready is None or self._ready[0] is not timeline or self._model != model.content_id:
            self._ready = timeline, timeline_on(timeline, model)
        return self._ready[1]

    def pictures(self, side: int) -> list[pygame.Surface | None]:
        """Of the keys, `side` pixels wide; what is missing is asked for."""
        known, self._thumbnails = self._thumbnails, {}
        pictures: list[pygame.Surface | None] = []
        for key in self.timeline.keys:
            thumbnail = known.get(key.look) or self._thumbnails.get(key.look)
            if thumbnail is None or thumbnail.get_width() != side:
                thumbnail = self._picture(key.look, side)
            if thumbnail is not None:
                self._thumbnails[key.look] = thumbnail
            pictures.append(thumbnail)
        return pictures

    @property
    def moving(self) -> bool:
        """Whether the window has to be drawn without a pause."""
        return self.studio.playing or self.studio.scrubbing

    @property
    def settled(self) -> bool:
        """Whether the frame at the playhead has come, in full."""
        return not self.waiting and self._asked == (self.timeline, self.studio.playhead, False)

    def _missing(self) -> tuple[Look, ...]:
        """Looks of keys that no picture is known of."""
        looks = dict.fromkeys(key.look for key in self.timeline.keys)
        return tuple(look for look in looks if look not in self._thumbnails)

    def add(self, tile: int, seconds: float | None = None) -> None:
        """What a tile shows becomes a key."""
        self.studio.add((self.session.look_of(tile),), seconds)

    def add_favourites(self) -> None:
        """All favourites of this model, in their order, become keys."""
        looks = self.favourites.looks
        if looks:
            self.studio.add(looks)
        else:
            self.complain("There are no favourites yet: click pictures to keep them, then add them.")

    def add_favourite(self, favourite_id: int, seconds: float) -> None:
        """A favourite becomes a key at a time."""
        favourite = self.favourites.shelf.favourite(favourite_id)
        if favourite is not None:
            self.studio.add((favourite.look,), seconds)

    def pass_time(self) -> None:
        """Moves the playhead, and asks for its frame: one at a time, so that a slow one is dropped, never late."""
        studio, model = self.studio, self.session.model
        studio.pass_time()
        self.sounds.pass_time()
        self._leave_if_changed()
        if model is None or not studio.watching:
            return
        if model.content_id != self._model:
            self._model, self._asked, self.waiting, self._newest = model.content_id, None, False, None
        timeline = self.timeline
        if not timeline.keys:
            studio.leave()
            return
        now = time.monotonic()
        seconds = timeline.seconds_of(round(studio.playhead * timeline.fps)) if studio.playing else studio.playhead
        if self._asked is None or self._asked[:2] != (timeline, seconds):
            self._moved_at = now
        resting = not studio.playing and now - self._moved_at > (REFINE_SECONDS if studio.scrubbing else 0.0)
        wanted = (timeline, seconds, not resting)
        if self.waiting or wanted == self._asked or (self._asked == (timeline, seconds, False)):
            return
        self._asked, self.waiting = wanted, True
        self._request_id += 1
        self.order(FrameRequest(request_id=self._request_id, timeline=timeline, seconds=seconds, hurry=not resting))

    def _leave_if_changed(self) -> None:
        """What is changed elsewhere is to be seen, too: then the grid comes back."""
        document, before = self.session.document, self._document
        self._document = document
        if before is None or document is before or not self.studio.watching or self.studio.playing:
            return
        if replace(document, timeline=before.timeline, selected=before.selected) != before:
            self.studio.leave()

    def take(self, reply: FrameReply) -> None:
        """A frame has come, or the pace is known now."""
        if isinstance(reply, PaceMeasured):
            self._asked = None
        elif reply.request_id == self._request_id:
            self.waiting = False
            if isinstance(reply, FrameShown):
                self._newest = reply
            elif isinstance(reply, FrameFailed):
                self.studio.leave()
                self.complain(reply.message)

    def sync(self, window: Window) -> None:
        """Shows the newest frame over the grid, and asks for the pictures of keys that are to be seen."""
        studio, picture = self.studio, window.frame
        self.session.preview(self._missing() if window.timeline.view is not None else (), "keys")
        shown = studio.watching and not window.shows_library
        if bool(picture.visible) != shown:
            (picture.show if shown else picture.hide)()
        if not shown:
            return
        if self._newest is not self._shown:
            self._shown = self._newest
            picture.show_pixels(None if self._shown is None else self._shown.pixels)
        picture.show_text(f"{shown_seconds(round(studio.playhead, 1))}   ·   {HINT}")

    def _direction(self) -> Latent:
        """That of the selected picture, or of the first one."""
        return self.session.look_of(self.session.document.selected or 0).latent

    def _picture(self, look: Look, side: int) -> pygame.Surface | None:
        pixels = self.session.picture_of(look)
        surface = surface_of(pixels) if pixels is not None else self.favourites.thumbnail_of(look)
        return None if surface is None else scaled_to(surface, side)
