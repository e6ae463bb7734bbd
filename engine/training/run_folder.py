"""What a run leaves on disk: samples, snapshots, statistics. Knows nothing of how training works.

runs/00003-drawings-64px/
  training_options.json         the configuration
  stats.jsonl                   a line of numbers for each report
  warnings.jsonl                what was wrong, in sentences; only there if something was
  reals.png  fakes000040.png    sample grids
  network-snapshot-000040.safetensors   weights to explore, after 40 kimg
  neighbours.png                samples beside the training pictures that come nearest to them
  network-best.safetensors      the best snapshot so far, where there is a judge
  checkpoint.safetensors        everything, to continue from
"""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine.atomic_files import replaced_file
from engine.data.contact_sheet import contact_sheet
from engine.errors import TrainingError
from engine.formats.model_file import save_model
from engine.networks.generator import Generator
from engine.training.run_files import BEST_NAME, STATS_NAME, WARNINGS_NAME, read_lines


class RunFolder:
    """One run's folder. Raises TrainingError for a disk that is full or cannot be written to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @staticmethod
    def create(outdir: Path, name: str) -> RunFolder:
        """A new folder under outdir, numbered after those that are there."""
        try:
            outdir.mkdir(parents=True, exist_ok=True)
            taken = [int(match[1]) for entry in outdir.iterdir() if (match := re.match(r"(\d{5})-", entry.name))]
            number = max(taken, default=-1) + 1
            while True:
                path = outdir / f"{number:05d}-{name}"
                try:
                    path.mkdir()
                except FileExistsError:  # another run was started at the same moment
                    number += 1
                    continue
                return RunFolder(path)
        except OSError as error:
            raise TrainingError(
                f"no run folder can be made in {outdir}: {error.strerror or error}; choose another --outdir"
            ) from error

    def write_json(self, name: str, values: dict[str, Any]) -> None:
        """A small file that people may read."""
        with replaced_file(self.path / name) as temporary:
            temporary.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")

    def write_grid(self, name: str, pixels: np.ndarray, columns: int) -> None:
        """A PNG of pictures uint8 [N, C, H, W] side by side."""
        self.write_picture(name, contact_sheet(pixels, columns))

    def write_picture(self, name: str, picture: Image.Image) -> None:
        """A PNG."""
        with replaced_file(self.path / name) as temporary:
            picture.save(temporary, format="PNG")

    def snapshot_path(self, cur_nimg: int) -> Path:
        """Where the snapshot after this many pictures is."""
        return self.path / f"network-snapshot-{cur_nimg // 1000:06d}.safetensors"

    def write_snapshot(self, G_ema: Generator, cur_nimg: int, class_names: Sequence[str] = ()) -> None:
        """The weights that people look at."""
        save_model(self.snapshot_path(cur_nimg), G_ema=G_ema, class_names=class_names)

    def write_best(self, G_ema: Generator | None, class_names: Sequence[str] = ()) -> None:
        """The weights of the best snapshot so far; None removes those that are there."""
        path = self.path / BEST_NAME
        if G_ema is None:
            path.unlink(missing_ok=True)
        else:
            save_model(path, G_ema=G_ema, class_names=class_names)

    def append_stats(self, stats: dict[str, float]) -> None:
        """One line of stats.jsonl."""
        self._append(STATS_NAME, stats)

    def append_warning(self, cur_nimg: int, sentence: str) -> None:
        """One line of warnings.jsonl."""
        self._append(WARNINGS_NAME, {"cur_nimg": cur_nimg, "sentence": sentence})

    def stats(self) -> list[dict[str, float]]:
        """The lines of stats.jsonl, oldest first."""
        return read_lines(self.path / STATS_NAME)

    def remove_leftovers(self) -> None:
        """Removes half-written files of a run that was killed. Raises OSError."""
        for path in self.path.glob(".*.partial"):
            path.unlink()

    def drop_lines_after(self, cur_nimg: int) -> None:
        """Removes the statistics and warnings that a resumed run will write again, and last lines that were cut off."""
        for path in (self.path / STATS_NAME, self.path / WARNINGS_NAME):
            if path.exists():
                kept = [line for line in read_lines(path) if line["cur_nimg"] <= cur_nimg]
                with replaced_file(path) as temporary:
                    temporary.write_text("".join(f"{json.dumps(line)}\n" for line in kept), encoding="utf-8")

    def _append(self, name: str, line: dict[str, Any]) -> None:
        data = (json.dumps(line) + "\n").encode()
        with open(self.path / name, "ab", buffering=0) as file:
            end = file.tell()
            written = 0
            try:
                written = file.write(data)
            finally:
                if written < len(data):
                    file.truncate(end)  # half a line would spoil the next one, too
            if written < len(data):
                raise OSError(errno.ENOSPC, "there is no room for a whole line")
