"""Every hostile or broken file ends in a sentence: in time, within memory, with nothing executed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.attacks.attack import CANARY, Attack
from tests.attacks.execution_by_instruction import EXECUTION_BY_INSTRUCTION
from tests.attacks.execution_by_name import EXECUTION_BY_NAME
from tests.attacks.exhaustion import EXHAUSTION
from tests.attacks.files import FILE_ATTACKS, FIXTURE
from tests.attacks.nonsense import NONSENSE
from tests.attacks.state_dicts import STATE_DICTS
from tests.attacks.tensorflow_files import TENSORFLOW
from tests.attacks.tensors import TENSORS
from tests.attacks.torch_files import TORCH_FILES
from tests.attacks.whole_models import WHOLE_MODELS, harmless_model_with_a_program

ATTACKS: tuple[Attack, ...] = (
    EXECUTION_BY_NAME
    + EXECUTION_BY_INSTRUCTION
    + EXHAUSTION
    + TENSORS
    + TENSORFLOW
    + TORCH_FILES
    + STATE_DICTS
    + WHOLE_MODELS
    + NONSENSE
    + FILE_ATTACKS
)
HARMLESS = "harmless_model_with_a_program"
SECONDS = 2.0
PEAK_MEGABYTES = 500
ADVICE = re.compile(
    r"copy or download it|get the model|choose|unpack|convert|ask for|run 'git|open the address|check the"
    r"|use an earlier",
    re.I,
)
TABLE = Path(__file__).with_name("README.md")

Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("attacks")


@pytest.fixture(scope="session")
def outcomes(folder: Path) -> Outcomes:
    """All files, opened in one other process: it must live to the end."""
    paths = {attack.name: attack.make(folder) for attack in ATTACKS}
    paths[HARMLESS] = folder / "harmless.pkl"
    paths[HARMLESS].write_bytes(harmless_model_with_a_program())
    lines = [str(FIXTURE), *(f"{name}\t{json.dumps(str(path))}" for name, path in paths.items())]
    done = subprocess.run(
        [sys.executable, "-m", "tests.attacks.runner"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=280,
    )
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"after {results[-1:]}: {done.stderr[-2000:]}"
    return {result["name"]: result for result in results}


def test_names_are_unique_and_many() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 25


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_is_refused(attack: Attack, outcomes: Outcomes) -> None:
    outcome = outcomes[attack.name]
    assert outcome["error"] == attack.error, outcome
    assert re.search(attack.refused, outcome["message"]), outcome["message"]
    assert ADVICE.search(outcome["message"]), f"says nothing to do: {outcome['message']}"
    assert outcome["message"].isprintable()
    assert outcome["events"] == []
    assert outcome["seconds"] < SECONDS


@pytest.mark.parametrize("name", ["os_system", "builtins_eval", "builtins_exec", "stack_global"])
def test_the_attacks_are_real(name: str, folder: Path, tmp_path: Path) -> None:
    """What `pickle` itself does with such a file: if this made no canary, the other tests would show nothing."""
    attack = next(attack for attack in ATTACKS if attack.name == name)
    path = attack.make(tmp_path)
    load = f"import pickle; pickle.load(open({str(path)!r}, 'rb'))"
    subprocess.run([sys.executable, "-c", load], cwd=tmp_path, capture_output=True, timeout=60)
    assert (tmp_path / CANARY).exists()


def test_memory_stays_small(outcomes: Outcomes) -> None:
    """Of the whole process, torch included: no single file could have used more."""
    peak = max(outcome["peak_megabytes"] for outcome in outcomes.values())
    assert peak < PEAK_MEGABYTES


def test_nothing_was_executed(outcomes: Outcomes, folder: Path) -> None:
    assert len(outcomes) == len(ATTACKS) + 1
    assert not Path(CANARY).exists()
    assert not (Path(__file__).parents[2] / CANARY).exists()
    assert not list(folder.rglob(CANARY))


def test_a_models_own_program_is_ignored(outcomes: Outcomes) -> None:
    assert CANARY.encode() in harmless_model_with_a_program()
    assert outcomes[HARMLESS]["error"] == "none", outcomes[HARMLESS]
    assert outcomes[HARMLESS]["events"] == []


def test_the_table_names_every_attack() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", TABLE.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [attack.name for attack in ATTACKS]
