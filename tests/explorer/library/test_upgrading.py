"""Libraries of older programs become today's; what they held is kept, twice."""

from __future__ import annotations

import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from engine.inference.requests import Look, SeedLatent, look_to_dict
from explorer.library.favourites import Library
from explorer.library.schema import MIGRATIONS, SCHEMA_VERSION
from explorer.library.thumbnails import to_png

OLDEST = """
CREATE TABLE IF NOT EXISTS favourites (
    favourite_id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_id TEXT NOT NULL,
    look TEXT NOT NULL,
    thumbnail BLOB NOT NULL,
    created TEXT NOT NULL,
    UNIQUE (content_id, look)
)
"""
"""As the first program wrote it; never to be changed."""


def old_library(folder: Path, seeds: tuple[int, ...]) -> Path:
    path = folder / "favourites.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(OLDEST)
        connection.execute("PRAGMA user_version=1")
        for seed in seeds:
            look = json.dumps(look_to_dict(Look(latent=SeedLatent(seed=seed))), sort_keys=True)
            png = to_png(np.full((8, 8, 3), seed, np.uint8))
            connection.execute(
                "INSERT INTO favourites (content_id, look, thumbnail, created) VALUES (?, ?, ?, ?)",
                ("model", look, png, "2025-01-02T03:04:05+00:00"),
            )
    return path


def test_an_old_library_is_upgraded_and_kept_as_it_was(tmp_path: Path) -> None:
    old_library(tmp_path, (7, 3, 5))
    with closing(Library(tmp_path)) as library:
        kept = library.favourites("model")
        assert [favourite.look.latent for favourite in kept] == [SeedLatent(seed=seed) for seed in (7, 3, 5)]
        assert {(f.name, f.rating, f.tags, f.created.year) for f in kept} == {("", 0, (), 2025)}
        assert [library.thumbnail(f.favourite_id)[0, 0, 0] for f in kept] == [7, 3, 5]
        library.rename(kept[0].favourite_id, "named")
        library.tag(["a"], [], kept[0].favourite_id)
        assert library.notice == ""
    with closing(sqlite3.connect(tmp_path / "favourites.schema-1.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        assert connection.execute("SELECT count(*) FROM favourites").fetchone() == (3,)
    with closing(Library(tmp_path)) as library:
        assert library.favourites("model")[0].tags == ("a",)


def test_an_upgraded_library_has_the_tables_of_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    old_library(tmp_path / "old", ())
    tables = []
    for name in ("old", "new"):
        with closing(Library(tmp_path / name)) as library, closing(sqlite3.connect(library.path)) as connection:
            names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema ORDER BY name")]
            columns = {table: connection.execute(f"PRAGMA table_info({table})").fetchall() for table in names}
            tables.append((columns, connection.execute("PRAGMA user_version").fetchone()))
    assert tables[0] == tables[1]
    assert tables[0][1] == (SCHEMA_VERSION,)
    assert len(MIGRATIONS[0]) == 1  # what was once in use is not changed


def test_two_explorers_upgrade_at_once(tmp_path: Path) -> None:
    old_library(tmp_path, (1, 2))
    failures: list[Exception] = []
    start = threading.Barrier(3)

    def begin() -> None:
        start.wait(timeout=30)
        try:
            with closing(Library(tmp_path)) as library:
                assert len(library.favourites("model")) == 2
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=begin) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []


@pytest.mark.parametrize("statement", range(len(MIGRATIONS[1])))
def test_an_upgrade_that_is_cut_short_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statement: int
) -> None:
    path = old_library(tmp_path, (1, 2))
    broken = (*MIGRATIONS[1][:statement], "SELECT no_such_function()")
    monkeypatch.setattr("explorer.library.schema.MIGRATIONS", (MIGRATIONS[0], broken))
    with pytest.raises(Exception, match="no_such_function"):
        Library(tmp_path)
    monkeypatch.undo()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    with closing(Library(tmp_path)) as library:
        assert len(library.favourites("model")) == 2
