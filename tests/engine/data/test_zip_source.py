"""Pictures straight from zip archives: honest ones, and those that were made to do harm."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import zip_source
from engine.data.batches import Batches
from engine.data.open_pictures import open_pictures
from engine.data.picture_set import Loading
from engine.errors import DataError

LEVELS = np.random.RandomState(3).randint(0, 256, (6, 16, 16, 3)).astype(np.uint8)
PIXELS = LEVELS.transpose(0, 3, 1, 2)


def png(levels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, "PNG")
    return buffer.getvalue()


def write(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def numbered(count: int = 6) -> dict[str, bytes]:
    return {f"00000/img{index:08d}.png": png(LEVELS[index]) for index in range(count)}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("memory_limit_bytes", [0, 2**30])
def test_every_pixel(tmp_path: Path, compression: int, memory_limit_bytes: int) -> None:
    path = write(tmp_path / "a.zip", numbered() | {"dataset.json": b'{"labels": null}'}, compression)
    pictures = open_pictures(path, loading=Loading(memory_limit_bytes=memory_limit_bytes))
    assert pictures.resolution == 16
    assert pictures.warnings == []
    assert pictures.names == tuple(numbered())
    assert np.array_equal(pictures.pixels(np.arange(6)), PIXELS)


def test_an_archive_is_what_its_folder_is(tmp_path: Path) -> None:
    """Other kinds of files in it, hidden ones, and what macOS adds."""
    members = {
        "b.png": png(LEVELS[0]),
        "a/é.PNG": png(LEVELS[1]),
        "a/b.png": png(LEVELS[2]),
        "a-b/c.png": png(LEVELS[3]),
        ".hidden/a.png": b"",
        ".a.png": b"",
        "read me.txt": b"hello",
        "text.png": b"not a picture",
    }
    for name, content in members.items():
        (tmp_path / "folder" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "folder" / name).write_bytes(content)
    folder = open_pictures(tmp_path / "folder", 16)
    archive = open_pictures(write(tmp_path / "a.zip", members | {"__MACOSX/a/._b.png": b"resource"}), 16)
    assert archive.names == folder.names == ("a-b/c.png", "a/b.png", "a/é.PNG", "b.png")
    assert np.array_equal(archive.pixels(np.arange(4)), folder.pixels(np.arange(4)))
    assert archive.warnings[0].startswith(f"text.png in {tmp_path / 'a.zip'} was left out: it is not a picture")


def test_batches_from_an_archive_with_labels(tmp_path: Path) -> None:
    labels = [[name, index % 3] for index, name in enumerate(numbered())]
    path = write(tmp_path / "a.zip", numbered() | {"dataset.json": json.dumps({"labels": labels}).encode()})
    pictures = open_pictures(path, loading=Loading(labels="file", memory_limit_bytes=0))
    batches = Batches(pictures, 4, seed=1, mirror=False)
    for cur_nimg in range(0, 24, 4):
        pixels, classes = batches.at(cur_nimg).numpy(), batches.labels_at(cur_nimg).argmax(dim=1)
        for picture, number in zip(pixels, classes, strict=True):
            index = int(np.flatnonzero((picture == PIXELS).all(axis=(1, 2, 3)))[0])
            assert index % 3 == number


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../outside.png", "its name leads out of the archive"),
        ("a/../../outside.png", "its name leads out of the archive"),
        ("/etc/outside.png", "its name leads out of the archive"),
        ("..\\outside.png", "its name leads out of the archive"),
        ("C:\\outside.png", "its name leads out of the archive"),
    ],
)
def test_names_that_lead_elsewhere(tmp_path: Path, name: str, reason: str) -> None:
    path = write(tmp_path / "a.zip", numbered(1) | {name: png(LEVELS[1])})
    pictures = open_pictures(path)
    assert len(pictures) == 1
    assert pictures.warnings == [f"{name.replace(chr(92), '/')} in {path} was left out: {reason}."]


def test_backslashes_of_old_programs_are_folders(tmp_path: Path) -> None:
    assert open_pictures(write(tmp_path / "a.zip", {"cats\\one.png": png(LEVELS[0])})).names == ("cats/one.png",)


def test_a_link_an_encrypted_member_and_an_unknown_compression(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("good.png", png(LEVELS[0]))
        link = zipfile.ZipInfo("link.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("lzma.png", png(LEVELS[0]), zipfile.ZIP_LZMA)
        archive.writestr("locked.png", png(LEVELS[0]))
    content = bytearray(path.read_bytes())
    entry = content.rindex(b"locked.png") - 46  # of the central directory
    content[entry + 8] |= 1
    path.write_bytes(content)
    pictures = open_pictures(path)
    assert pictures.names == ("good.png",)
    reasons = [sentence.split(" was left out: ")[1] for sentence in pictures.warnings]
    assert reasons == ["it is a link.", "it is neither stored nor deflated.", "it is encrypted."]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_with_one_name_the_first_counts(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.png", png(LEVELS[0]))
        archive.writestr("a.png", png(LEVELS[1]))
    pictures = open_pictures(path)
    assert np.array_equal(pictures.pixels(np.array([0])), PIXELS[:1])
    assert pictures.warnings == [f"a.png in {path} was left out: another picture has the same name."]


def test_bombs_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Megabytes of zeros in a few kilobytes, and a picture whose header claims 40,000 x 40,000 pixels."""
    huge = bytearray(png(LEVELS[0]))
    huge[16:24] = struct.pack(">II", 40_000, 40_000)
    huge[29:33] = struct.pack(">I", zlib.crc32(huge[12:29]))
    path = write(
        tmp_path / "a.zip", numbered(2) | {"huge.png": bytes(huge), "zeros.png": bytes(2**23)}, zipfile.ZIP_DEFLATED
    )
    monkeypatch.setattr(zip_source, "LARGEST_PICTURE_BYTES", 2**20)
    pictures = open_pictures(path)
    assert len(pictures) == 2
    told = " ".join(pictures.warnings)
    assert f"zeros.png in {path} was left out: it claims to have 8388608 bytes, more than the limit" in told
    assert f"huge.png in {path} was left out: Image size (1600000000 pixels) exceeds limit" in told


