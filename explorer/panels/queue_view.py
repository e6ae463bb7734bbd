"""The list of the videos that were ordered: picture, name, how far it is, and what can be done with each.

Knows frozen values and asks through callables; who makes videos it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pygame
from pygame_gui.core import ObjectID
from pygame_gui.core.interfaces import IContainerLikeInterface
from pygame_gui.elements import UIButton, UILabel
from pygame_gui.ui_manager import UIManager

from explorer.elements.button_state import enable, write
from explorer.elements.large_picture import LargePicture
from explorer.elements.progress_line import ProgressLine
from explorer.elements.thin_scroller import BAR_WIDTH, ThinScroller
from explorer.elements.track_geometry import shown_seconds
from explorer.panels.states import QueuedVideo
from explorer.panels.text_fit import fitted, shown_path

ROW = 52
SIDE = 44
GAP = 8
BUTTON_WIDTH = 58
BUTTON_HEIGHT = 26
BUTTON_GAP = 4
MOST_BUTTONS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueActions:
    """What the list asks for; a video goes by its number."""

    videos: Callable[[], Sequence[QueuedVideo]]
    pause: Callable[[], None]
    cancel: Callable[[int], None]
    """also takes one that waits, or is over, from the list"""
    move: Callable[[int, int], None]
    """(number, -1 for up or 1 for down)"""
    again: Callable[[int], None]
    go_on: Callable[[int], None]
    """with one that the last time has left"""
    play: Callable[[int], None] | None
    """None where the system shows no files to people"""
    show: Callable[[int], None] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What a button of a row does."""

    label: str
    tooltip: str
    act: Callable[[], None]
    possible: bool = True


class QueueView:
    """Rows in a container that scrolls; they stay while their videos do."""

    def __init__(
        self, rect: pygame.Rect, manager: UIManager, container: IContainerLikeInterface, actions: QueueActions
    ) -> None:
        self._manager, self._actions = manager, actions
        self._width = rect.width - BAR_WIDTH - 2
        self._order: tuple[int, ...] = ()
        self.scroller = ThinScroller(rect, manager, container=container, allow_scroll_x=False)
        self.rows: dict[int, QueueRow] = {}

    def sync(self) -> None:
        """Brings everything into line."""
        videos = self._actions.videos()
        order = tuple(video.number for video in videos)
        for number in self.rows.keys() - set(order):
            self.rows.pop(number).kill()
        waiting = [video.number for video in videos if video.state == "waiting"]
        for video in videos:
            if video.number not in self.rows:
                self.rows[video.number] = QueueRow(self._width, self._manager, self.scroller)
            self.rows[video.number].show(video, self._deeds(video, waiting))
        if order != self._order:
            self._order = order
            for index, number in enumerate(order):
                self.rows[number].place(index * ROW)
            self.scroller.set_scrollable_area_dimensions((self._width, max(len(order) * ROW, 1)))

    def _deeds(self, video: QueuedVideo, waiting: Sequence[int]) -> tuple[Deed, ...]:
        actions, number = self._actions, video.number
        if video.is_active:
            rests = video.state == "paused"
            pause = Deed(label="Go on" if rests else "Pause", tooltip="Let it rest, or go on", act=actions.pause)
            tooltip = "Give the video up; nothing of it stays"
            return pause, Deed(label="Cancel", tooltip=tooltip, act=lambda: actions.cancel(number))
        remove = Deed(label="Remove", tooltip="Take it from this list", act=lambda: actions.cancel(number))
        if video.state == "waiting":
            place = waiting.index(number)
            up = Deed(label="Up", tooltip="Sooner", act=lambda: actions.move(number, -1), possible=place > 0)
            down = Deed(
                label="Down", tooltip="Later", act=lambda: actions.move(number, 1), possible=place < len(waiting) - 1
            )
            return up, down, remove
        if video.state == "kept":
            tooltip = "Make it now; what is finished of it is not made again"
            return Deed(label="Go on", tooltip=tooltip, act=lambda: actions.go_on(number)), remove
        play, show = actions.play, actions.show
        if video.state != "finished":
            return Deed(label="Again", tooltip="Make it once more", act=lambda: actions.again(number)), remove
        if play is None or show is None:
            return (remove,)
        return (
            Deed(label="Play", tooltip="In the program that plays such files", act=lambda: play(number)),
            Deed(label="Folder", tooltip="Show it in its folder", act=lambda: show(number)),
            remove,
        )


