"""`stylegan-train` as a person runs it."""

import dataclasses
import json
import re
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from PIL import Image

from engine.cli.train import main
from engine.cli.train_display import duration
from engine.metrics.networks.lite0 import WEIGHTS as LITE0_WEIGHTS

SMALL = [
    "--cfg",
    "auto",
    "--resolution",
    "8",
    "--batch",
    "4",
    "--channel-base",
    "64",
    "--channel-max",
    "8",
    "--latent-dim",
    "16",
]


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "my pictures"
    path.mkdir()
    for index in range(6):
        Image.new("RGB", (20, 14), (index * 40, 90, 30)).save(path / f"{index}.jpg")
    (path / "broken.png").write_bytes(b"not a picture")
    return path


def run_cli(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_from_a_folder_to_a_snapshot_and_on(folder, tmp_path):
    result = run_cli("--data", folder, "--outdir", tmp_path / "runs", "--kimg", "0.02", "--device", "cpu", *SMALL)
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "broken.png" in text  # named once, skipped
    assert "Finished at 0.02 kimg" in text
    run = next((tmp_path / "runs").iterdir())
    assert run.name == "00000-my-pictures-8px"
    assert (run / "network-snapshot-000000.safetensors").exists()
    resumed = run_cli("--resume", run, "--kimg", "0.04", "--device", "cpu")
    assert resumed.exit_code == 0, resumed.output
    assert "Continuing at 0.02 kimg" in resumed.output
    assert "Finished at 0.04 kimg" in resumed.output


def test_a_small_set_gets_the_configuration_for_small_sets(folder, tmp_path):
    options = ["--outdir", tmp_path / "runs", "--kimg", "0.008", "--device", "cpu", "--judge", "none", *SMALL[2:]]
    result = run_cli("--data", folder, *options)
    assert result.exit_code == 0, result.output
    assert "Configuration: fewshot, which suits 6 pictures" in " ".join(result.output.split())
    written = json.loads(next((tmp_path / "runs").glob("*/training_options.json")).read_text())
    assert written["features"] is not None
    assert written["features"]["alone"] is False
    assert written["augmentation"]["controller"]["p_initial"] > 0


def test_without_the_frozen_features_a_sentence_says_so_and_training_goes_on(folder, tmp_path, monkeypatch):
    missing = dataclasses.replace(LITE0_WEIGHTS, package="no_such_package_here")
    monkeypatch.setattr("engine.training.start.LITE0_WEIGHTS", missing)
    options = ["--outdir", tmp_path / "runs", "--kimg", "0.004", "--device", "cpu", "--judge", "none", *SMALL[2:]]
    result = run_cli("--data", folder, "--cfg", "fewshot", *options)
    assert result.exit_code == 0, result.output
    assert "goes on without its second discriminator" in " ".join(result.output.split())


def test_the_discriminator_on_features_alone(folder, tmp_path):
    options = ["--outdir", tmp_path / "runs", "--kimg", "0.004", "--device", "cpu", *SMALL]
    result = run_cli("--data", folder, "--features", "alone", "--feature-resolution", "32", *options)
    assert result.exit_code == 0, result.output
    assert "G features" in result.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--kimg", "1"], "--data"),
        (["--data", "nowhere", "--kimg", "1"], "nowhere"),
        (["--resume", "nowhere"], "nowhere does not exist"),
        (["--data", ".", "--background", "mauve"], "white, black or #rrggbb"),
        (["--data", ".", "--kimg", "-1"], "kimg"),
    ],
)
def test_mistakes_are_sentences(arguments, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run_cli(*arguments)
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output
    assert sentence in " ".join(result.output.split())


def test_help_does_not_import_torch():
    code = (
        "import sys; from engine.cli.train import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.skipif(sys.platform == "win32", reason="a console event, not a signal, on Windows")
def test_ctrl_c_finishes_the_step_saves_and_says_how_to_go_on(folder, tmp_path):
    command = [
        "-c",
        "from engine.cli.train import main; main()",
        "--data",
        str(folder),
        "--outdir",
        str(tmp_path / "runs"),
    ]
    process = subprocess.Popen(
        [sys.executable, *command, "--kimg", "1000", "--tick-kimg", "0.004", "--device", "cpu", *SMALL],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    stats = tmp_path / "runs" / "00000-my-pictures-8px" / "stats.jsonl"
    deadline = time.monotonic() + 120
    while not stats.exists() and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    text = " ".join(output.split())
    assert "Stopping after this step" in text
    assert re.search(r"Stopped at [\d.]+ kimg", text)
    assert f"stylegan-train --resume {stats.parent}" in text or f"stylegan-train --resume '{stats.parent}'" in text
    assert (stats.parent / "checkpoint.safetensors").exists()


def test_durations():
    assert [duration(s) for s in (0.4, 59, 65, 3600 * 2 + 120, 86400 * 2 + 3600 * 4)] == [
        "0 s", "59 s", "1 min 05 s", "2 h 02 min", "2 d 4 h",
    ]  # fmt: skip
