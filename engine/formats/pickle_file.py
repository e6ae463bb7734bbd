"""Network snapshots of NVIDIA's programs: one pickle, of PyTorch networks or of TensorFlow ones.

Executes nothing: see `unpickler.py`. Knows nothing of torch.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from typing import Any, Final

from engine.errors import ModelFileError
from engine.formats import nvlabs, tensorflow_pickle
from engine.formats.allow_list import FOREIGN
from engine.formats.mapped_file import mapped
from engine.formats.pickle_machine import MAX_GLOBAL_NAME, Budget, UnknownGlobalError
from engine.formats.refusals import WholeModuleError
from engine.formats.stored_model import StoredModel
from engine.formats.torch_allow_list import TORCH_ALLOWED
from engine.formats.unpickler import loads

READER_NAME: Final = "network snapshot"
SEARCHED_BYTES: Final = 64 * 2**20
_MODULES: Final = b"torch.nn.modules."
"""stands somewhere in every pickle of a PyTorch module, beside its own class"""


def detect(head: bytes) -> bool:
    """Whether a file that begins so is a binary pickle."""
    return len(head) > 2 and head[0] == 0x80 and 2 <= head[1] <= 5


def read(path: Path) -> StoredModel:
    """Describes the networks of the file. Raises ModelFileError, UnsafeFileError, OSError."""
    data = mapped(path)
    value = loads_explained(data)
    if tensorflow_pickle.detect(value):
        return tensorflow_pickle.describe(value, len(data))
    return nvlabs.describe(value, len(data))


def loads_explained(data: memoryview) -> Any:
    """The inert value of the pickle; a name of another program is refused with what such a file is."""
    try:  # forks put what torch.save may hold beside the networks: training arguments, paths, shapes
        return loads(data, TORCH_ALLOWED, Budget())
    except UnknownGlobalError as error:
        raise foreign(error, data) from error


def foreign(error: UnknownGlobalError, data: memoryview) -> ModelFileError:
    """The error itself, or one that tells more: for names of programs that are known, and for modules pickled whole."""
    for prefix, explanation in FOREIGN.items():
        if error.name.startswith(prefix):
            return ModelFileError(explanation)
    if isinstance(data.obj, mmap.mmap) and data.obj.find(_MODULES, 0, SEARCHED_BYTES) >= 0:
        return WholeModuleError(error.name[:MAX_GLOBAL_NAME])
    return error
