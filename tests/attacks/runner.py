"""Opens files one after the other and says how each ended: run as a program, in a process of its own.

Reads lines `name<TAB>path` and prints one JSON object a line. An audit hook sees everything Python does meanwhile:
running code, starting processes, sockets, changing files, importing modules.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from engine.errors import EngineError
from engine.formats.model_file import load_model

HARMLESS = ("mmap.__new__", "object.__getattr__", "builtins.id")


class Watch:
    """What happened while a file was being opened."""

    def __init__(self) -> None:
        self.active = False
        self.events: list[str] = []
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or event.startswith(HARMLESS):
            return
        if event == "open" and arguments[1] in ("r", "rb", None) and not arguments[2] & 3:
            return
        self.events.append(event)


def peak_megabytes() -> float:
    """The most memory that this process has had."""
    if sys.platform == "win32":
        import psutil

        return psutil.Process().memory_info().peak_wset / 2**20
    import resource

    status = Path("/proc/self/status")
    if status.exists():  # getrusage would count what the parent held when it started this process
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)


def outcome(watch: Watch, name: str, path: str) -> dict[str, Any]:
    watch.events = []
    start = time.process_time()
    watch.active = True
    try:
        load_model(path, with_discriminator=True)
        error, message = "none", ""
    except EngineError as caught:
        public = next(cls for cls in type(caught).__mro__ if cls.__module__ == "engine.errors")
        error, message = public.__name__, str(caught)
    except BaseException as caught:
        error, message = f"NOT AN ENGINE ERROR: {type(caught).__name__}", str(caught)
    finally:
        watch.active = False
    seconds = time.process_time() - start
    result = {"name": name, "error": error, "message": message, "seconds": seconds, "events": watch.events}
    return result | {"peak_megabytes": peak_megabytes()}


def main() -> None:
    warm_up, *lines = sys.stdin.read().splitlines()
    load_model(Path(warm_up), with_discriminator=True)  # what is imported on first use is imported now
    watch = Watch()
    for line in lines:
        name, path = line.split("\t")
        print(json.dumps(outcome(watch, name, json.loads(path))), flush=True)


if __name__ == "__main__":
    main()
