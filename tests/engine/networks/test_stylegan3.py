"""StyleGAN3: moved and turned inputs give moved and turned pictures, and each part against a slow, direct form."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from engine.errors import ConfigError
from engine.formats.expected_shapes import shapes_of
from engine.networks.config import GeneratorConfig
from engine.networks.generator import Generator
from engine.networks.ops.filtered_lrelu import Resampling, filtered_lrelu_reference
from engine.networks.stylegan3_config import StyleGAN3Config
from engine.networks.stylegan3_generator import StyleGAN3Generator
from engine.networks.stylegan3_synthesis import StyleGAN3Layer
from tests.engine.networks.stylegan3_models import R, make_stylegan3, picture_of, synthesised

QUARTER_TURN = torch.tensor([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
"""what is asked of p lies at this times p: the picture turns counter-clockwise"""


def psnr(actual: Tensor, expected: Tensor) -> float:
    """In decibels, where the expected picture's own spread is what [-1, 1] is to a real one."""
    spread = (expected - expected.mean(dim=tuple(range(2, expected.ndim)), keepdim=True)).square().mean()
    error = (actual - expected).square().mean() / spread
    return 10 * math.log10(4 / max(float(error), 1e-30))


def moved(x: float, y: float) -> Tensor:
    """The picture goes right by x and down by y, in picture widths."""
    return torch.tensor([[1.0, 0, -x], [0, 1, -y], [0, 0, 1]])


@pytest.fixture(scope="module", params=["T", "R"])
def G(request: pytest.FixtureRequest) -> StyleGAN3Generator:
    return make_stylegan3(num_layers=6, **(R if request.param == "R" else {})).double()


def test_moving_the_input_by_pixels_moves_the_picture(G: StyleGAN3Generator) -> None:
    plain, right_and_up = synthesised(G), synthesised(G, transform=moved(6 / 32, -5 / 32))
    inside = right_and_up[:, :, 3:-8, 9:-3]
    assert psnr(inside, plain[:, :, 8:-3, 3:-9]) > 50
    assert psnr(inside, plain[:, :, 3:-8, 9:-3]) < 20, "a picture that does not change shows nothing"


def test_only_configuration_r_turns_with_its_input() -> None:
    for options, turns in ((R, True), ({}, False)):
        G = make_stylegan3(num_layers=6, **options).double()
        agreement = psnr(synthesised(G, transform=QUARTER_TURN), torch.rot90(synthesised(G), 1, (2, 3)))
        assert agreement > 100 if turns else agreement < 20


def test_configuration_r_turns_by_any_angle() -> None:
    """Against the picture, resampled, on a disk inside."""
    G = make_stylegan3(num_layers=6, **R).double()
    angle = 0.4
    c, s = math.cos(angle), math.sin(angle)
    turn = torch.tensor([[c, -s, 0], [s, c, 0], [0, 0, 1]], dtype=torch.float64)
    plain, turned = synthesised(G), synthesised(G, transform=turn)
    grid = torch.nn.functional.affine_grid(turn[None, :2].expand(2, -1, -1), [2, 3, 32, 32], align_corners=False)
    expected = torch.nn.functional.grid_sample(plain, grid, mode="bicubic", align_corners=False)
    rows = torch.arange(32).double() - 15.5
    disk = (rows[:, None] ** 2 + rows[None, :] ** 2) < 12**2
    assert psnr(turned[:, :, disk], expected[:, :, disk]) > 30
    assert psnr(turned[:, :, disk], plain[:, :, disk]) < 20


def test_the_models_own_transform_comes_before_the_one_that_is_asked_for(G: StyleGAN3Generator) -> None:
    asked = synthesised(G, transform=QUARTER_TURN.double() @ moved(0.1, 0.2).double())
    G.synthesis.input.transform.copy_(QUARTER_TURN)
    try:
        assert torch.allclose(synthesised(G, transform=moved(0.1, 0.2)), asked, atol=1e-9)
    finally:
        G.synthesis.input.transform.copy_(torch.eye(3))


