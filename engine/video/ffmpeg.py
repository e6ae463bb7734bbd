"""FFmpeg as a process of its own: found, run, and its failures as sentences.

imageio-ffmpeg brings the program; its own writer hides the exit status and the messages, so the process is run here.
Knows nothing of timelines or of frames.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import imageio_ffmpeg

from engine.errors import ExportError

QUIET = ("-y", "-nostdin", "-hide_banner", "-loglevel", "error")
_PROBE_SECONDS = 60


def find_ffmpeg() -> str:
    """The program. Raises ExportError if there is none."""
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise ExportError(
            "no video can be written because no FFmpeg was found: reinstall imageio-ffmpeg, or let "
            "IMAGEIO_FFMPEG_EXE name one"
        ) from error


def start(arguments: Sequence[str], messages: IO[bytes], stdin: int, stdout: int) -> subprocess.Popen[bytes]:
    """A running FFmpeg. Raises ExportError if it does not start."""
    program = find_ffmpeg()
    try:
        return subprocess.Popen(
            [program, *arguments], stdin=stdin, stdout=stdout, stderr=messages, **_away_from_the_terminal()
        )
    except OSError as error:
        raise ExportError(f"the encoder {program} does not start ({error}): reinstall imageio-ffmpeg") from error


def reason_of(messages: IO[bytes], status: int | None) -> str:
    """Why it failed, as the end of a sentence."""
    messages.seek(0)
    text = messages.read().decode(errors="replace").strip()
    if "No space left on device" in text:
        return "the disk is full; free some room or choose another folder"
    last_lines = " / ".join(text.splitlines()[-3:])
    return f"the encoder failed ({last_lines or f'exit status {status}'})"


def has_encoder(name: str) -> bool:
    """Whether this FFmpeg has an encoder of that name. Raises ExportError if there is no FFmpeg that starts."""
    return name in _encoders(find_ffmpeg())


@lru_cache(maxsize=4)
def _encoders(program: str) -> frozenset[str]:
    command = [program, "-hide_banner", "-encoders"]
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=_PROBE_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ExportError(f"the encoder {program} does not start ({error}): reinstall imageio-ffmpeg") from error
    lines = (line.split() for line in done.stdout.decode(errors="replace").splitlines())
    return frozenset(words[1] for words in lines if len(words) > 1 and words[0][:1] in ("V", "A"))


@contextlib.contextmanager
def metadata_file(folder: Path, recipe: dict[str, Any]) -> Iterator[Path]:
    """The recipe in FFmpeg's own text format: a command line would be too short for many looks."""
    text = "".join(f"\\{char}" if char in "=;#\\\n" else char for char in json.dumps(recipe))
    path = folder / "metadata.txt"
    path.write_text(f";FFMETADATA1\ncomment={text}\n", encoding="utf-8")
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def _away_from_the_terminal() -> dict[str, Any]:
    """Ctrl-C in a terminal is for us alone: we end the encoder; and no console window opens on Windows.

    A group of its own is enough: to a session of its own, Linux would give as much of a busy machine as to all of ours.
    """
    if os.name == "nt":
        flags = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)
        return {"creationflags": flags}
    return {"process_group": 0} if sys.version_info >= (3, 11) else {"start_new_session": True}
