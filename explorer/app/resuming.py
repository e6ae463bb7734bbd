"""Videos that a killed program has left unfinished: found at the start, and offered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from engine.formats.model_info import ModelInfo
from engine.inference.new_file import free_path
from engine.video.job_folder import Job, cut_off_videos
from explorer.app.errands import Errand, Errands
from explorer.app.exporting import ExportDesk
from explorer.app.notices import Notice
from explorer.app.opening import ModelDesk


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumer:
    """Looks once, where videos usually go."""

    errands: Errands
    export: ExportDesk
    models: ModelDesk
    say: Callable[[Notice], None]
    complain: Callable[[str], None]

    def look(self, model: ModelInfo) -> None:
        """Offers what is there; what another model was needed for opens that model, if it is known."""
        folder = self.export.folder
        self.errands.run(
            Errand(
                task="look for unfinished videos",
                work=lambda: cut_off_videos(folder),
                then=partial(self._offer, model),
                failed=self.complain,
                quiet=True,
            )
        )

    def _offer(self, model: ModelInfo, jobs: tuple[Job, ...]) -> None:
        possible = [job for job in jobs if free_path(job.plan.path) == job.plan.path]
        for job in possible[:1]:  # one question at a time; the next start asks for the next one
            text = f"{job.plan.path.name} was not finished: the program ended while it was being made."
            action = partial(self._go_on, job, model)
            self.say(Notice(text=text, action_label="Finish it", action=action))

    def _go_on(self, job: Job, model: ModelInfo) -> None:
        if job.content_id == model.content_id:
            self.export.order(job.plan, job.content_id)
            return
        known = self.models.find(job.content_id)
        if known is None:
            self.complain(f"Open the model of {job.plan.path.name} first, then start the program again.")
        else:
            then = partial(self._ordered, job)
            self.models.open(known.path, then, weights=known.weights)

    def _ordered(self, job: Job, _model: ModelInfo) -> None:
        self.export.order(job.plan, job.content_id)
