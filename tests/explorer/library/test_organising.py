"""Names, tags, ratings, order and collections; search; what two explorers do at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.inference.requests import Look, SeedLatent
from explorer.library.errors import LibraryError
from explorer.library.favourites import Library
from explorer.library.search import Query, found
from explorer.library.shelf import MAX_NAME, clean_name, clean_tags, tags_from

ORGANISES = """
import sys
from pathlib import Path
from explorer.library.favourites import Library
library = Library(Path(sys.argv[1]))
me, ids = sys.argv[2], [favourite.favourite_id for favourite in library.favourites("model")]
for turn, favourite_id in enumerate(ids * 4):
    library.tag([f"{me} {turn}"], [], favourite_id)
    library.move([favourite_id], ids[turn % 3])
    library.put_into(library.create_collection("shared").collection_id, [favourite_id])
    library.put_into(library.create_collection(me).collection_id, [favourite_id])
"""


def grey(value: int) -> np.ndarray:
    return np.full((8, 8, 3), value, np.uint8)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    """Six favourites of two models, with the ids 1 to 6."""
    with closing(Library(tmp_path)) as opened:
        for seed in range(6):
            opened.add("model" if seed < 4 else "other", Look(latent=SeedLatent(seed=seed)), grey(seed))
        yield opened


def order(library: Library) -> list[int]:
    return [favourite.favourite_id for favourite in library.shelf().favourites]


def test_what_is_written_about_favourites_stays(library: Library, tmp_path: Path) -> None:
    library.rename(1, "  A   blue\none ")
    library.rate(4, 1, 2)
    library.rate(99, 3)
    library.tag(["Sea", "#blue", "sea "], [], 1, 2)
    library.tag([], ["sea"], 2)
    library.name_model("model", "critters.safetensors")
    with closing(Library(tmp_path)) as again:
        shelf = again.shelf()
        assert shelf == library.shelf()
        first, second, third, *_ = shelf.favourites
        assert (first.name, first.rating, first.tags) == ("A blue one", 4, ("blue", "sea"))
        assert (second.name, second.rating, second.tags) == ("", 4, ("blue",))
        assert third.rating == 5
        assert shelf.models == {"model": "critters.safetensors"}


def test_letting_go_is_taken_back_with_everything(library: Library) -> None:
    library.rename(2, "kept")
    library.tag(["sea"], [], 2)
    collection = library.create_collection("Best").collection_id
    library.put_into(collection, [3, 2])
    before = library.shelf()
    library.remove(2, 3)
    assert order(library) == [1, 4, 5, 6]
    assert library.shelf().collection(collection).members == ()
    library.restore(2, 3)
    assert library.shelf() == before


def test_what_was_let_go_long_ago_is_forgotten(library: Library, tmp_path: Path) -> None:
    library.remove(1, 2)
    library._connection.execute("UPDATE favourites SET removed = '2020-01-01T00:00:00+00:00' WHERE favourite_id = 1")
    with closing(Library(tmp_path)) as again:
        again.restore(1, 2)
        assert order(again) == [2, 3, 4, 5, 6]


MOVES = st.tuples(st.lists(st.integers(0, 7), min_size=1, max_size=3, unique=True), st.integers(0, 8))


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(range(6)), st.lists(MOVES, max_size=5))
def test_moving_is_what_a_list_would_do(order_of_ids: list[int], moves: list[tuple[list[int], int]]) -> None:
    import sqlite3

    from explorer.library.tables import move

    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("CREATE TABLE favourites (favourite_id INTEGER PRIMARY KEY, position REAL)")
    connection.executemany("INSERT INTO favourites VALUES (?, ?)", [(n, p) for p, n in enumerate(order_of_ids)])
    expected = list(order_of_ids)
    for moved, target in moves:
        before = None if target == 8 else target
        move(connection, moved, before, None)
        after = expected[expected.index(before) :] if before in expected else []
        anchor = next((n for n in after if n not in moved), None)
        rest = [n for n in expected if n not in moved]
        index = rest.index(anchor) if anchor is not None else len(rest)
        expected = [*rest[:index], *(n for n in moved if n in expected), *rest[index:]]
    rows = connection.execute("SELECT favourite_id FROM favourites ORDER BY position").fetchall()
    connection.close()
    assert [row[0] for row in rows] == expected


def test_the_order_of_favourites_and_that_of_a_collection_are_two(library: Library) -> None:
    library.move([5, 1], before=3)
    assert order(library) == [2, 5, 1, 3, 4, 6]
    collection = library.create_collection("Best").collection_id
    library.put_into(collection, [1, 2, 6])
    library.move([6], before=1, collection_id=collection)
    assert library.shelf().collection(collection).members == (6, 1, 2)
    assert order(library) == [2, 5, 1, 3, 4, 6]
    library.put_into(collection, [2, 3])
    assert library.shelf().collection(collection).members == (6, 1, 2, 3)
    library.take_out(collection, [1, 99])
    assert library.shelf().collection(collection).members == (6, 2, 3)


def test_collections_are_found_by_name_and_come_back(library: Library) -> None:
    best = library.create_collection("Best")
    assert library.create_collection(" best ").collection_id == best.collection_id
    library.create_collection("another")
    library.put_into(best.collection_id, [4, 1])
    with pytest.raises(LibraryError, match='"another" already'):
        library.rename_collection(best.collection_id, "another")
    with pytest.raises(LibraryError, match="needs a name"):
        library.create_collection(" \n ")
    library.rename_collection(best.collection_id, "Worst")
    assert [collection.name for collection in library.shelf().collections] == ["another", "Worst"]
    gone = library.shelf().collection(best.collection_id)
    library.remove_collection(best.collection_id)
    assert order(library) == [1, 2, 3, 4, 5, 6]
    assert library.restore_collection(gone).members == (4, 1)
    assert [collection.name for collection in library.shelf().collections] == ["another", "Worst"]


def test_search_finds_words_tags_stars_models_and_collections(library: Library) -> None:
    library.rename(1, "Grüne Welle")
    library.rename(2, "Blue wave")
    library.tag(["deep sea", "blue"], [], 1, 5)
    library.rate(3, 2, 5)
    library.name_model("other", "Pokemon.pkl")
    best = library.create_collection("Best").collection_id
    library.put_into(best, [5, 2, 1])
    shelf = library.shelf()

    def ids(**asked: object) -> list[int]:
        return [favourite.favourite_id for favourite in found(shelf, Query(**asked))]

    assert ids() == [1, 2, 3, 4, 5, 6]
    assert ids(text="blue") == [1, 2, 5]
    assert ids(text="#blue") == [1, 5]
    assert ids(text="#deep") == [1, 5]
    assert ids(text="GRÜNE w") == [1]
    assert ids(text="pokemon") == [5, 6]
    assert ids(text="pokemon blue") == [5]
    assert ids(rating=3) == [2, 5]
    assert ids(content_id="model", rating=1) == [2]
    assert ids(collection_id=best) == [5, 2, 1]
    assert ids(collection_id=best, text="wave") == [2]
    assert ids(collection_id=99) == []


def test_two_explorers_organise_at_once_and_lose_nothing(library: Library, tmp_path: Path) -> None:
    commands = [[sys.executable, "-c", ORGANISES, str(tmp_path), name] for name in ("left", "right")]
    processes = [subprocess.Popen(command) for command in commands]
    for seed in range(100, 110):
        library.add("model", Look(latent=SeedLatent(seed=seed)), grey(1))
    for process in processes:
        assert process.wait(timeout=60) == 0
    assert library.changed_elsewhere()
    assert not library.changed_elsewhere()
    shelf = library.shelf()
    assert {favourite.look.latent.seed for favourite in shelf.favourites} == {*range(6), *range(100, 110)}
    tags = {tag for favourite in shelf.favourites for tag in favourite.tags}
    for me in ("left", "right"):
        turns = sorted(int(tag.split()[1]) for tag in tags if tag.startswith(me))
        assert turns == list(range(len(turns)))
        assert len(turns) >= 16
    assert [collection.name for collection in shelf.collections] == ["left", "right", "shared"]
    assert all(set(collection.members) >= {1, 2, 3, 4} for collection in shelf.collections)


@settings(deadline=None)
@given(st.text())
def test_what_is_typed_becomes_one_line_that_can_be_written(text: str) -> None:
    name = clean_name(text)
    assert name == clean_name(name)
    assert len(name) <= MAX_NAME
    assert "\n" not in name
    name.encode()
    tags = tags_from(text)
    assert tags == clean_tags(tags)
    assert all(tag == tag.strip() and "," not in tag for tag in tags)


def test_a_thousand_favourites_are_read_quickly(tmp_path: Path) -> None:
    import time

    with closing(Library(tmp_path)) as library:
        png = grey(3)
        with library._writing():
            for seed in range(1000):
                library._connection.execute(
                    "INSERT INTO favourites (content_id, look, thumbnail, created) VALUES (?, ?, ?, ?)",
                    ("model", f'{{"seed": {seed}}}', png.tobytes(), "2025-01-01T00:00:00+00:00"),
                )
        seconds = []
        for _ in range(3):
            start = time.process_time()
            library.shelf()
            seconds.append(time.process_time() - start)
        assert "left out" in library.notice  # these looks are none; reading them costs what reading looks costs
        assert min(seconds) < 1.0
