"""StyleGAN's TFRecords: a file that another program wrote, and every way in which one can be damaged."""

import shutil
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.data.crc32c import masked_crc32c
from engine.data.open_pictures import open_pictures
from engine.data.picture_set import Loading
from engine.data.tf_example import ExampleError, picture_of_example
from engine.errors import DataError

FIXTURE = Path(__file__).parents[2] / "fixtures" / "pictures-r04.tfrecords"
"""written by the package tfrecord (PyPI) 1.14.6"""
PIXELS = np.random.RandomState(7).randint(0, 256, (5, 3, 16, 16)).astype(np.uint8)
"""what it holds"""


def varint(number: int) -> bytes:
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + varint(number >> 7)


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def an_example(shape: list[int], data: bytes, packed: bool = True) -> bytes:
    if packed:
        integers = field(1, b"".join(map(varint, shape)))
    else:
        integers = b"".join(varint(1 << 3) + varint(side) for side in shape)
    features = {"data": field(1, field(1, data)), "shape": field(3, integers)}
    entries = (field(1, field(1, name.encode()) + field(2, feature)) for name, feature in features.items())
    return field(1, b"".join(entries))


def record(content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    return length + struct.pack("<I", masked_crc32c(length)) + content + struct.pack("<I", masked_crc32c(content))


def write(path: Path, pixels: np.ndarray) -> Path:
    path.write_bytes(b"".join(record(an_example(list(picture.shape), picture.tobytes())) for picture in pixels))
    return path


@pytest.mark.parametrize("memory_limit_bytes", [0, 2**30])
def test_a_file_that_another_program_wrote(memory_limit_bytes: int) -> None:
    pictures = open_pictures(FIXTURE, loading=Loading(memory_limit_bytes=memory_limit_bytes))
    assert pictures.resolution == 16
    assert pictures.warnings == []
    assert pictures.names[:2] == ("00000000", "00000001")
    assert np.array_equal(pictures.pixels(np.arange(5)), PIXELS)


def test_the_level_with_the_most_detail_is_taken(tmp_path: Path) -> None:
    for level in (2, 3, 4, 10):
        pixels = np.full((2, 3, 2**level, 2**level), level, dtype=np.uint8)
        write(tmp_path / f"some-r{level:02d}.tfrecords", pixels)
    pictures = open_pictures(tmp_path)
    assert pictures.resolution == 1024
    assert pictures.pixels(np.array([1])).max() == 10
    assert open_pictures(tmp_path / "some-r03.tfrecords").resolution == 8


@pytest.mark.parametrize("packed", [True, False])
def test_both_ways_to_write_numbers(packed: bool) -> None:
    picture = PIXELS[0, :, :8, :4]
    assert np.array_equal(picture_of_example(an_example([3, 8, 4], picture.tobytes(), packed)), picture)


def test_grey(tmp_path: Path) -> None:
    path = write(tmp_path / "grey-r04.tfrecords", PIXELS[:, :1])
    assert np.array_equal(open_pictures(path).pixels(np.arange(5)), np.repeat(PIXELS[:, :1], 3, axis=1))


def test_labels_beside_the_file(tmp_path: Path) -> None:
    shutil.copy(FIXTURE, tmp_path)
    vectors = np.eye(5, dtype=np.float32)[[1, 0, 2, 4, 3]]
    with open(tmp_path / "pictures-rxx.labels", "wb") as file:
        np.save(file, vectors)
    pictures = open_pictures(tmp_path, loading=Loading(labels="file"))
    assert pictures.c_dim == 5
    assert pictures.labels is not None
    assert np.array_equal(pictures.labels, vectors)


@pytest.mark.parametrize("content", [b"", b"text", b"\x93NUMPY\x01\x00"])
def test_damaged_labels(tmp_path: Path, content: bytes) -> None:
    shutil.copy(FIXTURE, tmp_path)
    (tmp_path / "pictures-rxx.labels").write_bytes(content)
    with pytest.raises(DataError, match=r"The labels in .*-rxx\.labels cannot be read"):
        open_pictures(tmp_path, loading=Loading(labels="file"))


def test_labels_that_would_execute_something(tmp_path: Path) -> None:
    shutil.copy(FIXTURE, tmp_path)
    with open(tmp_path / "pictures-rxx.labels", "wb") as file:
        np.save(file, np.array([[object()] * 3] * 5), allow_pickle=True)
    with pytest.raises(DataError, match="cannot be read"):
        open_pictures(tmp_path, loading=Loading(labels="file"))


def test_a_damaged_picture_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    content = bytearray(FIXTURE.read_bytes())
    content[len(content) // 2] ^= 1
    path = tmp_path / "damaged.tfrecords"
    path.write_bytes(content)
    pictures = open_pictures(path)
    assert pictures.names == ("00000000", "00000001", "00000003", "00000004")
    assert len(pictures.warnings) == 1
    assert pictures.warnings[0].startswith(f"Record 2 of {path} was left out: its checksum is wrong")
    assert np.array_equal(pictures.pixels(np.arange(4)), PIXELS[[0, 1, 3, 4]])


@pytest.mark.parametrize("missing", [1, 4, 100, 800])
def test_a_truncated_file_is_read_up_to_there(tmp_path: Path, missing: int) -> None:
    path = tmp_path / "short.tfrecords"
    path.write_bytes(FIXTURE.read_bytes()[:-missing])
    pictures = open_pictures(path)
    assert np.array_equal(pictures.pixels(np.arange(4)), PIXELS[:4])
    assert len(pictures) == 4
    assert pictures.warnings == [f"{path} was left out from record 4 to its end: the file ends inside the record."]


def test_the_length_of_a_record_is_believed_only_with_its_checksum(tmp_path: Path) -> None:
    content = bytearray(FIXTURE.read_bytes())
    content[6] ^= 0xFF
    path = tmp_path / "damaged.tfrecords"
    path.write_bytes(content)
    with pytest.raises(DataError, match="the checksum of the record's length is wrong"):
        open_pictures(path)


@pytest.mark.parametrize("length", [2**63, 2**40, 2**20])
def test_a_record_that_claims_to_be_huge(tmp_path: Path, length: int) -> None:
    header = struct.pack("<Q", length)
    path = tmp_path / "huge.tfrecords"
    path.write_bytes(header + struct.pack("<I", masked_crc32c(header)) + b"little")
    with pytest.raises(DataError, match=r"holds no picture that can be read\..*(claims to have|ends inside)"):
        open_pictures(path)


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.tfrecords").touch()
    with pytest.raises(DataError, match="holds no picture"):
        open_pictures(tmp_path)


@pytest.mark.parametrize(
    ("shape", "data", "message"),
    [
        ([3, 4, 4], b"x" * 47, r"its shape is \[3, 4, 4\], but it has 47 bytes"),
        ([2**31, 2**31, 4], b"", "not 1 or 3 channels"),
        ([3, 2**40, 2**40], b"xxx", "but it has 3 bytes"),
        ([3, 0, 4], b"", "not 1 or 3 channels"),
        ([4, 4], b"x" * 16, "not 1 or 3 channels"),
        ([3, 2**64 - 1, 2**64 - 1], b"xxx", "but it has 3 bytes"),
    ],
)
def test_shapes_that_cannot_be(shape: list[int], data: bytes, message: str) -> None:
    with pytest.raises(ExampleError, match=message):
        picture_of_example(an_example(shape, data))


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
@example(b"\x0a" + b"\xff" * 20)
@example(field(1, field(1, field(1, b"shape") + field(2, b""))))
@example(field(1, b"\x0b"))
def test_nonsense_is_refused_with_a_reason(content: bytes) -> None:
    with pytest.raises(ExampleError):
        picture_of_example(content)


@settings(max_examples=200, deadline=None)
@given(position=st.integers(0, 91), byte=st.integers(0, 255))
def test_one_changed_byte_is_a_picture_or_a_refusal(position: int, byte: int) -> None:
    content = bytearray(an_example([3, 4, 4], bytes(range(48))))
    content[position % len(content)] = byte
    try:
        picture = picture_of_example(bytes(content))
    except ExampleError:
        return
    assert picture.size == 48
