"""Writes the zip layout that StyleGAN2-ADA, StyleGAN3 and most later trainers read.

Stored, not deflated; uncompressed PNG files, a thousand to a folder; dataset.json last. The same pictures give the
same bytes: nothing in the archive tells when or where it was made. Knows nothing of where pictures come from.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from PIL import Image

from engine.data.labels import DATASET_JSON, Label, labels_to_json

_PER_FOLDER = 1000
_BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)
"""the earliest date that a zip archive can tell"""
_PERMISSIONS = 0o100644 << 16
_MADE_ON_UNIX = 3


def png_bytes(pixels: np.ndarray) -> bytes:
    """A picture uint8 [3, H, W] as an uncompressed PNG: larger, and read several times faster."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))).save(buffer, "PNG", compress_level=0)
    return buffer.getvalue()


class DatasetZip:
    """The archive being written; a context manager that ends it with the labels. Raises OSError."""

    def __init__(self, path: Path, class_names: Sequence[str] | None) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_STORED)
        self._class_names = class_names
        self._labels: list[tuple[str, Label]] = []
        self._count = 0

    def __enter__(self) -> DatasetZip:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._write(DATASET_JSON, labels_to_json(self._labels, self._class_names))
        finally:
            self._zip.close()

    def add(self, png: bytes, label: Label | None) -> None:
        """The next picture. Either all pictures have a label or none has."""
        name = f"{self._count // _PER_FOLDER:05d}/img{self._count:08d}.png"
        self._write(name, png)
        if label is not None:
            self._labels.append((name, label))
        self._count += 1

    def _write(self, name: str, content: bytes) -> None:
        info = zipfile.ZipInfo(name, _BEGINNING_OF_TIME)
        info.external_attr = _PERMISSIONS
        info.create_system = _MADE_ON_UNIX
        self._zip.writestr(info, content)
