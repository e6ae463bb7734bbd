"""Open a model from any file of a known kind, and save one in our own or in NVlabs'. Nothing in a file is executed."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path

import numpy as np

from engine.errors import ModelFileError, UnsafeFileError
from engine.formats import native
from engine.formats.content_id import content_id
from engine.formats.model_info import ModelInfo, Weights
from engine.formats.nvlabs_writer import write_nvlabs_pickle
from engine.formats.registry import find_reader
from engine.formats.rosinality_writer import write_rosinality_checkpoint
from engine.formats.sniffing import HEAD_BYTES
from engine.formats.stored_model import Rounded, StoredModel, while_wanted
from engine.formats.weights import build_discriminator, build_generator, network_arrays
from engine.networks.any_generator import AnyGenerator
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """An opened model: networks on the CPU, float32, in evaluation mode."""

    info: ModelInfo
    G_ema: AnyGenerator
    """the averaged generator, which makes the pictures; G if the raw weights were asked for"""
    G: AnyGenerator | None = None
    """the generator as it was being trained; only when opened with its discriminator"""
    D: Discriminator | None = None


def load_model(
    path: str | PathLike[str],
    *,
    with_discriminator: bool = False,
    weights: Weights = "ema",
    still_wanted: Callable[[], bool] = lambda: True,
) -> Model:
    """Opens a model file; what kind it is is told by its contents, not its name.

    Only G_ema is read, unless `with_discriminator`: then G and D too, as far as the file has them. weights: 'raw' takes
    G in the place of G_ema. still_wanted is asked before each tensor is read; LoadCancelledError once it says no.
    Raises ModelFileError or UnsafeFileError with a sentence that names the file, what is wrong, and what to do.
    """
    path = Path(path)
    try:
        reader = find_reader(_head(path))
        stored = reader.read(path)
        watched = replace(stored, network=lambda name: while_wanted(stored.network(name), still_wanted))
        return _build(watched, with_discriminator, weights)
    except ModelFileError as error:
        raise _about(path, error) from error
    except MemoryError as error:
        raise ModelFileError(
            f"cannot open {str(path)!r}: there is not enough memory for it. Close other programs, and try again"
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ModelFileError(
            f"cannot open {str(path)!r}: {reason}. Check the path, and that the file may be read"
        ) from error


def save_model(
    path: str | PathLike[str],
    *,
    G_ema: AnyGenerator,
    G: AnyGenerator | None = None,
    D: Discriminator | None = None,
    half: bool = False,
    class_names: Sequence[str] = (),
    known_as: str | None = None,
) -> None:
    """Writes a .safetensors file, complete or not at all; a file of that name is replaced.

    class_names: one for each class, or none. half: stores float16, at half the size and three significant digits. The
    file is still known by the content id of the model with all digits, so that its favourites and recipes fit;
    known_as: that id, of a model that was itself opened from such a file.
    Raises ModelFileError if the file cannot be written, or a weight is not finite in the stored precision.
    """
    path = Path(path)
    networks = {name: network for name, network in (("G_ema", G_ema), ("G", G), ("D", D)) if network is not None}
    tensors = {
        f"{name}.{key}": _stored(path, f"{name}.{key}", array, half)
        for name, network in networks.items()
        for key, array in network_arrays(network).items()
    }
    rounded = _rounded(G_ema, tensors, known_as) if half or known_as is not None else None
    try:
        configs = {name: network.config for name, network in networks.items()}
        native.write(path, configs, tensors, class_names, rounded)
    except OSError as error:
        raise _cannot_write(path, error) from error


def save_nvlabs_pickle(
    path: str | PathLike[str], *, G_ema: AnyGenerator, G: AnyGenerator | None = None, D: Discriminator | None = None
) -> None:
    """Writes a .pkl that NVlabs' tools open, complete or not at all; a file of that name is replaced.

    Raises ModelFileError if the file cannot be written, or the generator is of a kind that is not written so.
    """
    path = Path(path)
    try:
        write_nvlabs_pickle(path, G_ema=G_ema, G=G, D=D)
    except OSError as error:
        raise _cannot_write(path, error) from error


def save_rosinality_checkpoint(
    path: str | PathLike[str], *, G_ema: AnyGenerator, G: AnyGenerator | None = None, D: Discriminator | None = None
) -> None:
    """Writes a .pt that rosinality's program opens, complete or not at all; a file of that name is replaced.

    Raises ConfigError for a network with an option that its program does not have, ModelFileError if the file cannot be
    written.
    """
    path = Path(path)
    try:
        write_rosinality_checkpoint(
            path, G_ema=_stylegan2(path, G_ema), G=None if G is None else _stylegan2(path, G), D=D
        )
    except OSError as error:
        raise _cannot_write(path, error) from error


def _stylegan2(path: Path, G: AnyGenerator) -> Generator:
    """The generator, if it is of the kind that other programs' files are written of. Raises ModelFileError."""
    if not isinstance(G, Generator):
        raise ModelFileError(
            f"cannot write {str(path)!r}: a {G.config.design} generator is not written for this program. Write "
            "a .safetensors instead"
        )
    return G


