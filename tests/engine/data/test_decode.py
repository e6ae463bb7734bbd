"""Every kind of picture file, against pixel values that are worked out by hand."""

import os
import random
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.decode import PictureFormat, decode
from engine.data.picture_files import UnreadablePictureError, read_size
from engine.errors import ConfigError

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def save(tmp_path: Path, image: Image.Image, name: str = "picture.png", **options: object) -> Path:
    path = tmp_path / name
    image.save(path, **options)
    return path


def noise(mode: str, width: int = 16, height: int = 16) -> Image.Image:
    bands = len(Image.new(mode, (1, 1)).getbands())
    levels = np.random.RandomState(0).randint(0, 256, (height, width, bands)).astype(np.uint8)
    return Image.fromarray(levels[:, :, 0] if bands == 1 else levels)


def rgb_at(pixels: np.ndarray, x: int, y: int) -> tuple[int, ...]:
    return tuple(int(value) for value in pixels[:, y, x])


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".gif"])
def test_a_picture_of_the_right_size_keeps_every_pixel(tmp_path: Path, suffix: str) -> None:
    image = noise("RGB").quantize(16).convert("RGB")  # few colours, so that GIF can hold them exactly
    path = save(tmp_path, image, "picture" + suffix)
    assert np.array_equal(decode(path, PictureFormat(resolution=16)), np.asarray(image).transpose(2, 0, 1))
    assert read_size(path) == (16, 16)


def test_lossless_webp_keeps_every_pixel(tmp_path: Path) -> None:
    image = noise("RGB")
    path = save(tmp_path, image, "picture.webp", lossless=True)
    assert np.array_equal(decode(path, PictureFormat(resolution=16)), np.asarray(image).transpose(2, 0, 1))


def test_rgba_is_composited_by_the_formula(tmp_path: Path) -> None:
    image, background = noise("RGBA"), (10, 200, 90)
    pixels = decode(save(tmp_path, image), PictureFormat(resolution=16, background=background))
    levels = np.asarray(image).astype(np.float64)
    alpha = levels[:, :, 3:] / 255
    expected = alpha * levels[:, :, :3] + (1 - alpha) * np.array(background)
    assert np.abs(pixels.transpose(1, 2, 0) - expected).max() <= 1


def test_the_colour_hidden_under_transparency_never_bleeds(tmp_path: Path) -> None:
    """A white disc on transparent black is white all over once it lies on white, at every size."""
    levels = np.zeros((100, 100, 4), dtype=np.uint8)
    y, x = np.mgrid[:100, :100]
    levels[(x - 50) ** 2 + (y - 50) ** 2 < 1600] = 255
    path = save(tmp_path, Image.fromarray(levels))
    for resolution in (7, 33, 64, 128):
        assert decode(path, PictureFormat(resolution=resolution)).min() == 255


def test_four_channels_keep_alpha_without_fringes(tmp_path: Path) -> None:
    levels = np.zeros((64, 64, 4), dtype=np.uint8)
    levels[16:48, 16:48] = (255, 255, 255, 255)
    pixels = decode(save(tmp_path, Image.fromarray(levels)), PictureFormat(resolution=24, channels=4))
    visible = pixels[3] > 8
    assert visible.any()
    assert (pixels[3] == 0).any()
    assert pixels[:3, visible].min() >= 250


def test_la(tmp_path: Path) -> None:
    image = Image.new("LA", (8, 8), (0, 0))
    image.paste((100, 255), (0, 0, 4, 8))
    pixels = decode(save(tmp_path, image), PictureFormat(resolution=8, background=RED))
    assert rgb_at(pixels, 1, 4) == (100, 100, 100)
    assert rgb_at(pixels, 6, 4) == RED


@pytest.mark.parametrize("transparency", [1, b"\xff\x00\xff"], ids=["index", "bytes"])
def test_palette_transparency(tmp_path: Path, transparency: int | bytes) -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([*RED, *GREEN, *BLUE])
    image.paste(1, (4, 0, 8, 8))
    path = save(tmp_path, image, transparency=transparency)
    pixels = decode(path, PictureFormat(resolution=8, background=(1, 2, 3)))
    assert rgb_at(pixels, 1, 4) == RED
    assert rgb_at(pixels, 6, 4) == (1, 2, 3)


