"""The film's sound between its file, the studio and the ears: read in the background, found again, played in time.

Knows the window only by the sentences that it shows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine.video.soundtrack import Soundtrack
from explorer.app.notices import Notice
from explorer.app.sound_player import SoundPlayer
from explorer.app.sound_reader import Reading, ReadSound, SoundReader, outcome_of
from explorer.elements.track_geometry import shown_seconds
from explorer.session.sound_studio import SoundStudio
from explorer.session.studio import Studio

MAX_KNOWN = 4
"""Sounds that are kept, so that undo has them at once"""
NO_DEVICE = "There is no sound device: the film plays without its sound."


@dataclass(slots=True, kw_only=True)
class SoundDesk:
    """Belongs to the main thread."""

    studio: Studio
    sound: SoundStudio
    say: Callable[[Notice], None]
    complain: Callable[[str], None]
    delay: Callable[[], float] = lambda: 0.0
    """seconds by which the person's loudspeakers are late"""
    opened: Callable[[], None] = lambda: None
    """a sound has come that a person wanted"""
    _reader: SoundReader = field(default_factory=SoundReader)
    _player: SoundPlayer = field(default_factory=SoundPlayer)
    _reading: Reading | None = None
    _wanted: bool = False
    """whether a person waits for what is being read"""
    _known: dict[str, ReadSound] = field(default_factory=dict)
    _lost: dict[Soundtrack, str] = field(default_factory=dict)
    """why a sound is not to be heard"""
    _jump: int = -1
    _told_no_device: bool = False

    @property
    def busy(self) -> bool:
        """Whether a sound is being read."""
        return self._reading is not None

    def open(self, path: Path) -> None:
        """A person wants this file to be the film's sound. Until it is read everything stays as it is."""
        self._give_up()
        self._reading, self._wanted = self._reader.read(path.absolute()), True
        notice = Notice(text=f"Reading {path.name}…", action_label="Cancel", action=self.cancel)
        self.say(notice)

    def cancel(self) -> None:
        """What is being read is not wanted any more."""
        self._give_up()
        self.say(Notice(text="The sound was not taken.", lasting=False))

    def pass_time(self) -> None:
        """Takes in what was read, reads what is missing, and keeps playhead and sound together."""
        self._collect()
        track = self.sound.track
        known = None if track is None else self._known.get(track.content_id)
        self.sound.heard = None if known is None else known.heard
        if track is not None and known is None and self._reading is None and track not in self._lost:
            self._reading, self._wanted = self._reader.read(track.path), False
        self.sound.words = self._words(track)
        self._keep_together(track, known)

    def close(self) -> None:
        """Silence; nothing of it stays."""
        self._give_up()
        self._reader.close()
        self._player.close()

    def _give_up(self) -> None:
        if self._reading is not None:
            self._reading.cancelled.set()
        self._reading = None

    def _collect(self) -> None:
        reading = self._reading
        outcome = None if reading is None else outcome_of(reading)
        if reading is None or outcome is None:
            return
        self._reading = None
        if self._wanted:
            self._take(outcome)
        else:
            self._take_again(reading, outcome)

    def _take(self, outcome: ReadSound | str) -> None:
        if isinstance(outcome, str):
            self.complain(outcome)
            return
        self._keep(outcome)
        self.sound.take(outcome.path, outcome.heard)
        self.opened()
        beats = len(outcome.heard.beats)
        self.say(Notice(text=f"{outcome.path.name}: {beats} beats in {_length(outcome)}.", lasting=False))

    def _take_again(self, reading: Reading, outcome: ReadSound | str) -> None:
        """What the timeline brought along: it may be gone, or be another sound by now."""
        track = self.sound.track
        if track is None or track.path != reading.path:
            return  # the timeline has changed meanwhile
        if isinstance(outcome, ReadSound):
            self._keep(outcome)
            if outcome.heard.content_id == track.content_id:
                return
        where = f"{track.path.name} is not to be found any more"
        if not isinstance(outcome, str) or track.path.exists():
            where = f"{track.path.name} is not the sound any more that it was"
        self._lost[track] = where
        silent = "The film goes on without it; drop the file on the window to bring it back."
        self.complain(f"{where} (in {track.path.parent}). {silent}")

    def _keep(self, read: ReadSound) -> None:
        self._known.pop(read.heard.content_id, None)
        self._known[read.heard.content_id] = read
        self._lost.clear()
        while len(self._known) > MAX_KNOWN:
            del self._known[next(iter(self._known))]

    def _words(self, track: Soundtrack | None) -> str:
        if self._reading is not None and self._reading.stage and (self._wanted or track is not None):
            return f"{self._reading.stage}…"
        if track is None:
            return ""
        return self._lost.get(track, track.path.name)

    def _keep_together(self, track: Soundtrack | None, known: ReadSound | None) -> None:
        studio, player = self.studio, self._player
        if track is None or known is None or not studio.playing or studio.scrubbing:
            player.stop()
            self._jump = -1
            return
        if self._jump != studio.jumps:
            self._jump = studio.jumps
            self._begin(track, known)
            return
        player.delay = self.delay()
        position = player.position()
        if position is not None:
            studio.hear(position - track.start)

    def _begin(self, track: Soundtrack, known: ReadSound) -> None:
        at = track.start + self.studio.playhead
        if at >= known.heard.seconds:
            self._player.stop()
            return
        heard = known.playable is not None and self._player.play(known.playable, at)
        if not heard and not self._told_no_device:
            self._told_no_device = True
            self.say(Notice(text=NO_DEVICE, lasting=False))


def _length(read: ReadSound) -> str:
    return shown_seconds(round(read.heard.seconds), 1)
