"""Pictures that were there before: rescaled or compressed again they are found, mirrored or recoloured ones are not."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from engine.data.duplicates import Duplicate, DuplicateFinder, ones
from engine.data.fingerprints import fingerprint, perceptual_hash

SIDE = 128


def drawing(seed: int) -> Image.Image:
    """A few shapes in random colours, as different from other seeds as drawings are."""
    random = np.random.RandomState(seed)
    image = Image.new("RGB", (SIDE, SIDE), tuple(int(level) for level in random.randint(150, 256, 3)))
    draw = ImageDraw.Draw(image)
    for _ in range(8):
        x, y, width, height = (int(value) for value in random.randint(0, SIDE, 4))
        colour = tuple(int(level) for level in random.randint(0, 256, 3))
        draw.ellipse((x, y, x + width // 2 + 5, y + height // 2 + 5), fill=colour)
    return image


def compressed(image: Image.Image, kind: str, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=quality)
    return Image.open(buffer).convert("RGB")


def at_side(image: Image.Image) -> np.ndarray:
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)).transpose(2, 0, 1)


VARIANTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half the size": lambda image: image.resize((SIDE // 2, SIDE // 2), Image.Resampling.BICUBIC),
    "three times the size": lambda image: image.resize((3 * SIDE, 3 * SIDE), Image.Resampling.BILINEAR),
    "JPEG": lambda image: compressed(image, "JPEG", 75),
    "poor WebP": lambda image: compressed(image, "WEBP", 40),
    "a little brighter": lambda image: image.point(lambda level: min(255, level + 3)),
}
OTHERS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "turned": lambda image: image.transpose(Image.Transpose.ROTATE_180),
    "recoloured": lambda image: Image.merge("RGB", image.split()[::-1]),
    "cut": lambda image: image.crop((12, 12, SIDE, SIDE)),
}


def finder_with(count: int) -> DuplicateFinder:
    finder = DuplicateFinder(count + 2)
    for seed in range(count):
        assert finder.check(f"{seed}", fingerprint(at_side(drawing(seed)))) is None
    return finder


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_are_near_duplicates(variant: str) -> None:
    finder = finder_with(40)
    for seed in range(40):
        found = finder.check("variant", fingerprint(at_side(VARIANTS[variant](drawing(seed)))))
        assert found == Duplicate(f"{seed}", exact=False)


@pytest.mark.parametrize("other", OTHERS)
def test_others_are_not(other: str) -> None:
    for seed in range(40):
        finder = finder_with(0)
        finder.check("original", fingerprint(at_side(drawing(seed))))
        assert (seed, finder.check("other", fingerprint(at_side(OTHERS[other](drawing(seed)))))) == (seed, None)


def test_the_same_pixels_are_an_exact_duplicate() -> None:
    finder = finder_with(3)
    assert finder.check("again", fingerprint(at_side(drawing(1)))) == Duplicate("1", exact=True)
    assert finder.check("and again", fingerprint(at_side(drawing(1)))) == Duplicate("1", exact=True)


def test_a_detail_makes_another_picture() -> None:
    """The same body with another mouth: hashes and brightness are nearly the same, the picture is not."""
    happy, sad = drawing(5), drawing(5)
    ImageDraw.Draw(happy).arc((40, 40, 90, 90), 20, 160, fill=(0, 0, 0), width=7)
    ImageDraw.Draw(sad).arc((40, 50, 90, 100), 200, 340, fill=(0, 0, 0), width=7)
    finder = DuplicateFinder(2)
    assert finder.check("happy", fingerprint(at_side(happy))) is None
    assert finder.check("sad", fingerprint(at_side(sad))) is None


def test_flat_pictures_of_different_colours() -> None:
    finder = DuplicateFinder(3)
    for name, colour in (("white", 255), ("grey", 128), ("black", 0)):
        assert finder.check(name, fingerprint(np.full((3, 16, 16), colour, dtype=np.uint8))) is None
    almost = fingerprint(np.full((3, 16, 16), 131, dtype=np.uint8))
    assert finder.check("almost grey", almost) == Duplicate("grey", exact=False)


def test_the_hash_is_the_sign_of_the_dct() -> None:
    """Against the DCT-II written out as its sum."""
    grey = np.random.RandomState(0).randint(0, 256, (32, 32)).astype(np.float64)
    place = np.arange(32)
    lowest = np.empty((8, 8))
    for u in range(8):
        for v in range(8):
            waves = np.outer(np.cos(np.pi * u * (2 * place + 1) / 64), np.cos(np.pi * v * (2 * place + 1) / 64))
            norm = (np.sqrt(0.5) if u == 0 else 1) * (np.sqrt(0.5) if v == 0 else 1) / 16
            lowest[u, v] = norm * (grey * waves).sum()
    bits = (lowest > np.median(lowest)).ravel()
    assert perceptual_hash(grey) == int("".join("1" if bit else "0" for bit in bits), 2)


@given(st.lists(st.integers(0, 2**64 - 1), min_size=1))
def test_ones(words: list[int]) -> None:
    assert ones(np.array(words, dtype=np.uint64)).tolist() == [bin(word).count("1") for word in words]
