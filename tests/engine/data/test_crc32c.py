"""The checksum of TFRecord files, against published values and against the definition, bit by bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.crc32c import crc32c, masked_crc32c


def bit_by_bit(content: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", 0),
        (b"123456789", 0xE3069283),
        (bytes(32), 0x8A9136AA),  # this and the following: RFC 3720, appendix B.4
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
    ],
)
def test_published_values(content: bytes, expected: int) -> None:
    assert crc32c(content) == expected


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=1200))
def test_the_definition(content: bytes) -> None:
    assert crc32c(content) == bit_by_bit(content)


@pytest.mark.parametrize("length", [63, 64, 255, 256, 257, 511, 512, 513, 70_001])
def test_lengths_around_the_lanes(length: int) -> None:
    content = bytes(index * 37 % 251 for index in range(length))
    assert crc32c(content) == bit_by_bit(content)


def test_the_mask() -> None:
    crc = crc32c(b"123456789")
    assert masked_crc32c(b"123456789") == (((crc >> 15) | (crc << 17 & 0xFFFFFFFF)) + 0xA282EAD8) % 2**32
