"""What a run's folder tells, while it is written, damaged, or taken away."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.training.run_files import STATS_NAME
from explorer.runs.run_reader import MAX_POINTS, RunReader, is_run
from tests.explorer.app.runs import new_run, report, tiny_generator


def test_a_run_is_read_as_it_grows(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    reader = RunReader(run.path)
    assert is_run(run.path)
    assert not is_run(tmp_path)
    assert not is_run(tmp_path / "gone")
    assert reader.read().snapshots == ()
    run.write_snapshot(tiny_generator(0), 9_000)
    run.write_snapshot(tiny_generator(0), 10_000)
    report(run, 10.0, loss_G=1.5, loss_D=0.5, ada_p=0.1, loss_G_features=3.0)
    run.append_warning(10_000, "Warning: D wins")
    state = reader.read()
    assert [snapshot.path.name[-18:-12] for snapshot in state.snapshots] == ["000010", "000009"]
    assert [chart.title for chart in state.charts] == ["Loss", "Augmentation"]
    assert [(curve.name, curve.points) for curve in state.charts[0].curves] == [
        ("G", ((10.0, 1.5),)),
        ("D", ((10.0, 0.5),)),
    ]
    assert (state.kimg, state.seconds, state.img_per_second) == (10.0, 600.0, 16.0)
    assert [(warning.kimg, warning.sentence) for warning in state.warnings] == [(10.0, "D wins")]
    assert reader.read() == state
    report(run, 11.0, kid_squeezenet=float("nan"))
    assert [chart.title for chart in reader.read().charts] == ["Loss", "Augmentation"]
    report(run, 12.0, kid_squeezenet=0.25, best_kid_squeezenet=0.25, diversity_outlines=0.9)
    charts = reader.read().charts
    assert {chart.title: [curve.name for curve in chart.curves] for chart in charts} == {
        "Loss": ["G", "D"],
        "KID": ["squeezenet"],
        "Diversity": ["shape"],
        "Augmentation": ["p"],
    }
    run.write_best(tiny_generator(1))
    first = reader.read().best
    run.write_best(tiny_generator(2))
    assert first is not None
    assert reader.read().best not in (None, first)


def test_long_curves_are_thinned_and_keep_their_end(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    for kimg in range(1, 1000):
        report(run, kimg, loss_G=kimg)
    (curve,) = RunReader(run.path).read().charts[0].curves
    assert MAX_POINTS / 2 <= len(curve.points) <= MAX_POINTS
    assert curve.points[-1] == (999.0, 999.0)
    assert list(curve.points) == sorted(curve.points)


@pytest.mark.parametrize(
    "content", [b"", b'{"cur_nimg": 4', b"\xff\xfe\x00", b"[]\n3\n", b'{"cur_nimg": 4, "seconds": "x"}\n']
)
def test_a_damaged_line_is_no_error(tmp_path: Path, content: bytes) -> None:
    run = new_run(tmp_path)
    (run.path / STATS_NAME).write_bytes(content)
    state = RunReader(run.path).read()
    assert state.problem == ""
    assert state.charts == ()
    assert state.seconds == 0.0


def test_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    reader = RunReader(run.path)
    assert reader.read().problem == ""
    shutil.rmtree(run.path)
    assert "cannot be read" in reader.read().problem
