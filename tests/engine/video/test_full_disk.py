"""A disk that is really full: a file system of an eighth of a megabyte, mounted for one process only."""

import shutil
import subprocess
import sys

import pytest

IN_A_SMALL_DISK = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
MOUNT = "mount -t tmpfs -o size=128k tmpfs {folder}"
SENTENCE = "the disk is full"


def possible(folder):
    if shutil.which("unshare") is None:
        return False
    tried = subprocess.run([*IN_A_SMALL_DISK, MOUNT.format(folder=folder)], capture_output=True, check=False)
    return tried.returncode == 0


@pytest.mark.parametrize("name", ["walk.mp4", "walk.gif", "frames"])
def test_a_full_disk_is_a_sentence_and_leaves_no_half_film(tmp_path, name):
    if not possible(tmp_path):
        pytest.skip("this system mounts nothing for a test")
    asked = "--seeds 1-4 --seconds 0.4 --fps 50 --size 256 --quality 100"
    program = f"{sys.executable} -c 'from engine.cli.tools import main; main()'"
    command = f"{program} video {asked} -o {tmp_path}/{name}; echo status $?"
    listing = f"echo; ls -A {tmp_path}"
    done = subprocess.run(
        [*IN_A_SMALL_DISK, f"{MOUNT.format(folder=tmp_path)} && {{ {command}; {listing}; }}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert "status 1" in done.stdout, done
    assert SENTENCE in done.stderr
    left = done.stdout.split("status 1")[1].split()
    assert all(entry.startswith(f".{name}.") and entry.endswith(".job") for entry in left), left
