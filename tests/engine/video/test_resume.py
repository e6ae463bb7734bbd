"""A process that is killed in the middle of a video, and what the next one makes of it."""

import shutil
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from engine.cli.tools import main
from engine.errors import ExportError, ExportStoppedError
from engine.formats.model_file import load_model, save_model
from engine.inference.renderer import Renderer
from engine.video import export as module
from engine.video.export import ExportOptions, export_video
from engine.video.job_folder import Job, create_job, give_up, unfinished_jobs
from engine.video.writer import picture_path
from tests.engine.inference.tiny_models import tiny_model
from tests.engine.video.films import decode, make, names, plan_for, small_walk

OPTIONS = ExportOptions(segment_frames=10, resume=True)
WALK = small_walk(seconds=1.0)  # 60 frames
IN_ANOTHER_PROCESS = """
    import sys
    from pathlib import Path
    from engine.inference.renderer import Renderer
    from tests.engine.inference.tiny_models import tiny_model
    from tests.engine.video.films import plan_for
    from tests.engine.video.test_resume import OPTIONS, WALK, export_video

    for step in export_video(Renderer(tiny_model(), "cpu"), plan_for(Path(sys.argv[1]), WALK, width=32), OPTIONS):
        print(step.done, flush=True)
"""


@pytest.fixture(scope="module")
def renderer():
    return Renderer(tiny_model(), "cpu")


def pictures(path):
    if path.is_dir():
        return np.stack([np.asarray(Image.open(file)) for file in sorted(path.iterdir())])
    return decode(path)


def left_behind(path):
    """The unfinished jobs; an encoder outlives the process that was killed for a moment, and holds the lock as long."""
    for _ in range(100):
        folders = list(unfinished_jobs(path))
        if folders:
            return folders
        time.sleep(0.1)
    return []


@pytest.mark.parametrize("name", ["walk.mp4", "frames"])
def test_a_killed_export_goes_on_and_ends_with_the_same_frames(tmp_path, renderer, name):
    code = textwrap.dedent(IN_ANOTHER_PROCESS)
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / name)], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if int(line) >= 45:
            break
    process.kill()  # SIGKILL: nothing in it can clean up
    process.wait()
    process.stdout.close()
    assert [entry for entry in names(tmp_path) if not entry.startswith(".")] == []
    [folder] = left_behind(tmp_path / name)
    folder.close()

    plan = plan_for(tmp_path / name, WALK, width=32)
    steps = make(renderer, plan, OPTIONS)
    assert steps[0].done >= 10  # not from the beginning
    whole = plan_for(tmp_path / ("whole" + plan.path.suffix), WALK, width=32)
    make(renderer, whole, OPTIONS)
    assert np.array_equal(pictures(plan.path), pictures(whole.path))
    assert len(pictures(plan.path)) == 60
    assert not [entry for entry in names(tmp_path) if entry.startswith(".")]


def cut_off(renderer, plan, options=OPTIONS):
    """What lies there when a process dies: a copy of the job folder in the middle of its life."""
    steps = export_video(renderer, plan, options)
    [folder] = _wait_for_a_segment(plan, steps)
    shutil.copytree(folder, folder.with_name(f".{plan.path.name}.cutoff.job"))
    steps.close()


def _wait_for_a_segment(plan, steps):
    for _step in steps:
        folders = [entry for entry in plan.path.parent.iterdir() if entry.name.startswith(f".{plan.path.name}.")]
        if folders and (folders[0] / "segment-000000.mp4").exists():
            return folders
        time.sleep(0.01)
    raise AssertionError("the video ended before its first segment was seen")


