"""How long a large snapshot takes to open, and how much memory: a .pkl in NVlabs' layout with G, G_ema and D.

The file has random weights and is made in a temporary folder, or is one of yours. Every measurement runs in a process
of its own, after the imports and one small model; beside it stand the plain reading of the whole file, and the
unpickling of it with Python's own pickle and stand-ins that keep every tensor's bytes, which executes nothing either
but reads all three networks.
"""

from __future__ import annotations

import argparse
import io
import json
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.peak_memory import peak_bytes

ROOT: Final = Path(__file__).resolve().parent.parent
"""from here `engine` and `benchmarks` are found without being installed"""
WAYS: Final = {
    "load_model": "this program: G_ema, checked, hashed and ready",
    "plain reading": "the bytes of the whole file, into memory",
    "plain unpickling": "Python's pickle, which copies the bytes of all networks",
}


def main() -> None:
    arguments = _parse()
    if arguments.way is not None:
        print(json.dumps(_measure(arguments.way, arguments.model)))
        return
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.model or _snapshot(Path(folder) / "snapshot.pkl", arguments.resolution)
        _report(path, arguments.repeats)


def _parse() -> argparse.Namespace:
    ways = "\n".join(f"  {name}: {meaning}" for name, meaning in WAYS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\n{ways}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--resolution", type=int, default=1024, help="of the model that is made (default: 1024)")
    parser.add_argument("--repeats", type=int, default=5, help="processes for each way (default: 5)")
    parser.add_argument("--model", type=Path, help="a snapshot to open instead")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _snapshot(path: Path, resolution: int) -> Path:
    from engine.formats.model_file import save_nvlabs_pickle
    from engine.networks.config import DiscriminatorConfig, GeneratorConfig
    from engine.networks.discriminator import Discriminator
    from engine.networks.generator import Generator

    config = GeneratorConfig(img_resolution=resolution, num_fp16_res=4, conv_clamp=256)
    D = Discriminator(DiscriminatorConfig(img_resolution=resolution, num_fp16_res=4, conv_clamp=256))
    save_nvlabs_pickle(path, G_ema=Generator(config), G=Generator(config), D=D)
    return path


def _report(path: Path, repeats: int) -> None:
    table = Table(
        "way", "fastest s", "median s", "CPU s", "peak MB", "times G_ema", title=f"{path.name}, {_size(path)}"
    )
    for way in WAYS:
        command = [sys.executable, "-m", "benchmarks.load_model", "--way", way, "--model", str(path.absolute())]
        runs = [
            json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
            for _ in range(repeats)
        ]
        seconds = [run["seconds"] for run in runs]
        peak = min(run["peak_bytes"] for run in runs)
        generator = max(run["generator_bytes"] for run in runs)
        table.add_row(
            way,
            f"{min(seconds):.2f}",
            f"{statistics.median(seconds):.2f}",
            f"{min(run['cpu_seconds'] for run in runs):.2f}",
            f"{peak / 1e6:,.0f}",
            f"{peak / generator:.2f}" if generator else "",
        )
    Console().print(table)


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1e6:,.0f} MB"


def _measure(way: str, path: Path) -> dict[str, float]:
    open_it = {"load_model": _load_model, "plain reading": _read, "plain unpickling": _unpickle}[way]()
    before, start, cpu = peak_bytes(), time.perf_counter(), time.process_time()
    generator_bytes = open_it(path)
    return {
        "seconds": time.perf_counter() - start,
        "cpu_seconds": time.process_time() - cpu,
        "peak_bytes": peak_bytes() - before,
        "generator_bytes": generator_bytes,
    }


def _load_model() -> Callable[[Path], int]:
    """Imports what opening a model imports, by opening one."""
    from engine.formats.model_file import load_model, save_model
    from engine.networks.config import GeneratorConfig
    from engine.networks.generator import Generator

    with tempfile.TemporaryDirectory() as folder:
        small = Path(folder) / "small.safetensors"
        save_model(small, G_ema=Generator(GeneratorConfig(img_resolution=8, channel_max=8)))
        load_model(small)

    def open_it(path: Path) -> int:
        G = load_model(path).G_ema
        return sum(tensor.numel() * tensor.element_size() for tensor in G.state_dict().values())

    return open_it


def _read() -> Callable[[Path], int]:
    def open_it(path: Path) -> int:
        path.read_bytes()
        return 0

    return open_it


class _StandIns(pickle.Unpickler):
    """Gives every name the same answer: its arguments, kept."""

    def find_class(self, module: str, name: str) -> Any:
        return lambda *arguments: arguments


def _unpickle() -> Callable[[Path], int]:
    def open_it(path: Path) -> int:
        with path.open("rb") as file:
            _StandIns(io.BufferedReader(file)).load()
        return 0

    return open_it


if __name__ == "__main__":
    main()
