"""What holds for ADA's augmentations and for DiffAugment as a whole."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.training.augment.config import NAMED_SETS, AugmentConfig, DiffAugmentConfig
from engine.training.augment.pipeline import AdaAugment
from engine.training.diffaugment import DiffAugment
from tests.engine.training.augment.recorded import binomial_bound

EVERYTHING = AdaAugment(AugmentConfig.named("bgcfnc"))
BOTH = pytest.mark.parametrize("augment", [EVERYTHING, DiffAugment(DiffAugmentConfig())], ids=["ada", "diffaugment"])


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


@BOTH
def test_nothing_happens_at_p_0(augment):
    images = torch.randn(4, 3, 16, 16)
    before = images.clone()
    for p in (0.0, torch.tensor(0.0)):
        got = augment(images, p, seeded())
        assert torch.equal(got.view(torch.int32), before.view(torch.int32))


@BOTH
def test_first_and_second_derivatives(augment):
    torch.manual_seed(0)
    images = torch.randn(2, 3, 4, 4, dtype=torch.float64, requires_grad=True)
    for p in (0.5, 1.0):
        assert torch.autograd.gradcheck(lambda x, p=p: augment(x, p, seeded()), (images,), fast_mode=True)
        assert torch.autograd.gradgradcheck(lambda x, p=p: augment(x, p, seeded()).square(), (images,), fast_mode=True)


@pytest.mark.parametrize("name", NAMED_SETS)
@pytest.mark.parametrize("p", [0.15, 0.6])
def test_pictures_that_nothing_happens_to_keep_their_bits(name, p):
    """Each operation leaves a picture alone with probability 1 - p, and some draws of some do nothing."""
    config = AugmentConfig.named(name)
    count = 1000
    torch.manual_seed(0)
    images = torch.randn(count, 3, 8, 8)
    same = (AdaAugment(config)(images, p, seeded()) == images).all(dim=3).all(dim=2).all(dim=1).double().mean()
    idle = {
        "xflip": 1 / 2,
        "rotate90": 1 / 4,
        "xint": 1 / 4,  # of shifts up to 1 pixel, half round to 0 along each axis
        "lumaflip": 1 / 2,
    }
    expected = 1.0
    for operation in config.operations:
        if operation == "imgfilter":
            expected *= (1 - p) ** 4
        else:
            expected *= 1 - p * (1 - idle.get(operation, 0.0))
    assert abs(same - expected) < binomial_bound(expected, count)


@BOTH
def test_the_same_seed_gives_the_same_pictures(augment):
    images = torch.randn(8, 3, 16, 16)
    first = augment(images, 0.7, seeded(1))
    assert torch.equal(first, augment(images, torch.tensor(0.7), seeded(1)))
    assert not torch.equal(first, augment(images, 0.7, seeded(2)))


def test_what_is_drawn_next_depends_neither_on_p_nor_on_the_augmentations():
    images = torch.randn(8, 3, 16, 16)
    states = []
    for augment in (EVERYTHING, AdaAugment(AugmentConfig.named("blit")), DiffAugment(DiffAugmentConfig())):
        for p in (0.0, 0.3, 1.0):
            random = seeded()
            augment(images, p, random)
            states.append(random.get_state())
    assert all(torch.equal(state, states[0]) for state in states)
    assert not torch.equal(states[0], seeded().get_state())


@settings(max_examples=40, deadline=None)
@given(
    size=st.sampled_from([4, 8, 16, 64]),
    channels=st.sampled_from([1, 3, 4]),
    count=st.integers(1, 5),
    p=st.floats(0, 1),
    seed=st.integers(0, 1000),
    name=st.sampled_from([*NAMED_SETS, "diffaugment"]),
    channels_last=st.booleans(),
)
def test_pictures_come_back_in_kind(size, channels, count, p, seed, name, channels_last):
    augment = DiffAugment(DiffAugmentConfig()) if name == "diffaugment" else AdaAugment(AugmentConfig.named(name))
    layout = torch.channels_last if channels_last else torch.contiguous_format
    images = torch.rand(count, channels, size, size).contiguous(memory_format=layout)
    got = augment(images, p, seeded(seed))
    assert got.shape == images.shape
    assert got.dtype == torch.float32
    assert got.is_contiguous(memory_format=layout)
    assert got.isfinite().all()


@pytest.mark.parametrize("name", ["bg", "filter", "cutout"])
def test_alpha_moves_with_the_colours(name):
    grey = torch.rand(8, 1, 16, 16)
    got = AdaAugment(AugmentConfig.named(name))(grey.repeat(1, 4, 1, 1), 1.0, seeded())
    assert torch.equal(got[:, 3], got[:, 0])
    assert not torch.equal(got[:, 3], grey[:, 0])


def test_grey_pictures_are_augmented_like_grey_rgb_ones():
    grey = torch.rand(8, 1, 16, 16)
    augment = AdaAugment(AugmentConfig.named("bgcf"))
    rgb = augment(grey.repeat(1, 3, 1, 1), 0.8, seeded())
    torch.testing.assert_close(augment(grey, 0.8, seeded()), rgb.mean(dim=1, keepdim=True), atol=1e-5, rtol=1e-5)


def test_white_stays_white_under_geometry():
    """Nothing but the mirrored picture ever comes in from beyond the edges."""
    got = AdaAugment(AugmentConfig.named("bg"))(torch.ones(64, 3, 32, 32), 1.0, seeded())
    torch.testing.assert_close(got, torch.ones_like(got), atol=1e-4, rtol=0)


@BOTH
@pytest.mark.parametrize("shape", [(1, 2, 8, 8), (1, 3, 8, 16), (1, 3, 12, 12), (1, 3, 2, 2)])
def test_other_pictures_are_refused_in_words(augment, shape):
    with pytest.raises(ConfigError, match="cannot be augmented"):
        augment(torch.zeros(shape), 0.5, seeded())


@BOTH
@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_another_p_is_refused_in_words(augment, p):
    with pytest.raises(ConfigError, match="probability"):
        augment(torch.zeros(1, 3, 8, 8), p, seeded())
