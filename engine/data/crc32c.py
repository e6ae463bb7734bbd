"""CRC-32C (Castagnoli), which guards the records of TFRecord files. NumPy only.

The polynomial is 0x1EDC6F41, reflected; RFC 3720, appendix B.4, has test values.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

_REFLECTED_POLYNOMIAL = 0x82F63B78
_LANE_BYTES = 256
_FEW = 64
"""bytes that are done sooner one by one"""
_ALL_ONES = 0xFFFFFFFF


def crc32c(content: bytes | memoryview) -> int:
    """The checksum of some bytes, from 0 to 2^32 - 1.

    A CRC is linear over GF(2): crc(A + B) is crc(A), moved on by as many zero bytes as B has, XOR crc(B), if both
    begin at 0. So lanes of 256 bytes are done side by side and then joined in pairs.
    """
    if len(content) < _FEW:
        return _one_by_one(content) ^ _ALL_ONES
    levels = np.frombuffer(content, dtype=np.uint8)
    lanes = 1
    while lanes * _LANE_BYTES < len(levels):
        lanes *= 2
    # Zeros in front change nothing when beginning at 0. Beginning at all ones is the same as inverting the first
    # four bytes.
    padded = np.zeros(lanes * _LANE_BYTES, dtype=np.uint8)
    start = len(padded) - len(levels)
    padded[start:] = levels
    padded[start : start + 4] ^= 0xFF
    table = _table()
    crc = np.zeros(lanes, dtype=np.uint32)
    for column in np.ascontiguousarray(padded.reshape(lanes, _LANE_BYTES).T):
        crc = table[(crc ^ column) & 0xFF] ^ (crc >> np.uint32(8))
    span = _LANE_BYTES
    while len(crc) > 1:
        crc = _moved_on(crc[0::2], span) ^ crc[1::2]
        span *= 2
    return int(crc[0]) ^ _ALL_ONES


def masked_crc32c(content: bytes | memoryview) -> int:
    """As TFRecord files store it: rotated right by 15 bits, plus a constant."""
    crc = crc32c(content)
    return (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & _ALL_ONES


def _one_by_one(content: bytes | memoryview) -> int:
    crc, table = _ALL_ONES, _table()
    for byte in content:
        crc = int(table[(crc ^ byte) & 0xFF]) ^ (crc >> 8)
    return crc


@lru_cache(maxsize=1)
def _table() -> np.ndarray:
    """What each value of the lowest byte turns into, uint32 [256]."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> np.uint32(1)) ^ np.uint32(_REFLECTED_POLYNOMIAL), table >> np.uint32(1))
    return table.astype(np.uint32)


def _moved_on(crc: np.ndarray, zero_bytes: int) -> np.ndarray:
    """The checksums uint32 [N] after that many (a power of two) further zero bytes."""
    moved = np.zeros_like(crc)
    for bit, image in enumerate(_images_of_bits(zero_bytes)):
        moved ^= np.where(crc >> np.uint32(bit) & np.uint32(1), image, np.uint32(0))
    return moved


@lru_cache(maxsize=64)
def _images_of_bits(zero_bytes: int) -> np.ndarray:
    """What each of the 32 bits alone turns into, uint32 [32]: the columns of a matrix over GF(2)."""
    if zero_bytes == 1:
        bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
        return _table()[bits & 0xFF] ^ (bits >> np.uint32(8))
    return _moved_on(_images_of_bits(zero_bytes // 2), zero_bytes // 2)
