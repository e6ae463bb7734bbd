"""HDF5 files, as Keras writes its weights: told apart, and refused with what is missing. None of them opens here.

HDF5 itself is not read: the names of a Keras file's layers and weights stand as plain text near its beginning.
"""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path
from typing import Final, NoReturn

from engine.errors import ModelFileError
from engine.formats.mapped_file import mapped

READER_NAME: Final = "HDF5 file"
SIGNATURE: Final = b"\x89HDF\r\n\x1a\n"
SEARCHED_BYTES: Final = 4 * 2**20
MAX_WEIGHTS: Final = 5000
_WEIGHT: Final = re.compile(rb"[\w./-]{1,200}:\d\b")
_VERSION: Final = re.compile(rb"(?<![\d.])[23]\.\d{1,2}\.\d{1,2}(?![\d.])")
_STYLE: Final = re.compile(r"style|adain|to_?rgb|w_?noise|add_?noise|b_?noise|mod(ulated)?_?conv", re.IGNORECASE)
_NEAREST: Final = (
    "choose a StyleGAN2 or StyleGAN3 network (.pkl, .pt or .safetensors), or train one on the same pictures with "
    "'stylegan-train'"
)


def detect(head: bytes) -> bool:
    """Whether a file that begins so is HDF5."""
    return head.startswith(SIGNATURE)


def read(path: Path) -> NoReturn:
    """Raises ModelFileError that says what the file is, what it lacks, and what to do; OSError."""
    raise ModelFileError(explain(bytes(mapped(path)[:SEARCHED_BYTES])))


def explain(start: bytes) -> str:
    """A sentence on an HDF5 file that begins with these bytes."""
    marker = start.find(b"keras_version")
    if marker < 0:
        return (
            "it is an HDF5 file, but not one that Keras wrote: data or a model of another program. For pictures from a "
            f"StyleGAN, {_NEAREST}"
        )
    version = _VERSION.search(start, marker)
    keras = f"Keras {version[0].decode()}" if version else "Keras"
    names = {match[0].decode() for match in islice(_WEIGHT.finditer(start), MAX_WEIGHTS)}
    if not any(_STYLE.search(name) for name in names):
        return (
            f"it is an HDF5 file of {keras} with the weights of a network that has no layers of style, so no StyleGAN: "
            f"{_NEAREST}"
        )
    dense = len({name for name in names if "dense" in name.lower() and name.split(":")[0].endswith("kernel")})
    return (
        f"it is an HDF5 file of {keras} with the weights of a StyleGAN, as save_weights writes them (the Cogito app's, "
        "for one). What is missing is the network they belong to, which only its author's program has, and a mapping "
        f"network: such StyleGANs have dense layers of their own in every style block (here {dense}), where this "
        f"program expects one network from z to w for all. {_NEAREST[0].upper()}{_NEAREST[1:]}"
    )
