"""How fast pictures are made: the renderer's arithmetic against a plain implementation and against bare convolutions.

Whole generator, from z to a uint8 picture, random weights. Every measurement runs in a process of its own, because
memory that was once kept stays kept; rounds go through all variants in turn, so that a slow minute of the machine
hits them alike.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.results_file import hardware, month, write_results
from benchmarks.taken import Taken

VARIANTS = {
    "reference": "grouped convolutions, float32, the allocator as it comes (benchmarks/reference)",
    "reference, kept": "the same, with freed memory kept",
    "float32": "the renderer's synthesis in float32",
    "low": "the renderer's synthesis in bf16 (CPU) or fp16 (CUDA)",
    "bare": "only the convolutions, in the same low precision, channels last, plain weights: as torch has them",
    "bare, equal": "likewise, a plain convolution of as many multiplications in place of each transposed one",
}
CASES = {"256": (256, 16384, 1), "512": (512, 32768, 1), "1024": (1024, 32768, 1), "256x16": (256, 16384, 16)}
"""name: pixels, channel_base, pictures at once"""
GOALS = {"256": 3.5, "512": 6.5, "1024": 11.0, "256x16": 7.0}
"""times the reference, on a CPU"""
DEVICE_GOAL = 2.0
"""times the reference, elsewhere"""
GOAL_OF_CEILING = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One measurement: so many repeats of one variant of one case."""

    variant: str
    case: str
    device: str
    threads: int
    repeats: int
    clock: str


def main() -> None:
    arguments = _parse()
    if arguments.run is not None:
        print(json.dumps(measure(Run(**json.loads(arguments.run)))))
        return
    heads = ["case", *VARIANTS, "times the reference", "of the ceiling"]
    lines = [*_heading(arguments), f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    print("\n".join(lines))
    taken = Taken()
    for case in arguments.cases:
        lines.append(f"| {' | '.join([case, *_row(case, arguments)])} |")
        print(lines[-1], flush=True)
    lines += ["", taken.sentence()]
    print("\n".join(lines[-2:]))
    if arguments.write:
        print(f"\nin {write_results('render_speed', arguments.device, chr(10).join(lines) + chr(10))}")


def _heading(arguments: argparse.Namespace) -> list[str]:
    import torch

    clock = "the clock" if arguments.clock == "wall" else "processor time"
    where = "" if arguments.device == "cuda" else f", {arguments.threads} thread(s)"
    return [
        f"# Rendering against a plain implementation: {hardware(arguments.device)}, {month()}",
        "",
        f"torch {torch.__version__}{where}, by {clock}; random weights with noise, z to a uint8 picture on the host; "
        f"milliseconds a picture, median (fastest) of {arguments.rounds} processes with {arguments.repeats} repeats.",
        "",
    ]


def _parse() -> argparse.Namespace:
    variants = "\n".join(f"  {name}: {meaning}" for name, meaning in VARIANTS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\nVariants:\n{variants}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", nargs="+", choices=tuple(CASES), default=list(CASES), help="default: all")
    parser.add_argument("--rounds", type=int, default=3, help="processes for each figure; default %(default)s")
    parser.add_argument("--repeats", type=int, default=5, help="measurements in a process; default %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; default %(default)s")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="default %(default)s")
    parser.add_argument(
        "--clock",
        choices=("wall", "cpu"),
        default="wall",
        help="cpu: processor time, for a machine that is busy with other things, with --threads 1; default %(default)s",
    )
    parser.add_argument("--write", action="store_true", help="into benchmarks/results")
    parser.add_argument("--run", help=argparse.SUPPRESS)
    return parser.parse_args()


def _row(case: str, arguments: argparse.Namespace) -> list[str]:
    times: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for _ in range(arguments.rounds):
        for variant, measured in times.items():
            run = Run(
                variant=variant,
                case=case,
                device=arguments.device,
                threads=arguments.threads,
                repeats=arguments.repeats,
                clock=arguments.clock,
            )
            measured.extend(_in_a_process_of_its_own(run))
            print(f"{case} {variant}: {statistics.median(measured):.0f} ms", file=sys.stderr, flush=True)
    median = {variant: statistics.median(measured) for variant, measured in times.items()}
    ratio, share = median["reference"] / median["low"], median["bare"] / median["low"]
    cells = [f"{median[variant]:,.0f} ({min(times[variant]):,.0f})" for variant in VARIANTS]
    goal = GOALS[case] if arguments.device == "cpu" else DEVICE_GOAL
    return [*cells, f"{ratio:.1f} (goal {goal})", f"{share:.0%} (goal {GOAL_OF_CEILING:.0%})"]


def _in_a_process_of_its_own(run: Run) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.render_speed", "--run", json.dumps(asdict(run))]
    root = Path(__file__).resolve().parent.parent  # so that `engine` is found without being installed
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root).stdout
    figures: list[float] = json.loads(output)
    return figures


