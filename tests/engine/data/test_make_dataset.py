"""The field's zip layout, byte for byte, from every kind of source."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.decode import PictureFormat
from engine.data.make_dataset import DatasetOptions, DatasetTools, Summary, make_dataset
from engine.data.open_pictures import open_pictures
from engine.data.picture_set import Loading
from engine.errors import ConfigError, DataError

LEVELS = np.random.RandomState(5).randint(0, 256, (12, 16, 16, 3)).astype(np.uint8)
FIXTURE = Path(__file__).parents[2] / "fixtures" / "pictures-r04.tfrecords"
TO_16 = DatasetOptions(format=PictureFormat(resolution=16))


def save(path: Path, levels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(levels).save(path)


def folder_of(tmp_path: Path, count: int = 12) -> Path:
    for index in range(count):
        save(tmp_path / "src" / f"{index:02d}.png", LEVELS[index])
    return tmp_path / "src"


def make(source: Path, target: Path, options: DatasetOptions = TO_16, **tools: object) -> Summary:
    return make_dataset(source, target, options, DatasetTools(**tools))  # type: ignore[arg-type]


def read_as_the_field_does(path: Path) -> tuple[np.ndarray, np.ndarray | None]:
    """What the issue's facts say of the layout, read with zipfile and Pillow alone: [N, C, H, W] and labels [N, c]."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.lower().endswith(".png"))
        pictures = [np.asarray(Image.open(io.BytesIO(archive.read(name)))) for name in names]
        entries = json.loads(archive.read("dataset.json"))["labels"]
    assert all(picture.shape == pictures[0].shape and picture.shape[0] == picture.shape[1] for picture in pictures)
    pixels = np.stack(pictures).transpose(0, 3, 1, 2)
    if entries is None:
        return pixels, None
    of = dict(entries)
    labels = np.array([of[name] for name in names])
    return pixels, np.eye(labels.max() + 1)[labels] if labels.ndim == 1 else labels


def test_the_layout(tmp_path: Path) -> None:
    summary = make(folder_of(tmp_path), tmp_path / "a.zip")
    assert (summary.found, summary.written, summary.cropped, summary.padded) == (12, 12, 0, 0)
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        members = archive.infolist()
        assert archive.testzip() is None
        assert archive.read("dataset.json") == b'{"labels": null}'
        first = archive.read("00000/img00000000.png")
    assert [member.filename for member in members] == [
        *(f"00000/img{index:08d}.png" for index in range(12)),
        "dataset.json",
    ]
    assert {member.compress_type for member in members} == {zipfile.ZIP_STORED}
    assert len(first) > 16 * 16 * 3  # an uncompressed PNG
    pixels, labels = read_as_the_field_does(tmp_path / "a.zip")
    assert np.array_equal(pixels, LEVELS.transpose(0, 3, 1, 2))
    assert labels is None


def test_a_thousand_to_a_folder(tmp_path: Path) -> None:
    """1001 pictures of 4 x 4 pixels that no two look alike in."""
    random = np.random.RandomState(0)
    for index in range(1001):
        save(tmp_path / "src" / f"{index:04d}.bmp", random.randint(0, 256, (4, 4, 3)).astype(np.uint8))
    summary = make(tmp_path / "src", tmp_path / "a.zip", DatasetOptions(format=PictureFormat(resolution=4)))
    assert summary.written == 1001
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.namelist()[-3:] == ["00000/img00000999.png", "00001/img00001000.png", "dataset.json"]


