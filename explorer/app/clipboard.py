"""The system's clipboard: text and pictures, or a sentence where the system has none.

Knows pygame's clipboard and, for pictures, the programs that hand one over on each system. Nothing here waits for
long: a program that does not answer is given up.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pygame
from PIL import Image

from explorer.app.errors import WindowError

PNG_TYPE = "image/png"
SECONDS = 5.0
"""How long a program may take to accept a picture."""
COMMANDS = (("wl-copy", "--type", PNG_TYPE), ("xclip", "-selection", "clipboard", "-t", PNG_TYPE, "-i"))
"""Wayland's and X's; each goes on in the background for as long as the clipboard is its."""


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


def put_picture(pixels: np.ndarray) -> str:
    """Copies uint8 [H, W, 3 or 4]; by what. May take a moment: not for the window's thread.

    Raises WindowError with what to do instead where pictures cannot be copied.
    """
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG")
    if sys.platform == "win32":
        return _put_on_windows(pixels)
    if sys.platform == "darwin":
        return _put_on_macos(buffer.getvalue())
    return _put_by_program(buffer.getvalue())


def _put_by_program(png: bytes) -> str:
    found = [command for command in COMMANDS if shutil.which(command[0])]
    for command in found:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            # Its output goes nowhere: it stays to serve the clipboard, and a pipe would have to be read until it ends.
            quiet = subprocess.DEVNULL
            subprocess.run(command, input=png, stdout=quiet, stderr=quiet, timeout=SECONDS, check=True)
            return command[0]
    if found:
        raise WindowError("the picture could not be copied: the clipboard did not take it. Save it with S instead")
    raise WindowError(
        "pictures are copied by the program wl-copy (Wayland) or xclip (X11), and neither is installed: install one, "
        "or save the picture with S"
    )


def _put_on_macos(png: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        path.write_bytes(png)
        script = f'set the clipboard to (read (POSIX file "{path}") as «class PNGf»)'
        try:
            subprocess.run(["osascript", "-e", script], capture_output=True, timeout=SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise WindowError("the picture could not be copied: save it with S instead") from error
    return "osascript"


def _put_on_windows(pixels: np.ndarray) -> str:
    script = (
        "Add-Type -AssemblyName System.Windows.Forms,System.Drawing;"
        "$image = [System.Drawing.Image]::FromFile($args[0]);"
        "[System.Windows.Forms.Clipboard]::SetImage($image); $image.Dispose()"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        Image.fromarray(np.ascontiguousarray(pixels)).save(path, "PNG")
        command = ["powershell", "-NoProfile", "-STA", "-Command", f"& {{{script}}} '{path}'"]
        try:
            subprocess.run(command, capture_output=True, timeout=4 * SECONDS, check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise WindowError("the picture could not be copied: save it with S instead") from error
    return "powershell"
