"""What a file is, from its first bytes, when it is not a model: so that the message can say it."""

from __future__ import annotations

import codecs
from typing import Final

HEAD_BYTES: Final = 1024

_CHOOSE: Final = "choose a StyleGAN2 or StyleGAN3 network (.pkl, .pt or .safetensors)"
_PICTURE: Final = f"it is a picture, not a model: {_CHOOSE}"
_VIDEO: Final = f"it is a video, not a model: {_CHOOSE}"
_ARCHIVE: Final = "it is an archive: unpack it, and open the .pkl, .pt or .safetensors inside"
_SIGNATURES: Final[tuple[tuple[int, bytes, str], ...]] = (
    (0, b"\x89PNG\r\n\x1a\n", _PICTURE),
    (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"GIF8", _PICTURE),
    (0, b"BM", _PICTURE),
    (0, b"II*\x00", _PICTURE),
    (0, b"MM\x00*", _PICTURE),
    (8, b"WEBP", _PICTURE),
    (4, b"ftyp", _VIDEO),
    (0, b"\x1aE\xdf\xa3", _VIDEO),
    (0, b"%PDF", f"it is a PDF document, not a model: {_CHOOSE}"),
    (0, b"GGUF", f"it is a language model (GGUF), not a StyleGAN: {_CHOOSE}"),
    (0, b"SQLite format 3", f"it is a database, not a model: {_CHOOSE}"),
    (0, b"\x93NUMPY", f"it is a NumPy array, not a model: {_CHOOSE}"),
    (0, b"\x1f\x8b", _ARCHIVE),
    (0, b"BZh", _ARCHIVE),
    (0, b"\xfd7zXZ", _ARCHIVE),
    (0, b"7z\xbc\xaf", _ARCHIVE),
    (0, b"Rar!", _ARCHIVE),
    (257, b"ustar", _ARCHIVE),
    (0, b"\x7fELF", f"it is a program, not a model: {_CHOOSE}"),
    (0, b"MZ", f"it is a program, not a model: {_CHOOSE}"),
    (
        0,
        b"version https://git-lfs",
        "it is a git-lfs pointer, not the model itself: run 'git lfs pull' in its folder, or download the file itself",
    ),
)


def explain(head: bytes) -> str:
    """A sentence on what the file is, and what to do, for a file that no reader recognises."""
    if not head:
        return "the file is empty: copy or download it again"
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _explain_zip(head)
    for offset, signature, sentence in _SIGNATURES:
        if head[offset : offset + len(signature)] == signature:
            return sentence
    return _explain_text(head) or f"it is no file of a known kind: {_CHOOSE}"


def _explain_zip(head: bytes) -> str:
    name_length = int.from_bytes(head[26:28], "little")
    name = head[30 : 30 + name_length]
    if name.endswith(b".npy"):
        return f"it holds NumPy arrays (.npz), not a model: {_CHOOSE}"
    return "it is a zip archive: if a model is inside, unpack it and open the .pkl, .pt or .safetensors"


def _explain_text(head: bytes) -> str | None:
    if b"\0" in head:
        return None
    is_all = len(head) < HEAD_BYTES  # otherwise a character may be cut in two where the head ends
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, final=is_all)
    except UnicodeDecodeError:
        return None
    text = text.lstrip("\ufeff \t\r\n").lower()
    if text.startswith(("<!doctype html", "<html", "<?xml")):
        return (
            "it is a web page, not a model: the download failed or asked for a login. Open the address in a browser "
            "and save the file itself"
        )
    return f"it is a text file, not a model: {_CHOOSE}"
