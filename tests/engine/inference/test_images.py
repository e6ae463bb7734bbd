import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, PngImagePlugin

from engine.errors import DataError, ExportError
from engine.inference.compositing import over_white
from engine.inference.images import RECIPE_KEYWORD, free_path, read_recipe, save_png, to_uint8

RED = np.full((4, 6, 3), (255, 0, 0), dtype=np.uint8)


def test_to_uint8_is_the_rounding_of_this_field():
    values = np.linspace(-1.2, 1.2, 4001).astype(np.float32)
    img = torch.from_numpy(values).reshape(1, 1, 1, -1)
    expected = np.clip(np.float32(127.5) * values + 128, 0, 255).astype(np.uint8)
    np.testing.assert_array_equal(to_uint8(img)[0, 0, :, 0], expected)
    assert to_uint8(torch.tensor([-1.0, 0.0, 1.0]).reshape(1, 1, 1, 3))[0, 0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize(("channels", "expected"), [(1, 3), (3, 3), (4, 4)])
def test_channels_come_last_and_grey_becomes_rgb(channels, expected):
    img = torch.rand(2, channels, 5, 7) * 2 - 1
    pixels = to_uint8(img)
    assert pixels.shape == (2, 5, 7, expected)
    assert pixels.flags.c_contiguous
    for channel in range(expected):
        source = img[1, min(channel, channels - 1)].numpy()
        assert np.abs(pixels[1, :, :, channel] - (source * 127.5 + 127.5)).max() <= 1.01


def test_over_white_composites_alpha():
    pixels = np.array([[[10, 20, 30, 255], [10, 20, 30, 0], [0, 100, 255, 128]]], dtype=np.uint8)
    assert over_white(pixels).tolist() == [[[10, 20, 30], [255, 255, 255], [127, 177, 255]]]
    assert over_white(RED) is RED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(max_examples=50)
@given(
    pixels=hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.sampled_from([3, 4]))),
    recipe=st.dictionaries(st.text(), json_values, max_size=4),
)
def test_pixels_and_recipe_survive_the_file(tmp_path_factory, pixels, recipe):
    path = tmp_path_factory.mktemp("png") / "picture.png"
    save_png(path, pixels, recipe)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), pixels)
    assert read_recipe(path) == recipe
    assert [entry.name for entry in path.parent.iterdir()] == ["picture.png"]


def test_an_existing_file_is_never_overwritten(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(b"mine")
    with pytest.raises(ExportError, match=r"picture\.png exists already"):
        save_png(path, RED, {})
    assert path.read_bytes() == b"mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["picture.png"]


def test_a_missing_folder_is_a_sentence(tmp_path):
    with pytest.raises(ExportError, match="does not exist"):
        save_png(tmp_path / "nowhere" / "picture.png", RED, {})


def test_free_path_counts_up(tmp_path):
    path = tmp_path / "walk.png"
    assert free_path(path) == path
    path.touch()
    assert free_path(path).name == "walk-2.png"
    (tmp_path / "walk-2.png").symlink_to("nothing")  # a dangling link is taken, too
    assert free_path(path).name == "walk-3.png"


def write_png_with(path, text):
    info = PngImagePlugin.PngInfo()
    if text is not None:
        info.add_text(RECIPE_KEYWORD, text)
    Image.fromarray(RED).save(path, pnginfo=info)


@pytest.mark.parametrize(
    ("text", "word"),
    [(None, "no recipe"), ("{", "not JSON"), ("[1]", "not one of ours"), ("[" * 100_000, "not JSON")],
)
def test_a_png_without_a_recipe_of_ours_is_a_sentence(tmp_path, text, word):
    path = tmp_path / "other.png"
    write_png_with(path, text)
    with pytest.raises(DataError, match=rf"other\.png.*{word}|{word}.*other\.png"):
        read_recipe(path)


@pytest.mark.parametrize("cut", [0, 4, 20, 60, 90])
def test_a_broken_png_is_a_sentence(tmp_path, cut):
    whole = tmp_path / "whole.png"
    save_png(whole, RED, {"looks": list(range(100))})
    broken = tmp_path / "broken.png"
    broken.write_bytes(whole.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"broken\.png"):
        read_recipe(broken)


def test_what_is_no_png_at_all_is_a_sentence(tmp_path):
    (tmp_path / "text.png").write_text(json.dumps({"latent": 1}))
    Image.fromarray(RED).save(tmp_path / "photo.jpg")
    for name, word in [("text.png", "PNG"), ("photo.jpg", "PNG"), ("gone.png", "does not exist"), (".", "PNG")]:
        with pytest.raises(DataError, match=word):
            read_recipe(tmp_path / name)


def test_an_enormous_text_chunk_is_a_sentence(tmp_path):
    path = tmp_path / "bomb.png"
    info = PngImagePlugin.PngInfo()
    info.add_text(RECIPE_KEYWORD, "[" + "0," * 2_000_000 + "0]", zip=True)
    Image.fromarray(RED).save(path, pnginfo=info)
    with pytest.raises(DataError, match=r"bomb\.png"):
        read_recipe(path)
