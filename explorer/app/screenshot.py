"""The window's picture as a file."""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from pathlib import Path

import pygame

from explorer.app.errors import WindowError


def save_screenshot(surface: pygame.Surface, path: Path) -> None:
    """Writes a PNG, complete or not at all. Raises WindowError."""
    encoded = io.BytesIO()  # written straight to a full disk, each failed piece of it would be a traceback of pygame's
    pygame.image.save(surface, encoded, "screenshot.png")
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.png")
    try:
        with open(temporary, "xb") as file:
            file.write(encoded.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise WindowError(
            f"the screenshot {path} could not be written ({error.strerror or error}): choose a folder that exists "
            "and has room for new files"
        ) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
