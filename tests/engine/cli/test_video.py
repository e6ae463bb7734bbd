from pathlib import Path

import av
import pytest
from click.testing import CliRunner

from engine.cli.tools import main

MODEL = Path(__file__).parents[2] / "fixtures" / "ada_uncond_64.pkl"


def run(*arguments, fails=False):
    result = CliRunner().invoke(main, ["video", "--model", str(MODEL), *map(str, arguments)])
    assert (result.exit_code != 0) == fails, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return " ".join(result.output.split())


@pytest.mark.parametrize(("loop", "frames"), [("--loop", 6), ("--no-loop", 5)])
def test_a_walk_is_written_and_can_be_decoded(tmp_path, loop, frames):
    path = tmp_path / "walk.mp4"
    run("--seeds", "1,5", "--seconds", 0.3 if loop == "--loop" else 0.4, "--fps", 10, loop, "-o", path)
    with av.open(str(path)) as container:
        decoded = list(container.decode(video=0))
    assert len(decoded) == frames
    assert (decoded[0].width, decoded[0].height) == (256, 256)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "1", "-o", "walk.mp4"], "choose at least two"),
        (["--seeds", "1,2", "-o", "walk.avi"], "ends in none of .mp4"),
        (["--seeds", "1,2", "-o", "nowhere/walk.mp4"], "does not exist"),
        (["--seeds", "1,2", "-o", "taken.mp4"], "taken.mp4 exists already"),
        (["--seeds", "1,2", "--fps", "0", "-o", "walk.mp4"], "frames a second"),
        (["--seeds", "1,2", "--class", "1", "-o", "walk.mp4"], "this model has no classes"),
    ],
)
def test_what_cannot_work_is_a_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    Path("taken.mp4").write_bytes(b"mine")
    assert sentence in run(*arguments, fails=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["taken.mp4"]
    assert Path("taken.mp4").read_bytes() == b"mine"
