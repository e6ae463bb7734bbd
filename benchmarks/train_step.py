"""What a training step costs, each phase apart: by configuration, augmentation and precision, on a CPU or on CUDA.

Random pictures and weights. All configurations have the widths of `--channel-base` and `--channel-max`, so that they
fit a CPU; the published widths are had with 16384 to 32768 and 512. Times are of the processor on a CPU, so that other
programs disturb little, and of the clock on CUDA. The last column compares a step with the same convolutions and
nothing else, which are timed in between: this ratio is what carries over from machine to machine.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console

from benchmarks.results_file import hardware, month, write_results
from engine.data.batches import Batches, to_float
from engine.inference.devices import pick_device
from engine.inference.memory import keep_freed_memory
from engine.training.config import DataConfig, ScheduleConfig, TrainConfig
from engine.training.ema import update_ema
from engine.training.measuring import SavedBytes, trial_context
from engine.training.precision import with_clamp
from engine.training.presets import Overrides, train_config
from engine.training.site import together
from engine.training.state import TrainState, initial_state
from engine.training.step import StepContext, d_main, d_r1, g_main, g_path_length, set_trainable

PHASES = ("data", "G", "path length", "D", "R1", "augmentation", "EMA")
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A row of the table."""

    name: str
    cfg: str = "auto"
    augment: str | None = None
    features: str | None = None
    precision: str = "float32"


VARIANTS = (
    Variant(name="auto"),
    Variant(name="auto, bf16", precision="bf16"),
    Variant(name="auto, no augmentation", augment="none"),
    Variant(name="auto, DiffAugment", augment="diffaugment"),
    Variant(name="auto, features", features="beside"),
    Variant(name="fewshot, bf16", cfg="fewshot", precision="bf16"),
    Variant(name="stylegan2", cfg="stylegan2"),
    Variant(name="paper256", cfg="paper256"),
)


class RandomPictures:
    """A set of pictures in memory."""

    in_memory = True

    def __init__(self, resolution: int) -> None:
        self._pixels = np.random.RandomState(0).randint(256, size=(64, 3, resolution, resolution), dtype=np.uint8)

    def __len__(self) -> int:
        return len(self._pixels)

    def pixels(self, indices: np.ndarray) -> np.ndarray:
        """uint8 [N, 3, H, W]"""
        return self._pixels[indices]

    def labels_of(self, indices: np.ndarray) -> np.ndarray:
        """There are none."""
        return np.zeros((len(indices), 0), np.float32)

    def shown(self, indices: np.ndarray) -> np.ndarray:
        """All of them."""
        return indices


class Bench:
    """One variant, ready to be timed again and again."""

    def __init__(self, variant: Variant, arguments: argparse.Namespace) -> None:
        self.name, self.device = variant.name, arguments.device
        config = with_clamp(configuration(variant, arguments), self.device)
        self.config: TrainConfig = config
        self.context: StepContext = trial_context(config, self.device, part=config.batch, smallest=together(config))
        self.state: TrainState = initial_state(config, self.device)
        self.state.ada.p = 0.5
        self.data = Batches(RandomPictures(arguments.resolution), config.batch, 0, True)
        self.seconds: dict[str, list[float]] = {phase: [] for phase in PHASES}
        self.megabytes = 0.0

    def real(self) -> tuple[torch.Tensor, torch.Tensor]:
        """A batch as a step gets it."""
        img = to_float(self.data.at(0).to(self.device)).contiguous(memory_format=torch.channels_last)
        return img, torch.zeros(len(img), 0, device=self.device)

    def warm_up(self) -> None:
        """Runs everything once, and sees how much memory that takes."""
        weights = [p for network in self.state.networks().values() for p in network.parameters()]
        saved = SavedBytes(weights)
        if self.device == "cuda":
            torch.cuda.reset_peak_memory_stats()
            self.time_once()
            self.megabytes = torch.cuda.max_memory_allocated() / MEGABYTE
        else:
            with saved.counted():
                self.time_once()
            self.megabytes = saved.peak / MEGABYTE
        self.seconds = {phase: [] for phase in PHASES}

    def time_once(self) -> None:
        """Every phase once."""
        state, context, real = self.state, self.context, self.real()
        images = real[0].detach().requires_grad_(True)
        augmented = context.augmenter(state)
        places = context.processes.places(self.config.batch)
        set_trainable(state, False)
        self._time("data", self.real)
        self._time("G", lambda: g_main(state, context))
        self._time("path length", lambda: g_path_length(state, context))
        set_trainable(state, True)
        self._time("D", lambda: d_main(state, context, real))
        self._time("R1", lambda: d_r1(state, context, real))
        self._time("augmentation", lambda: (augmented(images, places) * 1).sum().backward())
        self._time("EMA", lambda: update_ema(state.G_ema, state.G, 0.999))

    def medians(self) -> dict[str, float]:
        """Milliseconds of each phase."""
        return {phase: 1000 * statistics.median(times) for phase, times in self.seconds.items()}

    def step(self) -> float:
        """Milliseconds of a mean step: regularizations count by their interval."""
        times, loss = self.medians(), self.config.loss
        lazy = times["path length"] / loss.path_length_interval + times["R1"] / loss.r1_interval
        return times["data"] + times["G"] + times["D"] + times["EMA"] + lazy

    def _time(self, phase: str, work: Callable[[], object]) -> None:
        self.seconds[phase].append(seconds_of(work, self.device))


