"""What two pictures are compared by: a checksum of the pixels, a perceptual hash, and a thumbnail.

The perceptual hash is the DCT hash (pHash): it stays nearly the same when a picture is rescaled or compressed, and
changes when it is mirrored. Knows nothing of files or of other pictures.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

HASH_BITS = 64
THUMBNAIL_SIDE = 16
_HASHED_SIDE = 32
_FREQUENCIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """Of one picture."""

    checksum: bytes
    """the same for pictures with the same pixels"""
    perceptual: int
    """64 bits; few of them differ between pictures that look alike"""
    thumbnail: np.ndarray
    """uint8 [16, 16, 3]: the mean colours of its parts"""


def fingerprint(pixels: np.ndarray) -> Fingerprint:
    """Of a square RGB picture, uint8 [3, H, W]."""
    image = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    grey = image.convert("L").resize((_HASHED_SIDE, _HASHED_SIDE), Image.Resampling.BOX)
    thumbnail = image.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX)
    return Fingerprint(
        checksum=hashlib.blake2b(pixels.tobytes(), digest_size=16).digest(),
        perceptual=perceptual_hash(np.asarray(grey)),
        thumbnail=np.asarray(thumbnail),
    )


def perceptual_hash(grey: np.ndarray) -> int:
    """64 bits of a grey picture [32, 32]: which of its 8 x 8 lowest frequencies exceed their median.

    The frequencies are those of the two-dimensional DCT-II; the mean brightness counts among them.
    """
    basis = _dct_basis()
    # Rounded, since what is zero by symmetry would otherwise be a coin that rounding errors toss.
    lowest = np.round(basis @ grey.astype(np.float64) @ basis.T, 3)  # [8, 8]
    bits = lowest > np.median(lowest)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@lru_cache(maxsize=1)
def _dct_basis() -> np.ndarray:
    """The 8 lowest cosines of the orthonormal DCT-II of 32 values, float64 [8, 32]."""
    frequency, place = np.arange(_FREQUENCIES)[:, None], np.arange(_HASHED_SIDE)[None, :]
    basis = np.cos(np.pi * frequency * (place + 0.5) / _HASHED_SIDE) * np.sqrt(2 / _HASHED_SIDE)
    basis[0] /= np.sqrt(2)
    return np.asarray(basis)
