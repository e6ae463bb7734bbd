"""Real models with changed instructions end in a sentence or a model: in time, in memory, with nothing executed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.attacks.fuzz import Tally, pickle_of, with_pickle
from tests.attacks.mutations import instructions, mutated
from tests.engine.formats.test_fixtures import FIXTURES

MODELS = sorted([*FIXTURES.glob("*.pkl"), *FIXTURES.glob("*.pt"), *FIXTURES.glob("*/*.pt")])
SECONDS = 2.0
PEAK_MEGABYTES = 1000


def fuzz(*, in_place: int, files: int, seed: int, timeout: float) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.attacks.fuzz", *map(str, MODELS)]
    command += ["--in-place", str(in_place), "--files", str(files), "--seed", str(seed)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=timeout, check=False
    )
    assert done.returncode == 0, f"the interpreter did not survive: {done.stderr[-3000:]}"
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def check(result: dict[str, Any], *, in_place: int, files: int) -> None:
    assert result["failures"] == []
    assert result["events"] == {}
    assert result["in_place"] == in_place
    assert result["files"] == files
    assert result["changes_in_files"] >= files
    assert result["slowest_seconds"] < SECONDS
    assert result["peak_megabytes"] < PEAK_MEGABYTES
    assert {"HostileFileError", "UnknownGlobalError", "DamagedFileError", "OversizedFileError"} <= set(
        result["refusals"]
    )


def test_ten_thousand_changes() -> None:
    check(fuzz(in_place=10_000, files=120, seed=1, timeout=200), in_place=10_000, files=120)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_a_million_changes() -> None:
    result = fuzz(in_place=1_000_000, files=4000, seed=2, timeout=7200)
    print(json.dumps(result, indent=2))
    check(result, in_place=1_000_000, files=4000)


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.name)
def test_instructions_are_the_whole_pickle(path: Path) -> None:
    data = pickle_of(path)
    parts = instructions(data)
    assert b"".join(parts) == data
    assert len(parts) > 1000
    assert len(with_pickle(path, data)) >= len(data)


def test_most_changes_change_something() -> None:
    random = Random(3)
    parts = instructions(pickle_of(FIXTURES / "ada_grey_32.pkl"))
    changed = 0
    for _ in range(2000):
        where = random.randrange(len(parts) - 1)
        changed += mutated(parts[where], parts[where + 1], random) != parts[where] + parts[where + 1]
    assert changed > 1800


def test_pickles_inside_of_pickles_are_changed_too() -> None:
    storages = [part for part in instructions(pickle_of(FIXTURES / "ada_grey_32.pkl")) if b"FloatStorage" in part]
    assert len(storages) > 50
    random = Random(4)
    results = {mutated(storages[0], b"", random) for _ in range(200)}
    assert len(results) > 100
    assert sum(b"os\nsystem" in result[20:] for result in results) > 0


def test_failures_and_events_are_noticed() -> None:
    watch = SimpleNamespace(active=False, events=[])

    def escape() -> None:
        watch.events.append("os.system")
        raise ValueError("no sentence")

    tally = Tally()
    assert not tally.record(watch, escape, "here")  # type: ignore[arg-type]
    assert len(tally.failures) == 1
    assert "here" in tally.failures[0]
    assert "no sentence" in tally.failures[0]
    assert tally.events == {"os.system": 1}
    assert not watch.active