def _cannot_write(path: Path, error: OSError) -> ModelFileError:
    return ModelFileError(
        f"cannot write {str(path)!r}: {error.strerror or error}. Choose a folder that exists, may be written to, "
        "and has room"
    )


def _head(path: Path) -> bytes:
    """The first bytes of a regular file; never waits for a pipe or a device."""
    if "\0" in str(path):
        raise ModelFileError("a path cannot contain a null character: check the path")
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise ModelFileError("it is a folder: choose the model file inside it")
    if not stat.S_ISREG(mode):
        raise ModelFileError("it is a device or a pipe: choose a model file")
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _build(stored: StoredModel, with_discriminator: bool, weights: Weights) -> Model:
    if weights == "raw" and "G" not in stored.names:
        raise ModelFileError("it holds only the averaged weights: open it with those, 'ema'")
    name = "G" if weights == "raw" else "G_ema"
    G_ema = build_generator(stored.network(name), stored.size_bytes).requires_grad_(False)
    G = D = None
    if with_discriminator and "G" in stored.names:
        G = build_generator(stored.network("G"), stored.size_bytes)
    if with_discriminator and "D" in stored.names:
        D = build_discriminator(stored.network("D"), stored.size_bytes)
    return Model(info=_info(G_ema, stored, weights), G_ema=G_ema, G=G, D=D)


def _info(G_ema: AnyGenerator, stored: StoredModel, weights: Weights) -> ModelInfo:
    config = G_ema.config
    known = content_id(config, network_arrays(G_ema))
    if stored.rounded is not None and stored.rounded.content_id == known:  # else its weights are others by now
        known = stored.rounded.known_as
    return ModelInfo(
        z_dim=config.z_dim,
        c_dim=config.c_dim,
        w_dim=config.w_dim,
        num_ws=config.num_ws,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
        source_format=stored.source_format,
        content_id=known,
        class_names=stored.class_names if len(stored.class_names) == config.c_dim else (),
        parameters=sum(parameter.numel() for parameter in G_ema.parameters()),
        kind=config.kind,
        layer_resolutions=config.layer_resolutions,
        has_input_transform=config.has_input_transform,
        has_discriminator="D" in stored.names,
        weights=weights,
        has_raw="G" in stored.names,
    )


def _rounded(G_ema: AnyGenerator, tensors: Mapping[str, np.ndarray], known_as: str | None) -> Rounded | None:
    """Under which id a model is known whose weights are stored with fewer digits; None if they are the same."""
    arrays = network_arrays(G_ema)
    known = content_id(G_ema.config, arrays) if known_as is None else known_as
    own = content_id(G_ema.config, {name: tensors[f"G_ema.{name}"] for name in arrays})
    return Rounded(known_as=known, content_id=own) if own != known else None


def _about(path: Path, error: ModelFileError) -> ModelFileError:
    """The same error, with the file's name in front."""
    kind = ModelFileError if not isinstance(error, UnsafeFileError) else UnsafeFileError
    # A file's own names may be in the message: nothing of theirs may steer a terminal.
    message = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(error))
    return kind(f"cannot open {str(path)!r}: {message}")


def _stored(path: Path, name: str, array: np.ndarray, half: bool) -> np.ndarray:
    with np.errstate(over="ignore"):
        values = array.astype(np.float16) if half else array
    if not np.isfinite(values).all():
        what = "float16" if half and np.isfinite(array).all() else "any precision: the training diverged"
        raise ModelFileError(f"cannot write {str(path)!r}: {name} holds values that are not finite in {what}")
    return values
