"""Plays a sound beside the pictures, by pygame's mixer, and says how far it is: that is the film's clock.

Without a sound device everything goes on in silence. Knows nothing of films.
"""

from __future__ import annotations

from pathlib import Path

import pygame

RATE = 44_100
PORTION = 1024
"""samples that go to the device at once: 23 ms"""


def open_mixer() -> bool:
    """Whether there is a device for sound. May take a moment: not for the window's thread."""
    if pygame.mixer.get_init() is None:
        try:
            pygame.mixer.init(RATE, -16, 2, PORTION)
        except (pygame.error, NotImplementedError):  # no device, or a pygame that was built without a mixer
            return False
    return True


class SoundPlayer:
    """One sound at a time."""

    def __init__(self) -> None:
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
        if self._begun is None or pygame.mixer.get_init() is None or not pygame.mixer.music.get_busy():
            return None
        return self._begun + pygame.mixer.music.get_pos() / 1000

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
