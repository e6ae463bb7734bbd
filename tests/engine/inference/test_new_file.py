import errno
import os
import shutil
import subprocess
import sys
import textwrap

import pytest

from engine.errors import ExportError
from engine.inference import new_file as module
from engine.inference.new_file import new_file


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def test_the_name_appears_only_at_the_end(tmp_path):
    path = tmp_path / "a.bin"
    with new_file(path) as temporary:
        temporary.write_bytes(b"half")
        assert temporary.parent == tmp_path
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), GeneratorExit()])
def test_nothing_stays_after_a_failure(tmp_path, error):
    def fail_halfway():
        with new_file(tmp_path / "a.bin") as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)):
        fail_halfway()
    assert names(tmp_path) == []


def test_a_file_that_came_into_being_in_the_meantime_is_kept(tmp_path):
    path = tmp_path / "a.bin"
    with pytest.raises(ExportError, match="exists already"), new_file(path):
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.skipif(os.name == "nt", reason="links are not used on Windows")
@pytest.mark.parametrize("taken", [False, True])
def test_a_file_system_without_hard_links_works_and_keeps_files_too(tmp_path, monkeypatch, taken):
    def no_links(source, target):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "a.bin"
    if taken:
        with pytest.raises(ExportError, match="exists already"), new_file(path):
            path.write_bytes(b"theirs")
        assert path.read_bytes() == b"theirs"
    else:
        with new_file(path) as temporary:
            temporary.write_bytes(b"ours")
        assert path.read_bytes() == b"ours"
    assert names(tmp_path) == ["a.bin"]


@pytest.mark.parametrize(("number", "word"), [(errno.ENOSPC, "the disk is full"), (errno.EIO, "could not be written")])
def test_errors_of_the_disk_are_sentences(tmp_path, monkeypatch, number, word):
    def failing(descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module.os, "fsync", failing)
    with pytest.raises(ExportError, match=rf"a\.bin.*{word}"), new_file(tmp_path / "a.bin"):
        pass
    assert names(tmp_path) == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_folder_is_a_sentence(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match="refuses new files"), new_file(tmp_path / "a.bin"):
        pass


def test_permission_errors_are_sentences(tmp_path, monkeypatch):
    def refuse(*args):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(module.os, "open", refuse)
    with pytest.raises(ExportError, match="refuses new files"), new_file(tmp_path / "a.bin"):
        pass
    assert names(tmp_path) == []


def can_mount():
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(trial, capture_output=True, check=False).returncode == 0


ON_A_SMALL_DISK = """
    from pathlib import Path
    import numpy as np
    from engine.errors import ExportError
    from engine.inference.renderer import Renderer
    from engine.video.export import export_video
    from engine.inference.images import save_png
    from tests.engine.inference.tiny_models import tiny_model
    from tests.engine.video.films import plan_for, small_walk

    folder = Path(FOLDER)
    noise = np.random.default_rng(0).integers(0, 256, (1, 256, 256, 3), dtype=np.uint8)

    def video():
        list(export_video(Renderer(tiny_model(), "cpu"), plan_for(folder / "walk.mp4", small_walk(seconds=2))))

    def frames():
        list(export_video(Renderer(tiny_model(), "cpu"), plan_for(folder / "frames", small_walk(seconds=2))))

    for attempt in (lambda: save_png(folder / "noise.png", noise[0], {}), video, frames):
        try:
            attempt()
        except ExportError as error:
            assert "the disk is full" in str(error), error
            assert list(folder.iterdir()) == [], list(folder.iterdir())
        else:
            raise AssertionError("a full disk went unnoticed")
"""


@pytest.mark.skipif(not can_mount(), reason="this system does not let us mount a small disk")
def test_a_disk_that_is_really_full_leaves_a_sentence_and_no_file(tmp_path):
    code = textwrap.dedent(ON_A_SMALL_DISK).replace("FOLDER", repr(str(tmp_path)))
    script = tmp_path.parent / "on_a_small_disk.py"
    script.write_text(code)
    mount = 'mount -t tmpfs -o size=100k tmpfs "$1" && exec "$2" "$3"'
    command = ["unshare", "-rm", "sh", "-c", mount, "sh", str(tmp_path), sys.executable, str(script)]
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert done.returncode == 0, done.stderr