def test_a_measured_walk_goes_on_without_being_measured_again(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4", replace(WALK, pace="even"), width=32)
    cut_off(renderer, plan)
    assert "measuring" not in [step.stage for step in make(renderer, plan, OPTIONS)]
    whole = replace(plan, path=tmp_path / "whole.mp4")
    make(renderer, whole, OPTIONS)
    assert np.array_equal(decode(plan.path), decode(whole.path))


@pytest.mark.parametrize("change", [{"width": 64}, {"quality": 50}, {"supersampling": 2}])
def test_another_plan_begins_anew(tmp_path, renderer, change):
    plan = plan_for(tmp_path / "walk.mp4", WALK, width=32)
    cut_off(renderer, plan)
    other = plan_for(tmp_path / "walk.mp4", WALK, **{"width": 32, **change})
    steps = export_video(renderer, other, OPTIONS)
    assert next(steps).done <= 1
    assert len(names(tmp_path)) == 2  # the old job, and the new one
    steps.close()
    assert names(tmp_path) == [".walk.mp4.cutoff.job"]


def test_a_job_in_work_elsewhere_is_left_alone(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4", WALK, width=32)
    folder = create_job(Job(plan=plan, content_id=renderer.info.content_id))
    assert list(unfinished_jobs(plan.path)) == []
    folder.close()
    [found] = unfinished_jobs(plan.path)
    assert found.job.plan == plan
    found.remove()
    assert names(tmp_path) == []


@pytest.mark.parametrize("content", ["", "{}", '{"version": 9}', "[]"])
def test_a_folder_that_is_no_job_is_left_alone(tmp_path, content):
    folder = tmp_path / ".walk.mp4.1234.job"
    folder.mkdir()
    (folder / "job.json").write_text(content)
    assert list(unfinished_jobs(tmp_path / "walk.mp4")) == []
    assert folder.exists()


def test_a_failure_keeps_what_is_finished_if_that_is_wanted(tmp_path, renderer, monkeypatch):
    plan = plan_for(tmp_path / "walk.mp4", WALK, width=32)
    steps = export_video(renderer, plan, replace(OPTIONS, keep=True))
    _wait_for_a_segment(plan, steps)

    def full(*_args):
        raise ExportError("the disk is full")

    monkeypatch.setattr(module.Writer, "put", full)
    with pytest.raises(ExportError, match="disk is full"):
        list(steps)
    monkeypatch.undo()
    assert make(renderer, plan, OPTIONS)[0].done >= 10
    assert names(tmp_path) == ["walk.mp4", "walk.mp4.json"]
    early = export_video(renderer, replace(plan, path=tmp_path / "early.mp4"), replace(OPTIONS, keep=True))
    next(early)
    monkeypatch.setattr(module.Writer, "put", full)
    with pytest.raises(ExportError, match="disk is full"):
        list(early)
    assert names(tmp_path) == ["walk.mp4", "walk.mp4.json"]  # nothing was finished, so nothing is kept


def test_the_command_goes_on_without_being_told_what_with(tmp_path):
    model = tmp_path / "tiny.safetensors"
    save_model(model, G_ema=tiny_model().G_ema)
    film = tmp_path / "films" / "walk.mp4"
    film.parent.mkdir()
    cut_off(Renderer(load_model(model), "cpu"), plan_for(film, WALK, width=32), replace(OPTIONS, model=str(model)))
    result = CliRunner().invoke(main, ["video", "--resume", "-o", str(film)])
    assert result.exit_code == 0, result.output
    assert len(decode(film)) == 60
    assert names(film.parent) == ["walk.mp4", "walk.mp4.json"]
    missing = CliRunner().invoke(main, ["video", "--resume", "-o", str(tmp_path / "other.mp4")])
    assert "no unfinished video" in missing.output


@pytest.mark.parametrize(("name", "finished"), [("walk.mp4", 40), ("frames", 44)])
def test_a_video_that_is_left_goes_on_from_all_that_was_made(tmp_path, renderer, name, finished):
    plan = plan_for(tmp_path / name, WALK, width=32)
    steps = export_video(renderer, plan, OPTIONS)
    while next(steps).done < 44:
        pass
    with pytest.raises(ExportStoppedError):
        steps.throw(ExportStoppedError())
    [folder] = unfinished_jobs(plan.path)  # it is free at once, and no encoder is left
    folder.close()
    assert [entry for entry in names(tmp_path) if not entry.startswith(".")] == []
    assert make(renderer, plan, OPTIONS)[0].done in (finished, finished + 1)
    whole = plan_for(tmp_path / ("whole" + plan.path.suffix), WALK, width=32)
    make(renderer, whole, OPTIONS)
    assert np.array_equal(pictures(plan.path), pictures(whole.path))
    assert not [entry for entry in names(tmp_path) if entry.startswith(".")]


def test_nothing_is_kept_of_a_video_that_is_left_before_anything_is_finished(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4", WALK, width=32)
    steps = export_video(renderer, plan, OPTIONS)
    next(steps)
    with pytest.raises(ExportStoppedError):
        steps.throw(ExportStoppedError())
    assert names(tmp_path) == []


def test_a_job_that_is_given_up_leaves_nothing_unless_somebody_works_on_it(tmp_path, renderer):
    plan = plan_for(tmp_path / "walk.mp4", WALK, width=32)
    job = Job(plan=plan, content_id=renderer.info.content_id)
    folder = create_job(job)
    give_up(job)
    assert folder.path.is_dir()
    folder.close()
    give_up(replace(job, content_id="another model"))
    assert folder.path.is_dir()
    give_up(job)
    assert names(tmp_path) == []


def test_a_picture_that_a_power_failure_left_empty_is_made_again(tmp_path, renderer):
    plan = plan_for(tmp_path / "frames", WALK, width=32)
    steps = export_video(renderer, plan, OPTIONS)
    while next(steps).done < 30:
        pass
    with pytest.raises(ExportStoppedError):
        steps.throw(ExportStoppedError())
    [folder] = unfinished_jobs(plan.path)
    folder.close()
    picture_path(folder, 20).write_bytes(b"")
    assert make(renderer, plan, OPTIONS)[0].done in (20, 21)
    assert len(pictures(plan.path)) == 60
