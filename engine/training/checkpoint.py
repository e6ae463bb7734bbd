"""TrainState to a file and back, complete: a resumed run equals an uninterrupted one. And from process to process.

A checkpoint is a safetensors file with the configuration and the counters as JSON in its header; nothing in it can
execute. Tensors: `G.*`, `D.*`, `G_ema.*`, `opt_G.<parameter>.exp_avg` and so on, `pl_mean`, `best.*`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from engine.atomic_files import replaced_file
from engine.errors import CheckpointError, ConfigError
from engine.training.ada import AdaState
from engine.training.best import Best
from engine.training.config import TrainConfig
from engine.training.distributed import Processes
from engine.training.state import TrainState, initial_state

FORMAT_NAME = "stylegan-explorer checkpoint"
FORMAT_VERSION = 1
METADATA_KEY = "stylegan_explorer"
CHECKPOINT_NAME = "checkpoint.safetensors"
COUNTERS = ("cur_nimg", "step", "seconds", "learning_rate_factor")
BEST_FIGURES = ("metric", "value", "cur_nimg")
BEST_PREFIX = "best."


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What a checkpoint says of itself, without its tensors."""

    path: Path
    config: TrainConfig
    data_fingerprint: str
    """of the pictures it was trained on; the order of the data depends on them"""
    counters: dict[str, float]
    """cur_nimg, step, seconds, learning_rate_factor"""
    ada: dict[str, Any]
    """the augmentation's p, and what decides its next change"""
    best: dict[str, Any] | None
    """metric, value and cur_nimg of the best snapshot so far, where there is a judge"""


def save_checkpoint(path: Path, state: TrainState, config: TrainConfig, data_fingerprint: str) -> None:
    """Replaces the file at `path` in one go. Raises OSError; the old file is whole then."""
    header = {
        "format": FORMAT_NAME,
        "version": FORMAT_VERSION,
        "config": config.to_dict(),
        "data_fingerprint": data_fingerprint,
        "counters": {name: getattr(state, name) for name in COUNTERS},
        "ada": state.ada.to_dict(),
        "best": None if state.best is None else {name: getattr(state.best, name) for name in BEST_FIGURES},
    }
    # safetensors keeps values, not memory layouts: a copy in plain order is what comes back.
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in _tensors(state).items()}
    if state.best is not None:
        tensors |= {f"{BEST_PREFIX}{name}": tensor for name, tensor in state.best.weights.items()}
    with replaced_file(path) as temporary:
        try:
            save_file(tensors, temporary, metadata={METADATA_KEY: json.dumps(header)})
        except SafetensorError as error:  # how the library reports a full disk or a read-only folder
            raise OSError(str(error)) from error


def open_checkpoint(path: Path) -> Checkpoint:
    """Reads the header of a checkpoint, given the file or its run folder. Raises CheckpointError."""
    path = path / CHECKPOINT_NAME if path.is_dir() else path
    if not path.is_file():
        raise CheckpointError(f"{path} does not exist: name a run folder that holds a {CHECKPOINT_NAME}")
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(METADATA_KEY)
        header = json.loads(text) if text else {}
    except (SafetensorError, OSError, ValueError, RuntimeError) as error:  # RuntimeError: shorter than it says
        raise CheckpointError(f"{path} is damaged or no checkpoint ({error}): continue from another one") from error
    if header.get("format") != FORMAT_NAME:
        raise CheckpointError(
            f"{path} is not a checkpoint of stylegan-train. A snapshot holds only the weights that people look at; "
            f"the file to continue from is {CHECKPOINT_NAME} in the run folder"
        )
    if header.get("version") != FORMAT_VERSION:
        raise CheckpointError(f"{path} has checkpoint version {header.get('version')}, not {FORMAT_VERSION}")
    try:
        return Checkpoint(
            path=path,
            config=TrainConfig.from_dict(header["config"]),
            data_fingerprint=str(header["data_fingerprint"]),
            counters={name: header["counters"][name] for name in COUNTERS},
            ada=dict(header["ada"]),
            best=_best_figures(header.get("best")),
        )
    except (ConfigError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} was made by another version of this program: {error}") from error


