"""The script that draws the bundled model's training pictures; needs the extra "critters"."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from PIL import Image

pytest.importorskip("dicebear")
pytest.importorskip("dicebear_styles")
pytest.importorskip("pyvips")

from engine.data.open_pictures import open_pictures
from engine.data.picture_set import Loading
from models import make_critters


def draw(outdir: Path, *options: str) -> Result:
    return CliRunner().invoke(make_critters.main, ["--outdir", str(outdir), *options])


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: Image.open(file).tobytes() for file in folder.glob("*.png")}


def test_a_larger_count_extends_a_smaller_one(tmp_path: Path) -> None:
    result = draw(tmp_path / "few", "--count", "4")
    assert result.exit_code == 0
    assert "CC0 1.0" in result.output
    draw(tmp_path / "more", "--count", "7")
    draw(tmp_path / "others", "--count", "7", "--seed", "1")
    few, more, others = (contents(tmp_path / name) for name in ("few", "more", "others"))
    assert sorted(more) == [f"img{index:06d}.png" for index in range(7)]
    assert few.items() <= more.items()
    assert len(set(more.values()) | set(others.values())) == 14


def test_pictures_are_opaque_square_and_full_of_colour(tmp_path: Path) -> None:
    draw(tmp_path, "--count", "8", "--resolution", "32")
    for file in tmp_path.glob("*.png"):
        with Image.open(file) as image:
            assert (image.mode, image.size) == ("RGB", (32, 32))
            # The background is full-bleed: both upper corners are one colour of the style.
            corners = {image.getpixel((0, 0)), image.getpixel((31, 0))}
            assert len(corners) == 1
            assert f"#{bytes(corners.pop()).hex()}" in BACKGROUNDS


BACKGROUNDS = make_critters.load_style_definition()["colors"]["background"]["values"]


def test_the_bodies_are_the_classes(tmp_path: Path) -> None:
    draw(tmp_path, "--count", "12", "--resolution", "16")
    pictures = open_pictures(tmp_path, 16, loading=Loading(labels="file"))
    assert pictures.labels is not None
    assert pictures.class_names is not None
    assert len(pictures.class_names) <= 14
    definition = make_critters.load_style_definition()
    drawn = [drawing.body for drawing in make_critters.drawings(definition, 0, 12)]
    assert [pictures.class_names[index] for index in pictures.labels.argmax(axis=1)] == drawn
    assert len(set(drawn)) > 1


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "img000000.png").write_text("mine")
    result = draw(tmp_path, "--count", "1")
    assert result.exit_code == 1
    assert "is not empty" in result.output
    assert (tmp_path / "img000000.png").read_text() == "mine"


def test_another_licence_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    definition = make_critters.load_style_definition()
    definition["meta"]["license"]["url"] = "https://creativecommons.org/licenses/by/4.0/"
    (tmp_path / "critters.json").write_text(json.dumps(definition))
    monkeypatch.setattr(make_critters, "files", lambda package: tmp_path)
    with pytest.raises(click.ClickException, match=r"licensed under .*/by/4\.0/"):
        make_critters.load_style_definition()