def test_the_input_is_a_sum_of_waves_at_each_place(G: StyleGAN3Generator) -> None:
    """Each sample by itself: where it lies, what the transforms make of the place, sine by sine."""
    layer = G.synthesis.input
    w = torch.randn(1, G.w_dim, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    asked = moved(0.3, -0.1).double()
    actual = layer(w, asked)[0]
    cosine, sine, x, y = (float(value) for value in layer.affine(w)[0])
    length = math.hypot(cosine, sine)
    cosine, sine, x, y = cosine / length, sine / length, x / length, y / length
    band = layer.band
    gain = layer.weight / math.sqrt(band.channels)
    for row, column in ((0, 0), (3, 17), (35, 20)):
        place = (
            torch.tensor([(column + 0.5) - band.size / 2, (row + 0.5) - band.size / 2]).double() / band.sampling_rate
        )
        px, py = (asked @ torch.cat([place, torch.ones(1).double()]))[:2].tolist()
        px, py = px - x, py - y
        px, py = cosine * px - sine * py, sine * px + cosine * py
        waves = []
        for index in range(band.channels):
            fx, fy = layer.freqs[index].tolist()
            waves.append(math.sin(2 * math.pi * (fx * px + fy * py + float(layer.phases[index]))))
        assert torch.allclose(actual[:, row, column], gain @ torch.tensor(waves).double(), atol=1e-9)


def test_frequencies_that_leave_the_band_fade_out() -> None:
    G = make_stylegan3().double()
    layer = G.synthesis.input
    shrunk = torch.diag(torch.tensor([20.0, 20.0, 1.0]))
    w = torch.zeros(1, G.w_dim, dtype=torch.float64)
    assert layer(w).abs().max() > 0.1
    layer.freqs.copy_(layer.freqs / layer.freqs.norm(dim=1, keepdim=True) * layer.band.cutoff)
    assert layer(w, shrunk).abs().max() == 0


def direct(layer: StyleGAN3Layer, x: Tensor, w: Tensor) -> Tensor:
    """One sample at a time, with a kernel of its own (paper, figure 4b; StyleGAN2 paper, equations 1 to 3)."""
    plan, results = layer.plan, []
    for sample, style in zip(x, layer.affine(w), strict=True):
        kernel = layer.weight * style[None, :, None, None]
        if plan.to_rgb:
            kernel = kernel / math.sqrt(layer.weight[0].numel())
        else:
            kernel = kernel / kernel.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
        kernel = kernel / layer.magnitude_ema.sqrt()
        results.append(torch.nn.functional.conv2d(sample[None], kernel, padding=plan.kernel - 1))
    resampling = Resampling(
        up=plan.up, up_filter=layer.up_filter, down=plan.down, down_filter=layer.down_filter, padding=plan.padding
    )
    return filtered_lrelu_reference(torch.cat(results), layer.bias, resampling, layer.activation)


@pytest.mark.parametrize("options", [{}, R], ids=["T", "R"])
def test_layers_against_their_direct_form(options: dict[str, Any]) -> None:
    G = make_stylegan3(channel_max=3, **options).double()
    random = torch.Generator().manual_seed(1)
    w = torch.randn(2, G.w_dim, generator=random, dtype=torch.float64)
    for layer in G.synthesis.layers:
        band = layer.plan.before
        x = torch.randn(2, band.channels, band.size, band.size, generator=random, dtype=torch.float64)
        assert torch.allclose(layer(x, w), direct(layer, x, w), atol=1e-6), layer.plan.name


def test_float32_and_channels_last_differ_by_rounding_only() -> None:
    G = make_stylegan3(**R)
    exact = synthesised(make_stylegan3(**R).double())
    plain = synthesised(G)
    assert plain.dtype == torch.float32
    assert (plain - exact).abs().max() < 1e-4 * exact.abs().max()
    wide = synthesised(G.to(memory_format=torch.channels_last))  # type: ignore[call-overload]
    assert (wide - exact).abs().max() < 1e-4 * exact.abs().max()


def test_reduced_precision_is_close() -> None:
    G = make_stylegan3(num_fp16_res=2)
    exact, low = synthesised(G), synthesised(G, low_precision=torch.bfloat16)
    assert low.dtype == torch.float32
    assert 0 < (low - exact).abs().max() < 0.1 * exact.abs().max()


OPTIONS: dict[str, Any] = {"channel_base": st.integers(40, 200), "channel_max": st.integers(1, 9)}


@settings(max_examples=25, deadline=None)
@given(
    st.builds(
        StyleGAN3Config,
        img_resolution=st.integers(2, 12).map(lambda quarter: 4 * quarter),
        img_channels=st.sampled_from([1, 3, 4]),
        z_dim=st.integers(1, 5),
        c_dim=st.integers(0, 3),
        w_dim=st.integers(1, 5),
        mapping_layers=st.integers(1, 3),
        w_avg_beta=st.none() | st.just(0.99),
        num_layers=st.integers(2, 6),
        num_critical=st.just(1),
        margin_size=st.integers(0, 10),
        conv_kernel=st.sampled_from([1, 3]),
        use_radial_filters=st.booleans(),
        lrelu_upsampling=st.sampled_from([1, 2]),
        **OPTIONS,
    )
)
def test_any_configuration_has_the_expected_tensors_and_makes_a_picture(config: StyleGAN3Config) -> None:
    G = StyleGAN3Generator(config).eval()
    assert {name: tuple(tensor.shape) for name, tensor in G.state_dict().items()} == shapes_of(config)
    picture = picture_of(G)
    assert picture.shape == (2, config.img_channels, config.img_resolution, config.img_resolution)
    assert torch.isfinite(picture).all()
    assert G.synthesis.make_noise("random", 2) == []


def test_a_generator_that_begins_with_a_constant_cannot_be_moved() -> None:
    G = Generator(GeneratorConfig(img_resolution=8, z_dim=2, w_dim=2, channel_base=16, channel_max=2))
    with pytest.raises(ConfigError, match="turned or moved"):
        synthesised(G, transform=torch.eye(3))
