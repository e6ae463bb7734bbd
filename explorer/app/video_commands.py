"""What the window of the video export asks for. Knows how to say it to the desks and to the system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from explorer.app.dialogs import PathQuestion
from explorer.app.exporting import ExportDesk
from explorer.app.opener import can_open, open_file, show_in_folder
from explorer.app.question_window import Answer, QuestionWindow
from explorer.app.timeline_desk import TimelineDesk
from explorer.app.video_shape import VideoActions
from explorer.app.video_window import VideoWindow
from explorer.app.window import Window
from explorer.panels.queue_view import QueueActions

LEAVING = "A video is being made. If the window closes now, it is given up, and so is what waits after it."


class VideoCommands:
    """Opens the window, and answers it."""

    def __init__(
        self,
        export: ExportDesk,
        timeline: TimelineDesk,
        window: Callable[[], Window],
        ask: Callable[[PathQuestion, Callable[[Path], None]], None],
    ) -> None:
        self._export, self._timeline, self._window, self._ask = export, timeline, window, ask

    def toggle_window(self) -> None:
        """Asks how the video of the timeline is to be, and shows how far those in the making are; again: not."""
        window, export, timeline = self._window(), self._export, self._timeline
        if isinstance(window.dialog, VideoWindow) and window.has_dialog:
            window.close_dialog()
            return
        actions = VideoActions(
            state=export.state,
            change=export.change,
            path=export.timeline_path,
            choose_path=self.choose_path,
            problem=lambda: export.problem(timeline.timeline),
            resolution=self._resolution,
            start=lambda: export.start_timeline(timeline.timeline),
            queue=self._queue_actions(),
        )
        export.look_for_encoders()
        window.open_dialog(VideoWindow(timeline.studio, window.manager, actions))

    def ask_to_leave(self, leave: Callable[[], None]) -> None:
        """Leaves at once, unless a video is being made: then the person chooses."""
        if not self._export.running:
            leave()
            return
        answers = (
            Answer(label="Stay here", action=lambda: None, primary=True),
            Answer(label="Give it up", action=leave),
        )
        window = self._window()
        window.open_dialog(QuestionWindow("Close the window?", LEAVING, answers, window.manager))

    def choose_path(self) -> None:
        """Asks where the timeline's video should go, and comes back to how it is to be."""
        question = PathQuestion(title="Where the video goes", start=self._export.timeline_path(), existing=False)

        def chosen(path: Path) -> None:
            self._export.choose(path)
            self.toggle_window()

        self._ask(question, chosen)

    def _resolution(self) -> int:
        model = self._timeline.session.model
        return 1 if model is None else model.img_resolution

    def _queue_actions(self) -> QueueActions:
        queue, opens = self._export.queue, can_open()
        return QueueActions(
            videos=lambda: queue.videos,
            pause=queue.toggle_pause,
            cancel=queue.cancel,
            move=queue.move,
            again=self._export.again,
            play=(lambda number: self._hand_over(number, open_file)) if opens else None,
            show=(lambda number: self._hand_over(number, show_in_folder)) if opens else None,
        )

    def _hand_over(self, number: int, opener: Callable[[Path], None]) -> None:
        for video in self._export.queue.videos:
            if video.number == number:
                opener(video.plan.path)
