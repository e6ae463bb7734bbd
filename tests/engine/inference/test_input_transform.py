"""Looks that turn and move the picture from within: arithmetic, files, pictures, videos, command line."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.tools import main
from engine.errors import ConfigError
from engine.formats.model_file import load_model, save_model
from engine.inference.images import read_recipe
from engine.inference.input_transform import InputTransform, transform_from_dict
from engine.inference.renderer import Renderer
from engine.inference.requests import Look, SeedLatent, look_from_dict, look_to_dict
from engine.video.timeline import walk_through
from engine.video.walk import Walk
from tests.engine.inference.tiny_models import tiny_model
from tests.engine.networks.stylegan3_models import R, make_stylegan3

places = st.floats(-3, 3)
transforms = st.builds(InputTransform, x=places, y=places, rotate=st.floats(-400, 400))
STILL = Look(latent=SeedLatent(seed=3))


def looked(**transform: float) -> Look:
    return Look(latent=SeedLatent(seed=3), transform=InputTransform(**transform))


@pytest.fixture(scope="module")
def model_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "r.safetensors"
    save_model(path, G_ema=make_stylegan3(output_scale=1.0, num_layers=6, **R))
    return path


@pytest.fixture(scope="module")
def renderer(model_path: Path) -> Renderer:
    return Renderer(load_model(model_path), "cpu", "float32")


@given(transforms, places, places)
def test_the_matrix_leads_back_to_where_a_place_came_from(transform: InputTransform, x: float, y: float) -> None:
    """Turned counter-clockwise around the centre, with y downwards, then moved; and back."""
    angle = math.radians(transform.rotate)
    turned = math.cos(angle) * x + math.sin(angle) * y, -math.sin(angle) * x + math.cos(angle) * y
    there = np.array([turned[0] + transform.x, turned[1] + transform.y, 1.0])
    assert np.allclose(np.array(transform.sampling_matrix()) @ there, [x, y, 1.0], atol=1e-9)


@given(transforms, transforms)
def test_half_of_the_way_is_half_of_each_number(one: InputTransform, other: InputTransform) -> None:
    half = one.towards(other, 0.5)
    assert (half.x, half.y) == pytest.approx(((one.x + other.x) / 2, (one.y + other.y) / 2))
    assert half.rotate == pytest.approx((one.rotate + other.rotate) / 2)
    assert one.towards(other, 0) == one
    assert one.towards(other, 1) == other


@given(transforms)
def test_a_look_survives_the_way_through_json(transform: InputTransform) -> None:
    look = Look(latent=SeedLatent(seed=1), transform=transform)
    assert look_from_dict(json.loads(json.dumps(look_to_dict(look)))) == look
    assert transform_from_dict(transform.to_dict()) == transform


def test_a_look_at_rest_is_written_as_before_there_were_transforms() -> None:
    values = look_to_dict(STILL)
    assert "transform" not in values
    assert values["version"] == 1
    assert look_from_dict(values).transform.at_rest
    assert look_to_dict(looked(x=0.5))["version"] == 2


@pytest.mark.parametrize("broken", [{"x": math.nan}, {"y": math.inf}, {"rotate": 1e9}], ids=str)
def test_numbers_that_cannot_be_are_refused(broken: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match="of an input transform is from"):
        InputTransform(**broken)
    with pytest.raises(ConfigError, match="not a recipe of ours"):
        look_from_dict({**look_to_dict(STILL), "transform": {"translate": [1]}})


def test_pixels_move_and_turn_with_the_look(renderer: Renderer) -> None:
    still = renderer.render(STILL).astype(int)
    moved = renderer.render(looked(x=6 / 32, y=-5 / 32)).astype(int)
    assert np.abs(moved[3:-8, 9:-3] - still[8:-3, 3:-9]).max() <= 2
    assert np.abs(moved - still).max() > 20
    turned = renderer.render(looked(rotate=90)).astype(int)
    assert np.abs(turned - np.rot90(still)).max() <= 1


def test_a_kept_tile_follows_the_transform(renderer: Renderer) -> None:
    for look in (STILL, looked(x=0.1), looked(x=0.1, rotate=20), STILL):
        assert np.array_equal(renderer.render(look, cache_key="tile"), renderer.render(look))


def test_a_model_without_an_input_transform_refuses() -> None:
    plain = Renderer(tiny_model(), "cpu")
    plain.render(STILL)
    with pytest.raises(ConfigError, match="cannot do: open a StyleGAN3 model"):
        plain.render(looked(rotate=5))


def test_only_the_models_own_resolution_is_rendered(renderer: Renderer) -> None:
    assert renderer.resolutions == (32,)
    with pytest.raises(ConfigError, match="no picture of 16 pixels"):
        renderer.render(STILL, resolution=16)


def test_a_walk_turns_and_moves_on_its_way(renderer: Renderer) -> None:
    looks = STILL, looked(x=0.5, rotate=90)
    walk = Walk(renderer, replace(walk_through(looks, seconds=1.0), loop=False))
    ends = [walk.at(seconds).transform for seconds in (0.0, 1.0)]
    assert ends == [looks[0].transform, looks[1].transform]
    between = walk.at(0.5).transform
    assert 0 < between.x < 0.5
    assert between.rotate == pytest.approx(180 * between.x)
    moment = walk.at(1.0)
    assert np.array_equal(
        renderer.render_ws(moment.ws[None], moment.noise, transforms=[moment.transform])[0], renderer.render(looks[1])
    )


def test_the_command_line_and_the_recipe_make_the_same(model_path: Path, renderer: Renderer, tmp_path: Path) -> None:
    arguments = ["generate", "--model", str(model_path), "--device", "cpu", "--precision", "float32"]
    transform = ["--seeds", "3", "--translate", "0.25", "-0.125", "--rotate", "30", "--outdir", str(tmp_path / "a")]
    done = CliRunner().invoke(main, [*arguments, *transform])
    assert done.exit_code == 0, done.output
    made = tmp_path / "a" / "seed0003.png"
    assert look_from_dict(read_recipe(made)) == looked(x=0.25, y=-0.125, rotate=30)
    again = CliRunner().invoke(main, [*arguments, "--recipe", str(made), "--outdir", str(tmp_path / "b")])
    assert again.exit_code == 0, again.output
    from PIL import Image

    pictures = [np.asarray(Image.open(path)) for path in (made, tmp_path / "b" / "seed0003.png")]
    assert np.array_equal(pictures[0], pictures[1])
    assert np.array_equal(pictures[0], renderer.render(looked(x=0.25, y=-0.125, rotate=30)))
    refused = CliRunner().invoke(
        main, [*arguments, "--recipe", str(made), "--rotate", "3", "--outdir", str(tmp_path / "c")]
    )
    assert "leave --rotate out" in refused.output
