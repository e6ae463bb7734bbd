"""A run on one page: sample grids over time, curves, and the commands to go on. Self-contained HTML, no scripts.

Reads only what the run folder holds, so a report can be made of any run at any time. Knows nothing of networks.
"""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from engine.atomic_files import replaced_file
from engine.training.run_files import BEST_NAME, NEIGHBOURS_NAME, STATS_NAME, WARNINGS_NAME, read_lines

REPORT_NAME = "report.html"
MAX_GRIDS = 9
GRID_SIDE = 560
"""pixels; larger grids are shrunk, so that a report stays a few hundred kilobytes"""
SHEET_SIDE = 1400
CURVES = (
    ("Losses", {"loss_G": "G", "loss_D": "D", "loss_G_features": "G, features", "loss_D_features": "D, features"}),
    ("D on real and generated pictures", {"logits_real": "real", "logits_fake": "generated"}),
    ("R1 penalty", {"r1_penalty": "R1"}),
    ("Path length", {"path_length": "path length"}),
    ("KID: 0 is like real", {"kid_squeezenet": "squeezenet", "kid_lite0": "lite0"}),
    (
        "Diversity of the samples: 1 is like real",
        {"diversity_outlines": "shape", "diversity_squeezenet": "squeezenet", "diversity_lite0": "lite0"},
    ),
    ("Augmentation", {"ada_p": "p"}),
    ("Waiting for pictures, share of the time", {"data_wait": "wait"}),
    ("Pictures a second", {"img_per_second": "img/s"}),
)
COLOURS = ("#e8825a", "#5aa9e8", "#8fbf6a", "#c58ae0")
STYLE = """
body{background:#16171a;color:#e6e6e6;font:16px/1.5 system-ui,sans-serif;max-width:1200px;margin:2em auto;padding:0 1em}
h1,h2{font-weight:600}code{background:#24262b;padding:.2em .5em;border-radius:4px;display:inline-block}
.row{display:flex;flex-wrap:wrap;gap:16px}figure{margin:0}figcaption{color:#a8acb3}img{max-width:100%;border-radius:4px}
svg{background:#1d1f23;border-radius:6px}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What a person may want to type next."""

    explore: str
    go_on: str


