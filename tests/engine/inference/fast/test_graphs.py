"""Recorded synthesis: with a recorder that replays by calling, everywhere; with CUDA graphs, where there is CUDA."""

import pytest
import torch

from engine.inference.fast.graphs import KEPT_GRAPHS, GraphedSynthesis, record_cuda_graph
from engine.inference.fast.synthesis import FastSynthesis
from tests.engine.inference.fast.cases import generator, random_ws


class Replaying:
    """Like a graph: reads only the tensors that it was recorded with, and fills the same tensor every time."""

    def __init__(self):
        self.recorded = 0

    def __call__(self, make):
        self.recorded += 1
        result = make()
        return lambda: result.copy_(make()), result


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


def noises_of(G, synthesis):
    sets = [G.synthesis.make_noise("random", 1, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)]
    return [synthesis.prepare_noise(images) for images in (*sets, G.synthesis.make_noise("none", 1))]


def assert_same_pictures(G, record):
    synthesis = FastSynthesis(G.synthesis, "float32")
    graphed = GraphedSynthesis(synthesis, record)
    noises = noises_of(G, synthesis)
    shown = []
    for seed, noise, resolution in ((0, 0, None), (1, 0, None), (1, 1, None), (2, 2, 16), (0, 2, 16), (3, 1, None)):
        ws = random_ws(G, seed).to(G.synthesis.resample_filter.device)
        expected = synthesis.render(ws, noises[noise], resolution)
        shown.append((graphed.render(ws, noises[noise], resolution), expected))
    for picture, expected in shown:  # none of them was overwritten by a later one
        torch.testing.assert_close(picture, expected, atol=1e-5, rtol=1e-5)


def test_every_picture_is_that_of_its_own_ws_and_noise():
    record = Replaying()
    assert_same_pictures(generator("skip"), record)
    assert record.recorded == 2  # with noise in full, without noise at 16 pixels


def test_what_was_recorded_is_bounded():
    G, record = generator("skip"), Replaying()
    synthesis = FastSynthesis(G.synthesis)
    graphed = GraphedSynthesis(synthesis, record)
    noise = noises_of(G, synthesis)[0]
    assert len(synthesis.resolutions) > KEPT_GRAPHS
    for _ in range(2):
        for resolution in synthesis.resolutions:
            graphed.render(random_ws(G), noise, resolution)
    assert record.recorded == 2 * len(synthesis.resolutions)
    assert len(graphed._recordings) == KEPT_GRAPHS


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_graphs_give_the_same_pictures():
    assert_same_pictures(generator("skip").to("cuda"), record_cuda_graph)
