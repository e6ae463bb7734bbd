"""Videos that were not finished when the program ended: found at the start, listed, and offered."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from engine.inference.new_file import free_path
from engine.video.finishing import json_beside
from engine.video.job_folder import Job, cut_off_videos, give_up
from engine.video.plan_file import recipe_of_plan
from explorer.app.errands import Errand, Errands
from explorer.app.exporting import ExportDesk
from explorer.app.notices import Notice
from explorer.app.opening import ModelDesk
from explorer.app.video_keeper import Inheritance, VideoKeeper, Videos
from explorer.library.video_list import OrderedVideo


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumer:
    """Looks once: into the lists of explorers that have ended, and where videos usually go."""

    errands: Errands
    keeper: VideoKeeper
    export: ExportDesk
    models: ModelDesk
    say: Callable[[Notice], None]
    complain: Callable[[str], None]

    def look(self) -> None:
        """Lists what is there, and offers to go on with it."""
        folder = self.export.folder
        self.errands.run(
            Errand(
                task="look for unfinished videos",
                work=lambda: self._found(folder),
                then=self._offer,
                failed=self.complain,
                quiet=True,
            )
        )

    def _found(self, folder: Path) -> Inheritance:
        inheritance = self.keeper.look()
        listed = _under_free_names(inheritance.videos)
        paths = {video.plan.path for video in (*inheritance.videos, *listed)}
        begun = [_ordered(job) for job in cut_off_videos(folder) if job.plan.path not in paths]
        possible = [video for video in begun if free_path(video.plan.path) == video.plan.path]
        return replace(inheritance, videos=(*listed, *possible))

    def _offer(self, found: Inheritance) -> None:
        self.keeper.take_over(found)
        queue = self.export.queue
        queue.bring_back(self._with_model(video) for video in found.videos)
        sentences = [*found.problems, *_sentences(found.videos)]
        if found.videos:
            label = "Finish it" if len(found.videos) == 1 else "Finish them"
            self.say(Notice(text=" ".join(sentences), action_label=label, action=partial(self._go_on)))
        elif sentences:
            self.complain(" ".join(sentences))

    def _go_on(self) -> None:
        self.export.queue.go_on()
        self.say(Notice(text="The videos are being finished: Export… in the timeline shows how far.", lasting=False))

    def _with_model(self, video: OrderedVideo) -> OrderedVideo:
        """A model's file may have been moved since, and opened from where it is now."""
        if video.path is not None and video.path.is_file():
            return video
        known = self.models.find(video.content_id)
        return video if known is None else replace(video, path=known.path, weights=known.weights)


def _under_free_names(videos: Videos) -> Videos:
    """Without those that were just finished; whose name something else has taken meanwhile gets another one."""
    reserved, given = {video.plan.path for video in videos}, set[Path]()
    kept = []
    for video in videos:
        path = video.plan.path
        if path in given or os.path.lexists(path):
            give_up(Job(plan=video.plan, content_id=video.content_id))
            if _is_finished(video):
                continue
            path = free_path(path, (reserved | given).__contains__)
            video = replace(video, plan=replace(video.plan, path=path))
        given.add(path)
        kept.append(video)
    return tuple(kept)


def _is_finished(video: OrderedVideo) -> bool:
    """Whether what has this video's name is this video."""
    try:
        beside = json.loads(json_beside(video.plan.path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(beside == json.loads(json.dumps(recipe_of_plan(video.plan, video.content_id))))


def _ordered(job: Job) -> OrderedVideo:
    return OrderedVideo(plan=job.plan, content_id=job.content_id, path=None if job.model is None else Path(job.model))


def _sentences(videos: Videos) -> list[str]:
    if not videos:
        return []
    name = videos[0].plan.path.name
    if len(videos) == 1:
        return [f"{name} was not finished: the program ended before."]
    others = f"{videos[1].plan.path.name} was" if len(videos) == 2 else f"{len(videos) - 1} others were"
    return [f"{name} and {others} not finished: the program ended before."]
