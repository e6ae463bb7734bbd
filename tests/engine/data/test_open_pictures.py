"""Folders as people have them: nested, damaged, linked, unreadable, empty, or not folders at all."""

import os
import threading
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.decode import PictureFormat, decode
from engine.data.open_pictures import open_pictures
from engine.data.picture_files import PictureFile
from engine.data.picture_set import Loading, PictureSet, automatic_resolution
from engine.errors import ConfigError, DataError


def paint(path: Path, grey: int, size: tuple[int, int] = (16, 16)) -> None:
    """A picture that can be told from the others by its grey level."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", size, grey).save(path)


def greys(folder: PictureSet) -> list[int]:
    return [int(grey) for grey in folder.pixels(np.arange(len(folder)))[:, 0, 0, 0]]


def truncate(path: Path) -> None:
    """Leaves a header that can be read, and half of the pixels."""
    levels = np.random.RandomState(0).randint(0, 256, (64, 64, 3)).astype(np.uint8)
    Image.fromarray(levels).save(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Four pictures among everything else that lies about in real folders."""
    paint(tmp_path / "b.png", 2)
    paint(tmp_path / "a" / "deep" / "picture.JPG", 1)
    paint(tmp_path / "c.GIF", 3)
    paint(tmp_path / "été ☀ 日本.bmp", 4)
    paint(tmp_path / ".thumbnails" / "b.png", 99)
    paint(tmp_path / ".hidden.png", 99)
    (tmp_path / "notes.txt").write_text("not looked at")
    (tmp_path / "text.png").write_text("not a picture")
    (tmp_path / "empty.webp").touch()
    (tmp_path / "named like a picture.png").mkdir()
    truncate(tmp_path / "truncated.png")
    return tmp_path


def test_pictures_are_found_at_any_depth_in_the_order_of_their_names(mixed: Path) -> None:
    folder = open_pictures(mixed, 16)
    assert folder.names == ("a/deep/picture.JPG", "b.png", "c.GIF", "été ☀ 日本.bmp")
    assert greys(folder) == [1, 2, 3, 4]
    pixels = folder.pixels(np.array([3, 0, 3]))
    assert pixels.shape == (3, 3, 16, 16)
    assert pixels.dtype == np.uint8
    assert pixels[:, 0, 0, 0].tolist() == [4, 1, 4]


def test_each_unreadable_file_is_one_warning_that_names_it(
    mixed: Path, capfd: pytest.CaptureFixture[str], recwarn: pytest.WarningsRecorder
) -> None:
    told: list[str] = []
    folder = open_pictures(mixed, 16, loading=Loading(on_warning=told.append))
    assert folder.warnings == told
    assert sorted(sentence.removeprefix(str(mixed) + os.sep).split(" was ")[0] for sentence in told) == [
        "empty.webp",
        "text.png",
        "truncated.png",
    ]
    assert capfd.readouterr() == ("", "")
    assert not recwarn.list


def test_the_order_does_not_depend_on_the_unicode_form_of_names(tmp_path: Path) -> None:
    for form in ("NFC", "NFD"):
        for grey, name in enumerate(("e.png", "f.png", "é.png", "é/a.png", "ü.png")):
            paint(tmp_path / form / unicodedata.normalize(form, name), grey)
    assert greys(open_pictures(tmp_path / "NFC", 8)) == greys(open_pictures(tmp_path / "NFD", 8))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_links(tmp_path: Path) -> None:
    paint(tmp_path / "elsewhere" / "one.png", 1)
    paint(tmp_path / "single.png", 2)
    root = tmp_path / "root"
    root.mkdir()
    (root / "again").symlink_to(tmp_path / "elsewhere")
    (root / "folder").symlink_to(tmp_path / "elsewhere")
    (root / "loop").symlink_to(root)
    (root / "file.png").symlink_to(tmp_path / "single.png")
    (root / "broken.png").symlink_to(tmp_path / "nothing")
    folder = open_pictures(root, 16)
    assert folder.names == ("again/one.png", "file.png")
    assert len(folder.warnings) == 1
    assert "broken.png was left out: there is no such file, or it is a link to nothing." in folder.warnings[0]


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="names there are always Unicode")
def test_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    paint(tmp_path / "good.png", 1)
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.png")).touch()
    folder = open_pictures(tmp_path, 16)
    assert folder.names == ("good.png",)
    folder.warnings[0].encode("utf-8")


@pytest.mark.parametrize(
    ("shorter_sides", "expected"),
    [([64, 64, 63], 64), ([64, 63], 32), ([120] * 9, 64), ([3], 8), ([9000], 1024), ([256, 300, 512, 10], 256)],
)
def test_the_automatic_resolution_is_reached_by_more_than_half(shorter_sides: list[int], expected: int) -> None:
    assert automatic_resolution([(side, side + 100) for side in shorter_sides]) == expected


def test_the_automatic_resolution_ignores_what_cannot_be_read(tmp_path: Path) -> None:
    for index in range(3):
        paint(tmp_path / f"{index}.png", index, (40, 90))
        (tmp_path / f"bad{index}.png").write_text("no")
        (tmp_path / f"bad{index}.jpg").write_text("no")
    assert open_pictures(tmp_path).resolution == 32


