"""How fast a configuration trains here, and how much memory a picture takes: a few steps on a state that is thrown
away, so that the run itself begins from nothing but its seed."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.training.augmentation import augmentation
from engine.training.config import TrainConfig
from engine.training.distributed import ALONE, Processes
from engine.training.phase import MemoryUse
from engine.training.precision import is_clamped, low_precision
from engine.training.sampling import step_generator
from engine.training.state import TrainState, initial_state
from engine.training.step import StepContext, train_step

BEYOND_SAVED = 1.35
"""memory of a step on a CPU as a multiple of the tensors that it keeps for its backward passes: gradients of
activations and the convolutions' own buffers come on top (measured: docs/log.md)"""
PROCESS_BYTES = 500 * 2**20
"""of a process that trains on a CPU, before it has any picture"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNeed:
    """What a step takes."""

    fixed_bytes: int
    """weights, their gradients and moments"""
    bytes_per_picture: float
    """for each picture that goes through the networks at once"""

    def of(self, part: int) -> float:
        """Bytes for parts of so many pictures."""
        return self.fixed_bytes + part * self.bytes_per_picture


def trial_context(
    config: TrainConfig, device: str, *, part: int, smallest: int, processes: Processes = ALONE
) -> StepContext:
    """As in a run, with no labels."""
    return StepContext(
        config=config,
        device=device,
        low_precision=low_precision(config.precision, device, clamped=is_clamped(config)),
        random=step_generator(config.seed, 0),
        augment=augmentation(config.augmentation),
        random_labels=lambda count, random: torch.zeros(count, config.generator.c_dim),
        memory=MemoryUse(part=part, smallest=smallest),
        processes=processes,
    )


def img_per_second(config: TrainConfig, context: StepContext, longest_seconds: float) -> float:
    """Pictures a second of all processes together, as a mean over steps with and without regularization.

    One step to warm up and up to four that count; fewer after `longest_seconds`, with the last one's time for those
    that are missing.
    """
    state = initial_state(config, context.device)
    begun = time.perf_counter()
    path_length, r1 = config.loss.path_length_interval, config.loss.r1_interval
    seconds: dict[str, float] = {}
    for name, step in (("warm", 0), ("both", 0), ("path length", path_length), ("plain", 1), ("plain", 1)):
        state.step = step
        took = _timed_step(state, context)
        seconds[name] = min(took, seconds.get(name, took))
        if context.processes.any(time.perf_counter() - begun > longest_seconds):
            break
    last = list(seconds.values())[-1]
    both, with_path_length, plain = (seconds.get(name, last) for name in ("both", "path length", "plain"))
    mean = plain + (with_path_length - plain) / path_length + (both - with_path_length) / r1
    return float(context.processes.from_first(config.batch / max(mean, 1e-9)))


def memory_need(config: TrainConfig, context: StepContext) -> MemoryNeed:
    """From one step with everything in it, on as few pictures as can be; on a CPU an estimate."""
    few = context.memory.smallest
    config = replace(config, batch=few * context.processes.count)
    state = initial_state(config, context.device)
    weights = [p for network in state.networks().values() for p in network.parameters()]
    fixed = _bytes(weights) + 3 * _bytes([p for p in weights if p.requires_grad])  # with gradients and two moments
    context = replace(context, config=config, memory=MemoryUse(part=few, smallest=few))
    if context.device == "cuda":
        torch.cuda.reset_peak_memory_stats()
        _timed_step(state, context)
        peak = float(torch.cuda.max_memory_allocated())
        return MemoryNeed(fixed_bytes=fixed, bytes_per_picture=max(peak - fixed, 1.0) / few)
    saved = SavedBytes(weights)
    with saved.counted():
        _timed_step(state, context)
    return MemoryNeed(fixed_bytes=fixed + PROCESS_BYTES, bytes_per_picture=BEYOND_SAVED * saved.peak / few)


def _timed_step(state: TrainState, context: StepContext) -> float:
    config = context.config
    size = config.data.resolution
    count = len(context.processes.places(config.batch).chosen)
    real_img = torch.rand(count, config.generator.img_channels, size, size).mul(2).sub(1).to(context.device)
    real_img = real_img.contiguous(memory_format=torch.channels_last)
    real_c = torch.zeros(count, config.generator.c_dim, device=context.device)
    started = time.perf_counter()
    train_step(state, real_img, real_c, context)
    if context.device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - started


class SavedBytes:
    """Counts the memory that autograd keeps for backward passes while `with saved.counted():` runs; what several
    tensors share counts once, and so do weights not at all."""

    def __init__(self, without: list[torch.nn.Parameter]) -> None:
        self.peak = 0
        self._now = 0
        self._without = {p.untyped_storage().data_ptr() for p in without}
        self._keepers: dict[int, int] = {}

    def counted(self) -> AbstractContextManager[object]:
        """While this is entered."""
        return torch.autograd.graph.saved_tensors_hooks(lambda tensor: _Kept(tensor, self), lambda kept: kept.tensor)

    def change(self, tensor: Tensor, keepers: int) -> None:
        """One keeper more or less of the tensor's memory."""
        storage = tensor.untyped_storage()
        address = storage.data_ptr()
        if address in self._without:
            return
        before = self._keepers.get(address, 0)
        self._keepers[address] = before + keepers
        if before == 0 or before + keepers == 0:
            self._now += storage.nbytes() * keepers
            self.peak = max(self.peak, self._now)


class _Kept:
    """A tensor that is kept for a backward pass."""

    __slots__ = ("_saved", "tensor")

    def __init__(self, tensor: Tensor, saved: SavedBytes) -> None:
        self.tensor, self._saved = tensor, saved
        saved.change(tensor, 1)

    def __del__(self) -> None:
        self._saved.change(self.tensor, -1)


def _bytes(tensors: list[torch.nn.Parameter]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
