"""Files that are something else, cut short, or not files at all; and hostile safetensors."""

from __future__ import annotations

import io
import json
import os
import struct
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.attacks.attack import Attack, attack

FIXTURE = Path(__file__).parents[1] / "fixtures" / "ada_grey_32.pkl"


def _special(name: str, tries: str, make: Callable[[Path], Path], refused: str) -> Attack:
    return Attack(name=name, tries=tries, make=make, refused=refused)


def _picture(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, kind)
    return buffer.getvalue()


def _zip(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _tar() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("model.pkl"))
    return buffer.getvalue()


def _arrays() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, a=np.zeros(3))
    return buffer.getvalue()


def _gzip_bomb() -> bytes:
    squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(squeezer.compress(bytes(2**20)) for _ in range(100)) + squeezer.flush()


def _safetensors(header: object, data: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def _cut(tenth: int) -> Attack:
    def data() -> bytes:
        whole = FIXTURE.read_bytes()
        return whole[: len(whole) * tenth // 10]

    refused = "empty" if tenth == 0 else "ends in the middle"
    return attack(f"cut_at_{tenth}_tenths", f"a real model that ends after {tenth} tenths", data, refused)


def _directory(folder: Path) -> Path:
    path = folder / "model_folder.pkl"
    path.mkdir()
    return path


def _pipe(folder: Path) -> Path:
    path = folder / "pipe.pkl"
    os.mkfifo(path)
    return path


def _link_to_itself(folder: Path) -> Path:
    path = folder / "loop.pkl"
    path.symlink_to(path)
    return path


HTML = b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Quota exceeded</body></html>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a21\nsize 363\n"

OTHER_FILES = (
    attack("empty", "an empty file", b"", "file is empty"),
    attack("one_byte", "one byte", b"\x80", "no file of a known kind"),
    attack("text", "a text", b"Dear reader,\nthis is no model.\n", "text file"),
    attack("web_page", "a web page, as failed downloads leave", HTML, "web page.*login"),
    attack("lfs_pointer", "a git-lfs pointer", POINTER, "git lfs pull"),
    attack("png", "a PNG picture", lambda: _picture("PNG"), "is a picture"),
    attack("jpeg", "a JPEG picture", lambda: _picture("JPEG"), "is a picture"),
    attack("webp", "a WebP picture", lambda: _picture("WEBP"), "is a picture"),
    attack(
        "zip_bomb", "200 MB of zeros in a small zip", lambda: _zip({"model.pkl": bytes(200 * 2**20)}), "zip archive"
    ),
    attack("gzip_bomb", "100 MB of zeros, squeezed", _gzip_bomb, "archive"),
    attack("tar", "a tar archive", _tar, "archive"),
    attack("npz", "NumPy arrays", _arrays, r"NumPy arrays"),
    attack("hdf5", "Keras weights", b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5"),
    attack("zeros", "a megabyte of zeros", lambda: bytes(2**20), "no file of a known kind"),
    attack("noise", "a megabyte of noise", lambda: np.random.RandomState(1).bytes(2**20), "no file of a known kind"),
    _special("directory", "a folder", _directory, "is a folder"),
    _special("missing", "no file at all", lambda folder: folder / "missing.pkl", "no such file"),
    _special("null_in_path", "a path that no system has", lambda folder: folder / "a\0b.pkl", "null character"),
    _special("long_path", "a name of 5,000 letters", lambda folder: folder / ("a" * 5000), "too long"),
    *(_cut(tenth) for tenth in range(10)),
)
if sys.platform != "win32":
    OTHER_FILES += (
        _special("pipe", "a pipe that nothing is written to: reading would wait for ever", _pipe, "device or a pipe"),
        _special("device", "a device that never ends", lambda folder: Path("/dev/zero"), "device or a pipe"),
        _special("link_to_itself", "a link to itself", _link_to_itself, "symbolic links"),
    )

F32 = {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}
SAFETENSORS = (
    attack("st_header_claim", "a header of 2^47 bytes", _safetensors({}, length=2**47), "header claims"),
    attack("st_header_beyond", "a header longer than the file", _safetensors({"a": F32}, length=500), "header claims"),
    attack("st_no_json", "a header that is no JSON", _safetensors(b"{hello"), "no whole safetensors"),
    attack(
        "st_deep_json",
        "a header that nests 100,000 deep",
        _safetensors(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
        "no whole safetensors",
    ),
    attack("st_data_beyond", "a tensor beyond the end", _safetensors({"a": F32}, bytes(8)), "no whole safetensors"),
    attack(
        "st_claim",
        "a tensor of 10^12 numbers",
        _safetensors({"a": {"dtype": "F32", "shape": [10**12], "data_offsets": [0, 16]}}, bytes(16)),
        "no whole safetensors",
    ),
    attack(
        "st_overlap",
        "two tensors in the same bytes",
        _safetensors({"a": F32, "b": F32}, bytes(16)),
        "no whole safetensors",
    ),
    attack(
        "st_unknown_type",
        "numbers of an unknown type",
        _safetensors({"a": {"dtype": "OBJ", "shape": [4], "data_offsets": [0, 16]}}, bytes(16)),
        "no whole safetensors",
    ),
    attack(
        "st_foreign",
        "safetensors of another program",
        _safetensors({"a": F32}, bytes(16)),
        "not a model of this program",
    ),
    attack(
        "st_network_claim",
        "a configuration of a network of 10^14 numbers",
        _safetensors(
            {
                "__metadata__": {
                    "stylegan_explorer": json.dumps(
                        {
                            "format": "stylegan-explorer model",
                            "version": 1,
                            "networks": {
                                "G_ema": {
                                    "img_resolution": 4096,
                                    "w_dim": 2**20,
                                    "channel_base": 2**20,
                                    "channel_max": 2**20,
                                    "mapping_layers": 64,
                                }
                            },
                        }
                    )
                },
                "a": F32,
            },
            bytes(16),
        ),
        "lacks mapping.fc0.weight",
    ),
    attack(
        "st_deep_configuration",
        "a configuration that nests 100,000 deep",
        _safetensors({"__metadata__": {"stylegan_explorer": "[" * 100_000}, "a": F32}, bytes(16)),
        "configuration is no JSON",
    ),
)
FILE_ATTACKS = OTHER_FILES + SAFETENSORS
