"""The statistics of a run as TensorBoard events, for those who watch their runs there. Needs the package tensorboard.

stats.jsonl is what counts: whenever a run goes on, the events are written anew from it, so none is there twice and
none comes from steps that are lost.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ConfigError

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

FILES = "events.out.tfevents.*"
POSITION = ("cur_nimg", "seconds")
"""numbers of a line that say where it belongs"""


class Events:
    """Scalars named as in stats.jsonl, over cur_nimg; TensorBoard's relative time is the time spent in training."""

    def __init__(self, folder: Path, lines: Iterable[Mapping[str, float]]) -> None:
        """Raises ConfigError if the package is missing, OSError."""
        try:
            from torch.utils.tensorboard import SummaryWriter  # takes a second
        except ImportError as error:
            raise ConfigError(
                "TensorBoard events are left out, since the package tensorboard is missing: "
                "pip install stylegan-explorer[tensorboard]"
            ) from error
        for path in folder.glob(FILES):
            path.unlink()
        past = list(lines)
        self._begin = time.time() - (past[-1]["seconds"] if past else 0.0)
        self._writer: SummaryWriter = SummaryWriter(str(folder))
        for line in past:
            self._add(line)
        self._writer.flush()

    def add(self, line: Mapping[str, float]) -> None:
        """One line of statistics. Raises OSError."""
        self._add(line)
        self._writer.flush()

    def close(self) -> None:
        """Nothing can be added any more. Raises OSError."""
        self._writer.close()

    def _add(self, line: Mapping[str, float]) -> None:
        for name, value in line.items():
            if name not in POSITION:
                self._writer.add_scalar(name, value, int(line["cur_nimg"]), walltime=self._begin + line["seconds"])


def are_in(folder: Path) -> bool:
    """Whether a run has events already."""
    return any(folder.glob(FILES))
