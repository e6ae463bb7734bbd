import pytest

from explorer.app.pace import (
    AWAKE_FRAME_SECONDS,
    AWAKE_SECONDS,
    FRAME_SECONDS,
    IDLE_SECONDS,
    QUIET_FRAME_SECONDS,
    Pace,
)


def test_a_loop_at_rest_has_much_patience():
    assert Pace(10.0).patience(10.0, moving=False, quiet=False) == IDLE_SECONDS


@pytest.mark.parametrize(
    ("after", "moving", "quiet", "expected"),
    [
        (0.0, False, False, AWAKE_FRAME_SECONDS),
        (AWAKE_SECONDS - 0.1, False, True, AWAKE_FRAME_SECONDS),
        (AWAKE_SECONDS + 0.1, False, False, IDLE_SECONDS),
        (AWAKE_SECONDS + 0.1, False, True, QUIET_FRAME_SECONDS),
        (AWAKE_SECONDS + 0.1, True, False, FRAME_SECONDS),
        (0.0, True, False, FRAME_SECONDS),
    ],
)
def test_for_a_while_after_something_happened_it_draws(after, moving, quiet, expected):
    pace = Pace(0.0)
    pace.happened(5.0)
    assert pace.patience(5.0 + after, moving=moving, quiet=quiet) == expected


def test_frames_have_a_distance_however_fast_events_come():
    pace = Pace(0.0)
    assert pace.draw(1.0) == 1.0
    assert pace.rest(1.005) == pytest.approx(FRAME_SECONDS - 0.005)
    assert pace.rest(1.5) == 0.0
    assert pace.draw(1.5) == 0.5


def test_patience_counts_from_the_step():
    """A frame that took longer than the patience is followed by the next at once."""
    pace = Pace(0.0)
    pace.step(2.0)
    assert pace.left(2.01, 0.25) == pytest.approx(0.24)
    assert pace.left(2.3, 0.25) == 0.0