def test_a_member_that_is_larger_than_it_claims(tmp_path: Path) -> None:
    content = png(LEVELS[0])
    path = write(tmp_path / "a.zip", {"a.png": content + bytes(10_000), "b.png": content}, zipfile.ZIP_DEFLATED)
    raw = bytearray(path.read_bytes())
    entry = raw.rindex(b"a.png") - 46
    raw[entry + 24 : entry + 28] = struct.pack("<I", 20)
    path.write_bytes(raw)
    pictures = open_pictures(path)
    assert pictures.names == ("b.png",)
    assert len(pictures.warnings) == 1


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_changed_byte_is_noticed(tmp_path: Path, compression: int) -> None:
    path = write(tmp_path / "a.zip", numbered(3), compression)
    with zipfile.ZipFile(path) as archive:
        second = archive.infolist()[1]
    content = bytearray(path.read_bytes())
    content[second.header_offset + 30 + len(second.filename) + second.compress_size // 2] ^= 0x55
    path.write_bytes(content)
    pictures = open_pictures(path)
    assert len(pictures) == 2
    assert f"{second.filename} in {path} was left out" in pictures.warnings[0]


@pytest.mark.parametrize("kept", [0, 4, 100, 0.5, 0.98])
def test_a_truncated_archive(tmp_path: Path, kept: float) -> None:
    path = write(tmp_path / "a.zip", numbered())
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content)) if kept < 1 else int(kept)])
    with pytest.raises(DataError, match="is no whole zip archive"):
        open_pictures(path)


def test_noise_for_a_directory_is_refused(tmp_path: Path) -> None:
    """Each byte of the directory in turn is replaced; pictures or a DataError come of it, nothing else."""
    path = write(tmp_path / "a.zip", numbered(2))
    content = path.read_bytes()
    start = content.index(b"PK\x01\x02")
    outcomes = set()
    for position in range(start, len(content)):
        damaged = bytearray(content)
        damaged[position] ^= 0xA5
        path.write_bytes(damaged)
        try:
            outcomes.add(len(open_pictures(path)))
        except DataError:
            outcomes.add(0)
    assert outcomes == {0, 1, 2}


def test_an_archive_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"The archive .*a\.zip holds no picture that can be read\."):
        open_pictures(write(tmp_path / "a.zip", {"a.txt": b"x"}))


def test_what_is_neither_a_folder_nor_an_archive(tmp_path: Path) -> None:
    (tmp_path / "a.rar").write_bytes(b"Rar!")
    with pytest.raises(DataError, match="neither a folder of pictures nor an archive"):
        open_pictures(tmp_path / "a.rar")
    with pytest.raises(DataError, match="There is no folder"):
        open_pictures(tmp_path / "missing.zip")


def test_labels_that_are_too_many_to_be_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_source, "LARGEST_JSON_BYTES", 1000)
    path = write(tmp_path / "a.zip", numbered() | {"dataset.json": b" " * 2000}, zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=r"dataset\.json in .* cannot be read: it claims to have 2000 bytes"):
        open_pictures(path, loading=Loading(labels="file"))
