"""Files handed to the system: shown by the program that usually shows them, or in their folder.

Knows nothing of windows or of what the files are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine.errors import EngineError


class OpenerError(EngineError):
    """The system shows no files to people, or not this one."""


def can_open() -> bool:
    """Whether this system has a way to do so."""
    return sys.platform in ("win32", "darwin") or shutil.which("xdg-open") is not None


def open_file(path: Path) -> None:
    """In the program that the person uses for such files; a folder in the file manager. Raises OpenerError."""
    if sys.platform == "win32":
        try:
            os.startfile(path)
        except OSError as error:
            raise OpenerError(f"{path} could not be opened ({error.strerror or error})") from error
    else:
        _start(path, ["open" if sys.platform == "darwin" else "xdg-open", str(path)])


def show_in_folder(path: Path) -> None:
    """The folder of the file, with the file selected where the system can do that. Raises OpenerError."""
    if sys.platform == "win32":
        _start(path, ["explorer", f"/select,{path}"])
    elif sys.platform == "darwin":
        _start(path, ["open", "-R", str(path)])
    else:
        _start(path, ["xdg-open", str(path.parent)])


def _start(path: Path, command: list[str]) -> None:
    if not path.exists():
        raise OpenerError(f"{path} is not there any more")
    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    except OSError as error:
        raise OpenerError(f"{path} could not be opened: {command[0]} does not start ({error})") from error
