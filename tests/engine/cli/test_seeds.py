import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cli.seeds import MAX_SEEDS, parse_seeds
from engine.errors import ConfigError
from engine.inference.requests import MAX_SEED

ranges = st.tuples(st.integers(0, MAX_SEED - 20), st.integers(0, 20))


@given(st.lists(ranges, min_size=1, max_size=8))
def test_seeds_and_ranges_are_read_in_order(parts):
    text = ", ".join(f"{first}-{first + more}" if more else str(first) for first, more in parts)
    assert parse_seeds(text) == tuple(seed for first, more in parts for seed in range(first, first + more + 1))


def seeds_or_sentence(text):
    try:
        return parse_seeds(text)
    except ConfigError as error:
        return str(error)


@given(st.text(max_size=12) | st.text(alphabet="0123456789-, ", max_size=12))
def test_every_text_is_seeds_or_a_sentence(text):
    outcome = seeds_or_sentence(text)
    if isinstance(outcome, str):
        assert "seed" in outcome or "range" in outcome
    else:
        assert outcome
        assert all(0 <= seed <= MAX_SEED for seed in outcome)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "'' in '' is no seed"),
        ("1,,2", "is no seed"),
        ("-3", "'-3' in '-3' is no seed: write seeds and ranges like 0-8,42"),
        ("1.5", "is no seed"),
        ("a", "is no seed"),
        ("٣", "is no seed"),
        ("8-0", "the range '8-0' ends before it begins: write 0-8"),
        (str(MAX_SEED + 1), f"from 0 to {MAX_SEED}"),
        (f"0-{MAX_SEED}", f"more than {MAX_SEEDS} seeds"),
        ("9" * 5000, "is no seed"),
    ],
)
def test_slips_are_explained(text, sentence):
    with pytest.raises(ConfigError) as caught:
        parse_seeds(text)
    assert sentence in str(caught.value)
