"""Files of `torch.save`: a zip archive today, a row of pickles before 2020; then whichever model is inside.

Executes nothing: see `unpickler.py`. Knows nothing of torch.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from engine.errors import ModelFileError
from engine.formats import lucidrains, nvlabs, nvlabs_state_dict, rosinality
from engine.formats.mapped_file import mapped
from engine.formats.neighbour_options import read_neighbour
from engine.formats.pickle_file import foreign
from engine.formats.pickle_machine import Budget, UnknownGlobalError
from engine.formats.pickle_values import PersistentObject
from engine.formats.recognition import explain_contents
from engine.formats.stored_model import StoredModel
from engine.formats.torch_allow_list import TORCH_ALLOWED
from engine.formats.torch_storage import read_old_file
from engine.formats.torch_zip import read_zip_file

READER_NAME: Final = "torch file"
MAGIC: Final = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19"
"""torch's old format begins with a pickle of this number"""
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")


def detect(head: bytes) -> bool:
    """Whether a file that begins so is a zip archive or of torch's old format."""
    return head[:4] in _ZIP or MAGIC in head[:16]


def read(path: Path) -> StoredModel:
    """Describes the networks of the file. Raises ModelFileError, UnsafeFileError, OSError."""
    data = mapped(path)
    read_value = read_zip_file if bytes(data[:4]) in _ZIP else read_old_file
    try:
        value = read_value(data, TORCH_ALLOWED, Budget())
    except UnknownGlobalError as error:
        raise foreign(error, data) from error
    return _describe(value, path, len(data))


def _describe(value: Any, path: Path, size_bytes: int) -> StoredModel:
    if rosinality.detect(value):
        return rosinality.describe(value, size_bytes)
    if lucidrains.detect(value):
        return lucidrains.describe(value, size_bytes, path)
    if nvlabs_state_dict.detect(value):
        return nvlabs_state_dict.describe(value, size_bytes, read_neighbour(path))
    if _holds_nvlabs_networks(value):
        return nvlabs.describe(value, size_bytes)
    raise ModelFileError(explain_contents(value))


def _holds_nvlabs_networks(value: Any) -> bool:
    candidates = value.values() if type(value) is dict else (value,)
    return any(type(candidate) is PersistentObject for candidate in candidates)
