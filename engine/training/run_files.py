"""What a run folder holds, by name, and how its lines are read: for all who look at a run without training.

Knows neither torch nor how the files come to be; `run_folder` writes them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

OPTIONS_NAME = "training_options.json"
STATS_NAME = "stats.jsonl"
WARNINGS_NAME = "warnings.jsonl"
NEIGHBOURS_NAME = "neighbours.png"
BEST_NAME = "network-best.safetensors"
SNAPSHOT_NAME = re.compile(r"network-snapshot-(\d+)\.(?:safetensors|pkl)")


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a .jsonl file of a run, oldest first; a last line that was cut off is left out."""
    if not path.exists():
        return []
    lines: list[dict[str, Any]] = []
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            continue
        if isinstance(line, dict) and isinstance(line.get("cur_nimg"), int):
            lines.append(line)
    return lines