def test_palette_with_half_transparent_colour(tmp_path: Path) -> None:
    image = Image.new("P", (8, 8), 0)
    image.putpalette([*RED])
    pixels = decode(save(tmp_path, image, transparency=b"\x80"), PictureFormat(resolution=8))
    assert rgb_at(pixels, 4, 4) == (255, 127, 127)


@pytest.mark.parametrize(("mode", "key", "other"), [("L", 0, 200), ("RGB", RED, BLUE), ("1", 0, 255)])
def test_a_colour_that_png_declares_transparent(tmp_path: Path, mode: str, key: object, other: object) -> None:
    image = Image.new(mode, (8, 8), key)
    image.paste(other, (4, 0, 8, 8))
    pixels = decode(save(tmp_path, image, transparency=key), PictureFormat(resolution=8, background=GREEN))
    assert rgb_at(pixels, 1, 4) == GREEN
    assert rgb_at(pixels, 6, 4) == (other if isinstance(other, tuple) else (other,) * 3)


def test_one_bit(tmp_path: Path) -> None:
    image = Image.new("1", (8, 8), 0)
    image.paste(1, (4, 0, 8, 8))
    pixels = decode(save(tmp_path, image), PictureFormat(resolution=8))
    assert rgb_at(pixels, 1, 4) == (0, 0, 0)
    assert rgb_at(pixels, 6, 4) == WHITE


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bit_grey_is_scaled_and_not_clipped(tmp_path: Path, suffix: str) -> None:
    levels = (np.arange(256, dtype=np.uint16) * 257).reshape(16, 16)
    path = save(tmp_path, Image.fromarray(levels), "picture" + suffix)
    pixels = decode(path, PictureFormat(resolution=16, channels=1))
    assert np.array_equal(pixels[0].ravel(), np.arange(256))


def test_sixteen_bit_grey_with_a_transparent_level(tmp_path: Path) -> None:
    levels = np.full((8, 8), 40000, dtype=np.uint16)
    levels[:, 4:] = 5
    pixels = decode(save(tmp_path, Image.fromarray(levels), transparency=5), PictureFormat(resolution=8))
    assert rgb_at(pixels, 1, 4) == (156, 156, 156)  # 40000 / 257 = 155.6
    assert rgb_at(pixels, 6, 4) == WHITE


def test_float_tiff(tmp_path: Path) -> None:
    levels = np.full((8, 8), 0.5, dtype=np.float32)
    path = save(tmp_path, Image.fromarray(levels), "half.tif")
    assert rgb_at(decode(path, PictureFormat(resolution=8)), 4, 4) == (128, 128, 128)
    levels[0, 0] = np.nan
    with pytest.raises(UnreadablePictureError, match="from 0 to 1"):
        decode(save(tmp_path, Image.fromarray(levels), "nan.tif"), PictureFormat(resolution=8))


def test_thirty_two_bit_values_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, Image.fromarray(np.full((8, 8), 70000, dtype=np.int32)), "picture.tif")
    with pytest.raises(UnreadablePictureError, match="more than 16 bits"):
        decode(path, PictureFormat(resolution=8))


def test_cmyk_jpeg(tmp_path: Path) -> None:
    path = save(tmp_path, Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "picture.jpg", quality=95)
    with Image.open(path) as image:
        assert image.mode == "CMYK"
    red, green, blue = rgb_at(decode(path, PictureFormat(resolution=16)), 8, 8)
    assert red > 245
    assert max(green, blue) < 10


