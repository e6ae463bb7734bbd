"""Whole networks: sizes that the field knows, every architecture, and what must not matter."""

import pytest
import torch

from engine.errors import ConfigError
from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator

SMALL = {"channel_base": 256, "channel_max": 16}

# (resolution, channel_base, mapping layers) -> parameters of G and D, as published for the configurations
KNOWN_SIZES = {
    "auto64": (64, 16384, 2, 22_243_608, 23_407_361),
    "auto128": (128, 16384, 2, 22_949_277, 23_882_369),
    "auto256": (256, 16384, 2, 23_191_522, 24_001_089),
    "auto512": (512, 32768, 2, 28_700_647, 28_982_849),
    "auto1024": (1024, 32768, 2, 28_794_124, 29_012_513),
    "stylegan2-1024": (1024, 32768, 8, 30_370_060, 29_012_513),
    "paper256": (256, 16384, 8, 24_767_458, 24_001_089),
    "config-f-256": (256, 32768, 8, 30_034_338, 28_864_129),
}


@pytest.mark.parametrize("name", KNOWN_SIZES)
def test_parameter_counts_are_the_published_ones(name):
    resolution, base, layers, count_g, count_d = KNOWN_SIZES[name]
    with torch.device("meta"):
        G = Generator(GeneratorConfig(img_resolution=resolution, channel_base=base, mapping_layers=layers))
        D = Discriminator(DiscriminatorConfig(img_resolution=resolution, channel_base=base))
    assert sum(p.numel() for p in G.parameters()) == count_g
    assert sum(p.numel() for p in D.parameters()) == count_d


@pytest.mark.parametrize("architecture", ["skip", "resnet", "orig"])
@pytest.mark.parametrize(("resolution", "channels", "classes"), [(8, 1, 0), (32, 3, 4), (16, 4, 0)])
def test_every_architecture_makes_and_judges_pictures(architecture, resolution, channels, classes):
    G = Generator(
        GeneratorConfig(
            z_dim=16,
            w_dim=16,
            c_dim=classes,
            img_resolution=resolution,
            img_channels=channels,
            architecture=architecture,
            mapping_layers=2,
            **SMALL,
        )
    )
    D = Discriminator(
        DiscriminatorConfig(
            c_dim=classes, img_resolution=resolution, img_channels=channels, architecture=architecture, **SMALL
        )
    )
    z, c = torch.randn(4, 16), torch.eye(4)[:, :classes] if classes else None
    img = G(z, c)
    assert img.shape == (4, channels, resolution, resolution)
    logits = D(img, c)
    assert logits.shape == (4, 1)
    (-logits.sum()).backward()
    # Every parameter takes part; noise strengths start at 0 and still get a gradient.
    unused = [name for name, p in [*G.named_parameters(), *D.named_parameters()] if p.grad is None]
    assert unused == []


def test_1024_pixels():
    G = Generator(
        GeneratorConfig(img_resolution=1024, z_dim=8, w_dim=8, channel_base=2048, channel_max=8, mapping_layers=1)
    )
    with torch.inference_mode():
        img = G(torch.randn(1, 8))
    assert img.shape == (1, 3, 1024, 1024)
    assert img.isfinite().all()
    assert G.num_ws == 18


def small_generator() -> Generator:
    torch.manual_seed(0)
    G = Generator(GeneratorConfig(z_dim=16, w_dim=16, img_resolution=32, mapping_layers=2, **SMALL))
    for layer in G.synthesis.layers:
        torch.nn.init.constant_(layer.noise_strength, 0.5)
    return G.requires_grad_(False)


def test_a_sample_does_not_depend_on_its_batch():
    G = small_generator()
    z = torch.randn(3, 16)
    torch.testing.assert_close(G(z)[1:2], G(z[1:2]), atol=1e-5, rtol=0)


def test_noise_modes():
    G = small_generator()
    ws = G.mapping(torch.randn(2, 16))
    assert torch.equal(G.synthesis(ws, "const"), G.synthesis(ws, "const"))
    assert not torch.equal(G.synthesis(ws, "random"), G.synthesis(ws, "random"))
    assert not torch.equal(G.synthesis(ws, "none"), G.synthesis(ws, "const"))

    def seeded(seed, strength=1.0):
        noise = G.synthesis.make_noise("random", 2, strength=strength, generator=torch.Generator().manual_seed(seed))
        return G.synthesis(ws, noise=noise)

    assert torch.equal(seeded(5), seeded(5))
    assert not torch.equal(seeded(5), seeded(6))
    torch.testing.assert_close(seeded(5, strength=0.0), G.synthesis(ws, "none"))


def test_low_precision_is_close_and_only_where_asked():
    torch.manual_seed(1)
    config = GeneratorConfig(z_dim=16, w_dim=16, img_resolution=64, mapping_layers=2, num_fp16_res=2, **SMALL)
    G = Generator(config).requires_grad_(False)
    ws = G.mapping(torch.randn(2, 16))
    exact, low = G.synthesis(ws), G.synthesis(ws, low_precision=torch.bfloat16)
    assert low.dtype == torch.float32
    assert 0 < (exact - low).square().mean().sqrt() < 0.02 * exact.square().mean().sqrt()
    types = {}
    for block in G.synthesis.blocks:
        block.register_forward_hook(lambda block, _, out: types.__setitem__(block.resolution, out[0].dtype))
    G.synthesis(ws, low_precision=torch.bfloat16)
    assert [r for r, dtype in types.items() if dtype == torch.bfloat16] == [32, 64]


def test_w_avg_follows_the_mean_of_w():
    G = Generator(GeneratorConfig(z_dim=16, w_dim=16, img_resolution=8, mapping_layers=2, w_avg_beta=0.5, **SMALL))
    w = G.mapping(torch.randn(8, 16), update_w_avg=True)[:, 0]
    torch.testing.assert_close(G.mapping.w_avg, w.mean(0) * 0.5)
    before = G.mapping.w_avg.clone()
    G.mapping(torch.randn(8, 16))
    assert torch.equal(G.mapping.w_avg, before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"img_resolution": 100}, "power of two"),
        ({"img_resolution": 64, "architecture": "unet"}, "unet"),
        ({"img_resolution": 64, "z_dim": 0}, "z_dim"),
        ({"img_resolution": 64, "channel_max": 0}, "channel_max"),
    ],
)
def test_impossible_configurations_are_sentences(options, message):
    with pytest.raises(ConfigError, match=message):
        GeneratorConfig(**options)


def test_configurations_survive_json():
    config = GeneratorConfig(img_resolution=64, resample_filter=(1, 2, 1), c_dim=3)
    assert GeneratorConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ConfigError, match="img_resolutoin"):
        GeneratorConfig.from_dict({"img_resolutoin": 64})