def test_progress_is_told_by_the_calling_thread_up_to_the_end(mixed: Path) -> None:
    told: list[tuple[int, int, int]] = []
    open_pictures(
        mixed,
        16,
        loading=Loading(on_progress=lambda done, total: told.append((done, total, threading.get_ident()))),
    )
    assert told == [(done, 5, threading.get_ident()) for done in range(1, 6)]


def test_decoding_on_demand_gives_the_same_pictures(tmp_path: Path) -> None:
    random = np.random.RandomState(1)
    for index in range(20):
        Image.fromarray(random.randint(0, 256, (20, 24, 3)).astype(np.uint8)).save(tmp_path / f"{index}.png")
    in_memory = open_pictures(tmp_path, 16)
    for limit in (0, 5 * 3 * 16 * 16, 20 * 3 * 16 * 16 - 1):
        on_demand = open_pictures(tmp_path, 16, loading=Loading(memory_limit_bytes=limit))
        assert (in_memory.in_memory, on_demand.in_memory) == (True, False)
        assert on_demand.names == in_memory.names
        for _ in range(5):
            indices = random.randint(0, 20, 13)
            assert np.array_equal(on_demand.pixels(indices), in_memory.pixels(indices))


def test_decoding_on_demand_keeps_no_more_than_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(10):
        paint(tmp_path / f"{index}.png", index)
    folder = open_pictures(tmp_path, 16, loading=Loading(memory_limit_bytes=4 * 3 * 16 * 16))
    folder.pixels(np.arange(10))
    decoded: list[str] = []

    def counting(file: PictureFile, target: PictureFormat) -> np.ndarray:
        decoded.append(file.name)
        return decode(file, target)

    monkeypatch.setattr("engine.data.pixel_store.decode", counting)
    folder.pixels(np.arange(10))
    assert sorted(decoded) == [f"{index}.png" for index in range(4, 10)]


def test_on_demand_the_next_readable_picture_stands_in(tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 1)
    truncate(tmp_path / "b.png")
    truncate(tmp_path / "c.png")
    paint(tmp_path / "d.png", 4)
    truncate(tmp_path / "e.png")
    folder = open_pictures(tmp_path, 16, loading=Loading(memory_limit_bytes=0))
    assert folder.warnings == []
    for _ in range(2):
        assert greys(folder) == [1, 4, 4, 4, 1]
    assert [sentence.split(" was ")[0] for sentence in folder.warnings] == [
        str(tmp_path / name) for name in ("b.png", "c.png", "e.png")
    ]
    for file in tmp_path.iterdir():
        file.unlink()
    with pytest.raises(DataError, match="can be read any more"):
        folder.pixels(np.array([0]))


def test_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"There is no folder .*missing\."):
        open_pictures(tmp_path / "missing")


def test_a_file_in_place_of_a_folder(tmp_path: Path) -> None:
    paint(tmp_path / "a.png", 1)
    with pytest.raises(DataError, match=r"a\.png is neither a folder of pictures nor an archive"):
        open_pictures(tmp_path / "a.png")
    with pytest.raises(DataError, match=r"There is no folder|cannot be read: Not a directory"):
        open_pictures(tmp_path / "a.png" / "pictures")


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(DataError, match=r"holds no picture that can be read\. Name a folder"):
        open_pictures(tmp_path)


@pytest.mark.parametrize("resolution", [None, 16])
def test_a_folder_with_unreadable_pictures_alone(tmp_path: Path, resolution: int | None) -> None:
    (tmp_path / "text.png").write_text("x")
    with pytest.raises(DataError, match=r"1 could not be read; .*text\.png was left out"):
        open_pictures(tmp_path, resolution)
    (tmp_path / "text.png").unlink()
    truncate(tmp_path / "half.png")
    with pytest.raises(DataError, match=r"1 could not be read; .*half\.png was left out"):
        open_pictures(tmp_path, resolution)


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paint(tmp_path / "a.png", 1)
    paint(tmp_path / "locked" / "b.png", 2)
    listed = os.scandir

    # Permissions would not stop an administrator, whom the tests may run as.
    def scandir(path: str | Path) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(DataError, match=r"locked cannot be read: Permission denied\."):
        open_pictures(tmp_path / "locked")
    folder = open_pictures(tmp_path, 16)
    assert folder.names == ("a.png",)
    assert folder.warnings == [f"The folder {tmp_path / 'locked'} was left out: Permission denied."]


def test_an_impossible_format_is_told_before_the_folder_is_read(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="1, 3 or 4 channels"):
        open_pictures(tmp_path, channels=2)
    with pytest.raises(ConfigError, match="at least 1, not 0"):
        open_pictures(tmp_path, resolution=0)


def test_pillow_s_remarks_on_bombs_are_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder
) -> None:
    paint(tmp_path / "a.png", 1)
    paint(tmp_path / "bomb.png", 1, (150, 100))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    folder = open_pictures(tmp_path, 16)
    assert folder.names == ("a.png",)
    assert "150 x 100 pixels" in folder.warnings[0]
    assert not recwarn.list
