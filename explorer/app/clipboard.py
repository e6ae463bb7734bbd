"""The system's clipboard: text and pictures, or a sentence where the system has none.

Knows pygame's clipboard and, for pictures, X's selection or the programs that hand one over on the other systems.
Nothing here waits for long: a program that does not answer is given up.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pygame

from explorer.app.errors import WindowError
from explorer.app.x_selection import XSelection
from explorer.app.xcb import NoServerError

PNG_TYPE = "image/png"
SECONDS = 5.0
"""How long a program may take to accept a picture."""
COMMANDS = (("wl-copy", "--type", PNG_TYPE), ("xclip", "-selection", "clipboard", "-t", PNG_TYPE, "-i"))
"""Wayland's, and X's where we do not speak to it ourselves; each stays in the background while the clipboard is its."""


def put_text(text: str) -> None:
    """Raises WindowError."""
    try:
        pygame.scrap.put_text(text)
    except pygame.error as error:
        raise WindowError(f"nothing can be copied here: {error}") from error


def get_text() -> str:
    """ "" if there is none. Raises WindowError."""
    try:
        return pygame.scrap.get_text()
    except pygame.error as error:
        raise WindowError(f"nothing can be pasted here: {error}") from error


class PictureClipboard:
    """Pictures for other programs. On X they come from this process, for as long as it is open."""

    def __init__(self) -> None:
        self._selection: XSelection | None = None

    def put(self, png: bytes) -> None:
        """Copies a PNG file's content. May take a moment: not for the window's thread.

        Raises WindowError with what to do instead where pictures cannot be copied.
        """
        if sys.platform == "win32":
            _put_on_windows(png)
        elif sys.platform == "darwin":
            _put_on_macos(png)
        elif not self._put_on_x(png):
            _put_by_program(png)

    def close(self) -> None:
        """What was copied on X is gone; elsewhere the system keeps it."""
        if self._selection is not None:
            self._selection.close()
            self._selection = None

    def _put_on_x(self, png: bytes) -> bool:
        """False if the window is not one of an X server that lets us."""
        if not pygame.display.get_init() or pygame.display.get_driver() != "x11":
            return False
        try:
            selection = XSelection({PNG_TYPE: png})
        except NoServerError:
            return False
        self.close()
        self._selection = selection
        return True


def _put_by_program(png: bytes) -> None:
    found = [command for command in COMMANDS if shutil.which(command[0])]
    for command in found:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            # Its output goes nowhere: it stays to serve the clipboard, and a pipe would have to be read until it ends.
            quiet = subprocess.DEVNULL
            subprocess.run(command, input=png, stdout=quiet, stderr=quiet, timeout=SECONDS, check=True)
            return
    if found:
        raise WindowError("the picture could not be copied: the clipboard did not take it. Save it with S instead")
    raise WindowError(
        "pictures are copied by the program wl-copy (Wayland) or xclip (X11), and neither is installed: install one, "
        "or save the picture with S"
    )


def _put_on_macos(png: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        path.write_bytes(png)
        script = f'set the clipboard to (read (POSIX file "{path}") as «class PNGf»)'
        try:
            subprocess.run(["osascript", "-e", script], capture_output=True, timeout=SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise WindowError("the picture could not be copied: save it with S instead") from error


def _put_on_windows(png: bytes) -> None:
    """The pixels alone: Windows' own picture format has no place for a recipe."""
    script = (
        "Add-Type -AssemblyName System.Windows.Forms,System.Drawing;"
        "$image = [System.Drawing.Image]::FromFile($args[0]);"
        "[System.Windows.Forms.Clipboard]::SetImage($image); $image.Dispose()"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        path.write_bytes(png)
        quoted = str(path).replace("'", "''")  # a folder may be called O'Keeffe
        command = ["powershell", "-NoProfile", "-STA", "-Command", f"& {{{script}}} '{quoted}'"]
        try:
            subprocess.run(command, capture_output=True, timeout=4 * SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise WindowError("the picture could not be copied: save it with S instead") from error
