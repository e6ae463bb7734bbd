"""The window's picture as a file."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

import pygame

from explorer.app.errors import WindowError


def save_screenshot(surface: pygame.Surface, path: Path) -> None:
    """Writes a PNG, complete or not at all. Raises WindowError."""
    temporary = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.png")
    try:
        with open(temporary, "xb") as file:
            pygame.image.save(surface, file, "screenshot.png")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except (OSError, pygame.error) as error:
        raise WindowError(
            f"the screenshot {path} could not be written ({error}): choose a folder that exists and takes new files"
        ) from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
