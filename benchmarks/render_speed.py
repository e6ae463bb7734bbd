"""What keeping freed memory, and storing weights channels last, are worth for rendering on a CPU.

Random weights; every measurement runs in a process of its own, because memory that was once kept stays kept.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

VARIANTS = {
    "default": "as torch and the system do it",
    "kept": "freed memory stays with the process",
    "kept, channels last": "and the weights are stored channels last, as Renderer does",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One measurement."""

    variant: str
    resolution: int
    channel_base: int
    repeats: int
    threads: int


def main() -> None:
    arguments = _parse()
    if arguments.case is not None:
        print(json.dumps(measure(Case(**json.loads(arguments.case)))))
        return
    table = Table("pixels", "variant", "median ms", "fastest ms", "CPU ms", "page faults", title="One picture")
    for resolution in arguments.resolutions:
        for variant in VARIANTS:
            case = Case(
                variant=variant,
                resolution=resolution,
                channel_base=arguments.channel_base,
                repeats=arguments.repeats,
                threads=arguments.threads,
            )
            figures = _in_a_process_of_its_own(case)
            table.add_row(str(resolution), variant, *(f"{figure:,.0f}" for figure in figures.values()))
    Console().print(table)


def _parse() -> argparse.Namespace:
    variants = "\n".join(f"  {name}: {meaning}" for name, meaning in VARIANTS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\nVariants:\n{variants}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resolutions", type=int, nargs="+", default=[64, 128, 256, 512], help="default: 64 to 512")
    parser.add_argument("--channel-base", type=int, default=16384, help="network width; default %(default)s")
    parser.add_argument("--repeats", type=int, default=7, help="pictures for each figure; default %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads; default %(default)s")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_a_process_of_its_own(case: Case) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.render_speed", "--case", json.dumps(asdict(case))]
    root = Path(__file__).resolve().parent.parent  # so that `engine` is found without being installed
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root).stdout
    figures: dict[str, float] = json.loads(output)
    return figures


def measure(case: Case) -> dict[str, float]:
    """Milliseconds of wall clock and of CPU time, and page faults (where the system counts them), a picture."""
    import torch

    from engine.inference.memory import keep_freed_memory
    from engine.networks.config import GeneratorConfig
    from engine.networks.generator import Generator

    torch.set_num_threads(case.threads)
    if case.variant != "default":
        keep_freed_memory()
    config = GeneratorConfig(img_resolution=case.resolution, channel_base=case.channel_base)
    generator = Generator(config).eval().requires_grad_(False)
    if case.variant == "kept, channels last":
        generator.to(memory_format=torch.channels_last)
    with torch.inference_mode():
        ws = generator.mapping(torch.randn(1, config.z_dim))
        for _ in range(2):  # the first pictures choose algorithms and fill the heap
            generator.synthesis(ws)
        times, faults, cpu = [], _page_faults(), time.process_time()
        for _ in range(case.repeats):
            start = time.perf_counter()
            generator.synthesis(ws)
            times.append(1000 * (time.perf_counter() - start))
    return {
        "median": statistics.median(times),
        "fastest": min(times),
        "cpu": 1000 * (time.process_time() - cpu) / case.repeats,
        "faults": (_page_faults() - faults) / case.repeats,
    }


def _page_faults() -> int:
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


if __name__ == "__main__":
    main()