def seconds_of(work: Callable[[], object], device: str) -> float:
    """Of the processor on a CPU, of the clock elsewhere."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    started = clock()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return clock() - started


class Plain:
    """The convolutions of a step without regularization, and nothing else: G up, D down, 3x3 and float32."""

    def __init__(self, config: TrainConfig, device: str) -> None:
        self.generator, self.batch, self.device = config.generator, config.batch, device
        channels = [self.generator.channels(r) for r in self.generator.block_resolutions]
        self.up = [self._weights(a, b) for a, b in zip([channels[0], *channels], channels, strict=False)]
        self.down = [self._weights(b, a) for a, b in pairwise(channels)][::-1]

    def _weights(self, inside: int, outside: int) -> list[torch.Tensor]:
        shapes = ((outside, inside, 3, 3), (outside, outside, 3, 3))
        made = [torch.randn(shape, device=self.device).mul_(0.02) for shape in shapes]
        return [w.contiguous(memory_format=torch.channels_last).requires_grad_(True) for w in made]

    def run(self) -> None:
        """G's step runs both networks forward and back; D's runs G forward, and D on both kinds of pictures."""
        self._discriminate(self._generate()).backward()
        with torch.no_grad():
            x = self._generate()
        (self._discriminate(x) + self._discriminate(x)).backward()

    def _generate(self) -> torch.Tensor:
        x = torch.randn(self.batch, self.up[0][0].shape[1], 4, 4, device=self.device)
        x = x.contiguous(memory_format=torch.channels_last)
        for index, weights in enumerate(self.up):
            x = F.interpolate(x, scale_factor=2) if index else x
            for weight in weights:
                x = F.leaky_relu(F.conv2d(x, weight, padding=1), 0.2)
        return x

    def _discriminate(self, x: torch.Tensor) -> torch.Tensor:
        for weights in self.down:
            for weight in weights:
                x = F.leaky_relu(F.conv2d(x, weight, padding=1), 0.2)
            x = F.avg_pool2d(x, 2)
        return x.sum()


def configuration(variant: Variant, arguments: argparse.Namespace) -> TrainConfig:
    """The variant at the size that was asked for."""
    overrides = Overrides(
        batch=arguments.batch,
        channel_base=arguments.channel_base,
        channel_max=arguments.channel_max,
        latent_dim=arguments.channel_max,
        augment=variant.augment,
        features=variant.features,
    )
    data = DataConfig(folder="-", resolution=arguments.resolution)
    schedule = ScheduleConfig()
    config = train_config(
        variant.cfg, data, overrides, device=arguments.device, schedule=schedule, seed=0, precision=variant.precision
    )
    # Every row has the same groups, so that a batch of any size will do, and a path length step to be timed.
    discriminator = replace(config.discriminator, mbstd_group_size=min(4, arguments.batch))
    return replace(config, discriminator=discriminator)


def main() -> None:
    arguments = parse()
    keep_freed_memory()
    torch.set_num_threads(arguments.threads)
    benches = [Bench(variant, arguments) for variant in VARIANTS if variant.name in arguments.variants]
    plain, plain_seconds = Plain(benches[0].config, arguments.device), []
    for bench in benches:
        bench.warm_up()
    plain.run()
    for _ in range(arguments.rounds):
        for bench in benches:
            bench.time_once()
            plain_seconds.append(seconds_of(plain.run, arguments.device))
    text = report(arguments, benches, 1000 * statistics.median(plain_seconds))
    Console(width=140, markup=False, highlight=False).print(text)
    if arguments.write:
        write_results("train_step", arguments.device, text)


def report(arguments: argparse.Namespace, benches: list[Bench], plain: float) -> str:
    """The table, in Markdown."""
    clock = "processor" if arguments.device == "cpu" else "clock"
    memory = "MB kept" if arguments.device == "cpu" else "MB peak"
    heads = ["variant", *PHASES, "step", "img/s", memory, "step / plain"]
    lines = [
        f"# A training step: {hardware(arguments.device)}, {month()}",
        "",
        f"torch {torch.__version__}, {arguments.threads} thread(s), {arguments.resolution} px, batches of "
        f"{arguments.batch}, channel_base {arguments.channel_base}, channel_max {arguments.channel_max}; medians of "
        f"{arguments.rounds} rounds in ms by the {clock}. A step is data, G, D and EMA, with path length and R1 at "
        "their intervals; augmentation, forward and back once, is part of G, D and R1. The plain convolutions of a "
        f"step take {plain:.0f} ms.",
        "",
        "| " + " | ".join(heads) + " |",
        "|---|" + "---:|" * (len(heads) - 1),
    ]
    for bench in benches:
        times, step = bench.medians(), bench.step()
        figures = [*(f"{times[phase]:.1f}" for phase in PHASES), f"{step:.0f}", f"{1000 * arguments.batch / step:.1f}"]
        lines.append(f"| {bench.name} | {' | '.join(figures)} | {bench.megabytes:.0f} | {step / plain:.2f} |")
    return "\n".join(lines) + "\n"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [variant.name for variant in VARIANTS]
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--resolution", type=int, help="default: 64 on a CPU, 256 elsewhere")
    parser.add_argument("--batch", type=int, help="default: 8 on a CPU, 16 elsewhere")
    parser.add_argument("--channel-base", type=int, help="default: 4096 on a CPU, 16384 elsewhere")
    parser.add_argument("--channel-max", type=int, help="default: 128 on a CPU, 512 elsewhere")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--variants", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--write", action="store_true", help="into benchmarks/results")
    arguments = parser.parse_args()
    arguments.device = pick_device(arguments.device)
    small = arguments.device == "cpu"
    for name, cpu, gpu in (
        ("resolution", 64, 256),
        ("batch", 8, 16),
        ("channel_base", 4096, 16384),
        ("channel_max", 128, 512),
    ):
        if getattr(arguments, name) is None:
            setattr(arguments, name, cpu if small else gpu)
    return arguments


if __name__ == "__main__":
    main()
