"""How many processor cores make a picture, and how torch's threads wait for each other.

torch divides every operation among threads, which meet at its end. By OpenMP's custom they wait by spinning. Beside
another program that holds a core, the others then spin for as long as the one without a core is kept waiting: a picture
of 13 ms takes a second. So they sleep instead, and pictures are divided by our own threads where the synthesis knows
how (`engine.inference.fast.team`). Small pictures are not worth the meetings: one thread makes each in the same time,
and leaves a core to the window.

Which models are small is a rule, not a measurement: how torch's threads divide a layer decides the last bits of its
sums, and a look shall have the same bits every time. Knows nothing of torch until a picture is made.
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

WORTH_ONE_EACH = WORTH_SHARING // 2
"""multiplications; of several pictures of so many or more, each thread makes one"""
AT_ONCE_BYTES = 2**30
"""for the activations of all pictures that are made at the same time"""
LARGEST_ACTIVATIONS = 3
"""so many a picture has at a time"""


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


def pictures_at_once(config: AnyGeneratorConfig) -> int:
    """How many pictures a processor makes at the same time, if there are several to make."""
    import torch

    if not isinstance(config, GeneratorConfig) or multiplications(config) < WORTH_ONE_EACH:
        return 1
    largest = 4 * max(config.channels(resolution) * resolution**2 for resolution in config.block_resolutions)
    return max(1, min(torch.get_num_threads(), AT_ONCE_BYTES // (LARGEST_ACTIVATIONS * largest)))


@contextlib.contextmanager
def threads_for(work: int, *, divided: bool = False, pictures: int = 1) -> Iterator[None]:
    """Within, as many threads compute as so many multiplications a picture are worth; afterwards all is as before.

    divided: whether it divides itself into pieces by `share`. Then a team computes, else torch's own threads.
    pictures: how many are made at the same time.
    """
    import torch

    from engine.inference.fast.team import working_together

    before = torch.get_num_threads()
    worth = work >= WORTH_SHARING
    if before == 1 or (worth and not divided):
        yield
        return
    with working_together(before if divided and (worth or pictures > 1) else 1):
        yield
