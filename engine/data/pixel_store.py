"""Where decoded pictures live: all in memory when they fit, else decoded whenever they are asked for.

Both stores answer `gather(indices) -> uint8 [len(indices), C, H, W]`, and `shown(indices)`: which pictures those
really are. Knows nothing of epochs, of labels or of torch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from engine.data.decode import PictureFormat, decode
from engine.data.parallel import map_in_threads, threads
from engine.data.picture_files import PictureFile, UnreadablePictureError
from engine.errors import DataError

OnUnreadable = Callable[[PictureFile, str], None]
"""Called with a file that cannot be read and the reason."""
OnProgress = Callable[[int, int], None]
"""Called with the number of files done and the number of all."""


class MemoryStore:
    """Every picture decoded once, in one array."""

    def __init__(
        self, files: Sequence[PictureFile], target: PictureFormat, on_unreadable: OnUnreadable, on_progress: OnProgress
    ) -> None:
        side = target.resolution
        pixels = np.empty((len(files), target.channels, side, side), dtype=np.uint8)

        def fill(index: int) -> str | None:
            """Decodes into the picture's place; returns what was wrong with it."""
            try:
                pixels[index] = decode(files[index], target)
            except UnreadablePictureError as error:
                return str(error)
            return None

        kept: list[int] = []
        for index, reason in enumerate(map_in_threads(fill, range(len(files)))):
            if reason is None:
                kept.append(index)
            else:
                on_unreadable(files[index], reason)
            on_progress(index + 1, len(files))
        # Moved up in place, since a second array might not fit.
        for place, index in enumerate(kept):
            if place != index:
                pixels[place] = pixels[index]
        self.files: tuple[PictureFile, ...] = tuple(files[index] for index in kept)
        self._pixels = pixels[: len(kept)]

    def gather(self, indices: np.ndarray) -> np.ndarray:
        """The pictures at `indices` [N] (int), as a new uint8 array [N, C, H, W]."""
        return self._pixels[indices]

    def shown(self, indices: np.ndarray) -> np.ndarray:
        """The indices themselves: what could not be read is not here at all."""
        return indices


class OnDemandStore:
    """Pictures decoded when asked for; the first ones that fit in `memory_limit_bytes` are kept for good.

    Training asks for every picture once an epoch in a new order. Keeping a fixed part then saves that part
    of the decoding in every epoch, where evicting the least recently used would save about half its square.

    A picture whose header could be read but whose pixels cannot is replaced by the next one that can, which
    depends on the files alone, so that a resumed run sees what an uninterrupted one sees.
    Several threads may ask; they are answered one by one.
    """

    def __init__(
        self, files: Sequence[PictureFile], target: PictureFormat, memory_limit_bytes: int, on_unreadable: OnUnreadable
    ) -> None:
        self.files: tuple[PictureFile, ...] = tuple(files)
        self._target = target
        self._on_unreadable = on_unreadable
        self._reported: set[int] = set()
        self._shown: dict[int, int] = {}  # for each picture that was asked for, the one that was given
        self._capacity = memory_limit_bytes // (target.channels * target.resolution**2)
        self._kept: dict[int, np.ndarray] = {}
        self._pool = ThreadPoolExecutor(max_workers=threads(), thread_name_prefix="decode")
        self._lock = threading.Lock()

    def gather(self, indices: np.ndarray) -> np.ndarray:
        """The pictures at `indices` [N] (int), as a new uint8 array [N, C, H, W]."""
        wanted = [int(index) for index in indices]
        with self._lock:
            missing = [index for index in dict.fromkeys(wanted) if index not in self._kept]
            decoded: dict[int, np.ndarray] = {}
            for index, answer in zip(missing, self._pool.map(self._try_decode, missing), strict=True):
                decoded[index] = self._or_next(index, answer)
                if len(self._kept) < self._capacity:
                    self._kept[index] = decoded[index]
            return np.stack([self._kept[index] if index in self._kept else decoded[index] for index in wanted])

    def shown(self, indices: np.ndarray) -> np.ndarray:
        """Which pictures `gather(indices)` gives, int64 [N]; those never asked for are decoded to find out."""
        unknown = [index for index in indices if int(index) not in self._shown]
        if unknown:
            self.gather(np.array(unknown))
        return np.array([self._shown[int(index)] for index in indices], dtype=np.int64)

    def _try_decode(self, index: int) -> np.ndarray | UnreadablePictureError:
        try:
            return decode(self.files[index], self._target)
        except UnreadablePictureError as error:
            return error

    def _report(self, reasons: dict[int, str]) -> None:
        """Each file once; not at all where none can be read any more, which is one thing to say and not thousands."""
        for index, reason in reasons.items():
            if index not in self._reported:
                self._reported.add(index)
                self._on_unreadable(self.files[index], reason)

    def _or_next(self, index: int, decoded: np.ndarray | UnreadablePictureError) -> np.ndarray:
        count = len(self.files)
        reasons: dict[int, str] = {}
        for step in range(count):
            candidate = (index + step) % count
            if step:
                decoded = self._try_decode(candidate)
            if not isinstance(decoded, UnreadablePictureError):
                self._shown[index] = candidate
                self._report(reasons)
                return decoded
            reasons[candidate] = str(decoded)
        raise DataError(
            f"None of the {count} pictures can be read any more (the first is {self.files[0]}). "
            f"Check that the folder is still there."
        )
