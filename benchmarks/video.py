"""What a video costs beyond its pictures: frames a second against the bare renderer, and memory against its length.

Random weights. Speeds of the renderer and of the export are taken in turns, so that both meet the same load of the
machine, and the ratio is the median over the turns. Every measurement of memory runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from benchmarks.peak_memory import peak_bytes
from benchmarks.random_model import random_generator, renderer_of
from benchmarks.taken import Taken
from engine.inference.requests import Look, SeedLatent
from engine.video.plan import Output, VideoPlan
from engine.video.timeline import Timeline, walk_through

if TYPE_CHECKING:
    from engine.inference.renderer import Renderer

SMALL = {"pixels": 16, "channel_base": 256}
"""the model of the memory measurements: what counts there is the number of frames"""


def main() -> None:
    arguments = _parse()
    if arguments.memory_of is not None:
        print(json.dumps(memory_of(arguments.memory_of)))
        return
    import torch

    torch.set_num_threads(arguments.threads)
    console = Console()
    speeds = Table(
        "pixels", "format", "renderer fps", "export fps", "export / renderer", "CPU renderer / export", title="Speed"
    )
    taken = Taken()
    for resolution in arguments.resolutions:
        for kind in arguments.formats:
            bare, whole, ratio, work = compare(resolution, kind, arguments)
            speeds.add_row(str(resolution), kind, f"{bare:.2f}", f"{whole:.2f}", f"{ratio:.1%}", f"{work:.1%}")
    console.print(speeds)
    console.print(taken.sentence())
    memory = Table("frames", "seconds", "peak MiB", title="Memory")
    for frames in arguments.lengths:
        figures = _in_a_process_of_its_own(frames)
        memory.add_row(str(frames), *(f"{figures[name]:.1f}" for name in ("seconds", "peak_mib")))
    console.print(memory)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resolutions", type=int, nargs="*", default=[256], help="default: 256")
    parser.add_argument("--formats", nargs="+", default=["h264"], help="default: h264")
    parser.add_argument("--channel-base", type=int, help="network width; default: 16384, from 512 pixels on 32768")
    parser.add_argument("--frames", type=int, default=60, help="frames of each turn; default %(default)s")
    parser.add_argument("--turns", type=int, default=5, help="default %(default)s")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads of torch; default %(default)s")
    parser.add_argument("--device", default="auto", help="default %(default)s")
    parser.add_argument("--lengths", type=int, nargs="*", default=[100, 10_000], help="default: 100 and 10000")
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    return parser.parse_args()


def compare(resolution: int, kind: str, arguments: argparse.Namespace) -> tuple[float, float, float, float]:
    """Frames a second of the renderer and of the export, their ratio, and the ratio of their work; all medians.

    Work is the CPU time of all threads and of FFmpeg: where other programs keep the machine busy, the wall clock
    says little, and with cores to spare the encoder's share of the work costs no time.
    """
    channel_base = arguments.channel_base or (16384 if resolution < 512 else 32768)
    renderer = renderer_of(random_generator(resolution, channel_base), arguments.device)
    timeline = walk(arguments.frames)
    suffix = ".webm" if kind == "vp9" else ".mp4"
    export_once(renderer, timeline, kind, suffix)  # the first pictures choose algorithms and fill the heap
    bare, whole, work = [], [], []
    for _turn in range(arguments.turns):
        before = cpu_seconds()
        bare.append(arguments.frames / render_once(renderer, timeline))
        between = cpu_seconds()
        whole.append(arguments.frames / export_once(renderer, timeline, kind, suffix))
        work.append((between - before) / (cpu_seconds() - between))
    ratios = [b / a for a, b in zip(bare, whole, strict=True)]
    return statistics.median(bare), statistics.median(whole), statistics.median(ratios), statistics.median(work)


def cpu_seconds() -> float:
    """Of this process and of those that it has waited for, so far."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def walk(frames: int) -> Timeline:
    """A loop of exactly so many frames, with a second or more from look to look: encoders feel how much changes."""
    looks = tuple(Look(latent=SeedLatent(seed=seed)) for seed in range(min(4, max(2, frames // 30))))
    return replace(walk_through(looks, seconds=frames / 30 / len(looks)), fps=30)


def render_once(renderer: Renderer, timeline: Timeline) -> float:
    """Seconds for the pictures alone."""
    import torch

    from engine.video.walk import Walk

    path = Walk(renderer, timeline)
    batch = renderer.pictures_at_once
    ws = [path.frame(number).ws.to(renderer.device) for number in range(timeline.frame_count)]
    noise = path.frame(0).noise
    start = time.perf_counter()
    for first in range(0, len(ws), batch):
        renderer.render_ws(torch.stack(ws[first : first + batch]), noise)
    return time.perf_counter() - start


def export_once(renderer: Renderer, timeline: Timeline, kind: str, suffix: str, width: int | None = None) -> float:
    """Seconds for the whole video, its file on the disk included."""
    from engine.video.export import export_video

    with tempfile.TemporaryDirectory() as folder:
        output = Output(format=kind, width=width)
        plan = VideoPlan(timelines=(timeline,), path=Path(folder) / f"walk{suffix}", output=output)
        start = time.perf_counter()
        for _step in export_video(renderer, plan):
            pass
        return time.perf_counter() - start


def memory_of(frames: int) -> dict[str, float]:
    """Seconds, and the most memory that this process had, in MiB; an encoder never sees more than a segment."""
    import torch

    torch.set_num_threads(1)
    seconds = export_once(renderer_of(random_generator(**SMALL), "cpu"), walk(frames), "h264", ".mp4", width=64)
    return {"seconds": seconds, "peak_mib": peak_bytes() / 2**20}


def _in_a_process_of_its_own(frames: int) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.video", "--memory-of", str(frames)]
    root = Path(__file__).resolve().parent.parent  # so that `engine` is found without being installed
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root).stdout
    figures: dict[str, Any] = json.loads(output)
    return figures


if __name__ == "__main__":
    main()
