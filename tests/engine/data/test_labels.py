"""Labels from dataset.json and from folders, and what is refused as none."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engine.data.batches import Batches
from engine.data.labels import Label, labels_from_folders, labels_from_json, labels_of_names, labels_to_json
from engine.data.open_pictures import open_pictures
from engine.data.picture_set import Loading, PictureSet
from engine.errors import ConfigError, DataError


def paint(path: Path, grey: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (8, 8), grey).save(path)


def folder_with(tmp_path: Path, labels: object, names: tuple[str, ...] = ("a.png", "b.png", "c.png")) -> PictureSet:
    for grey, name in enumerate(names):
        paint(tmp_path / name, grey)
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": labels}))
    return open_pictures(tmp_path, 8, loading=Loading(labels="file"))


def test_classes_are_one_hot(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, [["c.png", 0], ["a.png", 3], ["b.png", 1], ["not there.png", 9]])
    assert folder.labels is not None
    assert folder.labels.dtype == np.float32
    assert folder.labels.tolist() == [[0, 0, 0, 1], [0, 1, 0, 0], [1, 0, 0, 0]]
    assert folder.class_names == ("0", "1", "2", "3")


def test_lists_are_taken_as_they_are(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, [["a.png", [0.5, -1]], ["b.png", [0, 0.25]], ["c.png", [1, 1]]])
    assert folder.labels is not None
    assert folder.labels.tolist() == [[0.5, -1], [0, 0.25], [1, 1]]
    assert folder.class_names is None


def test_folders_are_classes_in_the_order_of_their_names(tmp_path: Path) -> None:
    for grey, name in enumerate(("dog/1.png", "cat/2.png", "cat/deep/3.png", "cat-like/4.png")):
        paint(tmp_path / name, grey)
    folder = open_pictures(tmp_path, 8, loading=Loading(labels="folders"))
    assert folder.class_names == ("cat", "cat-like", "dog")
    assert folder.names == ("cat-like/4.png", "cat/2.png", "cat/deep/3.png", "dog/1.png")
    assert folder.labels is not None
    assert folder.labels.argmax(axis=1).tolist() == [1, 0, 0, 2]


def test_pictures_outside_of_all_folders(tmp_path: Path) -> None:
    paint(tmp_path / "cat" / "1.png", 0)
    paint(tmp_path / "2.png", 0)
    with pytest.raises(DataError, match=r"1 of 2 pictures lie in none of them \(such as 2\.png\)"):
        open_pictures(tmp_path, 8, loading=Loading(labels="folders"))


def test_no_labels_unless_asked(tmp_path: Path) -> None:
    folder_with(tmp_path, [["a.png", 0], ["b.png", 1], ["c.png", 1]])
    folder = open_pictures(tmp_path, 8)
    assert (folder.labels, folder.class_names, folder.c_dim) == (None, None, 0)
    batches = Batches(folder, 5, seed=0, mirror=False)
    assert batches.labels_at(0).shape == (5, 0)
    assert batches.random_labels(4, torch.Generator().manual_seed(0)).shape == (4, 0)


def test_a_file_that_cannot_be_read_takes_no_class_with_it(tmp_path: Path) -> None:
    (tmp_path / "b.png").write_text("no picture")
    paint(tmp_path / "a.png", 0)
    paint(tmp_path / "c.png", 2)
    (tmp_path / "dataset.json").write_text('{"labels": [["a.png", 0], ["b.png", 7], ["c.png", 1]]}')
    folder = open_pictures(tmp_path, 8, loading=Loading(labels="file"))
    assert folder.c_dim == 8
    assert folder.labels is not None
    assert folder.labels.argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize("labels", [None, "no file"])
def test_labels_that_are_not_there(tmp_path: Path, labels: object) -> None:
    if labels is None:
        (tmp_path / "dataset.json").write_text('{"labels": null}')
    paint(tmp_path / "a.png", 0)
    with pytest.raises(DataError, match="holds no labels"):
        open_pictures(tmp_path, 8, loading=Loading(labels="file"))
    with pytest.raises(ConfigError, match="not from 'guess'"):
        open_pictures(tmp_path, 8, loading=Loading(labels="guess"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"[]", "not of the form"),
        (b'{"labels": {}}', "not of the form"),
        (b'{"labels": []}', "not of the form"),
        (b'{"labels": [["a"]]}', "no label"),
        (b'{"labels": [[1, 1]]}', "no label"),
        (b'{"labels": [["a", -1]]}', "no label"),
        (b'{"labels": [["a", 65536]]}', "no label"),
        (b'{"labels": [["a", 1000000000000]]}', "no label"),
        (b'{"labels": [["a", true]]}', "no label"),
        (b'{"labels": [["a", 1.5]]}', "no label"),
        (b'{"labels": [["a", []]]}', "no label"),
        (b'{"labels": [["a", [NaN]]]}', "no label"),
        (b'{"labels": [["a", [Infinity]]]}', "no label"),
        (b'{"labels": [["a", ["x"]]]}', "no label"),
        (b'{"labels": [["a", [1' + b"0" * 400 + b"]]]}", "no label"),
    ],
)
def test_what_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=rf"^here .*{message}"):
        labels_from_json(content, "here")


def test_labels_of_different_kinds() -> None:
    with pytest.raises(DataError, match="not alike"):
        labels_of_names(("a", "b"), {"a": 1, "b": (1.0,)}, None, "here")
    with pytest.raises(DataError, match="not alike"):
        labels_of_names(("a", "b"), {"a": (1.0, 2.0), "b": (1.0,)}, None, "here")
    with pytest.raises(DataError, match=r"no label for 1 of 2 pictures \(such as b\)"):
        labels_of_names(("a", "b"), {"a": 1}, None, "here")


classes = st.integers(0, 999)
vectors = st.lists(st.floats(-1e20, 1e20), min_size=1, max_size=4).map(tuple)


@given(st.dictionaries(st.text(alphabet="abc/é.\x00", min_size=1), classes | vectors, min_size=1))
def test_a_round_trip(of: dict[str, Label]) -> None:
    read = labels_from_json(labels_to_json(list(of.items()), ["one", "two"]), "here")
    assert read == (of, ("one", "two"))


def test_no_labels_are_null_and_names_of_classes_come_along() -> None:
    assert labels_to_json([], None) == b'{"labels": null}'
    assert json.loads(labels_to_json([("a", 1), ("b", 0)], None)) == {"labels": [["a", 1], ["b", 0]]}
    read = labels_of_names(("a", "b"), {"a": 1, "b": 0}, ("cat", "dog", "more"), "here")
    assert read.class_names == ("cat", "dog")
    assert labels_from_folders(("x/a", "y/b")).class_names == ("x", "y")


def test_labels_in_step_with_pictures(tmp_path: Path) -> None:
    names = tuple(f"{index}.png" for index in range(7))
    batches = Batches(folder_with(tmp_path, [[name, i] for i, name in enumerate(names)], names), 4, 3, mirror=True)
    for cur_nimg in (0, 4, 8, 100, 3):
        assert torch.equal(batches.labels_at(cur_nimg).argmax(dim=1), batches.at(cur_nimg)[:, 0, 0, 0])


def test_a_stand_in_brings_its_own_label(tmp_path: Path) -> None:
    """b.png has a good header and no pixels, so that c.png is shown in its place, with the label of c.png."""
    for index, name in enumerate(("a.png", "c.png")):
        paint(tmp_path / name, 2 * index)
    levels = np.random.RandomState(0).randint(0, 256, (8, 8, 3)).astype(np.uint8)
    Image.fromarray(levels).save(tmp_path / "b.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "b.png").read_bytes()[:60])
    (tmp_path / "dataset.json").write_text('{"labels": [["a.png", 0], ["b.png", 1], ["c.png", 2]]}')
    for order in (("at", "labels_at"), ("labels_at", "at")):
        folder = open_pictures(tmp_path, 8, loading=Loading(labels="file", memory_limit_bytes=0))
        batches = Batches(folder, 3, seed=0, mirror=False)
        answers = {name: getattr(batches, name)(0) for name in order}
        shown = answers["at"][:, 0, 0, 0]
        assert sorted(shown.tolist()) == [0, 2, 2]
        assert torch.equal(answers["labels_at"].argmax(dim=1), shown)


def test_random_labels_are_drawn_as_often_as_they_are_there(tmp_path: Path) -> None:
    names = tuple(f"{index}.png" for index in range(10))
    labels = [[name, 0 if index < 7 else 1] for index, name in enumerate(names)]
    batches = Batches(folder_with(tmp_path, labels, names), 4, seed=0, mirror=False)
    drawn = batches.random_labels(5000, torch.Generator().manual_seed(1))
    assert drawn.dtype == torch.float32
    assert drawn.shape == (5000, 2)
    assert abs(drawn[:, 0].mean().item() - 0.7) < 4 * (0.7 * 0.3 / 5000) ** 0.5
    again = batches.random_labels(5000, torch.Generator().manual_seed(1))
    assert torch.equal(drawn, again)
