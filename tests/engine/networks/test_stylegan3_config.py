"""The layers of StyleGAN3: against the tables that NVlabs' training prints, which people have published."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.formats.expected_shapes import Shapes, shapes_of
from engine.networks.config_kinds import GENERATOR_CONFIGS
from engine.networks.stylegan3_config import StyleGAN3Config

T: dict[str, Any] = {}
R: dict[str, Any] = {"conv_kernel": 1, "use_radial_filters": True, "channel_base": 65536, "channel_max": 1024}

# (parameters of the affine layer, of the layer itself, its buffers: filters and magnitude_ema)
R_128 = {
    "L8_84_1024": (525312, 1049600, 157),
    "L9_148_1024": (525312, 1049600, 169),
    "L10_148_912": (525312, 934800, 157),
    "L11_148_683": (467856, 623579, 157),
    "L12_148_512": (350379, 350208, 25),
    "L13_128_512": (262656, 262656, 25),
    "L14_128_3": (262656, 1539, 1),
}
R_EARLY = {"L0_36_1024": (525312, 1049600, 157), "L2_52_1024": (525312, 1049600, 169)}
T_EARLY = {"L0_36_512": (262656, 2359808, 25), "L3_52_512": (262656, 2359808, 37)}
R_512_END = {"L13_512_128": (None, 16512, 25), "L14_512_3": (65664, 387, 1)}


def count(shapes: Shapes, prefix: str) -> int:
    total = 0
    for name, shape in shapes.items():
        if name.startswith(prefix) and "." not in name.removeprefix(prefix) and "magnitude" not in name:
            size = 1
            for side in shape:
                size *= side
            total += size
    return total


def buffers(config: StyleGAN3Config, name: str) -> int:
    plan = next(plan for plan in config.layers() if plan.name == name)
    return 1 + plan.up_taps + plan.down_taps ** (2 if plan.radial and plan.down_taps else 1)


@pytest.mark.parametrize(
    ("options", "resolution", "table"),
    [(R, 128, R_128), (R, 1024, R_EARLY), (T, 256, T_EARLY), (R, 512, R_512_END)],
    ids=["R 128", "R early", "T early", "R 512"],
)
def test_layers_are_those_of_the_published_tables(
    options: dict[str, Any], resolution: int, table: dict[str, tuple[int | None, int, int]]
) -> None:
    config = StyleGAN3Config(img_resolution=resolution, **options)
    shapes = shapes_of(config)
    for name, (affine, own, buffered) in table.items():
        assert affine in (None, count(shapes, f"synthesis.{name}.affine.")), name
        assert count(shapes, f"synthesis.{name}.") == own, name
        assert buffers(config, name) == buffered, name


def test_the_whole_of_a_published_network() -> None:
    """R at 512 pixels: 16,665,594 parameters and 5,588 buffer values in all."""
    config = StyleGAN3Config(img_resolution=512, **R)
    parameters = buffer_values = 0
    for name, shape in shapes_of(config).items():
        size = 1
        for side in shape:
            size *= side
        if name.endswith(("transform", "freqs", "phases", "w_avg", "magnitude_ema")):
            buffer_values += size
        else:
            parameters += size
    buffer_values += sum(buffers(config, plan.name) - 1 for plan in config.layers())
    assert parameters == 16_665_594
    assert buffer_values == 5_588


@settings(max_examples=100, deadline=None)
@given(
    resolution=st.integers(2, 256).map(lambda quarter: 4 * quarter),
    num_layers=st.integers(2, 20),
    num_critical=st.integers(1, 4),
    margin=st.integers(0, 16),
    kernel=st.sampled_from([1, 3]),
    filter_size=st.integers(2, 8),
)
def test_every_layer_ends_with_the_size_that_it_names(
    resolution: int, num_layers: int, num_critical: int, margin: int, kernel: int, filter_size: int
) -> None:
    """Up, pad, filter, filter, down: the arithmetic of the padding, for every multiple of 4."""
    config = StyleGAN3Config(
        img_resolution=resolution,
        num_layers=num_layers,
        num_critical=min(num_critical, num_layers - 1),
        margin_size=margin,
        conv_kernel=kernel,
        filter_size=filter_size,
    )
    plans = config.layers()
    assert len(plans) == config.num_ws - 1 == len(config.layer_resolutions) - 1
    assert plans[-1].after.size == plans[-2].after.size == resolution
    assert plans[-1].after.channels == 3
    for plan in plans:
        assert plan.before.sampling_rate * plan.up == plan.temporary_rate == plan.after.sampling_rate * plan.down
        at_high_rate = (plan.before.size + plan.kernel - 1) * plan.up + sum(plan.padding)
        filtered = at_high_rate - max(plan.up_taps - 1, 0) - max(plan.down_taps - 1, 0)
        assert (filtered - 1) // plan.down + 1 == plan.after.size
        assert 0 <= plan.padding[0] - plan.padding[1] <= plan.up
        assert plan.after.cutoff <= resolution / 2
        assert plan.after.half_width > 0
    critical = plans[config.num_layers - config.num_critical :]
    assert all(plan.after.cutoff == pytest.approx(resolution / 2) for plan in critical)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"img_resolution": 30}, "multiple of 4"),
        ({"img_resolution": 4}, "multiple of 4"),
        ({"img_channels": 2}, "not 2"),
        ({"num_layers": 1}, "num_layers"),
        ({"num_critical": 14}, "num_critical"),
        ({"conv_kernel": 2}, "conv_kernel"),
        ({"filter_size": 0}, "filter_size"),
        ({"lrelu_upsampling": 3}, "lrelu_upsampling"),
        ({"margin_size": -1}, "margin_size"),
        ({"first_cutoff": 600.0}, "first_cutoff"),
        ({"first_stopband": 1.0}, "first_stopband"),
        ({"last_stopband_rel": 1.0}, "last_stopband_rel"),
        ({"w_dim": 0}, "w_dim"),
    ],
    ids=str,
)
def test_what_cannot_work_is_refused_in_a_sentence(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        StyleGAN3Config(**{"img_resolution": 1024, **options})


def test_a_configuration_survives_the_way_through_a_dict() -> None:
    config = StyleGAN3Config(img_resolution=260, **R)
    assert StyleGAN3Config.from_dict(config.to_dict()) == config
    assert GENERATOR_CONFIGS[config.kind] is StyleGAN3Config
    assert "configuration R" in config.design
