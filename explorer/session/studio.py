"""The film in the making: which keys are chosen, where the playhead stands, and every edit of the timeline.

What is edited lies in the session's document, so that undo and the session's file have it. Knows nothing of widgets,
of the worker, or of how a frame is made.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from engine.inference.requests import Look
from engine.video import edits
from engine.video.easing import Easing
from engine.video.timeline import MAX_SECONDS, Key, Timeline
from explorer.session.history import Phase
from explorer.session.session import Session

MOST_APART = 0.04
"""Seconds between playhead and sound that are a jump; less comes from the portions in which a sound is played."""
TOGETHER = 0.1
"""The share of such a difference that one frame makes up for"""


class Studio:
    """One timeline. Every method that changes it makes one step of undo, the drags before a drop one together."""

    def __init__(self, session: Session, clock: Callable[[], float] = time.monotonic) -> None:
        self._session = session
        self._clock = clock
        self._chosen: frozenset[int] = frozenset()
        self._playhead = 0.0
        self._playing_since: float | None = None
        self._before_drag: Timeline | None = None
        self.jumps = 0
        """how often playing has begun somewhere else than where it had come to"""
        self.ripple = False
        """whether what comes after a key that is moved moves with it"""
        self.watching = False
        """whether the frame at the playhead is shown"""
        self.scrubbing = False
        """whether the playhead follows a hand"""

    @property
    def timeline(self) -> Timeline:
        """As it is now."""
        return self._session.document.timeline

    @property
    def chosen(self) -> frozenset[int]:
        """The keys that are selected, as far as they exist."""
        count = len(self.timeline.keys)
        return frozenset(index for index in self._chosen if index < count)

    @property
    def playing(self) -> bool:
        """Whether the playhead moves by itself."""
        return self._playing_since is not None

    @property
    def playhead(self) -> float:
        """Seconds."""
        return min(self._playhead, self.timeline.duration)

    def edit(self, timeline: Timeline, phase: Phase = "drop") -> None:
        """Another timeline."""
        self._session.edit(replace(self._session.document, timeline=timeline), phase)

    def choose(self, indices: Iterable[int]) -> None:
        """Other keys are selected."""
        self._chosen = frozenset(indices)

    def add(self, looks: Sequence[Look], seconds: float | None = None) -> None:
        """Keys of these looks, behind all others, or at this time, where they divide a transition."""
        timeline, count = self.timeline, len(self.timeline.keys)
        if seconds is None or seconds >= timeline.duration:
            keys = tuple(Key(look=look) for look in looks)
            self.edit(replace(timeline, keys=timeline.keys + keys))
            self.choose(range(count, count + len(looks)))
            return
        at = sum(start <= seconds for start in timeline.starts)
        for look in reversed(looks):
            timeline = edits.insert_at(timeline, seconds, look)
        self.edit(timeline)
        self.choose(range(at, at + len(looks)))

    def duplicate(self) -> None:
        """A copy of each chosen key right behind it; the copies are chosen."""
        chosen = sorted(self.chosen)
        if chosen:
            self.edit(edits.duplicate(self.timeline, chosen))
            self.choose(index + copies for copies, index in enumerate(chosen, start=1))

    def delete(self, indices: Iterable[int] | None = None) -> None:
        """These keys, or the chosen ones; with ripple what comes after moves earlier."""
        gone = self.chosen if indices is None else frozenset(indices)
        if gone:
            self.edit(edits.delete(self.timeline, gone, ripple=self.ripple))
            self.choose(())

    def move(self, index: int, seconds: float, phase: Phase) -> None:
        """The key comes to this time as near as its neighbours allow, and with it the other chosen ones."""
        before = self._before_drag if self._before_drag is not None else self.timeline
        self._before_drag = before if phase == "drag" else None
        moved = self.chosen if index in self.chosen else frozenset({index})
        offset = seconds - before.starts[index]
        if self.ripple:
            first = min(moved - {0}, default=0)
            timeline = edits.move(before, first, before.starts[first] + offset, ripple=True)
        else:
            timeline = before
            for each in sorted(moved, reverse=offset > 0):  # those ahead make room for those behind
                timeline = edits.move(timeline, each, before.starts[each] + offset)
        self.edit(timeline, phase)

    def set_hold(self, seconds: float, phase: Phase = "drop", index: int | None = None) -> None:
        """How long the chosen keys, or this one, stay."""
        indices = self.chosen if index is None else (index,)
        self.edit(edits.with_hold(self.timeline, indices, min(max(seconds, 0.0), MAX_SECONDS)), phase)

    def set_transition(self, seconds: float, phase: Phase = "drop") -> None:
        """How long it takes from the chosen keys to those after them."""
        self.edit(edits.with_transition(self.timeline, self.chosen, min(max(seconds, 0.0), MAX_SECONDS)), phase)

    def set_easing(self, easing: Easing, phase: Phase = "drop") -> None:
        """Of the transitions from the chosen keys."""
        self.edit(edits.with_easing(self.timeline, self.chosen, easing), phase)

    def scrub(self, seconds: float, phase: Phase = "drop") -> None:
        """The playhead goes there, and its frame is shown. Playing goes on from there."""
        self._playhead = min(max(seconds, 0.0), self.timeline.duration)
        self.watching = bool(self.timeline.keys)
        self.scrubbing = phase == "drag"
        if self.playing:
            self._playing_since = self._clock()
            self.jumps += 1

    def step(self, frames: int) -> None:
        """So many frames on, or back."""
        self.pause()
        self.scrub(self.playhead + frames / self.timeline.fps)

    def toggle_play(self) -> None:
        """Plays from the playhead, or from the beginning if it is at the end; or stands still."""
        if self.playing:
            self.pause()
        elif self.timeline.duration > 0:
            at_end = self.playhead >= self.timeline.duration - 0.5 / self.timeline.fps
            self.scrub(0.0 if at_end else self.playhead)
            self._playing_since = self._clock()
            self.jumps += 1

    def pause(self) -> None:
        """The playhead stands still."""
        self.pass_time()
        self._playing_since = None

    def pass_time(self) -> None:
        """The playhead goes as far as the clock has gone; a loop begins again, else the end is the end."""
        if self._playing_since is None:
            return
        now, duration = self._clock(), self.timeline.duration
        if duration <= 0:
            self._playing_since = None
            return
        reached = self._playhead + now - self._playing_since
        self._playing_since = now
        if self.timeline.loop:
            self._playhead = reached % duration
            self.jumps += reached >= duration
        else:
            self._playhead = min(reached, duration)
            if reached >= duration:
                self._playing_since = None

    def hear(self, seconds: float) -> None:
        """While playing: the sound has come to this time, and the playhead is where it is.

        What is heard comes in little portions, so that small differences are made up for bit by bit.
        """
        if self._playing_since is None or self.scrubbing:
            return
        behind = seconds - self._playhead
        self._playhead += behind if abs(behind) > MOST_APART else behind * TOGETHER
        self._playhead = max(self._playhead, 0.0)
        self._playing_since = self._clock()

    def leave(self) -> bool:
        """Back to the grid. False if no frame was shown."""
        was_watching, self.watching = self.watching, False
        self._playing_since, self.scrubbing = None, False
        return was_watching