def load_state(checkpoint: Checkpoint, device: str) -> TrainState:
    """The state that was saved. Raises CheckpointError if tensors are missing or have other shapes."""
    state = initial_state(checkpoint.config, device)
    restore(state, checkpoint)
    return state


def restore(state: TrainState, checkpoint: Checkpoint) -> None:
    """Takes the state back to the checkpoint, in place. Raises CheckpointError; the state is as it was then."""
    try:
        with safe_open(checkpoint.path, framework="pt", device="cpu") as file:
            saved = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, RuntimeError) as error:
        raise CheckpointError(f"{checkpoint.path} is damaged ({error}): continue from another one") from error
    best_weights = {name: saved.pop(name) for name in list(saved) if name.startswith(BEST_PREFIX)}
    best = _best(checkpoint, best_weights, state)
    tensors = _tensors(state)
    different = sorted(set(tensors) ^ set(saved))
    different += [name for name in tensors if name in saved and tensors[name].shape != saved[name].shape]
    if different:
        raise CheckpointError(f"{checkpoint.path} does not fit its own configuration: {', '.join(different[:5])}")
    with torch.no_grad():
        for name, tensor in tensors.items():
            tensor.copy_(saved[name])
    _take_numbers(state, checkpoint.counters, checkpoint.ada)
    state.best = best


def copy_from_first(state: TrainState, processes: Processes) -> None:
    """Makes the state what it is in the first process, in all of them; what only files are made of stays there."""
    numbers = {"counters": {name: getattr(state, name) for name in COUNTERS}, "ada": state.ada.to_dict()}
    processes.copy_from_first(_tensors(state).values())
    numbers = processes.from_first(numbers)
    if not processes.is_first:
        _take_numbers(state, numbers["counters"], numbers["ada"])


def _take_numbers(state: TrainState, counters: Mapping[str, float], ada: Mapping[str, Any]) -> None:
    state.cur_nimg, state.step, state.seconds = int(counters["cur_nimg"]), int(counters["step"]), counters["seconds"]
    state.ada = AdaState.from_dict(ada, state.pl_mean.device)
    state.lower_learning_rate(counters["learning_rate_factor"] / state.learning_rate_factor)


def _best_figures(values: dict[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    return {"metric": str(values["metric"]), "value": float(values["value"]), "cur_nimg": int(values["cur_nimg"])}


def _best(checkpoint: Checkpoint, saved: dict[str, Tensor], state: TrainState) -> Best | None:
    """The best snapshot from the checkpoint's tensors. Raises CheckpointError if they are not those of a G_ema."""
    if checkpoint.best is None:
        return None
    weights = {name.removeprefix(BEST_PREFIX): tensor for name, tensor in saved.items()}
    expected = state.G_ema.state_dict()
    if {name: tensor.shape for name, tensor in weights.items()} != {name: t.shape for name, t in expected.items()}:
        raise CheckpointError(f"{checkpoint.path} does not hold the best snapshot that it speaks of: it is damaged")
    return Best(**checkpoint.best, weights=weights)


def _tensors(state: TrainState) -> dict[str, Tensor]:
    """Every tensor of the state by name; the tensors themselves, not copies."""
    tensors = {"pl_mean": state.pl_mean, "lecam_means": state.lecam_means}
    for name, network in state.networks().items():
        tensors |= {f"{name}.{key}": tensor for key, tensor in network.state_dict().items()}
    for name, optimizer in state.optimizers().items():
        moments: dict[Tensor, dict[str, Any]] = optimizer.state
        for key, parameter in state.networks()[name].named_parameters():
            tensors |= {f"opt_{name}.{key}.{moment}": tensor for moment, tensor in moments.get(parameter, {}).items()}
    return tensors
