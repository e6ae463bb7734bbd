"""The kinds of model files that can be opened, in the order in which they are tried.

To add one, write a module with `detect(head)` and `read(path)` and list it here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engine.errors import ModelFileError
from engine.formats import keras_weights, native, pickle_file, torch_file
from engine.formats.sniffing import explain
from engine.formats.stored_model import StoredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How one kind of file is recognised and read."""

    name: str
    detect: Callable[[bytes], bool]
    """the first bytes of a file -> whether it is of this kind"""
    read: Callable[[Path], StoredModel]
    """raises ModelFileError, UnsafeFileError, OSError"""


READERS: Final = (
    Reader(name=native.SOURCE_FORMAT, detect=native.detect, read=native.read),
    Reader(name=torch_file.READER_NAME, detect=torch_file.detect, read=torch_file.read),
    Reader(name=pickle_file.READER_NAME, detect=pickle_file.detect, read=pickle_file.read),
    Reader(name=keras_weights.READER_NAME, detect=keras_weights.detect, read=keras_weights.read),
)


def find_reader(head: bytes) -> Reader:
    """The reader of a file that begins so. Raises ModelFileError that says what the file is instead."""
    for reader in READERS:
        if reader.detect(head):
            return reader
    raise ModelFileError(explain(head))