class QueueRow:
    """One video."""

    def __init__(self, width: int, manager: UIManager, container: IContainerLikeInterface) -> None:
        self._picture: np.ndarray | None = None
        self._deeds: tuple[Deed, ...] = ()
        self._texts: dict[UILabel, str] = {}
        self.picture = LargePicture(pygame.Rect(0, 0, SIDE, SIDE), manager, lambda: None, container, margin=0)
        room = width - SIDE - GAP - MOST_BUTTONS * (BUTTON_WIDTH + BUTTON_GAP) - GAP
        label, muted = ObjectID(class_id="@label"), ObjectID(class_id="@muted")
        left = SIDE + GAP
        self.name = UILabel(pygame.Rect(left, 0, room, 20), "", manager, container, object_id=label)
        self.text = UILabel(pygame.Rect(left, 19, room, 18), "", manager, container, object_id=muted)
        self.line = ProgressLine(pygame.Rect(left, SIDE - 4, room, 3), manager, container)
        self.buttons = [
            UIButton(
                pygame.Rect(
                    width - (MOST_BUTTONS - index) * (BUTTON_WIDTH + BUTTON_GAP), 0, BUTTON_WIDTH, BUTTON_HEIGHT
                ),
                "",
                manager,
                container,
                command=self._press(index),
            )
            for index in range(MOST_BUTTONS)
        ]

    def place(self, top: int) -> None:
        """Where the row begins."""
        tops = {self.picture: 0, self.name: 0, self.text: 19, self.line: SIDE - 4}
        tops |= dict.fromkeys(self.buttons, (SIDE - BUTTON_HEIGHT) // 2)
        for element, offset in tops.items():
            element.set_relative_position((element.relative_rect.x, top + offset))

    def show(self, video: QueuedVideo, deeds: tuple[Deed, ...]) -> None:
        """Brings it into line."""
        if video.picture is not self._picture:
            self._picture = video.picture
            self.picture.show_pixels(video.picture)
        self._write(self.name, video.plan.path.name, shown_path(video.plan.path))
        self._write(self.text, progress_text(video), video.message)
        progress = video.progress
        self.line.show_share(progress.done / progress.total if progress is not None and progress.total else 0.0)
        if video.is_active != bool(self.line.visible):
            (self.line.show if video.is_active else self.line.hide)()
        self._deeds = deeds
        first = MOST_BUTTONS - len(deeds)
        for index, button in enumerate(self.buttons):
            if (index >= first) != bool(button.visible):
                (button.show if index >= first else button.hide)()
            if index >= first:
                deed = deeds[index - first]
                if button.text != deed.label:
                    write(button, deed.label)
                    button.set_tooltip(deed.tooltip)
                enable(button, deed.possible)

    def button(self, label: str) -> UIButton:
        """The button that says so. StopIteration if none does."""
        return next(button for button in self.buttons if button.visible and button.text == label)

    def kill(self) -> None:
        """Takes it away."""
        for element in (self.picture, self.name, self.text, self.line, *self.buttons):
            element.kill()

    def _press(self, index: int) -> Callable[[], None]:
        def act() -> None:
            first = MOST_BUTTONS - len(self._deeds)
            if index >= first:
                self._deeds[index - first].act()

        return act

    def _write(self, label: UILabel, text: str, tooltip: str) -> None:
        font = label.font
        if font is not None and self._texts.get(label) != text:
            self._texts[label] = text
            label.set_text(fitted(text, int(label.rect.width), lambda shown: int(font.size(shown)[0])))
            if tooltip:
                label.set_tooltip(tooltip)


def progress_text(video: QueuedVideo) -> str:
    """How far the video is, and how long it still takes; or what became of it."""
    frames = f"{video.plan.frame_count} frames, {shown_seconds(video.plan.frame_count / video.plan.fps)}"
    over = {
        "waiting": f"Waits: {frames}",
        "kept": f"Not finished: {frames}",
        "finished": f"Ready: {frames}",
        "cancelled": "Cancelled",
    }
    if video.state in over:
        return over[video.state]
    if video.state == "failed":
        return video.message
    progress = video.progress
    if progress is None or not progress.total:
        return "Starting…"
    if progress.stage == "measuring":
        return f"Measuring, {progress.done} of {progress.total} drafts"
    if progress.stage == "finishing":
        return "Finishing the file…"
    text = f"{progress.done} of {progress.total} frames"
    if video.state == "paused":
        return f"{text}, resting"
    if progress.seconds_left is None:
        return text
    return f"{text}, {shown_seconds(round(progress.seconds_left), 1)} left"
