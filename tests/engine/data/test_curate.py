"""What is typical of a set, against the definition with one distance at a time."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.curate import distances_from_set, most_typical


@settings(max_examples=30, deadline=None)
@given(count=st.integers(2, 40), seed=st.integers(0, 1000))
def test_the_definition(count: int, seed: int) -> None:
    features = np.random.RandomState(seed).standard_normal((count, 5)).astype(np.float32)
    expected = []
    for index in range(count):
        others = np.delete(features, index, axis=0).astype(np.float64)
        distances = np.sort(np.linalg.norm(others - features[index], axis=1))
        expected.append(distances[: max(1, min(count - 1, round(count**0.5)))].mean())
    assert np.allclose(distances_from_set(features), expected, atol=1e-5)


def test_more_than_a_block() -> None:
    features = np.random.RandomState(0).standard_normal((1500, 3))
    whole = distances_from_set(features)
    for index in (0, 1023, 1024, 1499):
        distances = np.sort(np.linalg.norm(features - features[index], axis=1))[1:40]
        assert np.isclose(whole[index], distances.mean())


def test_outliers_go_first_even_if_they_are_alike_and_kinds_are_kept() -> None:
    """Two kinds of a hundred each, far apart, and four strange ones that are nearly the same."""
    random = np.random.RandomState(1)
    kinds = np.concatenate([random.standard_normal((100, 8)), 30 + random.standard_normal((100, 8))])
    strange = 200 + 0.01 * random.standard_normal((4, 8))
    features = np.concatenate([kinds[:50], strange, kinds[50:]]).astype(np.float32)
    kept = most_typical(features, 98)
    assert kept.tolist() == [*range(50), *range(54, 204)]


def test_shares() -> None:
    features = np.random.RandomState(2).standard_normal((10, 2))
    assert most_typical(features, 100).tolist() == list(range(10))
    assert len(most_typical(features, 50)) == 5
    assert len(most_typical(features, 0.1)) == 1
    assert most_typical(features[:1], 50).tolist() == [0]
    assert most_typical(np.zeros((4, 2)), 50).tolist() == [0, 1]
