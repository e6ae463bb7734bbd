"""What a picture shows, as numbers for a conditional model: from dataset.json, or from the folders they lie in.

A label is a class, an int from 0 upwards, or a vector of floats. Knows nothing of files or of pixels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.data.picture_files import order_of_names
from engine.errors import DataError

DATASET_JSON = "dataset.json"
LARGEST_JSON_BYTES = 256 * 2**20
MOST_CLASSES = 65_536
"""also of numbers in a vector; a model with more could not be trained, and the file is more likely damaged"""
LABEL_KINDS = ("none", "folders", "file")

Label = int | tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of a sequence of pictures, in its order."""

    values: np.ndarray
    """int64 [N], classes; or float32 [N, c_dim], vectors"""
    c_dim: int
    class_names: tuple[str, ...] | None
    """one for each class; None for vectors"""

    def vectors(self, indices: np.ndarray) -> np.ndarray:
        """What the networks get, for the pictures at `indices` [K]: float32 [K, c_dim]; a class as one-hot."""
        chosen = self.values[indices]
        if chosen.ndim == 2:
            return chosen
        one_hot = np.zeros((len(chosen), self.c_dim), dtype=np.float32)
        one_hot[np.arange(len(chosen)), chosen] = 1
        return one_hot

    def of(self, index: int) -> Label:
        """The label of one picture."""
        value = self.values[index]
        return int(value) if self.values.ndim == 1 else tuple(float(number) for number in value)

    def chosen(self, indices: np.ndarray) -> Labels:
        """The labels of some of the pictures; c_dim stays what it was."""
        return Labels(values=self.values[indices], c_dim=self.c_dim, class_names=self.class_names)


def labels_from_folders(names: Sequence[str]) -> Labels:
    """The outermost folder of each picture's path is its class; classes are numbered in the order of their names.

    Raises DataError if a picture lies in no folder.
    """
    outside = [name for name in names if "/" not in name]
    if outside:
        raise DataError(
            f"The folders cannot be the classes: {len(outside)} of {len(names)} pictures lie in none of them "
            f"(such as {outside[0]}). Move each into the folder of its class, or leave the labels out."
        )
    folders = [name.split("/", 1)[0] for name in names]
    class_names = tuple(sorted(set(folders), key=order_of_names))
    number = {name: index for index, name in enumerate(class_names)}
    values = np.array([number[folder] for folder in folders], dtype=np.int64)
    return Labels(values=values, c_dim=len(class_names), class_names=class_names)


def labels_of_names(
    names: Sequence[str], of: Mapping[str, Label], class_names: tuple[str, ...] | None, where: str
) -> Labels:
    """The stored labels of these pictures. Classes are as many as the highest one plus 1.

    Raises DataError if a picture has none, or if they are of different kinds.
    """
    missing = [name for name in names if name not in of]
    if missing:
        raise DataError(
            f"{where} has no label for {len(missing)} of {len(names)} pictures (such as {missing[0]}). "
            f"Add them, or leave the labels out."
        )
    labels = [of[name] for name in names]
    lengths = {None if isinstance(label, int) else len(label) for label in labels}
    if len(lengths) != 1:
        raise DataError(f"The labels in {where} are not alike: all must be a class, or lists of one length.")
    if isinstance(labels[0], int):
        values = np.array(labels, dtype=np.int64)
        c_dim = int(values.max()) + 1
        return Labels(values=values, c_dim=c_dim, class_names=_names_of_classes(c_dim, class_names))
    values = np.array(labels, dtype=np.float32)
    return Labels(values=values, c_dim=values.shape[1], class_names=None)


def labels_from_json(content: bytes, where: str) -> tuple[dict[str, Label], tuple[str, ...] | None] | None:
    """The labels by name, and the names of the classes if they are told; None if the file says there are none.

    The field's form is {"labels": [[name, int or list of floats], ...] or null}; "class_names", a list, is this
    project's addition, which other programs pass over. Raises DataError.
    """
    if len(content) > LARGEST_JSON_BYTES:
        raise DataError(f"{where} is larger than {LARGEST_JSON_BYTES >> 20} MiB: it cannot be a list of labels.")
    try:
        # RecursionError is what many thousand nested lists end in.
        parsed = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where} is not valid JSON ({error}). Make it again, or leave the labels out.") from error
    entries = parsed.get("labels") if isinstance(parsed, dict) else ()
    if entries is None:
        return None
    if not isinstance(entries, list) or not entries:
        raise DataError(f'{where} is not of the form {{"labels": [[name, label], ...]}}.')
    return dict(_entry(entry, where) for entry in entries), _told_names(parsed.get("class_names"))


def labels_to_json(named: Sequence[tuple[str, Label]], class_names: Sequence[str] | None) -> bytes:
    """What `labels_from_json` reads; no label at all is null."""
    content: dict[str, object] = {
        "labels": [[name, label if isinstance(label, int) else list(label)] for name, label in named] or None
    }
    if named and class_names is not None:
        content["class_names"] = list(class_names)
    return json.dumps(content).encode()


def _entry(entry: object, where: str) -> tuple[str, Label]:
    if isinstance(entry, list) and len(entry) == 2 and isinstance(entry[0], str):
        label = _label(entry[1])
        if label is not None:
            return entry[0].replace("\\", "/"), label
    raise DataError(
        f"{where} holds an entry that is no label: {str(entry)[:100]}. Each is [name, class], a class being a whole "
        f"number from 0 to {MOST_CLASSES - 1}, or [name, list of numbers]."
    )


def _label(value: object) -> Label | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value < MOST_CLASSES else None
    if not isinstance(value, list) or not 1 <= len(value) <= MOST_CLASSES:
        return None
    if not all(isinstance(number, int | float) and not isinstance(number, bool) for number in value):
        return None
    # Beyond 1e30 a float32 is near its end, and an int may be too large for any float.
    return tuple(map(float, value)) if all(abs(number) < 1e30 for number in value) else None


def _told_names(names: object) -> tuple[str, ...] | None:
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return tuple(names)
    return None


def _names_of_classes(c_dim: int, told: tuple[str, ...] | None) -> tuple[str, ...]:
    if told is not None and len(told) >= c_dim:
        return told[:c_dim]
    return tuple(str(index) for index in range(c_dim))
