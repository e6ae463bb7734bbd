"""Several processes that train one model, each with its share of every batch. Started by torchrun, one for each GPU.

The weights are the same everywhere: they begin the same, and every optimizer step sees the sum of all gradients.
Knows nothing of networks or of what a training state is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from engine.errors import ConfigError, TrainingError
from engine.training.augment.draws import Places

LONGEST_WAIT = timedelta(minutes=60)
"""for another process: one that writes a snapshot and measures it keeps the others waiting"""
Result = TypeVar("Result")


class ProcessLostError(TrainingError):
    """Another process of the same training has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    """This process among those that train together. With a count of 1 nothing is sent anywhere."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether this is the one that writes files and talks to the person."""
        return self.rank == 0

    def places(self, total: int) -> Places:
        """Which pictures of a batch are this process's: every count-th one, so that the groups of the minibatch
        deviation, which are interleaved in the same way, stay as they are."""
        return Places(chosen=range(self.rank, total, self.count), total=total)

    def check_batch(self, batch: int, together: int, path_length_batch: int | None) -> None:
        """Raises ConfigError if `batch` pictures cannot be divided: `together` of them must stay in one process, and
        each needs one of the path length's pictures, if there are any."""
        if self.count == 1:
            return
        if batch % (self.count * together):
            raise ConfigError(
                f"a batch of {batch} cannot be divided over {self.count} processes in groups of {together}: use a "
                f"--batch that is a multiple of {self.count * together}, or another number of processes"
            )
        if path_length_batch is not None and path_length_batch < self.count:
            raise ConfigError(
                f"a batch of {batch} has only {path_length_batch} pictures for the path length, fewer than the "
                f"{self.count} processes: use a larger --batch or --path-length-weight 0"
            )

    def add_up(self, tensors: Iterable[Tensor]) -> None:
        """Replaces each float32 tensor, all on one device, by its sum over the processes, which all call this with
        tensors of the same shapes. In one message: a model has hundreds of small tensors."""
        if self.count == 1:
            return
        tensors = list(tensors)
        message = torch.cat([tensor.reshape(-1) for tensor in tensors])
        self._talk(lambda: dist.all_reduce(message))
        for tensor, total in zip(tensors, message.split([tensor.numel() for tensor in tensors]), strict=True):
            tensor.copy_(total.view(tensor.shape))

    def any(self, happened: bool) -> bool:
        """Whether it happened in any of them."""
        if self.count == 1:
            return happened
        flag = torch.tensor(float(happened))
        self._talk(lambda: dist.all_reduce(flag, op=dist.ReduceOp.MAX))
        return bool(flag)

    def from_first(self, value: Any) -> Any:
        """The first process's value, anything that JSON can hold; what the others pass does not matter."""
        if self.count == 1:
            return value
        encoded = json.dumps(value).encode() if self.is_first else b""
        size = torch.tensor(len(encoded))
        self._talk(lambda: dist.broadcast(size, 0))
        message = torch.zeros(int(size), dtype=torch.uint8)
        if self.is_first:
            message.copy_(torch.frombuffer(bytearray(encoded), dtype=torch.uint8))
        self._talk(lambda: dist.broadcast(message, 0))
        return json.loads(bytes(message.tolist()))

    @torch.no_grad()
    def copy_from_first(self, tensors: Iterable[Tensor]) -> None:
        """Replaces the values of every tensor by those that it has in the first process."""
        if self.count == 1:
            return
        for tensor in tensors:
            message = tensor.detach().clone(memory_format=torch.contiguous_format)
            self._talk(lambda message=message: dist.broadcast(message, 0))  # type: ignore[misc]
            tensor.copy_(message)

    def device(self, device: str) -> str:
        """Claims this process's own GPU where `device` is 'cuda'. Raises ConfigError if there are too few, or if the
        kind of device cannot be shared."""
        if self.count == 1 or device == "cpu":
            return device
        if device != "cuda":
            raise ConfigError(f"several processes cannot train on {device}: use --device cpu, or one process")
        local_rank, available = int(os.environ.get("LOCAL_RANK", self.rank)), torch.cuda.device_count()
        if local_rank >= available:
            raise ConfigError(
                f"this computer has {available} GPUs, fewer than the processes on it: start torchrun with "
                f"--nproc_per_node {available}"
            )
        torch.cuda.set_device(local_rank)
        return device

    def _talk(self, message: Callable[[], Result]) -> Result:
        try:
            return message()
        except RuntimeError as error:  # how torch says that the other end is gone
            raise ProcessLostError(
                "another process of this training has ended without a word: it was killed, or its computer cannot be "
                "reached. Go on from the last checkpoint with --resume and the run folder"
            ) from error


ALONE = Processes()


class Joined:
    """`with Joined() as processes:` joins the processes that torchrun has started, or is ALONE without it.

    If any of them fails, all end, and the first that failed is the only one to say so: the others leave with
    SystemExit(1), whatever they came across.
    """

    def __init__(self) -> None:
        self._processes = ALONE
        self._store: dist.Store | None = None

    def __enter__(self) -> Processes:
        """Raises ConfigError if the processes cannot reach each other."""
        if int(os.environ.get("WORLD_SIZE", "1")) == 1:
            return ALONE
        if not dist.is_available():
            raise ConfigError("this build of torch has no torch.distributed: train in one process, without torchrun")
        # A GPU's results travel by nccl, and whatever concerns the run itself by gloo, which makes no GPU wait.
        backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo"
        try:
            store, rank, count = next(dist.rendezvous("env://"))
            dist.init_process_group(backend, store=store, rank=rank, world_size=count, timeout=LONGEST_WAIT)
        except (RuntimeError, ValueError) as error:
            raise ConfigError(f"the processes cannot reach each other: {error}. Start them with torchrun") from error
        self._store = dist.PrefixStore("training", store)
        self._processes = Processes(rank=rank, count=count)
        return self._processes

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store is None:
            return
        if kind is None:
            self._processes.any(False)  # wait for all
            dist.destroy_process_group()
        elif not self._is_first_to_fail():
            raise SystemExit(1) from error

    def _is_first_to_fail(self) -> bool:
        assert self._store is not None
        try:
            return self._store.add("failures", 1) == 1
        except RuntimeError:  # the process that keeps the store has gone already, for a reason that it has told
            return False
