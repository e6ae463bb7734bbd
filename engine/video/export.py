"""A plan becomes a video: moments are rendered here, and composed, encoded and published in the writer's thread.

The caller advances a generator; not advancing it is a pause, closing it cancels. Knows nothing of windows.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.errors import ConfigError, EngineError, ExportError, ExportStoppedError
from engine.inference.new_file import require_new
from engine.inference.renderer import Renderer
from engine.video.available import problem_of
from engine.video.compose import Frame, averaged
from engine.video.encoder import Stream
from engine.video.finishing import Finish, json_beside
from engine.video.formats import KINDS
from engine.video.job_folder import SEGMENT_FRAMES, Job, JobFolder, create_job, find_job, give_up
from engine.video.measure import drafts_of, measure
from engine.video.pace import PathLengths
from engine.video.pictures import Painter
from engine.video.plan import VideoPlan
from engine.video.plan_file import recipe_of_plan
from engine.video.progress import Progress
from engine.video.sound import require_audible
from engine.video.soundtrack import content_id_of
from engine.video.timeline import Timeline
from engine.video.walk import Walk
from engine.video.writer import PictureSink, SegmentSink, Sink, Writer, finished_pictures

_LOOK_AGAIN_SECONDS = 0.05
_LEAVE_SECONDS = 2.0
"""How long the encoder of a video that is left may take for what it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a video is made; none of it changes what it shows."""

    batch: int | None = None
    """pictures that are rendered together; None for what suits the device"""
    resume: bool = False
    """go on with the job of the same plan, if one was cut off"""
    keep: bool = False
    """leave what is finished for a later `resume` when something fails, or when the person presses Ctrl-C, but not
    when the export is cancelled"""
    model: str | None = None
    """the model's file, which a job that is cut off remembers"""
    segment_frames: int = SEGMENT_FRAMES
    """what a crash costs at most; of a job that goes on, its own number holds"""

    def __post_init__(self) -> None:
        if self.batch is not None and self.batch < 1:
            raise ConfigError(f"a batch is at least 1 picture, not {self.batch}")
        if self.segment_frames < 1:
            raise ConfigError(f"a segment is at least 1 frame, not {self.segment_frames}")


def export_video(
    renderer: Renderer, plan: VideoPlan, options: ExportOptions | None = None
) -> Generator[Progress, None, None]:
    """Yields how far it is, often; after the last, whose stage is 'done', the video and its .json are there.

    Raises ExportError, ConfigError or DataError at once if the video cannot be made there, of these looks, or with this
    sound, and ExportError from the iteration if writing fails. Closing the generator, or a failure, leaves nothing,
    unless `keep` is set; an ExportStoppedError that is thrown into it leaves what is finished in any case, for a later
    `resume`.
    """
    require_new(plan.path)
    require_new(json_beside(plan.path))
    problem = problem_of(KINDS[plan.format], sound=plan.heard is not None)
    if problem:
        raise ExportError(f"{plan.path} cannot be made: {problem}")
    _require_sound(plan)
    plan.frame_size(renderer.info.img_resolution)
    return _export(renderer, plan, options or ExportOptions())


def _export(renderer: Renderer, plan: VideoPlan, options: ExportOptions) -> Generator[Progress, None, None]:
    content_id = renderer.info.content_id
    job = Job(plan=plan, content_id=content_id, model=options.model, segment_frames=options.segment_frames)
    folder = find_job(job) if options.resume else None
    if folder is None:
        for timeline in plan.timelines:
            Walk(renderer, replace(timeline, pace="eased"))  # refuses looks that do not fit, before anything is written
        lengths = yield from _measured(renderer, plan)
        folder = create_job(replace(job, lengths=lengths))
    try:
        yield from _run(renderer, folder, options)
    except (EngineError, KeyboardInterrupt) as error:
        worth_keeping = folder.finished_segments() > 0 or finished_pictures(folder) > 0
        if not (worth_keeping and (options.keep or isinstance(error, ExportStoppedError))):
            folder.remove()
        raise
    except BaseException:
        folder.remove()
        raise
    finally:
        folder.close()
    folder.remove()
    give_up(folder.job)  # an older one of the same video, that somebody else had locked when this one began
    yield Progress(stage="done", done=plan.frame_count, total=plan.frame_count, seconds_left=0.0)


def _require_sound(plan: VideoPlan) -> None:
    """Raises ExportError if the sound is gone, or is another one than the timeline was made with."""
    if plan.heard is None:
        return
    path, own = plan.heard[0], plan.timelines[0].sound
    if not path.is_file():
        raise ExportError(f"the sound {path} does not exist: choose another file, or leave the sound out")
    require_audible(path, plan.heard[1])
    if own is not None and own.path == path and content_id_of(path) != own.content_id:
        raise ExportError(f"the sound {path} is another one than it was: choose it again, or leave it out")


