"""Finds pictures that were there before, the same or nearly so, one after the other. Knows nothing of files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.fingerprints import THUMBNAIL_SIDE, Fingerprint

MOST_BITS = 10
"""of 64 in which the perceptual hashes of near duplicates may differ"""
MOST_LEVELS = 20
"""of 255 by which any part of the thumbnails of near duplicates may differ. Measured: JPEG of quality 60 and half the
size stay below 16 in drawings of 256 px, quality 90 below 21 in most of 64 px; two drawings of 64 px that differ in
nothing but the mouth or the eyes differ by 40 and more"""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """What a picture is a duplicate of."""

    original: str
    exact: bool
    """whether every pixel is the same"""


class DuplicateFinder:
    """Remembers each picture that was not a duplicate, and compares the next one with all of them.

    A near duplicate is close both in its perceptual hash and in every part of its thumbnail: hashes alone, of 64
    bits and without colour, would take drawings that differ in their colours or in a detail for the same.
    """

    def __init__(self, capacity: int) -> None:
        self._names: list[str] = []
        self._exact: dict[bytes, str] = {}
        self._hashes = np.empty(capacity, dtype=np.uint64)
        self._thumbnails = np.empty((capacity, THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), dtype=np.uint8)

    def check(self, name: str, fingerprint: Fingerprint) -> Duplicate | None:
        """What this picture repeats; None, and it is remembered, if it is new. At most `capacity` may be new."""
        original = self._exact.get(fingerprint.checksum)
        if original is not None:
            return Duplicate(original, exact=True)
        near = self._nearest(fingerprint)
        if near is not None:
            return Duplicate(self._names[near], exact=False)
        place = len(self._names)
        self._names.append(name)
        self._exact[fingerprint.checksum] = name
        self._hashes[place] = fingerprint.perceptual
        self._thumbnails[place] = fingerprint.thumbnail
        return None

    def _nearest(self, fingerprint: Fingerprint) -> int | None:
        """The remembered picture whose thumbnail is the closest, if any is close enough."""
        count = len(self._names)
        bits = ones(self._hashes[:count] ^ np.uint64(fingerprint.perceptual))
        alike = np.flatnonzero(bits <= MOST_BITS)
        if not len(alike):
            return None
        differences = np.abs(self._thumbnails[alike].astype(np.int16) - fingerprint.thumbnail)
        largest = differences.max(axis=(1, 2, 3))
        best = int(np.argmin(largest))
        return int(alike[best]) if largest[best] <= MOST_LEVELS else None


def ones(words: np.ndarray) -> np.ndarray:
    """How many bits of each uint64 are set. NumPy has a function for it only since 2.0."""
    pairs = words - ((words >> np.uint64(1)) & np.uint64(0x5555555555555555))
    fours = (pairs & np.uint64(0x3333333333333333)) + ((pairs >> np.uint64(2)) & np.uint64(0x3333333333333333))
    bytes_ = (fours + (fours >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (bytes_ * np.uint64(0x0101010101010101)) >> np.uint64(56)  # the product's overflow is meant