# Where the file's top left pixel belongs, for each value of the EXIF tag Orientation (TIFF 6.0, page 36).
CORNERS = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
# Where its top right pixel belongs.
RIGHT_CORNERS = {1: (1, 0), 2: (0, 0), 3: (0, 1), 4: (1, 1), 5: (0, 1), 6: (1, 1), 7: (1, 0), 8: (0, 0)}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_exif_rotation(tmp_path: Path, orientation: int, suffix: str) -> None:
    image = Image.new("RGB", (32, 32), BLUE)
    image.paste(RED, (0, 0, 16, 16))
    image.paste(GREEN, (16, 0, 32, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(save(tmp_path, image, "picture" + suffix, exif=exif), PictureFormat(resolution=32))
    places = {rgb_name(rgb_at(pixels, 5 + 21 * x, 5 + 21 * y)): (x, y) for x in (0, 1) for y in (0, 1)}
    assert places["red"] == CORNERS[orientation]
    assert places["green"] == RIGHT_CORNERS[orientation]


def rgb_name(colour: tuple[int, ...]) -> str:
    return ("red", "green", "blue")[int(np.argmax(colour))]


def test_the_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN, BLUE)]
    for suffix in (".gif", ".webp", ".png", ".tif"):
        path = save(tmp_path, frames[0], "moving" + suffix, save_all=True, append_images=frames[1:])
        assert rgb_name(rgb_at(decode(path, PictureFormat(resolution=16)), 8, 8)) == "red"


def test_the_first_picture_of_a_phone_s_jpeg_with_several(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (16, 16), colour) for colour in (GREEN, BLUE)]
    path = tmp_path / "phone.jpg"
    frames[0].save(path, format="MPO", save_all=True, append_images=frames[1:])
    assert rgb_name(rgb_at(decode(path, PictureFormat(resolution=16)), 8, 8)) == "green"


def test_one_pixel_fills_the_picture(tmp_path: Path) -> None:
    path = save(tmp_path, Image.new("RGB", (1, 1), (7, 77, 177)))
    pixels = decode(path, PictureFormat(resolution=32))
    assert (pixels == np.array([7, 77, 177]).reshape(3, 1, 1)).all()


