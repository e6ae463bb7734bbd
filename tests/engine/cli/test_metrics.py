"""`stylegan metrics` as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from engine.cli.tools import main
from engine.metrics.real_features import CACHE_FOLDER_VARIABLE
from tests.engine.formats.test_fixtures import FIXTURES

MODEL = str(FIXTURES / "ada_uncond_64.pkl")


def metrics(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["metrics", *map(str, arguments), "--device", "cpu"])


@pytest.fixture(autouse=True)
def cache_in_a_new_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(CACHE_FOLDER_VARIABLE, str(tmp_path / "cache"))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    random = np.random.RandomState(0)
    for number in range(12):
        noise = random.randint(0, 256, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((64, 64)).save(folder / f"{number}.png")
    return folder


def test_a_table_and_a_report(data: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.png"
    names = "kid_squeezenet,recall_squeezenet,nearest_squeezenet"
    result = metrics(MODEL, "--data", data, "--samples", "10", "--metrics", names, "--report", report)
    assert result.exit_code == 0, result.output
    assert "10 samples against 12 pictures of 64 px" in result.output
    assert all(name in result.output for name in names.split(","))
    assert all(len(line) <= 80 for line in result.output.splitlines() if str(report) not in line)
    with Image.open(report) as sheet:
        assert sheet.width > 10 * 64
    before = report.read_bytes()
    again = metrics(MODEL, "--data", data, "--samples", "10", "--metrics", names, "--report", report)
    assert again.exit_code == 1
    assert "not overwritten" in again.output
    assert report.read_bytes() == before


def test_json_is_the_same_every_time(data: Path) -> None:
    arguments = (MODEL, "--data", data, "--samples", "10", "--metrics", "fd_squeezenet,kid_squeezenet", "--json")
    first, second = metrics(*arguments), metrics(*arguments)
    assert first.exit_code == 0, first.output
    found = json.loads(first.stdout)
    assert found["pictures"] == 12
    assert found["samples"] == 10
    assert set(found["metrics"]) == {"fd_squeezenet", "kid_squeezenet"}
    assert found["metrics"]["fd_squeezenet"] > 0
    assert json.loads(second.stdout) == found
    assert json.loads(metrics(*arguments, "--seed", "10").stdout)["metrics"] != found["metrics"]


def test_fid_without_weights_is_left_out_with_a_sentence(data: Path) -> None:
    result = metrics(MODEL, "--data", data, "--samples", "10", "--metrics", "fid,kid_squeezenet", "--json")
    assert result.exit_code == 0, result.output
    assert "fid is left out" in result.stderr
    assert set(json.loads(result.stdout)["metrics"]) == {"kid_squeezenet"}
    alone = metrics(MODEL, "--data", data, "--metrics", "fid")
    assert alone.exit_code == 1
    assert "nothing is left to measure" in alone.output


def test_mistakes_are_sentences(data: Path, tmp_path: Path) -> None:
    no_weights = tmp_path / "weights.pth"
    no_weights.write_bytes(b"nothing")
    for arguments, message in (
        ((MODEL, "--data", data, "--metrics", "fid_lite0"), "there is no metric 'fid_lite0'"),
        ((MODEL, "--data", tmp_path / "nowhere"), "nowhere"),
        ((tmp_path / "missing.pkl", "--data", data), "cannot open"),
        ((MODEL, "--data", data, "--report", tmp_path / "nowhere" / "a.png"), "does not exist"),
        ((MODEL, "--data", data, "--samples", "10", "--inception", no_weights), "weights.pth"),
    ):
        result = metrics(*arguments)
        assert result.exit_code == 1
        assert message in result.output
        assert "Traceback" not in result.output


def test_help_does_not_import_torch() -> None:
    program = (
        "import sys\nfrom click.testing import CliRunner\nfrom engine.cli.tools import main\n"
        "result = CliRunner().invoke(main, ['metrics', '--help'])\n"
        "assert result.exit_code == 0 and 'kid_squeezenet' in result.output, result.output\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
