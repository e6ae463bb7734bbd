"""The favourites on a real disk, with real processes that are killed and that write at once."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from engine.inference.requests import Look, SeedLatent, Truncation, look_to_dict
from explorer.library.errors import LibraryError
from explorer.library.favourites import Library
from explorer.library.folders import data_folder
from explorer.library.schema import SCHEMA_VERSION
from tests.explorer.session.strategies import looks

ADDS_UNTIL_KILLED = """
import sys
from pathlib import Path
import numpy as np
from engine.inference.requests import Look, SeedLatent
from explorer.library.favourites import Library
library = Library(Path(sys.argv[1]))
first, count = int(sys.argv[2]), int(sys.argv[3])
for seed in range(first, first + count):
    pixels = np.full((40, 40, 3), seed % 256, np.uint8)
    favourite = library.add("model", Look(latent=SeedLatent(seed=seed)), pixels)
    print(favourite.favourite_id, seed, flush=True)
"""


def seed_look(seed: int) -> Look:
    return Look(latent=SeedLatent(seed=seed))


def grey(value: int, size: int = 8) -> np.ndarray:
    return np.full((size, size, 3), value, np.uint8)


def adder(folder: Path, first: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", ADDS_UNTIL_KILLED, str(folder), str(first), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(look=looks)
def test_what_was_added_is_found_after_a_restart(tmp_path: Path, look: Look) -> None:
    with closing(Library(tmp_path)) as library:
        added = library.add("model", look, grey(7))
    with closing(Library(tmp_path)) as library:
        found = library.find("model", look)
        assert found == added
        assert found.look == look
        assert library.find("another model", look) is None
        assert library.notice == ""


def test_favourites_come_in_order_by_model_and_can_be_removed(tmp_path: Path) -> None:
    library = Library(tmp_path)
    for seed in (5, 1, 9):
        library.add("a", seed_look(seed), grey(seed))
    library.add("b", seed_look(5), grey(50))
    again = library.add("a", seed_look(5), grey(99))
    kept = library.favourites("a")
    assert [favourite.look for favourite in kept] == [seed_look(5), seed_look(1), seed_look(9)]
    assert again == kept[0]
    np.testing.assert_array_equal(library.thumbnail(again.favourite_id), grey(5))
    library.remove(kept[0].favourite_id)
    library.remove(kept[0].favourite_id)
    assert library.find("a", seed_look(5)) is None
    assert library.add("a", seed_look(5), grey(1)) == again
    assert [favourite.look for favourite in library.favourites("a")] == [seed_look(1), seed_look(9), seed_look(5)]
    assert len(library.favourites("a")) == 3
    assert len(library.favourites("b")) == 1


def test_equal_looks_are_one_favourite_however_their_numbers_are_written(tmp_path: Path) -> None:
    library = Library(tmp_path)
    added = library.add("a", Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=0)), grey(1))
    assert library.find("a", Look(latent=SeedLatent(seed=1), truncation=Truncation(psi=-0.0))) == added


@pytest.mark.parametrize(("shape", "expected"), [((300, 150, 3), (128, 64, 3)), ((32, 32, 3), (32, 32, 3))])
def test_thumbnails_keep_their_aspect_and_are_png(tmp_path: Path, shape: tuple, expected: tuple) -> None:
    library = Library(tmp_path)
    pixels = np.random.RandomState(0).randint(0, 256, shape).astype(np.uint8)
    added = library.add("a", seed_look(0), pixels)
    assert library.thumbnail(added.favourite_id).shape == expected
    with closing(sqlite3.connect(library.path)) as connection:
        (png,) = connection.execute("SELECT thumbnail FROM favourites").fetchone()
    assert png.startswith(b"\x89PNG")
    if shape == expected:
        np.testing.assert_array_equal(library.thumbnail(added.favourite_id), pixels)
        np.testing.assert_array_equal(library.preview(added.favourite_id), pixels)
    else:
        assert library.preview(added.favourite_id).shape == shape


def test_a_transparent_picture_is_shown_on_white(tmp_path: Path) -> None:
    pixels = np.zeros((16, 16, 4), np.uint8)
    pixels[:8] = (10, 20, 30, 255)
    library = Library(tmp_path)
    thumbnail = library.thumbnail(library.add("a", seed_look(0), pixels).favourite_id)
    assert (thumbnail[:8] == (10, 20, 30)).all()
    assert (thumbnail[8:] == 255).all()


def test_each_commit_waits_for_the_disk(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert library._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert library._connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_kill_at_any_moment_loses_nothing_that_was_reported(tmp_path: Path) -> None:
    moments = random.Random(2)
    for trial in range(6):
        folder = tmp_path / str(trial)
        process = adder(folder, 0, 100_000)
        assert process.stdout is not None
        reported = [process.stdout.readline() for _ in range(moments.randint(1, 40))]
        if trial % 2:  # somewhere inside the next transactions, rather than right after a report
            deadline = threading.Event()
            deadline.wait(moments.uniform(0, 0.05))
        process.kill()
        reported += process.stdout.readlines()
        process.wait(timeout=30)
        saved = [tuple(map(int, line.split())) for line in reported if line.endswith("\n")]
        with closing(Library(folder)) as library:
            kept = {favourite.favourite_id: favourite for favourite in library.favourites("model")}
            assert library.notice == ""
            assert saved
            for favourite_id, seed in saved:
                assert kept[favourite_id].look == seed_look(seed)
                np.testing.assert_array_equal(library.thumbnail(favourite_id), grey(seed % 256, 40))
        assert len(kept) - len(saved) in (0, 1)  # at most the one whose report the kill cut off


def test_explorers_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    processes = [adder(tmp_path, first, 60) for first in (0, 1000, 2000)]
    for process in processes:
        process.communicate(timeout=60)
        assert process.returncode == 0
    kept = {favourite.look for favourite in Library(tmp_path).favourites("model")}
    assert kept == {seed_look(first + i) for first in (0, 1000, 2000) for i in range(60)}


def test_libraries_that_begin_at_once_all_succeed(tmp_path: Path) -> None:
    for trial in range(100):
        failures: list[Exception] = []
        start = threading.Barrier(4)

        def begin(seed: int, folder: Path, start: threading.Barrier, failures: list[Exception]) -> None:
            start.wait(timeout=30)
            try:
                with closing(Library(folder)) as library:
                    library.add("model", seed_look(seed), grey(seed))
            except Exception as error:
                failures.append(error)

        folder = tmp_path / str(trial)
        threads = [threading.Thread(target=begin, args=(seed, folder, start, failures)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert failures == []
        with closing(Library(folder)) as library:
            assert len(library.favourites("model")) == 4, [entry.name for entry in folder.iterdir()]


def test_a_file_that_is_damaged_is_set_aside_by_one_of_those_that_find_it(tmp_path: Path) -> None:
    for trial in range(20):
        folder = tmp_path / str(trial)
        with closing(Library(folder)) as library:
            library.add("model", seed_look(0), grey(0))
            library.back_up()
        (folder / "favourites.sqlite").write_bytes(b"nothing that SQLite would know" * 100)
        outcomes: list[object] = []
        start = threading.Barrier(4)

        def begin(seed: int, folder: Path, start: threading.Barrier, outcomes: list[object]) -> None:
            start.wait(timeout=30)
            try:
                with closing(Library(folder)) as library:
                    library.add("model", seed_look(seed), grey(seed))
                    outcomes.append(library.notice)
            except Exception as error:
                outcomes.append(error)

        threads = [threading.Thread(target=begin, args=(n, folder, start, outcomes)) for n in range(1, 5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=30)
        assert sum(bool(outcome) for outcome in outcomes) == 1, outcomes
        assert len(list(folder.glob("*.damaged-*"))) == 1
        with closing(Library(folder)) as library:
            assert len(library.favourites("model")) == 5


def damaged_header(path: Path) -> None:
    path.write_bytes(b"this was never a database" * 100)


def damaged_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    path.write_bytes(content)


def cut_in_the_middle(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 - 100])


def lost_table(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TABLE tags")


def another_programs_table(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE favourites (url TEXT)")


DAMAGES = [damaged_header, damaged_pages, cut_in_the_middle, another_programs_table, lost_table]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_library_is_set_aside_and_reported(tmp_path: Path, damage) -> None:
    with closing(Library(tmp_path)) as library:
        for seed in range(40):
            library.add("model", seed_look(seed), np.random.RandomState(seed).randint(0, 256, (64, 64, 3), np.uint8))
    damage(library.path)
    before = library.path.read_bytes()
    with closing(Library(tmp_path)) as library:
        assert library.favourites("model") == []
        library.add("model", seed_look(1), grey(1))
        [kept] = tmp_path.glob("favourites.damaged-*.sqlite")
        assert kept.name in library.notice
        assert "a new one was begun" in library.notice
    assert kept.read_bytes() == before
    with closing(Library(tmp_path)) as library:
        assert library.notice == ""
        assert len(library.favourites("model")) == 1


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("newest_is_broken", [False, True])
def test_a_damaged_library_comes_back_from_its_last_sound_backup(
    tmp_path: Path, damage, newest_is_broken: bool
) -> None:
    with closing(Library(tmp_path)) as library:
        kept = library.add("model", seed_look(1), grey(1))
        library.rename(kept.favourite_id, "the first")
        library.back_up()
        library.add("model", seed_look(2), grey(2))
        library.back_up()
        library.add("model", seed_look(3), np.random.RandomState(0).randint(0, 256, (128, 128, 3), np.uint8))
    damage(library.path)
    if newest_is_broken:
        damaged_header(tmp_path / "favourites.backup.sqlite")
    with closing(Library(tmp_path)) as library:
        seeds = [1] if newest_is_broken else [1, 2]
        assert [favourite.look for favourite in library.favourites("model")] == [seed_look(seed) for seed in seeds]
        assert library.favourites("model")[0].name == "the first"
        assert "the backup of" in library.notice
        library.add("model", seed_look(4), grey(1))
    with closing(Library(tmp_path)) as library:
        assert library.notice == ""
        assert len(library.favourites("model")) == len(seeds) + 1


def test_damaged_twice_in_a_second_keeps_both(tmp_path: Path) -> None:
    for _ in range(3):
        (tmp_path / "favourites.sqlite").write_bytes(b"no database at all, much longer than a header" * 9)
        Library(tmp_path).close()
    assert len(list(tmp_path.glob("favourites.damaged-*.sqlite"))) == 3


def test_a_newer_library_is_refused_and_left_alone(tmp_path: Path) -> None:
    with closing(Library(tmp_path)) as library:
        library.add("model", seed_look(1), grey(1))
    with closing(sqlite3.connect(library.path)) as connection:
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    before = library.path.read_bytes()
    with pytest.raises(LibraryError, match="newer version of this program"):
        Library(tmp_path)
    assert library.path.read_bytes() == before
    assert not list(tmp_path.glob("*damaged*"))


def test_a_folder_that_cannot_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LibraryError, match="STYLEGAN_EXPLORER_DATA"):
        Library(tmp_path / "file" / "folder")
    (tmp_path / "favourites.sqlite").mkdir()
    with pytest.raises(LibraryError, match="cannot be used"):
        Library(tmp_path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_an_unwritable_folder_is_a_sentence(tmp_path: Path) -> None:
    Library(tmp_path).close()
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(LibraryError, match="writable"):
            Library(tmp_path)
    finally:
        tmp_path.chmod(0o700)


def test_a_library_that_is_locked_or_lost_while_open_is_a_sentence(tmp_path: Path) -> None:
    library = Library(tmp_path, busy_seconds=0.05)
    with closing(sqlite3.connect(library.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LibraryError, match="Another program is using it"):
            library.add("model", seed_look(1), grey(1))
        other.execute("ROLLBACK")
        library.add("model", seed_look(1), grey(1))
        other.execute("DROP TABLE favourites")
    with pytest.raises(LibraryError, match="cannot be used"):
        library.add("model", seed_look(2), grey(1))


def test_a_favourite_that_cannot_be_read_is_left_out_and_said(tmp_path: Path) -> None:
    library = Library(tmp_path)
    for seed in range(3):
        library.add("model", seed_look(seed), grey(1))
    newer = json.dumps({**look_to_dict(seed_look(1)), "version": 99})
    library._connection.execute("UPDATE favourites SET look = ? WHERE favourite_id = 2", (newer,))
    library._connection.execute("UPDATE favourites SET thumbnail = x'00' WHERE favourite_id = 3")
    assert [favourite.favourite_id for favourite in library.favourites("model")] == [1, 3]
    assert "Favourite 2" in library.notice
    assert "left out" in library.notice
    with pytest.raises(LibraryError, match="picture of favourite 3"):
        library.thumbnail(3)


def test_the_folder_comes_from_the_environment(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("STYLEGAN_EXPLORER_DATA", str(tmp_path / "here"))
    assert data_folder() == tmp_path / "here"
    assert Library().path.parent == tmp_path / "here"
    monkeypatch.delenv("STYLEGAN_EXPLORER_DATA")
    assert "stylegan-explorer" in str(data_folder())


def test_a_copied_library_opens(tmp_path: Path) -> None:
    with closing(Library(tmp_path / "a")) as library:
        library.add("model", seed_look(1), grey(1))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    assert len(Library(tmp_path / "b").favourites("model")) == 1