def measure(run: Run) -> list[float]:
    """Milliseconds a picture, for each repeat."""
    from engine.inference.memory import keep_freed_memory
    from engine.inference.threads import let_threads_sleep

    if run.variant in ("float32", "low"):
        let_threads_sleep()  # as the programs do
    import torch

    torch.set_num_threads(run.threads)
    if run.variant != "reference" and run.device == "cpu":
        keep_freed_memory()
    batch = CASES[run.case][2]
    clock = time.perf_counter if run.clock == "wall" else time.process_time
    with torch.inference_mode():
        action = _action(run)
        for _ in range(1 if run.device == "cpu" else 3):
            action()  # the first picture chooses algorithms and fills the heap, or is recorded as a graph
        times = []
        for _ in range(run.repeats):
            start = clock()
            action()
            times.append(1000 * (clock() - start) / batch)
    return times


def _action(run: Run) -> Callable[[], object]:
    import torch

    from benchmarks.random_model import random_generator, renderer_of
    from engine.inference.requests import Noise

    pixels, channel_base, batch = CASES[run.case]
    if run.variant.startswith("bare"):
        return _bare_convolutions(run, equal=run.variant.endswith("equal"))
    G = random_generator(pixels, channel_base).to(run.device)
    z = torch.randn(batch, G.z_dim, device=run.device)
    if run.variant.startswith("reference"):
        from benchmarks.reference.synthesis import pictures

        return lambda: pictures(G, z).cpu()
    renderer = renderer_of(G, run.device, "float32" if run.variant == "float32" else _low(run.device))
    num_ws = renderer.info.num_ws
    return lambda: renderer.render_ws(renderer.mapped(z)[:, None].expand(-1, num_ws, -1), Noise())


def _low(device: str) -> str:
    return "bf16" if device == "cpu" else "fp16"


def _bare_convolutions(run: Run, *, equal: bool) -> Callable[[], object]:
    """Every convolution of one picture, `batch` times; none of them needs the result of another."""
    import torch
    from torch.nn import functional

    from engine.networks.config import GeneratorConfig

    pixels, channel_base, batch = CASES[run.case]
    config = GeneratorConfig(img_resolution=pixels, channel_base=channel_base)
    options = {"dtype": torch.bfloat16 if run.device == "cpu" else torch.float16, "device": run.device}

    def tensor(*shape: int) -> torch.Tensor:
        return torch.randn(*shape).to(**options).contiguous(memory_format=torch.channels_last)

    calls: list[Callable[[], object]] = []
    for r in config.block_resolutions:
        inputs, outputs = config.channels(max(r // 2, 4)), config.channels(r)
        x, y = tensor(1, inputs, r // 2, r // 2), tensor(1, outputs, r, r)
        up, same, rgb = tensor(inputs, outputs, 3, 3), tensor(outputs, outputs, 3, 3), tensor(3, outputs, 1, 1)
        turned = tensor(outputs, inputs, 3, 3)
        if r > 4 and equal:
            calls.append(lambda x=x, w=turned: functional.conv2d(x, w, padding=1))
        elif r > 4:
            calls.append(lambda x=x, w=up: functional.conv_transpose2d(x, w, stride=2))
        calls.append(lambda y=y, w=same: functional.conv2d(y, w, padding=1))
        calls.append(lambda y=y, w=rgb: functional.conv2d(y, w))

    def all_of_them() -> None:
        for _ in range(batch):
            for call in calls:
                call()
        if run.device == "cuda":
            torch.cuda.synchronize()

    return all_of_them


if __name__ == "__main__":
    main()
