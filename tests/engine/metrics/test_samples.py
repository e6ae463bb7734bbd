"""The pictures that a generator is judged by."""

from __future__ import annotations

import numpy as np
import torch

from engine.inference.images import to_uint8
from engine.latents.sampling import seed_to_z
from engine.metrics.samples import pixels_of, sample_pictures
from tests.engine.inference.tiny_models import tiny_config, tiny_model


def test_seeds_in_order_with_classes_in_turn() -> None:
    G = tiny_model(tiny_config(c_dim=3)).G_ema
    seen: list[tuple[int, int]] = []
    samples = sample_pictures(G, 18, first_seed=5, on_progress=lambda done, total: seen.append((done, total)))
    assert samples.shape == (18, 3, 16, 16)
    assert seen == [(16, 18), (18, 18)]
    for index in (0, 17):
        seed = 5 + index
        with torch.no_grad():
            img = G(seed_to_z(seed, G.z_dim), torch.eye(3)[seed % 3][None])
        # A batch may differ from a single picture in the last bit before rounding.
        assert (samples[index].int() - pixels_of(img)[0].int()).abs().max() <= 1
    assert torch.equal(sample_pictures(G, 18, first_seed=5), samples)


def test_rounding_is_that_of_saved_pictures() -> None:
    img = torch.linspace(-1.2, 1.2, 3 * 50).reshape(1, 3, 5, 10)
    assert np.array_equal(pixels_of(img).permute(0, 2, 3, 1).numpy(), to_uint8(img))
