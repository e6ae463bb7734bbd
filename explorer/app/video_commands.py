"""What the window of the video export asks for. Knows how to say it to the desks and to the system."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pygame_gui.ui_manager import UIManager

from explorer.app.exporting import ExportDesk
from explorer.app.opener import can_open, open_file, show_in_folder
from explorer.app.path_dialog import PathQuestion
from explorer.app.question_window import Answer, QuestionWindow
from explorer.app.timeline_desk import TimelineDesk
from explorer.app.video_shape import VideoActions
from explorer.app.video_window import VideoWindow
from explorer.app.window import Window
from explorer.panels.queue_view import QueueActions

LEAVING = "Closing stops that. What is finished is kept, and the next start offers to go on from there."


class LeavingWindow(QuestionWindow):
    """Says what becomes of the videos. Whoever closes the program once more has read it."""

    def __init__(self, text: str, leave: Callable[[], None], manager: UIManager) -> None:
        answers = (
            Answer(label="Close, and go on next time", action=leave, primary=True),
            Answer(label="Stay here", action=lambda: None),
        )
        super().__init__("Close the window?", text, answers, manager)


class VideoCommands:
    """Opens the window, and answers it."""

    def __init__(
        self,
        export: ExportDesk,
        timeline: TimelineDesk,
        window: Callable[[], Window],
        ask: Callable[[PathQuestion, Callable[[Path], None], Callable[[], None]], None],
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
        """Leaves at once, unless a video is being made and nobody has been told what becomes of it."""
        window = self._window()
        told = isinstance(window.dialog, LeavingWindow) and window.has_dialog
        if told or not self._export.running:
            leave()
        else:
            window.open_dialog(LeavingWindow(self._leaving(), leave, window.manager))

    def _leaving(self) -> str:
        """What becomes of the videos if the window is closed now."""
        state, waiting = self._export.state(), self._export.queue.waiting
        name = "A video" if state.path is None else state.path.name
        frames = f", {state.done} of {state.total} frames so far" if state.total else ""
        others = {0: "", 1: " Another one waits after it."}.get(waiting, f" {waiting} others wait after it.")
        return f"{name} is being made{frames}.{others} {LEAVING}"

    def choose_path(self) -> None:
        """Asks where the timeline's video should go, and comes back to how it is to be."""
        question = PathQuestion(title="Where the video goes", start=self._export.timeline_path(), existing=False)

        def chosen(path: Path) -> None:
            self._export.choose(path)
            self.toggle_window()

        self._ask(question, chosen, self.toggle_window)

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
            go_on=queue.go_on,
            play=(lambda number: self._hand_over(number, open_file)) if opens else None,
            show=(lambda number: self._hand_over(number, show_in_folder)) if opens else None,
        )

    def _hand_over(self, number: int, opener: Callable[[Path], None]) -> None:
        for video in self._export.queue.videos:
            if video.number == number:
                opener(video.plan.path)
