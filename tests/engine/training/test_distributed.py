"""Two processes on the CPU do what one does: the same losses, checkpoints for each other, and one voice for errors."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from engine.errors import ConfigError
from engine.training.augment.draws import Draws, Places, normal_images
from engine.training.checkpoint import _tensors
from engine.training.distributed import ALONE, Processes

from .conftest import TINY

WORKER = Path(__file__).with_name("one_of_several.py")
RUN = {**TINY, "batch": 16, "lecam": 0.3, "augment": "ada", "augment_set": "bgcfnc", "precision": "float32"}
STEP = 0.016  # kimg


def environment(rank, port):
    torchrun = {"RANK": rank, "LOCAL_RANK": rank, "WORLD_SIZE": 2, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    return {**os.environ, **{name: str(value) for name, value in torchrun.items()}, "OMP_NUM_THREADS": "1"}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def two():
    """Starts both processes of a training; none of them outlives the test."""
    started = []

    def start_two(*arguments):
        port, command = free_port(), [sys.executable, *map(str, arguments)]
        pair = [
            subprocess.Popen(
                command, env=environment(rank, port), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for rank in (0, 1)
        ]
        started.extend(pair)
        return pair

    yield start_two
    for process in started:
        if process.poll() is None:
            process.kill()
            process.communicate()


def ended(processes):
    """Their (exit status, output, errors)."""
    outputs = [process.communicate(timeout=200) for process in processes]
    return [(process.returncode, *output) for process, output in zip(processes, outputs, strict=True)]


def train_with_two(two, tmp_path, **options):
    """How both ended; they must agree on everything."""
    result = tmp_path / "result"
    scenario = json.dumps({**options, "outdir": str(tmp_path / "two")}, default=str)
    results = ended(two(WORKER, scenario, result))
    assert [status for status, _, _ in results] == [0, 0], [errors for _, _, errors in results]
    first, second = (torch.load(f"{result}.{rank}") for rank in (0, 1))
    assert [name for name in first["tensors"] if not torch.equal(first["tensors"][name], second["tensors"][name])] == []
    assert first["ada"] == second["ada"]
    return first


def stats_of(folder):
    return [json.loads(line) for line in (folder / "stats.jsonl").read_text().splitlines()]


def assert_same_losses(folder, expected):
    ours, theirs = stats_of(folder), stats_of(expected)
    assert [line["cur_nimg"] for line in ours] == [line["cur_nimg"] for line in theirs]
    for our, their in zip(ours, theirs, strict=True):
        for name in set(their) - {"seconds", "img_per_second", "data_wait"}:
            assert our[name] == pytest.approx(their[name], rel=1e-4, abs=1e-5), name


def test_two_processes_give_the_losses_of_one_and_resume_each_other(begin, two, pictures, tmp_path):
    """Five steps in one process; as many in two; three in two and then two in one; three in one and then two in two."""
    options = {**RUN, "data": pictures, "tick_kimg": STEP}
    one_run, one = begin(kimg=5 * STEP, **options)
    one_run.train(one)
    three_run, three = begin(kimg=3 * STEP, **options)
    three_run.train(three)

    together = train_with_two(two, tmp_path, kimg=5 * STEP, **options)
    (folder,) = (tmp_path / "two").iterdir()
    assert_same_losses(folder, one_run.folder.path)
    assert together["ada"]["sign_count"] == one.ada.sign_count
    for name in ("pl_mean", "lecam_means", "G.mapping.w_avg", "G_ema.mapping.w_avg"):
        torch.testing.assert_close(together["tensors"][name], _tensors(one)[name], rtol=1e-3, atol=1e-5)
    assert {path.name for path in folder.iterdir()} == {path.name for path in one_run.folder.path.iterdir()}

    train_with_two(two, tmp_path, resume=three_run.folder.path, kimg=5 * STEP, device="cpu")
    assert_same_losses(three_run.folder.path, one_run.folder.path)

    resumed_run, resumed = begin(resume=folder, kimg=6 * STEP)
    assert resumed.cur_nimg == 80
    resumed_run.train(resumed)
    assert [line["cur_nimg"] for line in stats_of(folder)] == [16, 32, 48, 64, 80, 96]


def test_a_problem_of_both_is_told_once(two, pictures, tmp_path):
    command = ["-m", "engine.cli.train", "--data", tmp_path / "nowhere", "--device", "cpu", "--cfg", "auto"]
    results = ended(two(*command))
    assert [status for status, _, _ in results] == [1, 1]
    assert sum("nowhere" in errors for _, _, errors in results) == 1
    assert "Traceback" not in "".join(errors for _, _, errors in results)


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process on Windows")
def test_ctrl_c_in_one_process_stops_all_with_a_checkpoint_and_a_kill_is_told_once(two, pictures, tmp_path):
    small = ["--cfg", "auto", "--resolution", 16, "--batch", 8, "--channel-base", 128, "--channel-max", 8]
    small += ["--latent-dim", 16, "--device", "cpu"]
    endless = ["--kimg", 1000, "--tick-kimg", 0.008]
    processes = two("-m", "engine.cli.train", "--data", pictures, "--outdir", tmp_path / "runs", *small, *endless)
    wait_for_steps(tmp_path / "runs", processes)
    processes[1].send_signal(signal.SIGINT)
    processes[1].send_signal(signal.SIGINT)  # a terminal and torchrun both send it
    results = ended(processes)
    assert [status for status, _, _ in results] == [0, 0], results
    assert "Stopped at" in results[0][1]
    assert "torchrun --nproc_per_node 2 -m engine.cli.train --resume" in results[0][1]
    assert results[1][1:] == ("", "")
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "checkpoint.safetensors").exists()

    processes = two("-m", "engine.cli.train", "--resume", folder, "--device", "cpu", *endless)
    wait_for_steps(tmp_path / "runs", processes, more_than=len(stats_of(folder)))
    processes[1].kill()
    (status, _, errors), _ = ended(processes)
    assert status == 1
    assert "another process of this training has ended without a word" in " ".join(errors.split())
    assert "Traceback" not in errors


def wait_for_steps(outdir, processes, more_than=0):
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline and all(process.poll() is None for process in processes):
        if any(
            path.stat().st_size and len(path.read_text().splitlines()) > more_than
            for path in outdir.glob("*/stats.jsonl")
        ):
            return
        time.sleep(0.05)
    raise AssertionError([process.poll() for process in processes])


def test_a_batch_that_cannot_be_divided_is_a_sentence():
    two_processes = Processes(rank=1, count=2)
    two_processes.check_batch(16, together=4, path_length_batch=8)
    ALONE.check_batch(3, together=2, path_length_batch=1)
    with pytest.raises(ConfigError, match="multiple of 8"):
        two_processes.check_batch(12, together=4, path_length_batch=6)
    with pytest.raises(ConfigError, match="larger --batch or --path-length-weight 0"):
        Processes(rank=0, count=4).check_batch(4, together=1, path_length_batch=2)
    with pytest.raises(ConfigError, match="cannot train on mps"):
        two_processes.device("mps")


def test_the_processes_share_every_picture_once():
    for count in (1, 2, 3, 8):
        chosen = [Processes(rank=rank, count=count).places(24).chosen for rank in range(count)]
        assert sorted(place for places in chosen for place in places) == list(range(24))
        parts = [Places(chosen=places, total=24).part(slice(1, None, 3)) for places in chosen]
        assert [len(part.chosen) for part in parts] == [len(places[1::3]) for places in chosen]


def test_a_share_of_a_batch_has_the_numbers_of_the_whole():
    whole, places = Places.whole(12), Places(chosen=range(1, 12, 2), total=12).part(slice(1, None, 3))
    assert list(places.chosen) == [3, 9]
    draws = [Draws(each, 0.5, torch.Generator().manual_seed(7)) for each in (whole, places)]
    for draw in (
        lambda d: d.happens(columns=(2,)), lambda d: d.integers(9), lambda d: d.octaves(0.3), lambda d: d.seeds(),
        lambda d: normal_images(d.seeds(), (3, 5)),
    ):  # fmt: skip
        everything, some = (draw(each) for each in draws)
        assert torch.equal(everything[[3, 9]], some)
    assert normal_images(torch.empty(0, dtype=torch.int64), (3, 5)).shape == (0, 3, 5)
