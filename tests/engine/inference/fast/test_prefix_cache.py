"""A render that begins in the middle has the bits of one that begins at the start, and does only what it must."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.inference.fast import precision as precision_module
from engine.inference.fast.prefix_cache import PrefixCache
from engine.inference.fast.synthesis import FastSynthesis
from tests.engine.inference.fast.cases import generator, random_ws

PLENTY = 2**30


def ready(name, precision="bf16"):
    """(synthesis, two sets of prepared noise)"""
    G = generator(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(precision_module, "SMALL_LAYER", 0)  # low precision in small networks, too
        synthesis = FastSynthesis(G.synthesis, precision)
    sets = [G.synthesis.make_noise("random", 1, generator=torch.Generator().manual_seed(seed)) for seed in (1, 2)]
    return G, synthesis, [synthesis.prepare_noise(images) for images in sets]


@pytest.fixture(autouse=True)
def _inference():
    with torch.inference_mode():
        yield


def changed(ws, row, amount=0.1):
    ws = ws.clone()
    ws[row:] += amount
    return ws


@pytest.mark.parametrize("name", ["skip", "resnet, clamped", "orig", "wide"])
def test_a_change_from_any_layer_on_gives_the_bits_of_a_full_render(name):
    G, synthesis, (noise, _) = ready(name)
    ws = random_ws(G)
    for row in range(0, G.num_ws, 1 if G.num_ws < 12 else 5):
        prefixes = PrefixCache(synthesis, PLENTY)
        prefixes.render("tile", ws, noise)
        for amount in (0.1, 0.2):
            now = changed(ws, row, amount)
            assert torch.equal(prefixes.render("tile", now, noise), synthesis.render(now, noise))


@pytest.mark.parametrize("name", ["skip", "resnet, clamped"])
def test_while_a_drag_goes_on_only_the_layers_that_change_are_computed(name):
    G, synthesis, (noise, _) = ready(name)
    ws = random_ws(G)
    for row in range(G.num_ws):
        prefixes = PrefixCache(synthesis, PLENTY)
        prefixes.render("tile", ws, noise)
        assert prefixes.steps_run == len(synthesis.steps)
        prefixes.render("tile", changed(ws, row, 0.1), noise)
        before = prefixes.steps_run
        prefixes.render("tile", changed(ws, row, 0.2), noise)
        first = next(index for index, step in enumerate(synthesis.steps) if step.row >= row)
        assert prefixes.steps_run - before == len(synthesis.steps) - first


def test_noise_that_changes_in_one_layer_costs_the_layers_from_there_on():
    G, synthesis, (noise, other) = ready("skip")
    ws = random_ws(G)
    mixed = [*noise[:6], *other[6:]]
    prefixes = PrefixCache(synthesis, PLENTY)
    prefixes.render("tile", ws, noise)
    before = prefixes.steps_run
    assert torch.equal(prefixes.render("tile", ws, mixed), synthesis.render(ws, mixed))
    assert prefixes.steps_run - before < len(synthesis.steps) - 6
    assert torch.equal(prefixes.render("tile", ws, other), synthesis.render(ws, other))


def test_a_full_picture_goes_on_where_its_draft_ended():
    G, synthesis, (noise, _) = ready("skip")
    ws = random_ws(G)
    prefixes = PrefixCache(synthesis, PLENTY)
    assert torch.equal(prefixes.render("tile", ws, noise, 16), synthesis.render(ws, noise, 16))
    drafted = prefixes.steps_run
    assert drafted == synthesis.end(16)
    assert torch.equal(prefixes.render("tile", ws, noise), synthesis.render(ws, noise))
    assert prefixes.steps_run == len(synthesis.steps) + 1  # the draft's own RGB layer once more
    assert torch.equal(prefixes.render("tile", ws, noise, 16), synthesis.render(ws, noise, 16))


def test_tiles_do_not_disturb_each_other():
    G, synthesis, (noise, other) = ready("skip")
    prefixes = PrefixCache(synthesis, PLENTY)
    for _ in range(2):
        for seed in range(4):
            ws = random_ws(G, seed)
            assert torch.equal(prefixes.render(seed, ws, noise), synthesis.render(ws, noise))
            assert torch.equal(prefixes.render(("other", seed), ws, other), synthesis.render(ws, other))


@pytest.mark.parametrize("budget", [0, 10_000, 200_000, 800_000])
def test_what_is_kept_stays_within_the_budget(budget):
    G, synthesis, (noise, _) = ready("skip")
    prefixes = PrefixCache(synthesis, budget)
    for row in (0, 3, 7, 9, 5, 8):
        for seed in range(6):
            ws = changed(random_ws(G, seed), row)
            assert torch.equal(prefixes.render(seed, ws, noise), synthesis.render(ws, noise))
            kept = [state for tile in prefixes._tiles.values() for state in tile.states.values()]
            assert prefixes.size_bytes == sum(state.size_bytes for state in kept) <= budget


def test_the_tile_that_was_rendered_longest_ago_goes_first():
    G, synthesis, (noise, _) = ready("skip")
    one = PrefixCache(synthesis, PLENTY)
    one.render(0, random_ws(G), noise)
    size = one.size_bytes
    prefixes = PrefixCache(synthesis, size * 13)  # a tile may keep a twelfth of it: all that `one` kept
    for seed in range(14):
        prefixes.render(seed, random_ws(G, seed), noise)
        prefixes.render(0, random_ws(G, 0), noise)

    def steps_for(seed):
        before = prefixes.steps_run
        prefixes.render(seed, random_ws(G, seed), noise)
        return prefixes.steps_run - before

    assert steps_for(0) <= 1
    assert steps_for(13) <= 1
    assert steps_for(1) == len(synthesis.steps)


def test_clearing_gives_everything_back():
    G, synthesis, (noise, _) = ready("skip")
    prefixes = PrefixCache(synthesis, PLENTY)
    prefixes.render("tile", random_ws(G), noise)
    assert prefixes.size_bytes > 0
    prefixes.clear()
    assert prefixes.size_bytes == 0


SKIP = ready("skip", "float32")


@settings(max_examples=15, deadline=None)
@given(
    edits=st.lists(
        st.tuples(
            st.integers(0, 2), st.integers(0, 9), st.sampled_from([None, None, 8, 32]), st.booleans(), st.booleans()
        ),
        min_size=2,
        max_size=8,
    ),
    budget=st.sampled_from([0, 50_000, 400_000, PLENTY]),
)
def test_any_history_gives_the_bits_of_a_full_render(edits, budget):
    G, synthesis, noises = SKIP
    prefixes = PrefixCache(synthesis, budget)
    tiles = {seed: random_ws(G, seed) for seed in range(3)}
    with torch.inference_mode():
        for tile, row, resolution, other_noise, only_this_row in edits:
            ws = tiles[tile].clone()
            ws[row : row + 1 if only_this_row else None] += 0.1
            tiles[tile] = ws
            noise = noises[other_noise]
            assert torch.equal(prefixes.render(tile, ws, noise, resolution), synthesis.render(ws, noise, resolution))
