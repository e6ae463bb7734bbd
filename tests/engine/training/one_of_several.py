"""A process of a training that several share, as torchrun starts it; what it ends with goes into a file."""

import json
import os
import sys
from pathlib import Path

import torch

from engine.training.checkpoint import _tensors
from engine.training.distributed import Joined
from engine.training.start import LoadObservers, TrainOptions, start

PATHS = ("data", "outdir", "resume")


def main(scenario, result):
    options = json.loads(scenario)
    with Joined() as processes:
        options = {name: Path(value) if name in PATHS else value for name, value in options.items()}
        run, state = start(TrainOptions(**options), LoadObservers(), processes)
        run.train(state)
        # every process says how it ended: the test compares them with each other
        torch.save({"tensors": _tensors(state), "ada": state.ada.to_dict()}, f"{result}.{os.environ['RANK']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
