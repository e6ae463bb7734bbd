"""Turns whatever went wrong where pictures are made into a sentence; the unexpected also goes into a log file."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path

from engine.errors import EngineError
from explorer.library.folders import data_folder

LOG_NAME = "errors.log"
MAX_LOG_BYTES = 2**20
ALLOCATOR_COMPLAINTS = ("can't allocate memory", "not enough memory", "out of memory")
"""What torch's allocators write into a plain RuntimeError, in lower case."""

SHORT_OF_MEMORY = (
    "There was not enough memory for several pictures at once and for what is kept between them: each is made by "
    "itself now, more slowly. Close other programs, or use a smaller model, and open the model again for full speed."
)


def sentence_for(task: str, error: Exception) -> str:
    """What to tell a person when a task ('open pokemon.pkl') could not be done."""
    if isinstance(error, EngineError):
        return str(error)
    if is_out_of_memory(error):
        return (
            f"There is not enough memory to {task}: close other programs, show fewer pictures, or use a smaller model."
        )
    return f"It was not possible to {task}: {type(error).__name__}: {error}. This is a bug. {_logged(error)}"


def is_out_of_memory(error: Exception) -> bool:
    """Whether Python or torch ran out of memory. Looks at names and texts, so that torch need not be imported."""
    if isinstance(error, MemoryError):
        return True
    complains = any(complaint in str(error).lower() for complaint in ALLOCATOR_COMPLAINTS)
    return isinstance(error, RuntimeError) and (type(error).__name__ == "OutOfMemoryError" or complains)


def _logged(error: Exception) -> str:
    path = data_folder() / LOG_NAME
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    try:
        _append(path, f"{datetime.now().isoformat(timespec='seconds')}\n{details}\n")
    except OSError as log_error:
        return f"Its details could not be written to {path}: {log_error.strerror or log_error}."
    return f"Its details are in {path}."


def _append(path: Path, text: str) -> None:
    """A log that has grown large starts again; one older log is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > MAX_LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with open(path, "a", encoding="utf-8") as log:
        log.write(text)
