"""The library as one file to give away: there and back, and what strangers could put into it."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.errors import ExportError
from engine.inference.requests import Look, SeedLatent, Truncation
from explorer.library.errors import LibraryError
from explorer.library.exchange import INDEX, Imported, export_library, import_library
from explorer.library.favourites import Library


@pytest.fixture
def mine(tmp_path: Path) -> Iterator[Library]:
    """Three favourites of two models, one collection."""
    source = np.random.RandomState(0)
    with closing(Library(tmp_path / "mine")) as library:
        for seed in range(3):
            look = Look(latent=SeedLatent(seed=seed), truncation=Truncation(psi=0.5 + seed / 10))
            pixels = source.randint(0, 256, (300 if seed else 64, 300 if seed else 64, 3)).astype(np.uint8)
            library.add("a" * 64 if seed < 2 else "b" * 64, look, pixels)
        library.rename(1, "first")
        library.rate(3, 1)
        library.tag(["sea", "blue"], [], 1, 2)
        library.put_into(library.create_collection("Best").collection_id, [3, 1])
        library.name_model("a" * 64, "critters.safetensors")
        yield library


@pytest.fixture
def theirs(tmp_path: Path) -> Iterator[Library]:
    with closing(Library(tmp_path / "theirs")) as library:
        yield library


def told(library: Library) -> list[tuple]:
    shelf = library.shelf()
    return [(f.content_id, f.look, f.name, f.rating, f.tags, f.created) for f in shelf.favourites]


def test_everything_is_there_after_a_round_trip(mine: Library, theirs: Library, tmp_path: Path) -> None:
    path = tmp_path / "favourites.zip"
    assert export_library(mine, path) == 3
    assert import_library(theirs, path) == Imported(added=3, known=0, unreadable=0)
    assert told(theirs) == told(mine)
    assert theirs.shelf().models == mine.shelf().models
    [best] = theirs.shelf().collections
    assert (best.name, best.members) == ("Best", (3, 1))
    for favourite_id in (1, 2, 3):
        np.testing.assert_array_equal(theirs.thumbnail(favourite_id), mine.thumbnail(favourite_id))
        assert theirs.preview(favourite_id).shape == mine.preview(favourite_id).shape
        difference = theirs.preview(favourite_id).astype(int) - mine.preview(favourite_id)
        assert np.abs(difference).mean() < 8  # a JPEG of a JPEG
    assert import_library(theirs, path) == Imported(added=0, known=3, unreadable=0)
    assert told(theirs) == told(mine)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        with Image.open(io.BytesIO(archive.read("pictures/00001.png"))) as picture:
            assert picture.size == (64, 64)


def test_an_import_merges_and_overwrites_nothing(mine: Library, theirs: Library, tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    export_library(mine, path, [1, 3])
    first = mine.shelf().favourites[0]
    own = theirs.add(first.content_id, first.look, np.zeros((8, 8, 3), np.uint8))
    theirs.rename(own.favourite_id, "my own name")
    theirs.tag(["mine"], [], own.favourite_id)
    theirs.name_model(first.content_id, "mine.pkl")
    assert import_library(theirs, path) == Imported(added=1, known=1, unreadable=0)
    merged = theirs.shelf().favourites[0]
    assert (merged.name, merged.rating, merged.tags) == ("my own name", 3, ("blue", "mine", "sea"))
    assert theirs.thumbnail(own.favourite_id).max() == 0
    assert theirs.shelf().models[first.content_id] == "mine.pkl"


def test_an_export_replaces_nothing_and_empty_ones_are_refused(mine: Library, theirs: Library, tmp_path: Path) -> None:
    path = tmp_path / "favourites.zip"
    path.write_bytes(b"someone else's")
    with pytest.raises(ExportError, match="exists already"):
        export_library(mine, path)
    assert path.read_bytes() == b"someone else's"
    with pytest.raises(LibraryError, match="no favourites"):
        export_library(theirs, tmp_path / "empty.zip")
    assert list(tmp_path.glob("*empty*")) == []


def index_of(path: Path) -> dict[str, Any]:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(INDEX))


def rewritten(path: Path, target: Path, change: Any, **files: bytes) -> Path:
    """A copy whose index was changed, with other files in place of the same names."""
    index = index_of(path)
    change(index)
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name != INDEX:
                new.writestr(name, files.get(name.rsplit("/")[-1].replace(".", "_"), old.read(name)))
        new.writestr(INDEX, json.dumps(index))
    return target


def bomb() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (6000, 6000)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda first: first.update(look={"version": 99}),
        lambda first: first.update(look=[1, 2]),
        lambda first: first.update(model=7),
        lambda first: first.update(model="x" * 5000),
        lambda first: first.update(thumbnail="../../../../etc/passwd"),
        lambda first: first.update(thumbnail=None),
        lambda first: first.update(preview="missing.jpg"),
        lambda first: first.update(created="yesterday"),
        lambda first: first.update(rating="many"),
        lambda first: first.update(tags=7),
        lambda first: first.clear(),
    ],
)
def test_a_favourite_that_cannot_be_understood_is_left_out(
    mine: Library, theirs: Library, tmp_path: Path, change: Any
) -> None:
    export_library(mine, tmp_path / "whole.zip")
    path = rewritten(tmp_path / "whole.zip", tmp_path / "bad.zip", lambda index: change(index["favourites"][0]))
    assert import_library(theirs, path) == Imported(added=2, known=0, unreadable=1)
    assert told(theirs) == told(mine)[1:]
    assert [collection.members for collection in theirs.shelf().collections] == [(2,)]


def test_pictures_that_are_none_are_left_out(mine: Library, theirs: Library, tmp_path: Path) -> None:
    export_library(mine, tmp_path / "whole.zip")
    files = {"00001_png": bomb(), "00002_png": b"GIF89a", "00003_jpg": b"\xff\xd8\xff" + b"\0" * 50}
    path = rewritten(tmp_path / "whole.zip", tmp_path / "bad.zip", lambda index: None, **files)
    assert import_library(theirs, path) == Imported(added=0, known=0, unreadable=3)


@pytest.mark.parametrize(
    "change",
    [
        lambda index: index.update(collections=[{"name": "x", "members": [-1, 99, "a", None, 1.5]}, 7, {"name": []}]),
        lambda index: index.update(collections="all", models=[1]),
        lambda index: index.pop("collections"),
    ],
)
def test_strange_collections_do_no_harm(mine: Library, theirs: Library, tmp_path: Path, change: Any) -> None:
    export_library(mine, tmp_path / "whole.zip")
    path = rewritten(tmp_path / "whole.zip", tmp_path / "bad.zip", change)
    assert import_library(theirs, path).added == 3
    assert theirs.shelf().collections == ()


def no_zip(path: Path) -> None:
    path.write_bytes(b"no zip at all")


def no_index(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("picture.png", b"")


def newer(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(INDEX, json.dumps({"format": "stylegan-explorer library", "version": 2, "favourites": []}))


def deep(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(INDEX, "[" * 200_000)


def huge(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(INDEX, "w") as file:
        for _ in range(70):
            file.write(b" " * 2**20)


def lzma(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr(INDEX, "{}")


def flipped(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(INDEX, json.dumps({"format": "stylegan-explorer library", "version": 1}) * 50)
    content = bytearray(path.read_bytes())
    content[60:80] = bytes(255 - byte for byte in content[60:80])
    path.write_bytes(content)


@pytest.mark.parametrize("make", [no_zip, no_index, newer, deep, huge, lzma, flipped])
def test_other_files_are_a_sentence_and_change_nothing(theirs: Library, tmp_path: Path, make: Any) -> None:
    path = tmp_path / "strange.zip"
    make(path)
    with pytest.raises(LibraryError, match=r"strange\.zip"):
        import_library(theirs, path)
    assert theirs.shelf().favourites == ()
    with pytest.raises(LibraryError, match="does not exist"):
        import_library(theirs, tmp_path / "missing.zip")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_byte_is_a_sentence_or_does_no_harm(mine: Library, tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "whole.zip"
    if not path.exists():
        export_library(mine, path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "changed.zip").write_bytes(content)
    with closing(Library(tmp_path / "fuzzed")) as library:
        with contextlib.suppress(LibraryError):
            import_library(library, tmp_path / "changed.zip")
        for favourite in library.shelf().favourites:
            library.thumbnail(favourite.favourite_id)
