"""Crops that find what is in the picture, and backgrounds that come from it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from engine.data.decode import PictureFormat, decode, decode_and_tell
from engine.data.fitting import border_colour, central_corner, detailed_corner

SKY = (120, 170, 210)


def with_object(size: tuple[int, int], centre: tuple[int, int], radius: int) -> Image.Image:
    """A chequered disc on a sky that grows brighter downwards."""
    width, height = size
    ramp = np.linspace(0, 40, height)[:, None, None] + np.array(SKY)[None, None, :]
    image = Image.fromarray(np.broadcast_to(ramp, (height, width, 3)).astype(np.uint8))
    y, x = np.mgrid[:height, :width]
    inside = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2
    levels = np.asarray(image).copy()
    levels[inside] = np.where(((x + y) // 4 % 2)[inside, None], (250, 220, 30), (90, 20, 20))
    return Image.fromarray(levels)


@pytest.mark.parametrize("centre", [60, 150, 300, 450, 540])
@pytest.mark.parametrize("upright", [False, True])
def test_the_object_is_inside_of_the_smart_square(centre: int, upright: bool) -> None:
    image = with_object((600, 200), (centre, 100), 50)
    if upright:
        image = image.transpose(Image.Transpose.ROTATE_270)  # the left end becomes the top
    corner = detailed_corner(image)
    start = corner[1] if upright else corner[0]
    assert corner[0 if upright else 1] == 0
    assert 0 <= start <= 400
    assert start <= centre - 50
    assert start + 200 >= centre + 50


def test_smart_crops_keep_what_central_ones_lose(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with_object((900, 300), (800, 150), 80).save(path)
    yellow = {}
    for fit in ("crop", "smart"):
        pixels = decode(path, PictureFormat(resolution=64, fit=fit)).astype(int)
        yellow[fit] = int(((pixels[0] > 150) & (pixels[2] < 120)).sum())
    assert yellow["crop"] == 0
    assert yellow["smart"] > 200


@pytest.mark.parametrize("size", [(300, 100), (100, 300), (100, 100), (101, 100), (4000, 10), (1, 7), (1, 1)])
def test_without_detail_the_smart_square_is_the_central_one(size: tuple[int, int]) -> None:
    corner = detailed_corner(Image.new("RGB", size, SKY))
    assert np.abs(np.subtract(corner, central_corner(size))).max() <= max(1, max(size) // 256)


@pytest.mark.parametrize("size", [(313, 100), (100, 257), (2000, 3), (2, 1)])
def test_the_smart_square_never_leaves_the_picture(size: tuple[int, int]) -> None:
    for seed in range(5):
        levels = np.random.RandomState(seed).randint(0, 256, (size[1], size[0], 3)).astype(np.uint8)
        levels[:, : size[0] // 2] = 0 if seed % 2 else levels[:, : size[0] // 2]
        left, top = detailed_corner(Image.fromarray(levels))
        assert 0 <= left <= size[0] - min(size)
        assert 0 <= top <= size[1] - min(size)


def test_what_transparency_hides_is_no_detail() -> None:
    levels = np.zeros((100, 300, 4), dtype=np.uint8)
    levels[:, :150, :3] = np.random.RandomState(0).randint(0, 256, (100, 150, 3))
    ImageDraw.Draw(image := Image.fromarray(levels)).rectangle((240, 30, 280, 70), fill=(200, 10, 10, 255))
    assert detailed_corner(image)[0] >= 180


def test_the_edge_of_an_opaque_picture_is_its_outermost_ring() -> None:
    levels = np.zeros((20, 30, 3), dtype=np.uint8)
    levels[1:-1, 1:-1] = 255
    levels[0] = (96, 0, 0)
    expected = round(96 * 30 / (2 * 30 + 2 * 18))
    assert border_colour(Image.fromarray(levels)) == (expected, 0, 0)


def test_the_edge_of_a_cut_out_is_where_it_can_be_seen() -> None:
    levels = np.zeros((40, 40, 4), dtype=np.uint8)
    levels[..., :3] = (1, 2, 3)  # hidden
    levels[10:30, 5:35] = (200, 100, 50, 255)
    levels[12:28, 7:33] = (0, 0, 0, 255)
    assert border_colour(Image.fromarray(levels)) == (200, 100, 50)
    levels[10, 5:35] = (0, 0, 0, 127)  # half as opaque, half as much
    weight = 30 * 127 / 255
    ring = np.zeros((20, 30), dtype=bool)
    ring[[0, -1]] = ring[:, [0, -1]] = True
    share = ring.sum() - 30
    expected = tuple(round(value * share / (share + weight)) for value in (200, 100, 50))
    assert border_colour(Image.fromarray(levels)) == expected


def test_an_invisible_picture_has_no_edge(tmp_path: Path) -> None:
    image = Image.new("RGBA", (8, 8), (9, 9, 9, 0))
    assert border_colour(image) is None
    image.save(tmp_path / "a.png")
    assert decode(tmp_path / "a.png", PictureFormat(resolution=8, background="edge")).min() == 255


def test_padding_and_transparency_get_the_edge(tmp_path: Path) -> None:
    Image.new("RGB", (30, 10), SKY).save(tmp_path / "a.png")
    padded = decode_and_tell(tmp_path / "a.png", PictureFormat(resolution=16, background="edge", fit="pad"))
    assert np.array_equal(padded.pixels, np.broadcast_to(np.array(SKY)[:, None, None], (3, 16, 16)))
    assert (padded.padded, padded.cropped, padded.composited, padded.enlarged) == (True, False, False, False)
    cut_out = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    cut_out.paste((*SKY, 255), (4, 4, 12, 12))
    cut_out.save(tmp_path / "b.png")
    composited = decode_and_tell(tmp_path / "b.png", PictureFormat(resolution=16, background="edge"))
    assert np.array_equal(composited.pixels, padded.pixels)
    assert (composited.padded, composited.cropped, composited.composited) == (False, False, True)


@pytest.mark.parametrize(
    ("size", "fit", "told"),
    [
        ((16, 16), "auto", (False, False, False)),
        ((20, 16), "auto", (True, False, False)),
        ((40, 16), "auto", (False, True, False)),
        ((15, 20), "crop", (True, False, True)),
        ((15, 20), "pad", (False, True, False)),
        ((8, 8), "smart", (False, False, True)),
    ],
)
def test_what_was_done_is_told(tmp_path: Path, size: tuple[int, int], fit: str, told: tuple[bool, bool, bool]) -> None:
    Image.new("RGB", size, SKY).save(tmp_path / "a.png")
    decoded = decode_and_tell(tmp_path / "a.png", PictureFormat(resolution=16, fit=fit))
    assert (decoded.cropped, decoded.padded, decoded.enlarged) == told
