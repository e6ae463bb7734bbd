"""The window that asks for how much longer a run should train. Knows what a run's folder tells, not how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pygame
from pygame_gui.core import ObjectID
from pygame_gui.elements import UIButton, UILabel, UIWindow
from pygame_gui.ui_manager import UIManager

from explorer.app.dialogs import centred
from explorer.app.training_window import AMOUNT
from explorer.elements.choice_row import Choice, ChoiceRow
from explorer.elements.number_entry import NumberEntry
from explorer.elements.phase import Phase
from explorer.panels.text_fit import fitted
from explorer.panels.training_panel import progress_of
from explorer.runs.run_state import RunState
from explorer.runs.training_process import KIMG, MINUTES, ContinuePlan

SIZE = (480, 236)
MARGIN = 16
ROW = 30
GAP = 10
LINE = 22
NAME_WIDTH = 112
NUMBER_WIDTH = 88
UNITS_WIDTH = 176
BUTTON_WIDTH = 160
UNITS = (
    Choice(label="minutes", value=MINUTES, tooltip="Further minutes of training"),
    Choice(label="kimg", value=KIMG, tooltip="Further thousands of pictures that D sees"),
)
RECENT = "It reported less than a minute ago: is it training elsewhere?"
FROM_CHECKPOINT = "It goes on from its last checkpoint, as if it had not stopped"


class ContinueWindow(UIWindow):
    """Calls `on_start(plan)`."""

    def __init__(self, run: RunState, manager: UIManager, on_start: Callable[[ContinuePlan], None]) -> None:
        super().__init__(
            centred(SIZE, manager),
            manager,
            window_display_title="Continue training",
            object_id=ObjectID(object_id="#continue"),
        )
        self.plan = ContinuePlan(run=run.folder, minutes=run.seconds / 60, kimg=run.kimg)
        width = int(self.get_container().get_rect().width) - 2 * MARGIN
        self._line(MARGIN, run.folder.name, width, "@label").set_tooltip(str(run.folder))
        self._line(MARGIN + LINE, progress_of(run), width)
        top = MARGIN + 2 * LINE + GAP
        self._line(top + (ROW - LINE) // 2, "Train for another", NAME_WIDTH)
        place = pygame.Rect(MARGIN + NAME_WIDTH + GAP, top, NUMBER_WIDTH, ROW)
        self.amount = NumberEntry(place, AMOUNT, manager, self, self._change_amount)
        self.amount.set_tooltip("How much longer, beyond what it has trained so far")
        place = pygame.Rect(place.right + GAP, top, UNITS_WIDTH, ROW)
        self.unit = ChoiceRow(place, UNITS, manager, self, self._change_unit)
        top += ROW + GAP
        self.hint = self._line(top, FROM_CHECKPOINT if run.quiet_minutes else RECENT, width)
        place = pygame.Rect(MARGIN + width - BUTTON_WIDTH, top + LINE + GAP, BUTTON_WIDTH, ROW + 2)
        style = ObjectID(class_id="@primary")
        self.start_button = UIButton(
            place, "Continue training", manager, self, object_id=style, command=lambda: on_start(self.plan)
        )
        self._show()

    def _show(self) -> None:
        self.amount.show_value(self.plan.amount)
        self.unit.show_value(self.plan.unit)

    def _change_amount(self, amount: float, _phase: Phase) -> None:
        self._change(partial(replace, amount=amount))

    def _change_unit(self, unit: str) -> None:
        self._change(partial(replace, unit=unit))

    def _change(self, changed: Callable[[ContinuePlan], ContinuePlan]) -> None:
        self.plan = changed(self.plan)
        self._show()

    def _line(self, top: int, text: str, width: int, style: str = "@muted") -> UILabel:
        place = pygame.Rect(MARGIN, top, width, LINE)
        label = UILabel(place, "", self.ui_manager, self, object_id=ObjectID(class_id=style))
        font = label.font
        label.set_text(text if font is None else fitted(text, width, lambda part: int(font.size(part)[0])))
        return label
