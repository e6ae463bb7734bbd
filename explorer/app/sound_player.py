"""Plays a sound beside the pictures, by pygame's mixer, and says how far it is: that is the film's clock.

Without a sound device everything goes on in silence. Knows nothing of films.
"""

from __future__ import annotations

from pathlib import Path

import pygame

RATE = 44_100
PORTION = 1024
"""samples that go to the device at once: 23 ms"""
PORTIONS_AHEAD = 2
"""that the mixer counts as played and nobody has heard: one waits behind the one that the device is playing"""


def open_mixer() -> bool:
    """Whether there is a device for sound. May take a moment: not for the window's thread."""
    if pygame.mixer.get_init() is None:
        try:
            pygame.mixer.init(RATE, -16, 2, PORTION)
        except (pygame.error, NotImplementedError):  # no device, or a pygame that was built without a mixer
            return False
    return True


def buffered_seconds(rate: int, portion: int = PORTION) -> float:
    """How much of a sound the mixer has handed over and nobody has heard yet. rate: samples a second."""
    return PORTIONS_AHEAD * portion / rate


def heard_seconds(begun: float, handed_over: float, late: float) -> float:
    """The second that is heard. begun: where playing began; handed_over: seconds since; late: before they are heard.

    Until the first of it is heard, that is where it began.
    """
    return begun + max(0.0, handed_over - late)


class SoundPlayer:
    """One sound at a time."""

    def __init__(self) -> None:
        self.delay = 0.0
        """seconds by which loudspeakers are later than the device, as wireless ones are"""
        self._loaded: Path | None = None
        self._begun: float | None = None

    def play(self, wav: Path, seconds: float) -> bool:
        """From this second on; False if it cannot be heard."""
        self.stop()
        if pygame.mixer.get_init() is None:
            return False
        try:
            if self._loaded != wav:
                pygame.mixer.music.load(str(wav))
                self._loaded = wav
            pygame.mixer.music.play(start=max(0.0, seconds))
        except pygame.error:  # it went away, or begins behind the sound's end
            return False
        self._begun = max(0.0, seconds)
        return True

    @property
    def playing(self) -> bool:
        """Whether something was begun, and not stopped."""
        return self._begun is not None

    def position(self) -> float | None:
        """The second of the sound that is heard now; None while it is silent."""
        opened = pygame.mixer.get_init()
        if self._begun is None or opened is None or not pygame.mixer.music.get_busy():
            return None
        late = buffered_seconds(opened[0]) + self.delay
        return heard_seconds(self._begun, pygame.mixer.music.get_pos() / 1000, late)

    def stop(self) -> None:
        """Silence."""
        if self._begun is not None and pygame.mixer.get_init() is not None:
            pygame.mixer.music.stop()
        self._begun = None

    def close(self) -> None:
        """Silence, and the file can be deleted."""
        self.stop()
        if pygame.mixer.get_init() is not None:
            pygame.mixer.music.unload()
            pygame.mixer.quit()
        self._loaded = None
