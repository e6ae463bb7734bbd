"""This project's own file: safetensors, with the configuration as JSON in the header. Nothing in it can execute.

The header's `__metadata__` has one entry, `stylegan_explorer`:
`{"format": "stylegan-explorer model", "version": 1, "networks": {"G_ema": {<GeneratorConfig>}, "G": ..., "D": ...},
"class_names": ["cat", ...]}`; the names only where there are some.
A generator that is no StyleGAN2 has a "kind" among its options.
Tensors are named `G_ema.mapping.fc0.weight` and so on, float32 or float16. Knows nothing of torch.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from engine.atomic_files import replaced_file
from engine.errors import ModelFileError
from engine.formats.config_reading import read_config
from engine.formats.recognition import explain_tensors
from engine.formats.refusals import DamagedFileError, OversizedFileError
from engine.formats.stored_model import Rounded, StoredModel, StoredNetwork
from engine.networks.config import AnyGeneratorConfig, DiscriminatorConfig
from engine.networks.config_kinds import GENERATOR_CONFIGS, USUAL_KIND

SOURCE_FORMAT: Final = "safetensors"
FORMAT_NAME: Final = "stylegan-explorer model"
FORMAT_VERSION: Final = 1
METADATA_KEY: Final = "stylegan_explorer"
MAX_HEADER_BYTES: Final = 16 * 2**20
MAX_CLASS_NAMES: Final = 65_536
MAX_TENSORS: Final = 20_000
ITEM_BYTES: Final = {"F32": 4, "F16": 2}
NETWORKS: Final = ("G_ema", "G", "D")
_CONTENT_ID: Final = re.compile("[0-9a-f]{64}")

Tensors = Mapping[str, npt.NDArray[Any]]


def detect(head: bytes) -> bool:
    """Whether a file that begins so is safetensors: the header's length, then JSON."""
    return len(head) > 8 and head[8:9] == b"{" and int.from_bytes(head[:8], "little") < 2**48


@dataclass(frozen=True, slots=True, eq=False)
class SafeTensor:
    """A tensor in an open safetensors file."""

    file: Any
    name: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def nbytes(self) -> int:
        """Bytes as they are stored."""
        return int(np.prod(self.shape, dtype=object)) * ITEM_BYTES.get(self.dtype, 8)

    @property
    def is_float(self) -> bool:
        """Whether it holds one of the two types that weights are stored in."""
        return self.dtype in ITEM_BYTES

    def read(self) -> npt.NDArray[np.float32]:
        """A contiguous float32 copy."""
        return np.asarray(self.file.get_tensor(self.name), dtype=np.float32, order="C")


