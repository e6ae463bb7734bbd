"""From favourites to a video plan."""

from pathlib import Path

import pytest

from engine.errors import ConfigError
from engine.inference.requests import Look, SeedLatent
from explorer.session.keyframes import video_plan

A, B = (Look(latent=SeedLatent(seed=seed)) for seed in (1, 2))


def test_the_looks_become_keyframes_in_order_without_standstills() -> None:
    plan = video_plan([A, A, B, B, A], Path("walk.mp4"), seconds_per_step=1, fps=10, loop=False)
    assert [key.look for key in plan.timelines[0].keys] == [A, B, A]
    assert plan.frame_count == 21


@pytest.mark.parametrize("looks", [[], [A], [A, A]])
def test_a_walk_needs_two_looks(looks: list[Look]) -> None:
    with pytest.raises(ConfigError, match="at least two"):
        video_plan(looks, Path("walk.mp4"))
