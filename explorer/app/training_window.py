"""The window that begins a training: pictures and what they are, how long, how large, and where it goes.

Knows what to ask for, not how it is done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UIWindow
from pygame_gui.ui_manager import UIManager

from explorer.app.dialogs import centred
from explorer.app.training_desk import BeginningState
from explorer.elements.button_state import enable
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberEntry, NumberFormat
from explorer.elements.phase import Phase
from explorer.panels.text_fit import fitted, shown_path
from explorer.runs.data_check import DataCheck
from explorer.runs.training_process import KIMG, MINUTES, TrainPlan

SIZE = (600, 340)
MARGIN = 16
ROW = 30
GAP = 10
LINE = 20
NAME_WIDTH = 88
BUTTON_WIDTH = 104
NUMBER_WIDTH = 88
SIDES = (32, 64, 128, 256, 512)
UNITS = (
    Choice(label="minutes", value=MINUTES, tooltip="The whole training is planned for this time"),
    Choice(label="kimg", value=KIMG, tooltip="Thousands of pictures that D sees"),
)
AMOUNT = NumberFormat(low=0.1, high=1_000_000, decimals=1, step=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeginningActions:
    """What the window shows and asks for."""

    state: Callable[[], BeginningState]
    choose: Callable[[], None]
    """asks for pictures"""
    choose_outdir: Callable[[], None]
    change: Callable[[TrainPlan], None]
    start: Callable[[], None]


class TrainingWindow(UIWindow):
    """One row a question."""

    def __init__(self, manager: UIManager, actions: BeginningActions) -> None:
        super().__init__(
            centred(SIZE, manager),
            manager,
            window_display_title="Train on pictures",
            object_id=ObjectID(object_id="#training"),
        )
        self._manager = manager
        self._actions = actions
        self._inside = int(self.get_container().get_rect().width)
        self.data, self.choose_button = self._path_row(MARGIN, "Pictures", actions.choose, "A folder, or a .zip")
        top = MARGIN + ROW
        self.found = self._line(top)
        self.problem = self._line(top + LINE)
        top += 2 * LINE + GAP
        self._name(top, "Train for")
        left = MARGIN + NAME_WIDTH
        self.amount = NumberEntry(pygame.Rect(left, top, NUMBER_WIDTH, ROW), AMOUNT, manager, self, self._change_amount)
        place = pygame.Rect(left + NUMBER_WIDTH + GAP, top, 176, ROW)
        self.unit = ChoiceRow(place, UNITS, manager, self, self._change_unit)
        top += ROW + GAP
        self._name(top, "Resolution")
        sides = [Choice(label="Auto", value=0, tooltip="The largest that most of the pictures reach")]
        sides += [Choice(label=str(side), value=side, tooltip=f"{side} × {side} pixels") for side in SIDES]
        place = pygame.Rect(left, top, self._inside - MARGIN - left, ROW)
        self.resolution = ChoiceRow(place, sides, manager, self, self._change_resolution)
        top += ROW + GAP
        self.outdir, self.outdir_button = self._path_row(
            top, "Runs go to", actions.choose_outdir, "The folder in which the training makes its run folder"
        )
        top += ROW + GAP
        self.hint = self._line(top, left=MARGIN)
        place = pygame.Rect(self._inside - MARGIN - 160, top + LINE + GAP, 160, ROW + 2)
        self.start_button = UIButton(
            place,
            "Start training",
            manager,
            self,
            object_id=ObjectID(class_id="@primary"),
            command=actions.start,
        )
        self.sync()

    def sync(self) -> None:
        """What is chosen, and what is known of it."""
        state = self._actions.state()
        plan = state.plan
        self._write(self.data, "Choose a folder of pictures" if plan is None else shown_path(plan.data))
        self._write(self.outdir, shown_path(state.outdir))
        found, problem = told_of(state.check) if plan is not None else ("", "")
        self._write(self.found, found)
        self._write(self.problem, problem)
        self._write(
            self.hint,
            "A training is running already: one at a time"
            if state.running
            else "A program of its own: it goes on while you look at other things",
        )
        for control in (self.amount, *self.unit.buttons.values(), *self.resolution.buttons.values()):
            enable(control, plan is not None)
        if plan is not None:
            self.amount.show_value(plan.amount)
            self.unit.show_value(plan.unit)
            self.resolution.show_value(plan.resolution or 0)
        ready = state.check is not None and state.check.count > 0 and not state.running
        enable(self.start_button, ready)

    def _path_row(self, top: int, name: str, command: Callable[[], None], tooltip: str) -> tuple[UILabel, UIButton]:
        self._name(top, name)
        left, right = MARGIN + NAME_WIDTH, self._inside - MARGIN
        label = UILabel(
            pygame.Rect(left, top, right - BUTTON_WIDTH - GAP - left, ROW),
            "",
            self._manager,
            self,
            object_id=ObjectID(class_id="@label"),
        )
        button = UIButton(
            pygame.Rect(right - BUTTON_WIDTH, top, BUTTON_WIDTH, ROW),
            "Choose…",
            self._manager,
            self,
            command=command,
            tool_tip_text=tooltip,
        )
        return label, button

    def _name(self, top: int, text: str) -> None:
        place = pygame.Rect(MARGIN, top, NAME_WIDTH, ROW)
        UILabel(place, text, self._manager, self, object_id=ObjectID(class_id="@muted"))

    def _line(self, top: int, left: int = MARGIN + NAME_WIDTH) -> UILabel:
        place = pygame.Rect(left, top, self._inside - MARGIN - left, LINE)
        return UILabel(place, "", self._manager, self, object_id=ObjectID(class_id="@muted"))

    def _write(self, label: UILabel, text: str) -> None:
        font = label.font
        if font is None:
            return
        shown = fitted(text, int(label.rect.width), lambda candidate: int(font.size(candidate)[0]))
        if label.text != shown:
            label.set_text(shown)
            label.set_tooltip(text if shown != text else None)

    def _change_amount(self, amount: float, _phase: Phase) -> None:
        self._change(partial(replace, amount=amount))

    def _change_unit(self, unit: str) -> None:
        self._change(partial(replace, unit=unit))

    def _change_resolution(self, side: int) -> None:
        self._change(partial(replace, resolution=side or None))

    def _change(self, changed: Callable[[TrainPlan], TrainPlan]) -> None:
        plan = self._actions.state().plan
        if plan is not None:
            self._actions.change(changed(plan))


def told_of(check: DataCheck | None) -> tuple[str, str]:
    """(what there is, what is wrong with it), a line each."""
    if check is None:
        return "Looking at the pictures…", ""
    if check.error:
        return check.error, ""
    (w, h), (width, height) = check.smallest, check.largest
    sizes = f"all {w} × {h}" if (w, h) == (width, height) else f"from {w} × {h} to {width} × {height}"
    found = f"{check.count:,} pictures, {sizes}; Auto is {check.resolution} px"
    if not check.problems:
        return found, ""
    first, others = check.problems[0], len(check.problems) - 1
    return found, f"{others + 1} left out: {first}" if others else first
