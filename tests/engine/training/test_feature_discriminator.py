"""The discriminator on frozen features: what is trained, what is not, and exact resume."""

import pytest
import torch

from engine.errors import ConfigError
from engine.training.checkpoint import _tensors
from engine.training.config import FeatureConfig
from engine.training.feature_discriminator import FeatureDiscriminator


def test_logits_of_all_levels_and_gradients_to_the_picture():
    torch.manual_seed(0)
    D = FeatureDiscriminator(FeatureConfig(resolution=64, width=8))
    img = torch.randn(2, 3, 16, 16, requires_grad=True)
    logits = D(img, torch.zeros(len(img), 0))
    # maps of 16, 8, 4 and 2 pixels: heads end in 5x5, 5x5, 1 and 1 places
    assert logits.shape == (2, 25 + 25 + 1 + 1)
    logits.sum().backward()
    assert img.grad.abs().min() >= 0
    assert img.grad.abs().mean() > 0
    trained = {name for name, _ in D.named_parameters()}
    assert all(name.startswith("heads.") for name in trained)
    assert not any(name.startswith("trunk") for name in D.state_dict())  # the package has them; checkpoints need not


def test_heads_cannot_grow_without_bound():
    """Spectral normalization: scaling the weights changes nothing."""
    torch.manual_seed(0)
    D = FeatureDiscriminator(FeatureConfig(resolution=32, width=4)).eval()
    img = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        before = D(img, torch.zeros(len(img), 0))
        for head in D.heads:
            head.out.parametrizations.weight.original.mul_(100)
        torch.testing.assert_close(D(img, torch.zeros(len(img), 0)), before, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("features", ["beside", "alone"])
def test_resume_is_exact_with_it_too(begin, features):
    whole_run, whole = begin(kimg=0.016, features=features)
    whole_run.train(whole)
    first_run, first = begin(kimg=0.008, features=features)
    first_run.train(first)
    second_run, second = begin(resume=first_run.folder.path, kimg=0.016)
    second_run.train(second)
    expected, got = _tensors(whole), _tensors(second)
    assert expected.keys() == got.keys()
    assert any(name.startswith("opt_D_features.heads") for name in expected)
    assert [name for name in expected if not torch.equal(expected[name], got[name])] == []


def test_impossible_sizes_are_sentences():
    with pytest.raises(ConfigError, match="not at 48"):
        FeatureConfig(resolution=48)


def test_pictures_that_are_all_alike_are_told_from_others():
    """The deviation within a group reaches the logits: the same picture is judged differently among its likes."""
    torch.manual_seed(0)
    D = FeatureDiscriminator(FeatureConfig(resolution=32, width=4)).eval()
    pictures, none = torch.randn(4, 3, 32, 32), torch.zeros(4, 0)
    with torch.no_grad():
        among_others, among_its_likes = D(pictures, none)[0], D(pictures[:1].expand(4, -1, -1, -1), none)[0]
    assert not torch.allclose(among_others, among_its_likes, atol=1e-3)


def test_alone_nothing_of_the_other_discriminator_is_trained(begin):
    run, state = begin(kimg=0.008, features="alone", augment="ada")
    before = {name: tensor.clone() for name, tensor in state.D.state_dict().items()}
    heads = {name: tensor.clone() for name, tensor in state.D_features.heads.state_dict().items()}
    run.train(state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in state.D.state_dict().items())
    assert any(not torch.equal(tensor, heads[name]) for name, tensor in state.D_features.heads.state_dict().items())


def test_a_label_changes_the_verdict_and_no_label_costs_no_weights():
    torch.manual_seed(0)
    D = FeatureDiscriminator(FeatureConfig(resolution=32, width=4), c_dim=3).eval()
    pictures = torch.randn(1, 3, 32, 32).expand(2, -1, -1, -1)
    with torch.no_grad():
        first, second = D(pictures, torch.eye(3)[:2])
    assert not torch.allclose(first, second, atol=1e-4)
    plain = FeatureDiscriminator(FeatureConfig(resolution=32, width=4))
    assert not any("embed" in name or "condition" in name for name in plain.state_dict())
