"""How many processor cores make a picture, and how torch's threads wait for each other.

torch divides every layer among threads, which meet at its end. By OpenMP's custom they wait by spinning. Beside
another program that holds a core, the others then spin for as long as the one without a core is kept waiting: a picture
of 13 ms takes a second. So they sleep instead. Small layers are not worth the meeting: one thread makes them in the
same time, and leaves a core to the window. Numbers in docs/performance.md.

Which models are small is a rule, not a measurement: how a layer is divided decides the last bits of its sums, and a
look shall have the same bits every time. Knows nothing of torch until a picture is made.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from engine.networks.config import AnyGeneratorConfig, GeneratorConfig

WAITING = "OMP_WAIT_POLICY"
OWN_CHOICES = (WAITING, "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
"""by which a person may have chosen already"""
WORTH_SHARING = 1_000_000_000
"""multiplications; pictures of fewer are made by one thread"""


def let_threads_sleep() -> None:
    """While they wait. Only OpenMP's start reads this, so call it before torch is imported.

    Processes that are started from this one follow it. What the environment says already holds.
    """
    if not any(name in os.environ for name in OWN_CHOICES):
        os.environ[WAITING] = "passive"


def multiplications(config: AnyGeneratorConfig) -> int:
    """About how many a picture takes: those of one 3x3 convolution at each resolution. Other kinds count as large."""
    if not isinstance(config, GeneratorConfig):
        return WORTH_SHARING
    return sum(9 * (config.channels(resolution) * resolution) ** 2 for resolution in config.block_resolutions)


@contextlib.contextmanager
def threads_for(work: int) -> Iterator[None]:
    """Within, torch computes with as many threads as so many multiplications are worth; afterwards as before."""
    import torch

    before = torch.get_num_threads()
    if before == 1 or work >= WORTH_SHARING:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