def _measured(renderer: Renderer, plan: VideoPlan) -> Generator[Progress, None, tuple[PathLengths | None, ...]]:
    """The lengths of the timelines whose pace needs them; equal ones are measured once."""
    known: dict[Timeline, PathLengths | None] = {}
    for timeline in plan.timelines:
        if timeline in known:
            continue
        if timeline.pace == "eased":
            known[timeline] = None
            continue
        drafts, total = measure(renderer, timeline), drafts_of(timeline)
        while True:
            try:
                done = next(drafts)
            except StopIteration as end:
                known[timeline] = end.value
                break
            yield Progress(stage="measuring", done=done, total=total)
    return tuple(known[timeline] for timeline in plan.timelines)


def _run(renderer: Renderer, folder: JobFolder, options: ExportOptions) -> Generator[Progress, None, None]:
    plan = folder.job.plan
    batch = options.batch or renderer.pictures_at_once
    width, height = plan.frame_size(renderer.info.img_resolution)
    first, sink = _sink(folder, width, height)
    output = plan.output
    frame = Frame(width=width, height=height, rows=output.rows, columns=output.columns, fit=output.fit)
    finish = Finish(folder=folder, recipe=recipe_of_plan(plan, folder.job.content_id))
    writer = Writer(sink, frame, max(4, 2 * batch), finish.run)
    try:
        studio = _Studio(renderer, folder, batch)
        clock = _Clock(plan.frame_count, first)
        for done, pictures in studio.frames(first):
            if pictures is not None:
                writer.put(pictures)
            yield clock.progress(done, None if pictures is None else pictures[0])
            clock.resume()
        writer.close()
        while not writer.finished(_LOOK_AGAIN_SECONDS):
            yield Progress(stage="finishing", done=plan.frame_count, total=plan.frame_count)
    except ExportStoppedError:
        writer.leave(_LEAVE_SECONDS)
        raise
    finally:
        writer.abort()


def _sink(folder: JobFolder, width: int, height: int) -> tuple[int, Sink]:
    """The first frame that is missing, and where it goes."""
    plan = folder.job.plan
    kind = KINDS[plan.format]
    if not kind.encoder:
        return finished_pictures(folder), PictureSink(folder, plan.path)
    options = kind.options(plan.output.quality)
    stream = Stream(width=width, height=height, fps=plan.fps, options=options, shown_path=plan.path)
    done = min(folder.finished_segments() * folder.job.segment_frames, plan.frame_count)
    return done, SegmentSink(folder, stream)


class _Studio:
    """Renders the frames of a plan, a batch of pictures at a time."""

    def __init__(self, renderer: Renderer, folder: JobFolder, batch: int) -> None:
        plan = folder.job.plan
        known = folder.job.lengths or (None,) * len(plan.timelines)
        self._walks = [Walk(renderer, *pair) for pair in zip(plan.timelines, known, strict=True)]
        self._painters = [Painter(renderer, timeline.noise) for timeline in plan.timelines]
        self._plan = plan
        self._batch = batch

    def frames(self, first: int) -> Iterator[tuple[int, list[np.ndarray] | None]]:
        """(frames done, the pictures of a frame, one for each cell) in turn; None when only a batch is done."""
        samples = self._plan.output.supersampling
        chunk = max(1, self._batch // samples)
        for start in range(first, self._plan.frame_count, chunk):
            numbers = range(start, min(start + chunk, self._plan.frame_count))
            cells: list[list[np.ndarray]] = []
            for cell, (walk, painter) in enumerate(zip(self._walks, self._painters, strict=True)):
                phase = self._plan.phase(cell)
                moments = [walk.frame(at, phase) for number in numbers for at in _samples(number, samples)]
                painted: list[np.ndarray] = []
                for begin in range(0, len(moments), self._batch):
                    painted.extend(painter.paint(moments[begin : begin + self._batch]))
                    yield start, None
                groups = (painted[i : i + samples] for i in range(0, len(painted), samples))
                cells.append([averaged(np.stack(group)) for group in groups])
            for index, number in enumerate(numbers):
                yield number + 1, [pictures[index] for pictures in cells]


def _samples(number: int, count: int) -> Iterator[float]:
    """Moments evenly around a frame's own."""
    return (number + (sample + 0.5) / count - 0.5 for sample in range(count))


class _Clock:
    """Estimates what is left; the time between two steps is not ours."""

    def __init__(self, total: int, first: int) -> None:
        self._total = total
        self._first = first
        self._active = 0.0
        self._since = time.perf_counter()

    def resume(self) -> None:
        """The caller has come back."""
        self._since = time.perf_counter()

    def progress(self, done: int, picture: np.ndarray | None) -> Progress:
        """How far it is, and the caller's turn."""
        self._active += time.perf_counter() - self._since
        made = done - self._first
        left = self._active / made * (self._total - done) if made > 0 else None
        return Progress(stage="rendering", done=done, total=self._total, seconds_left=left, picture=picture)
