"""Changes instructions of real pickles at random, and says what became of it: run as a program of its own.

Two ways. *In place*: the pickle is interpreted up to an instruction; from there a change of it, and what follows it,
are tried on copies of the interpreter's state, many for each instruction. *Whole files*: files with a few changes are
opened with `load_model`. An audit hook sees what Python does meanwhile (`runner.py`).
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import json
import sys
import tempfile
import time
import traceback
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from engine.errors import EngineError
from engine.formats.model_file import load_model
from engine.formats.pickle_machine import Budget, PickleMachine
from engine.formats.pickle_values import Storage
from engine.formats.torch_allow_list import TORCH_ALLOWED
from engine.formats.torch_storage import describe_storage
from engine.formats.unpickler import load
from tests.attacks.mutations import instructions, mutated
from tests.attacks.runner import Watch, peak_megabytes

FOLLOWING: Final = 16
"""instructions that are still interpreted after a change in place"""
MOST_CHANGES: Final = 8
"""in a whole file"""
KEPT: Final = 5
"""failures that are told in full"""


@dataclass(kw_only=True)
class Tally:
    """What has happened so far."""

    in_place: int = 0
    files: int = 0
    changes_in_files: int = 0
    opened: int = 0
    slowest_seconds: float = 0.0
    refusals: collections.Counter[str] = field(default_factory=collections.Counter)
    failures: list[str] = field(default_factory=list)
    events: collections.Counter[str] = field(default_factory=collections.Counter)

    def record(self, watch: Watch, run: Callable[[], Any], what: str) -> bool:
        """Whether it ended well. Anything that is neither a value nor an EngineError is a failure."""
        watch.events = []
        start = time.process_time()
        ended = False
        watch.active = True
        try:
            run()
            ended = True
        except EngineError as error:
            self.refusals[type(error).__name__] += 1
        except BaseException:
            if len(self.failures) < KEPT:
                watch.active = False
                self.failures.append(f"{what}: {traceback.format_exc(limit=-4)}")
        finally:
            watch.active = False
        self.slowest_seconds = max(self.slowest_seconds, time.process_time() - start)
        self.events.update(watch.events)
        return ended


def pickle_of(path: Path) -> bytes:
    """The pickle in a snapshot, or the `data.pkl` of a torch file."""
    if path.suffix == ".pkl":
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return archive.read(next(name for name in archive.namelist() if name.endswith("/data.pkl")))


def with_pickle(path: Path, changed: bytes) -> bytes:
    """The file's bytes with another pickle in it."""
    if path.suffix == ".pkl":
        return changed
    buffer = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            target.writestr(name, changed if name.endswith("/data.pkl") else source.read(name))
    return buffer.getvalue()


def change_in_place(path: Path, count: int, random: Random, watch: Watch, tally: Tally) -> None:
    """`count` changes, spread evenly over the instructions of the file's pickle."""
    parts = instructions(pickle_of(path))
    machine = PickleMachine(memoryview(b""), TORCH_ALLOWED, Budget(), persistent_load=_storage)
    done = 0
    for index, part in enumerate(parts[:-1]):
        due = count * (index + 1) // (len(parts) - 1)
        for _ in range(due - done):
            data = mutated(part, parts[index + 1], random) + b"".join(parts[index + 2 : index + 2 + FOLLOWING])
            branch = _copy(machine, data)
            tally.record(watch, lambda branch=branch: load(branch), f"{path.name}, instruction {index}, {data[:80]!r}")
            tally.in_place += 1
        done = due
        machine.data, machine.position = memoryview(part), 0
        machine.budget = Budget()
        with contextlib.suppress(EngineError):  # how it says that the instruction is all there is
            load(machine)


def change_files(path: Path, count: int, folder: Path, random: Random, watch: Watch, tally: Tally) -> None:
    """`count` files, each with one to `MOST_CHANGES` changes."""
    parts = instructions(pickle_of(path))
    target = folder / f"changed{path.suffix}"
    for number in range(count):
        changes = random.randint(1, MOST_CHANGES)
        changed = list(parts)
        for where in random.sample(range(len(parts) - 1), changes):
            changed[where] = mutated(changed[where], b"", random)
        target.write_bytes(with_pickle(path, b"".join(changed)))
        run = lambda: load_model(target, with_discriminator=True)  # noqa: E731
        tally.opened += tally.record(watch, run, f"{path.name}, file {number}")
        tally.files += 1
        tally.changes_in_files += changes


def _storage(persistent_id: Any) -> Storage:
    described = describe_storage(persistent_id)
    return Storage(described.dtype, described.numel)


def _copy(machine: PickleMachine, data: bytes) -> PickleMachine:
    """Its own stack and memo; the values on them are shared, so that what one change spoils, the next one finds."""
    branch = PickleMachine(memoryview(data), machine.allowed, Budget(), persistent_load=machine.persistent_load)
    branch.stack, branch.marks, branch.memo = list(machine.stack), list(machine.marks), dict(machine.memo)
    branch.makers, branch.kept = dict(machine.makers), list(machine.kept)
    return branch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path, help="files to change")
    parser.add_argument("--in-place", type=int, default=10_000, help="changes in place, over all files")
    parser.add_argument("--files", type=int, default=300, help="changed files that are opened whole")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    for path in arguments.models:
        load_model(path, with_discriminator=True)  # what is imported on first use is imported now
    random, tally, watch = Random(arguments.seed), Tally(), Watch()
    count = len(arguments.models)
    with tempfile.TemporaryDirectory() as folder:
        for index, path in enumerate(arguments.models):
            share = [
                total * (index + 1) // count - total * index // count for total in (arguments.in_place, arguments.files)
            ]
            change_in_place(path, share[0], random, watch, tally)
            change_files(path, share[1], Path(folder), random, watch, tally)
    result = {name: getattr(tally, name) for name in Tally.__dataclass_fields__}
    json.dump(result | {"peak_megabytes": peak_megabytes()}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
