"""A session survives the way to the disk and back, and what is no session is refused in a sentence."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import ConfigError
from explorer.session.document import new_document
from explorer.session.session_file import (
    SavedModel,
    SavedSession,
    SessionFileError,
    VideoSettings,
    read_session,
    session_from_dict,
    write_session,
)
from tests.explorer.session.strategies import documents

sessions = st.builds(
    SavedSession,
    document=documents(),
    model=st.none() | st.builds(SavedModel, path=st.none() | st.just(Path("a") / "b.pkl"), content_id=st.text()),
    video=st.builds(VideoSettings, seconds_per_step=st.floats(0.1, 60), fps=st.integers(1, 60), loop=st.booleans()),
    size=st.none() | st.tuples(st.integers(900, 4000), st.integers(600, 4000)),
    unfolded=st.none() | st.frozensets(st.text(max_size=5)),
)


@settings(max_examples=40)
@given(sessions)
def test_a_session_comes_back_from_json(saved: SavedSession) -> None:
    assert session_from_dict(json.loads(json.dumps(saved.to_dict()))) == saved


def test_a_session_comes_back_from_a_file_that_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "session.json"
    for seed in (1, 2):
        saved = SavedSession(document=new_document(2, 3, first_seed=seed), size=(1000, 700))
        write_session(path, saved)
        assert read_session(path) == saved
    assert [entry.name for entry in path.parent.iterdir()] == ["session.json"]


def test_a_file_of_a_later_minor_change_is_read(tmp_path: Path) -> None:
    values = SavedSession(document=new_document()).to_dict()
    values["something new"] = {"x": 1}
    values["window"] = {"theme": "light"}
    del values["video"]
    assert session_from_dict(values) == SavedSession(document=new_document())


def test_a_newer_version_is_refused_with_what_to_do() -> None:
    values = SavedSession(document=new_document()).to_dict() | {"version": 99}
    with pytest.raises(ConfigError, match=r"version 99.*update the program"):
        session_from_dict(values)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": "other"}', b"[" * 100_000, b'{"version": 1}'],
    ids=["empty", "cut", "list", "null", "binary", "other", "deep", "no format"],
)
def test_what_is_no_session_is_a_sentence_with_the_path(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "session.json"
    path.write_bytes(content)
    with pytest.raises(SessionFileError, match=r"session\.json"):
        read_session(path)


@settings(max_examples=40)
@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_damaged_entries_are_refused(junk: object) -> None:
    values = SavedSession(document=new_document()).to_dict()
    for key in ("document", "window", "video", "model"):
        with contextlib.suppress(ConfigError):  # and nothing else
            session_from_dict(values | {key: junk})


def test_a_missing_file_and_an_unusable_folder_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(SessionFileError, match="does not exist"):
        read_session(tmp_path / "gone.json")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(SessionFileError, match="could not be saved"):
        write_session(tmp_path / "file" / "session.json", SavedSession(document=new_document()))
