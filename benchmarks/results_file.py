"""Where a benchmark's figures are kept: a file with the hardware and the month in its name."""

from __future__ import annotations

import datetime
import os
import platform
import re
from pathlib import Path


def hardware(device: str) -> str:
    """A name for a file."""
    import torch

    name = torch.cuda.get_device_name() if device == "cuda" else f"{os.cpu_count()}core-{platform.machine()}"
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def month() -> str:
    """The present one, as 202611."""
    return datetime.date.today().strftime("%Y%m")


def write_results(benchmark: str, device: str, text: str) -> Path:
    """Writes Markdown into `benchmarks/results`, over what this hardware gave before in this month."""
    path = Path(__file__).with_name("results") / f"{benchmark}_{hardware(device)}_{month()}.md"
    path.write_text(text, encoding="utf-8")
    return path
