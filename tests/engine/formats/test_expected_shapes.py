"""The arithmetic of shapes agrees with the networks themselves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.formats.expected_shapes import discriminator_shapes, generator_shapes, lucidrains_shapes
from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from engine.networks.lucidrains import LucidrainsGenerator
from engine.networks.lucidrains_config import LucidrainsConfig

SIZES = st.integers(1, 9)
RESOLUTIONS = st.sampled_from([8, 16, 32])
CHANNELS = {"channel_base": st.integers(32, 200), "channel_max": SIZES, "img_channels": st.sampled_from([1, 3, 4])}

GENERATORS = st.builds(
    GeneratorConfig,
    z_dim=SIZES,
    c_dim=st.integers(0, 3),
    w_dim=SIZES,
    img_resolution=RESOLUTIONS,
    mapping_layers=st.integers(1, 4),
    mapping_layer_features=st.none() | SIZES,
    mapping_embed_features=st.none() | SIZES,
    w_avg_beta=st.none() | st.just(0.99),
    architecture=st.sampled_from(["skip", "resnet", "orig"]),
    use_noise=st.booleans(),
    **CHANNELS,
)
DISCRIMINATORS = st.builds(
    DiscriminatorConfig,
    c_dim=st.integers(0, 3),
    img_resolution=RESOLUTIONS,
    architecture=st.sampled_from(["skip", "resnet", "orig"]),
    mbstd_num_channels=st.integers(0, 2),
    cmap_dim=st.none() | SIZES,
    mapping_layers=st.integers(1, 4),
    **CHANNELS,
)


@settings(max_examples=60, deadline=None)
@given(GENERATORS)
def test_generator(config: GeneratorConfig) -> None:
    real = {name: tuple(tensor.shape) for name, tensor in Generator(config).state_dict().items()}
    assert generator_shapes(config) == real


@settings(max_examples=60, deadline=None)
@given(DISCRIMINATORS)
def test_discriminator(config: DiscriminatorConfig) -> None:
    real = {name: tuple(tensor.shape) for name, tensor in Discriminator(config).state_dict().items()}
    assert discriminator_shapes(config) == real


@settings(max_examples=30, deadline=None)
@given(st.data(), SIZES, st.sampled_from([8, 16, 32]), st.booleans(), st.sampled_from([3, 4]))
def test_lucidrains(data: st.DataObject, w_dim: int, resolution: int, constant: bool, img_channels: int) -> None:
    blocks = resolution.bit_length() - 2
    config = LucidrainsConfig(
        z_dim=w_dim,
        w_dim=w_dim,
        img_resolution=resolution,
        img_channels=img_channels,
        mapping_layers=data.draw(st.integers(1, 3)),
        channels=tuple(data.draw(st.lists(SIZES, min_size=blocks + 1, max_size=blocks + 1))),
        attention=tuple(data.draw(st.sets(st.integers(0, blocks - 1)))),
        attention_heads=data.draw(st.integers(1, 2)),
        constant_input=constant,
    )
    real = {name: tuple(tensor.shape) for name, tensor in LucidrainsGenerator(config).state_dict().items()}
    assert lucidrains_shapes(config) == real