def test_folder_to_zip_to_pictures_to_zip_keeps_every_pixel(tmp_path: Path) -> None:
    source = folder_of(tmp_path)
    make(source, tmp_path / "a.zip")
    make(tmp_path / "a.zip", tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    folder, archive = open_pictures(source), open_pictures(tmp_path / "a.zip")
    assert archive.resolution == folder.resolution == 16
    assert np.array_equal(archive.pixels(np.arange(12)), folder.pixels(np.arange(12)))


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    source = folder_of(tmp_path)
    make(source, tmp_path / "a.zip")
    for file in source.iterdir():
        file.touch()
    make(source, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_tfrecords(tmp_path: Path) -> None:
    make(FIXTURE, tmp_path / "a.zip")
    expected = np.random.RandomState(7).randint(0, 256, (5, 3, 16, 16))
    assert np.array_equal(read_as_the_field_does(tmp_path / "a.zip")[0], expected)


def test_classes_from_folders(tmp_path: Path) -> None:
    for index, name in enumerate(("dog/a.png", "cat/a.png", "cat/b.png", "emu/a.png")):
        save(tmp_path / "src" / name, LEVELS[index])
    options = DatasetOptions(format=PictureFormat(resolution=16), labels="folders")
    summary = make(tmp_path / "src", tmp_path / "a.zip", options)
    assert summary.class_names == ("cat", "dog", "emu")
    _, labels = read_as_the_field_does(tmp_path / "a.zip")
    assert labels is not None
    assert labels.argmax(axis=1).tolist() == [0, 0, 1, 2]
    pictures = open_pictures(tmp_path / "a.zip", loading=Loading(labels="file"))
    assert pictures.class_names == ("cat", "dog", "emu")
    assert pictures.labels is not None
    assert np.array_equal(pictures.labels, labels)
    make(tmp_path / "a.zip", tmp_path / "b.zip")  # labels that are stored come along
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_vectors_from_the_file_or_no_labels(tmp_path: Path) -> None:
    source = folder_of(tmp_path, 3)
    entries = [["00.png", [0.25, 1]], ["01.png", [0, -1]], ["02.png", [3, 4]]]
    (source / "dataset.json").write_text(json.dumps({"labels": entries}))
    make(source, tmp_path / "a.zip")
    _, labels = read_as_the_field_does(tmp_path / "a.zip")
    assert labels is not None
    assert labels.tolist() == [label for _, label in entries]
    make(source, tmp_path / "b.zip", DatasetOptions(format=PictureFormat(resolution=16), labels="none"))
    assert read_as_the_field_does(tmp_path / "b.zip")[1] is None


def test_duplicates_go_and_labels_stay_with_their_pictures(tmp_path: Path) -> None:
    source = folder_of(tmp_path, 4)
    save(source / "01 copy.bmp", LEVELS[1])
    save(source / "03 copy.jpg", LEVELS[3])
    Image.fromarray(LEVELS[3]).save(source / "03 copy.jpg", quality=98, subsampling=0)
    names = sorted(file.name for file in source.iterdir())
    entries = [[name, index] for index, name in enumerate(names)]
    (source / "dataset.json").write_text(json.dumps({"labels": entries}))
    told: list[str] = []
    summary = make(source, tmp_path / "a.zip", on_duplicate=told.append)
    assert told == ["01.png is the same picture as 01 copy.bmp", "03.png is nearly the same picture as 03 copy.jpg"]
    assert (summary.exact_duplicates, summary.near_duplicates, summary.dropped_duplicates) == (1, 1, 2)
    pixels, labels = read_as_the_field_does(tmp_path / "a.zip")
    assert np.array_equal(pixels[:3], LEVELS[:3].transpose(0, 3, 1, 2))
    assert labels is not None
    assert [names[number] for number in labels.argmax(axis=1)] == ["00.png", "01 copy.bmp", "02.png", "03 copy.jpg"]
    keeping = DatasetOptions(format=PictureFormat(resolution=16), keep_duplicates=True)
    summary = make(source, tmp_path / "b.zip", keeping, on_duplicate=told.append)
    assert (summary.written, summary.dropped_duplicates, len(told)) == (6, 0, 4)


def test_each_problem_is_named_once_and_everything_is_counted(tmp_path: Path) -> None:
    source = folder_of(tmp_path, 2)
    (source / "text.png").write_text("no")
    (source / "empty.jpg").touch()
    whole = (source / "00.png").read_bytes()
    (source / "half.png").write_bytes(whole[: len(whole) // 2])
    Image.fromarray(LEVELS[4]).resize((40, 16)).save(source / "long.png")
    Image.fromarray(LEVELS[5]).resize((30, 20)).save(source / "wide.png")
    Image.fromarray(LEVELS[6]).convert("RGBA").resize((8, 8)).save(source / "opaque alpha.png")
    cut_out = np.dstack([LEVELS[7], np.repeat([[0, 255]], 128, axis=0).reshape(16, 16)]).astype(np.uint8)
    save(source / "cut out.png", cut_out)
    told: list[str] = []
    progress: list[tuple[int, int]] = []
    summary = make(
        source, tmp_path / "a.zip", on_problem=told.append, on_progress=lambda *counts: progress.append(counts)
    )
    assert sorted(sentence.split(" was ")[0] for sentence in told) == [
        str(source / name) for name in ("empty.jpg", "half.png", "text.png")
    ]
    assert progress == [(done, 9) for done in range(1, 10)]
    assert (summary.found, summary.unreadable, summary.written) == (9, 3, 6)
    assert (summary.cropped, summary.padded, summary.composited, summary.enlarged) == (1, 1, 1, 1)


def brightness(pixels: np.ndarray) -> np.ndarray:
    return pixels.reshape(len(pixels), -1).mean(axis=1, keepdims=True).astype(np.float32)


def test_curating_keeps_the_most_typical(tmp_path: Path) -> None:
    source = folder_of(tmp_path)
    save(source / "05 white.png", np.full((16, 16, 3), 255, dtype=np.uint8))
    save(source / "07 black.png", np.zeros((16, 16, 3), dtype=np.uint8))
    save(source / "08 copy.png", LEVELS[8])
    options = DatasetOptions(format=PictureFormat(resolution=16), keep_percent=12 / 14 * 100)
    summary = make(source, tmp_path / "a.zip", options, features=brightness)
    assert (summary.written, summary.outliers, summary.exact_duplicates) == (12, 2, 1)
    pixels, _ = read_as_the_field_does(tmp_path / "a.zip")
    assert np.array_equal(pixels, LEVELS.transpose(0, 3, 1, 2))


def test_nothing_to_write(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    with pytest.raises(DataError, match="holds no picture that can be read"):
        make(tmp_path / "src", tmp_path / "a.zip")
    (tmp_path / "src" / "a.png").write_text("no")
    with pytest.raises(DataError, match=r"1 could not be read; .*a\.png was left out"):
        make(tmp_path / "src", tmp_path / "b.zip")


@pytest.mark.parametrize("resolution", [0, 2, 15, 100, 8192])
def test_resolutions_that_trainers_refuse(resolution: int) -> None:
    with pytest.raises(ConfigError, match=r"a power of two from 4 to 4096|at least 1"):
        DatasetOptions(format=PictureFormat(resolution=resolution))
    with pytest.raises(ConfigError, match="Between 0 and 100 per cent"):
        DatasetOptions(format=PictureFormat(resolution=8), keep_percent=101)
