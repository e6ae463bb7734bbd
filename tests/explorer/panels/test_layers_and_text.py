"""How layers are named and grouped, and how text is shortened."""

from __future__ import annotations

import math
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.inference.requests import MAX_SEED
from explorer.panels.layer_groups import layer_groups, layer_resolution
from explorer.panels.pad_panel import short_seed
from explorer.panels.seed_numbers import SeedNumbers
from explorer.panels.text_fit import fitted, shown_path


@given(st.integers(2, 20))
def test_groups_hold_every_layer_once_in_order(num_ws: int) -> None:
    groups = layer_groups(num_ws)
    assert [layer for group in groups for layer in group.layers] == list(range(num_ws))
    assert all(group.layers for group in groups)


def test_the_groups_of_the_paper() -> None:
    groups = {group.name: group.layers for group in layer_groups(18)}
    assert groups == {"Coarse": (0, 1, 2, 3), "Middle": (4, 5, 6, 7), "Fine": tuple(range(8, 18))}


@pytest.mark.parametrize("resolution", [8, 64, 1024])
def test_resolutions_of_layers(resolution: int) -> None:
    num_ws = 2 * int(math.log2(resolution)) - 2
    found = [layer_resolution(layer, resolution) for layer in range(num_ws)]
    assert found[0] == 4
    assert found[-1] == resolution
    assert found == sorted(found)
    assert all(found.count(side) >= 2 for side in set(found) - {4})


@given(st.text(max_size=60), st.integers(1, 60))
def test_fitted_text_is_no_wider_and_keeps_both_ends(text: str, width: int) -> None:
    shown = fitted(text, width, len)
    assert len(shown) <= width
    if shown != text:
        head, _, tail = shown.partition("…")
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len(shown) == width


def test_a_very_long_text_is_fitted_at_once() -> None:
    measured: list[str] = []
    assert len(fitted("x" * 5000, 60, lambda text: measured.append(text) or len(text))) == 60
    assert len(measured) < 20


def test_a_path_below_the_home_folder_is_shown_as_people_write_it(tmp_path: Path) -> None:
    assert shown_path(Path.home() / "Videos" / "walk.mp4") == os.sep.join(("~", "Videos", "walk.mp4"))
    assert shown_path(tmp_path / "walk.mp4") == str(tmp_path / "walk.mp4")


@given(st.integers(0, 2**32 - 1))
def test_a_short_seed_ends_like_the_seed(seed: int) -> None:
    short = short_seed(seed)
    assert len(short) <= 6
    assert str(seed).endswith(short.lstrip("…"))


@given(st.integers(0, MAX_SEED))
def test_a_seed_in_a_field_is_read_again(seed: int) -> None:
    assert SeedNumbers().read(SeedNumbers().write(seed)) == seed


@pytest.mark.parametrize(
    ("text", "seed"),
    [("-1", MAX_SEED), ("−2", MAX_SEED - 1), ("-1e9", 0), ("1e99", MAX_SEED), ("inf", MAX_SEED), ("4294967297", 1)],
)
def test_typed_seeds_wrap_around_near_the_ends(text: str, seed: int) -> None:
    assert SeedNumbers().read(text) == seed


def test_seeds_below_zero_have_a_sign() -> None:
    assert SeedNumbers().write(MAX_SEED) == "−1"
    assert SeedNumbers().write(42) == "42"
