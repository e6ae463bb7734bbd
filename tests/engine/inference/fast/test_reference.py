"""What the benchmarks measure against makes the same pictures."""

import torch

from benchmarks.reference.synthesis import generate, pictures
from engine.inference.images import to_uint8
from tests.engine.inference.fast.cases import generator


def test_the_benchmarks_reference_is_the_same_function():
    G = generator("skip")
    z = torch.randn(2, G.z_dim, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        torch.testing.assert_close(generate(G, z), G(z), atol=1e-4, rtol=1e-4)
        assert (torch.from_numpy(to_uint8(G(z))).int() - pictures(G, z).int()).abs().max() <= 1