def stripes(width: int, height: int) -> Image.Image:
    """Red, green and blue thirds along the longer side."""
    image = Image.new("RGB", (width, height), GREEN)
    image.paste(RED, (0, 0, width // 3, height) if width > height else (0, 0, width, height // 3))
    image.paste(BLUE, (-(-2 * width // 3), 0, width, height) if width > height else (0, 2 * height // 3, width, height))
    return image


def test_auto_crops_a_moderate_aspect_to_the_centre(tmp_path: Path) -> None:
    for size in ((30, 20), (20, 30)):
        pixels = decode(save(tmp_path, stripes(*size)), PictureFormat(resolution=20))
        assert not (pixels == 255).all(axis=0).any()
        assert rgb_at(pixels, 10, 10) == GREEN
        ends = {rgb_at(pixels, 0, 0), rgb_at(pixels, 19, 19)}
        assert ends == {RED, BLUE}
        assert (pixels[0] == 255).sum() == (pixels[2] == 255).sum() == 5 * 20


def test_auto_pads_an_extreme_aspect(tmp_path: Path) -> None:
    background = (9, 9, 9)
    pixels = decode(save(tmp_path, stripes(90, 30)), PictureFormat(resolution=30, background=background))
    assert rgb_at(pixels, 15, 0) == rgb_at(pixels, 15, 9) == rgb_at(pixels, 15, 20) == background
    assert [rgb_at(pixels, x, 15) for x in (2, 15, 27)] == [RED, GREEN, BLUE]
    pixels = decode(save(tmp_path, Image.new("RGB", (5000, 1), RED)), PictureFormat(resolution=16))
    assert (pixels == np.array(RED).reshape(3, 1, 1)).all(axis=0).sum() == 16


def test_auto_pads_what_is_transparent_but_not_an_opaque_alpha_channel(tmp_path: Path) -> None:
    opaque = stripes(30, 20).convert("RGBA")
    assert rgb_at(decode(save(tmp_path, opaque), PictureFormat(resolution=20)), 10, 0) == GREEN
    opaque.putpixel((0, 0), (0, 0, 0, 254))
    assert rgb_at(decode(save(tmp_path, opaque), PictureFormat(resolution=20)), 10, 0) == WHITE


def test_fit_can_be_chosen(tmp_path: Path) -> None:
    path = save(tmp_path, stripes(90, 30))
    cropped = decode(path, PictureFormat(resolution=30, fit="crop"))
    assert (cropped == np.array(GREEN).reshape(3, 1, 1)).all()
    path = save(tmp_path, stripes(30, 20))
    padded = decode(path, PictureFormat(resolution=30, fit="pad"))
    assert (padded == 255).all(axis=0).sum() == 10 * 30


def test_a_large_jpeg_is_averaged_and_not_sampled(tmp_path: Path) -> None:
    """A checkerboard of single pixels is grey from afar."""
    board = (np.indices((1024, 1024)).sum(axis=0) % 2 * 255).astype(np.uint8)
    path = save(tmp_path, Image.fromarray(board).convert("RGB"), "board.jpg", quality=95)
    pixels = decode(path, PictureFormat(resolution=32)).astype(int)
    assert np.abs(pixels - 127.5).max() < 4


def test_one_channel_on_a_coloured_background(tmp_path: Path) -> None:
    path = save(tmp_path, Image.new("RGBA", (8, 8), (0, 0, 0, 0)))
    pixels = decode(path, PictureFormat(resolution=8, channels=1, background=RED))
    assert pixels.shape == (1, 8, 8)
    assert (pixels == 76).all()  # 0.299 * 255, the luma of ITU-R BT.601


def unreadable_reason(path: Path) -> str:
    with pytest.raises(UnreadablePictureError) as caught:
        decode(path, PictureFormat(resolution=16))
    return str(caught.value)


def test_files_that_are_not_pictures(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("certainly not a picture")
    assert "not a picture" in unreadable_reason(tmp_path / "text.png")
    (tmp_path / "empty.png").touch()
    assert "empty" in unreadable_reason(tmp_path / "empty.png")
    assert "no such file" in unreadable_reason(tmp_path / "missing.png")
    (tmp_path / "folder.png").mkdir()
    assert "not a file" in unreadable_reason(tmp_path / "folder.png")
    (tmp_path / "drawing.png").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n")
    assert "not a picture" in unreadable_reason(tmp_path / "drawing.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
@pytest.mark.timeout(20)
def test_a_named_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert "not a file" in unreadable_reason(tmp_path / "pipe.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".gif", ".tif", ".bmp"])
def test_a_truncated_file(tmp_path: Path, suffix: str) -> None:
    path = save(tmp_path, noise("RGB", 64, 64), "picture" + suffix)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert unreadable_reason(path)


def test_a_decompression_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path, Image.new("L", (1200, 1000)))
    assert decode(path, PictureFormat(resolution=8)).max() == 0
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1_000_000)  # Pillow only warns up to twice as much
    with pytest.warns(Image.DecompressionBombWarning):
        assert "1200 x 1000 pixels" in unreadable_reason(path)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 500_000)
    assert "decompression bomb" in unreadable_reason(path)


@pytest.mark.filterwarnings("ignore")
def test_damaged_files_are_decoded_or_refused_and_nothing_else(tmp_path: Path) -> None:
    chance = random.Random(0)
    outcomes = {"decoded": 0, "refused": 0}
    for suffix in (".png", ".jpg", ".webp", ".gif", ".tif", ".bmp"):
        path = save(tmp_path, noise("RGB", 24, 20), "picture" + suffix)
        sound = path.read_bytes()
        for _ in range(60):
            damaged = bytearray(sound)
            for _ in range(chance.choice((1, 4, 16))):
                damaged[chance.randrange(min(len(damaged), chance.choice((64, 10**6))))] = chance.randrange(256)
            path.write_bytes(damaged)
            try:
                assert decode(path, PictureFormat(resolution=8)).shape == (3, 8, 8)
                outcomes["decoded"] += 1
            except UnreadablePictureError:
                outcomes["refused"] += 1
    assert min(outcomes.values()) > 20


@pytest.mark.parametrize(
    "options", [{"resolution": 0}, {"channels": 2}, {"background": (0, 0, 256)}, {"fit": "stretch"}]
)
def test_a_format_that_cannot_be(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        PictureFormat(**({"resolution": 16} | options))  # type: ignore[arg-type]