def read(path: Path) -> StoredModel:
    """Describes the networks of the file. Raises ModelFileError, OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
    if header_bytes > min(size - 8, MAX_HEADER_BYTES):
        raise DamagedFileError(f"its header claims {header_bytes:,} bytes in a file of {size:,}")
    try:
        opened = safe_open(os.fspath(path), framework="np")
        metadata = opened.metadata() or {}
        tensors = _tensors(opened)
    except SafetensorError as error:
        raise DamagedFileError(f"it is no whole safetensors file ({error!s:.200})") from error
    if METADATA_KEY not in metadata:
        raise _other(tensors)
    description = _description(metadata[METADATA_KEY])
    configs = _configs(description)

    def network(name: str) -> StoredNetwork:
        values = configs[name]
        prefix = f"{name}."
        own = {key[len(prefix) :]: tensor for key, tensor in tensors.items() if key.startswith(prefix)}
        config = read_config(DiscriminatorConfig, values) if name == "D" else _generator_config(values)
        return StoredNetwork(config=config, tensors=own)

    return StoredModel(
        source_format=SOURCE_FORMAT,
        size_bytes=size,
        names=frozenset(configs),
        network=network,
        class_names=_class_names(description),
        rounded=_rounded(description),
    )


def write(
    path: Path,
    configs: Mapping[str, AnyGeneratorConfig | DiscriminatorConfig],
    tensors: Tensors,
    class_names: Sequence[str] = (),
    rounded: Rounded | None = None,
) -> None:
    """Writes the file under a temporary name beside `path`, then renames it. Raises OSError."""
    description: dict[str, Any] = {
        "format": FORMAT_NAME,
        "version": FORMAT_VERSION,
        "networks": {name: _described(config) for name, config in configs.items()},
    }
    if class_names:
        description["class_names"] = list(class_names)
    if rounded is not None:
        description["rounded"] = {"known_as": rounded.known_as, "content_id": rounded.content_id}
    metadata = {METADATA_KEY: json.dumps(description, sort_keys=True, allow_nan=False)}
    with replaced_file(path) as partial:
        try:
            save_file(dict(tensors), os.fspath(partial), metadata=metadata)
        except SafetensorError as error:  # how the library reports a full disk or a folder that cannot be written
            raise OSError(str(error)) from error


def _rounded(description: Mapping[str, Any]) -> Rounded | None:
    ids = description.get("rounded")
    if not isinstance(ids, dict):
        return None
    known_as, own = ids.get("known_as"), ids.get("content_id")
    if not all(isinstance(each, str) and _CONTENT_ID.fullmatch(each) for each in (known_as, own)):
        raise DamagedFileError("what it says of the model that it was rounded from makes no sense")
    return Rounded(known_as=str(known_as), content_id=str(own))


def _described(config: AnyGeneratorConfig | DiscriminatorConfig) -> dict[str, Any]:
    """A generator that is no StyleGAN2 also tells its kind: files that do not are of before there was another."""
    kind = getattr(config, "kind", USUAL_KIND)
    return config.to_dict() if kind == USUAL_KIND else {"kind": kind, **config.to_dict()}


def _generator_config(values: Mapping[str, Any]) -> AnyGeneratorConfig:
    kind = values.get("kind", USUAL_KIND)
    if type(kind) is not str or kind not in GENERATOR_CONFIGS:
        raise ModelFileError(
            f"it holds a generator of the unknown kind {str(kind)[:40]!r}: update this program, or get the model from "
            "its author again"
        )
    options = {name: value for name, value in values.items() if name != "kind"}
    return read_config(GENERATOR_CONFIGS[kind], options)


def _tensors(opened: Any) -> dict[str, SafeTensor]:
    names = list(opened.keys())
    if len(names) > MAX_TENSORS:
        raise OversizedFileError(f"it has {len(names):,} tensors, more than any model")
    slices = {name: opened.get_slice(name) for name in names}
    return {
        name: SafeTensor(opened, name, tuple(part.get_shape()), str(part.get_dtype())) for name, part in slices.items()
    }


def _other(tensors: Mapping[str, SafeTensor]) -> ModelFileError:
    kind = explain_tensors({name: tensor.shape for name, tensor in tensors.items()})
    return ModelFileError(
        kind
        or "it is a safetensors file, but not a model of this program: its header has no "
        f"{METADATA_KEY!r}. Choose a file made with 'stylegan-train' or 'stylegan convert'"
    )


def _description(text: str) -> dict[str, Any]:
    """What the header says of the model, of a version that this program knows."""
    try:
        description = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"its configuration is no JSON ({error!s:.100})") from error
    if not isinstance(description, dict) or description.get("format") != FORMAT_NAME:
        raise DamagedFileError(f"its configuration does not say {FORMAT_NAME!r}")
    version = description.get("version")
    if type(version) is not int or version < 1:
        raise DamagedFileError("its configuration has no version")
    if version > FORMAT_VERSION:
        raise ModelFileError(
            f"it has format version {version}, newer than this program's {FORMAT_VERSION}: update the program"
        )
    return description


def _configs(description: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each network's options as JSON gives them."""
    networks = description.get("networks")
    if not isinstance(networks, dict) or not isinstance(networks.get("G_ema"), dict):
        raise DamagedFileError("its configuration describes no G_ema")
    return {name: networks[name] for name in NETWORKS if isinstance(networks.get(name), dict)}


def _class_names(description: Mapping[str, Any]) -> tuple[str, ...]:
    """Names that can be shown; none at all if one cannot."""
    names = description.get("class_names")
    if not isinstance(names, list) or len(names) > MAX_CLASS_NAMES:
        return ()
    shown = tuple(name for name in names if isinstance(name, str) and 0 < len(name) <= 200 and name.isprintable())
    return shown if len(shown) == len(names) else ()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")
