"""The one protobuf message that StyleGAN's TFRecords hold: a tf.train.Example with `shape` and `data`.

Example { Features features = 1; }, Features { map<string, Feature> feature = 1; }, a map being a repeated entry
{ key = 1; value = 2; }, and Feature { BytesList = 1; FloatList = 2; Int64List = 3; } with a repeated value = 1.
Knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


class ExampleError(ValueError):
    """Bytes that are not such an Example; the message is the reason."""


def picture_of_example(record: bytes) -> np.ndarray:
    """The picture in a serialised Example: uint8 [C, H, W], C = 1 or 3. Raises ExampleError."""
    features = _features(memoryview(record))
    if "shape" not in features or "data" not in features:
        raise ExampleError("it has no shape or no data")
    shape, data = _integers(features["shape"]), _bytes(features["data"])
    if len(shape) != 3 or shape[0] not in (1, 3) or min(shape) < 1:
        raise ExampleError(f"its shape is {shape[:8]}, not 1 or 3 channels, height, width")
    if shape[0] * shape[1] * shape[2] != len(data):
        raise ExampleError(f"its shape is {shape}, but it has {len(data)} bytes")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def _features(example: memoryview) -> dict[str, memoryview]:
    found: dict[str, memoryview] = {}
    for features in _messages(example, 1):
        for entry in _messages(features, 1):
            keys, values = list(_messages(entry, 1)), list(_messages(entry, 2))
            if len(keys) == 1 and len(values) == 1:
                found[bytes(keys[0]).decode("utf-8", "replace")] = values[0]
    return found


def _bytes(feature: memoryview) -> memoryview:
    values = [value for values in _messages(feature, 1) for value in _messages(values, 1)]
    if len(values) != 1:
        raise ExampleError(f"its data are {len(values)} strings of bytes, not one")
    return values[0]


def _integers(feature: memoryview) -> list[int]:
    """An Int64List, whose numbers may be packed into one field or have one each."""
    numbers: list[int] = []
    for values in _messages(feature, 3):
        for field, value in _fields(values):
            if field == 1 and isinstance(value, int):
                numbers.append(value)
            elif field == 1 and not isinstance(value, int):
                position = 0
                while position < len(value):
                    number, position = _varint(value, position)
                    numbers.append(number)
    return numbers


def _messages(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """The fields of that number which hold bytes: strings and messages inside the message."""
    for field, value in _fields(message):
        if field == wanted and not isinstance(value, int):
            yield value


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(number, value) of each field; numbers of fixed width are passed over."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        field, kind = tag >> 3, tag & 7
        if kind == VARINT:
            number, position = _varint(message, position)
            yield field, number
            continue
        if kind == BYTES:
            length, position = _varint(message, position)
        elif kind in (FIXED64, FIXED32):
            length = 8 if kind == FIXED64 else 4
        else:
            raise ExampleError(f"it holds a field of kind {kind}, which protobuf does not have")
        if length > len(message) - position:
            raise ExampleError("it ends in the middle of a field")
        if kind == BYTES:
            yield field, message[position : position + length]
        position += length


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where the next thing begins."""
    number = 0
    for index, byte in enumerate(message[position : position + _LONGEST_VARINT]):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number, position + index + 1
    raise ExampleError("it ends in the middle of a number")
