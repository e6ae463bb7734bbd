"""`stylegan info` and `stylegan convert`, as a person uses them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.cli.tools import COMMANDS, main
from engine.formats.model_file import load_model
from tests.engine.formats.test_fixtures import FIXTURES

MODEL = str(FIXTURES / "ada_cond_64.pkl")


def stylegan(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_info() -> None:
    result = stylegan("info", MODEL)
    assert result.exit_code == 0
    for fact in ("nvlabs pickle", "64 x 64, RGB", "191,704 parameters", "discriminator  in the file", "10 layers"):
        assert fact in result.output


def test_info_as_json() -> None:
    result = stylegan("info", MODEL, "--json")
    assert result.exit_code == 0
    description = json.loads(result.output)
    assert description["c_dim"] == 3
    assert description["config"]["channel_base"] == 1024


def test_convert_keeps_the_model(tmp_path: Path) -> None:
    target = tmp_path / "model.safetensors"
    result = stylegan("convert", MODEL, target)
    assert result.exit_code == 0, result.output
    before = json.loads(stylegan("info", MODEL, "--json").output)
    after = json.loads(stylegan("info", target, "--json").output)
    changed = {key for key in before if before[key] != after[key]}
    assert changed == {"path", "source_format"}


def test_convert_to_nvlabs_and_back(tmp_path: Path) -> None:
    pickle, back = tmp_path / "model.pkl", tmp_path / "model.safetensors"
    assert stylegan("convert", MODEL, pickle).exit_code == 0
    assert stylegan("convert", pickle, back).exit_code == 0
    known = [json.loads(stylegan("info", path, "--json").output) for path in (MODEL, pickle, back)]
    assert known[0]["content_id"] == known[1]["content_id"] == known[2]["content_id"]
    assert all(entry["has_discriminator"] for entry in known)
    result = stylegan("convert", MODEL, tmp_path / "half.pkl", "--half")
    assert result.exit_code == 1
    assert "leave out --half" in result.output


def test_convert_the_generator_alone_in_half(tmp_path: Path) -> None:
    target = tmp_path / "model.safetensors"
    assert stylegan("convert", MODEL, target, "--half", "--generator-only").exit_code == 0
    known = json.loads(stylegan("info", target, "--json").output)
    assert not known["has_discriminator"]
    assert known["content_id"] == json.loads(stylegan("info", MODEL, "--json").output)["content_id"]
    assert target.stat().st_size < 500_000


def test_convert_never_overwrites(tmp_path: Path) -> None:
    target = tmp_path / "model.safetensors"
    target.write_bytes(b"precious")
    result = stylegan("convert", MODEL, target)
    assert result.exit_code == 1
    assert "exists already and is not overwritten" in result.output
    assert target.read_bytes() == b"precious"


def test_convert_never_overwrites_what_appears_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "model.pt"

    def load(*arguments: Any, **options: Any) -> Any:
        target.write_bytes(b"precious")
        return load_model(*arguments, **options)

    monkeypatch.setattr("engine.formats.model_file.load_model", load)
    result = stylegan("convert", FIXTURES / "ros_64.pt", target)
    assert result.exit_code == 1
    assert "exists already and is not overwritten" in result.output
    assert target.read_bytes() == b"precious"
    assert list(tmp_path.iterdir()) == [target]


def test_convert_for_rosinalitys_program_and_back(tmp_path: Path) -> None:
    source, target = FIXTURES / "tf_sg2_64.pkl", tmp_path / "model.pt"
    assert stylegan("convert", source, target, "--generator-only").exit_code == 0
    known = [json.loads(stylegan("info", path, "--json").output) for path in (source, target)]
    assert known[0]["content_id"] == known[1]["content_id"]
    result = stylegan("convert", MODEL, tmp_path / "labels.pt")
    assert result.exit_code == 1
    assert "no generator with c_dim = 3" in result.output


@pytest.mark.parametrize(
    ("target", "message"),
    [("model.bin", "so end the name in one of them"), ("nowhere/model.safetensors", "nowhere does not exist")],
)
def test_convert_says_what_is_wrong_with_the_target(target: str, message: str, tmp_path: Path) -> None:
    result = stylegan("convert", MODEL, tmp_path / target)
    assert result.exit_code == 1
    assert message in result.output


def test_errors_are_one_sentence(tmp_path: Path) -> None:
    result = stylegan("info", tmp_path / "missing.pkl")
    assert result.exit_code == 1
    assert result.output.startswith("Error: cannot open ")
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [["--help"], ["info", "--help"], ["convert", "--help"]])
def test_help_does_not_import_torch(arguments: list[str]) -> None:
    program = (
        "import sys; from engine.cli.tools import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "Usage:" in done.stdout


def test_the_group_lists_what_it_has() -> None:
    output = stylegan("--help").output
    assert all(f"{name} " in output and command.summary in output for name, command in COMMANDS.items())
