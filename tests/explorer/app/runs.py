"""Run folders as trainings leave them, written by the code that trainings use."""

from __future__ import annotations

from pathlib import Path

import torch

from engine.networks.config import GeneratorConfig
from engine.networks.generator import Generator
from engine.training.run_folder import RunFolder


def tiny_generator(seed: int) -> Generator:
    """8 px, other weights for every seed."""
    torch.manual_seed(seed)
    config = GeneratorConfig(z_dim=16, w_dim=16, img_resolution=8, channel_base=64, channel_max=8)
    return Generator(config).eval()


def new_run(outdir: Path) -> RunFolder:
    """As it is before the first snapshot."""
    run = RunFolder.create(outdir, "discs-8px")
    run.write_json("training_options.json", {"batch": 4})
    return run


def report(run: RunFolder, kimg: float, **stats: float) -> None:
    """A line of statistics."""
    run.append_stats({"cur_nimg": round(kimg * 1000), "seconds": 60 * kimg, "img_per_second": 16.0, **stats})
