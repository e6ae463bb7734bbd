"""SIGKILL at any moment: the files on disk are whole, and the run goes on from its last checkpoint."""

import contextlib
import json
import random
import signal
import subprocess
import sys
import time

import pytest

from engine.errors import CheckpointError
from engine.formats.model_file import load_model
from engine.training.checkpoint import open_checkpoint

SMALL = [
    "--cfg",
    "auto",
    "--resolution",
    "16",
    "--batch",
    "4",
    "--channel-base",
    "128",
    "--channel-max",
    "8",
    "--latent-dim",
    "16",
]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_killed_at_random_moments(pictures, tmp_path):
    outdir, program = tmp_path / "runs", "from engine.cli.train import main; main()"
    # A checkpoint, a snapshot and a sample grid with every second step: most moments fall into a write.
    often = ["--kimg", "1000", "--snapshot-kimg", "0.008", "--tick-kimg", "0.004", "--device", "cpu"]
    chance, reached, run = random.Random(0), 0, outdir
    for attempt in range(4):
        start = ["--data", str(pictures), "--outdir", str(outdir), *SMALL] if attempt == 0 else ["--resume", str(run)]
        process = subprocess.Popen(
            [sys.executable, "-c", program, *start, *often], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and process.poll() is None:
            run = next(iter(outdir.glob("00000-*")), run)
            # while it is being replaced, opening it may fail; what counts is what is there after the kill
            with contextlib.suppress(CheckpointError):
                if open_checkpoint(run).counters["cur_nimg"] > reached:
                    break
            time.sleep(0.02)
        time.sleep(chance.random() * 0.5)
        assert process.poll() is None, process.communicate()[0]
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
        checkpoint = open_checkpoint(run)
        assert checkpoint.counters["cur_nimg"] > reached
        reached = int(checkpoint.counters["cur_nimg"])
        for snapshot in run.glob("network-snapshot-*.safetensors"):
            load_model(snapshot)
        lines = (run / "stats.jsonl").read_text().splitlines()
        # a kill may cut off the last line, which resuming drops; all others are whole
        assert all(json.loads(line)["cur_nimg"] > 0 for line in lines[:-1])
        if attempt > 0:
            counts = [json.loads(line)["cur_nimg"] for line in lines[:-1]]
            assert counts == sorted(set(counts))