def write_report(folder: Path, commands: Commands) -> Path:
    """Writes report.html into the run folder and returns its path. Raises OSError."""
    stats = read_lines(folder / STATS_NAME)
    body = [f"<h1>{html.escape(folder.name)}</h1>", f"<p>{_summary(stats)}</p>"]
    body += [f"<p>Explore: <code>{html.escape(commands.explore)}</code></p>"]
    body += [f"<p>Go on: <code>{html.escape(commands.go_on)}</code></p>"]
    body += _warnings(read_lines(folder / WARNINGS_NAME))
    body += ["<h2>Samples</h2><div class=row>", *_grids(folder), "</div>"]
    body += [*_neighbours(folder / NEIGHBOURS_NAME), "<h2>Curves</h2><div class=row>"]
    body += [
        _chart(title, names, stats) for title, names in CURVES if any(name in line for line in stats for name in names)
    ]
    body += ["</div>"]
    page = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(folder.name)}</title><style>{STYLE}</style><body>{''.join(body)}</body></html>\n"
    )
    path = folder / REPORT_NAME
    with replaced_file(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def _summary(stats: list[dict[str, float]]) -> str:
    if not stats:
        return "No statistics yet."
    last = stats[-1]
    summary = f"{last['cur_nimg'] / 1000:.1f} kimg in {last['seconds'] / 60:.1f} minutes of training."
    for metric in sorted({name for line in stats for name in line if name.startswith("kid_")}):
        best = min((line for line in stats if metric in line), key=lambda line: line[metric])
        summary += f" Best snapshot: {metric} {best[metric]:.4g} at {best['cur_nimg'] / 1000:.1f} kimg, in {BEST_NAME}."
    return summary


def _warnings(lines: list[dict[str, Any]]) -> list[str]:
    """What was wrong, and when."""
    if not lines:
        return []
    said = [f"<li>{line['cur_nimg'] / 1000:.1f} kimg: {html.escape(str(line['sentence']))}.</li>" for line in lines]
    return ["<h2>Warnings</h2><ul>", *said, "</ul>"]


def _grids(folder: Path) -> list[str]:
    """The real pictures, then generated ones, spread evenly over the run."""
    fakes = sorted(folder.glob("fakes[0-9]*.png"))
    if len(fakes) > MAX_GRIDS - 1:
        step = (len(fakes) - 1) / (MAX_GRIDS - 2)
        fakes = [fakes[round(index * step)] for index in range(MAX_GRIDS - 1)]
    named = [(folder / "reals.png", "Training pictures")]
    named += [(path, f"{int(path.stem.removeprefix('fakes'))} kimg") for path in fakes]
    return [
        f"<figure><img src='data:image/jpeg;base64,{_jpeg(path)}' alt=''><figcaption>{caption}</figcaption></figure>"
        for path, caption in named
        if path.exists()
    ]


def _neighbours(path: Path) -> list[str]:
    """The sheet that training made; its title says how to read it."""
    if not path.exists():
        return []
    return [
        "<h2>Nearest training pictures</h2>",
        f"<img src='data:image/jpeg;base64,{_jpeg(path, SHEET_SIDE)}' alt=''>",
    ]


def _jpeg(path: Path, side: int = GRID_SIDE) -> str:
    with Image.open(path) as image:
        picture = image.convert("RGB")
    picture.thumbnail((side, side), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    picture.save(buffer, format="JPEG", quality=88)
    return base64.b64encode(buffer.getvalue()).decode("ascii")


def _chart(title: str, names: dict[str, str], stats: list[dict[str, float]]) -> str:
    """An SVG of one or more curves over kimg."""
    width, height, left, bottom, top = 560, 260, 56, 34, 34
    series = {name: [(line["cur_nimg"] / 1000, line[name]) for line in stats if name in line] for name in names}
    series = {name: points for name, points in series.items() if points}
    xs = [x for points in series.values() for x, _ in points]
    ys = [y for points in series.values() for _, y in points]
    x_max, y_low, y_high = max(xs) or 1.0, min(0.0, *ys), max(0.0, *ys)
    y_high = y_high if y_high > y_low else y_low + 1.0

    def place(x: float, y: float) -> str:
        across = left + (width - left - 12) * x / x_max
        return f"{across:.1f},{height - bottom - (height - bottom - top) * (y - y_low) / (y_high - y_low):.1f}"

    parts = [f"<text x=12 y=22 fill=#e6e6e6>{html.escape(title)}</text>"]
    for share in (0.0, 0.5, 1.0):
        y = y_low + share * (y_high - y_low)
        at = place(0, y).split(",")[1]
        parts.append(f"<line x1={left} x2={width - 12} y1={at} y2={at} stroke=#34373d />")
        parts.append(f"<text x={left - 8} y={at} dy=4 text-anchor=end fill=#a8acb3 font-size=12>{y:.3g}</text>")
        kimg = place(share * x_max, y_low).split(",")[0]
        label = f"{share * x_max:.3g} kimg"
        anchor = "end" if share == 1.0 else "middle"
        parts.append(f"<text x={kimg} y={height - 10} text-anchor={anchor} fill=#a8acb3 font-size=12>{label}</text>")
    for index, (name, points) in enumerate(series.items()):
        colour = COLOURS[index % len(COLOURS)]
        line = " ".join(place(x, y) for x, y in points)
        parts.append(f"<polyline points='{line}' fill=none stroke='{colour}' stroke-width=2 />")
        across = width - 12 - 90 * (len(series) - 1 - index)
        legend = html.escape(names[name])
        parts.append(f"<text x={across} y=22 text-anchor=end fill='{colour}' font-size=13>{legend}</text>")
    return f"<svg width={width} height={height} xmlns='http://www.w3.org/2000/svg'>{''.join(parts)}</svg>"
