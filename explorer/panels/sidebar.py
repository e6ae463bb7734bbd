"""The column of panels at the left. Stacks them, and scrolls where the window is short."""

from __future__ import annotations

import time
from collections.abc import Set
from dataclasses import dataclass

import pygame
from pygame_gui.core import UIElement
from pygame_gui.elements import UIPanel
from pygame_gui.ui_manager import UIManager

from explorer.elements.thin_scroller import ThinScroller
from explorer.elements.value_slider import ValueSlider
from explorer.panels.arrange_panel import ArrangeActions, ArrangePanel
from explorer.panels.class_panel import ClassPanel
from explorer.panels.export_panel import ExportActions, ExportPanel
from explorer.panels.mixing_panel import MixingPanel
from explorer.panels.model_panel import ModelActions, ModelPanel
from explorer.panels.noise_panel import NoisePanel
from explorer.panels.pad_panel import DriftActions, PadPanel
from explorer.panels.panel import Panel, PanelFrame
from explorer.panels.seeds_panel import SeedsPanel
from explorer.panels.share_panel import ShareActions, SharePanel
from explorer.panels.training_panel import TrainingActions, TrainingPanel
from explorer.panels.transform_panel import TransformPanel
from explorer.panels.truncation_panel import TruncationPanel
from explorer.panels.window_panel import WindowPanel, WindowPanelActions
from explorer.session.session import Session

MARGIN = 12
BUILD_SECONDS = 0.03
"""How long a turn of the window's loop goes on with building panels, as far as is known how long each of them takes."""
TALL = 1048
"""Pixels from which there is room for the pad beside everything a newcomer needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SidebarActions:
    """What the panels ask for beyond edits of the document."""

    model: ModelActions
    export: ExportActions
    share: ShareActions
    window: WindowPanelActions
    arrange: ArrangeActions
    drift: DriftActions
    training: TrainingActions


class Sidebar:
    """All panels, top to bottom in the order in which a person meets them."""

    def __init__(self, rect: pygame.Rect, manager: UIManager, session: Session, actions: SidebarActions) -> None:
        self._ground = UIPanel(rect, manager=manager, margins={"left": 0, "right": 0, "top": 0, "bottom": 0})
        self.scroller = ThinScroller(self._scroller_rect(rect), manager, container=self._ground, allow_scroll_x=False)
        frame = PanelFrame(manager=manager, container=self.scroller, theme_parent=self._ground, session=session)
        self.model = ModelPanel(frame, actions.model)
        self.seeds = SeedsPanel(frame)
        self.truncation = TruncationPanel(frame)
        self.mixing = MixingPanel(frame)
        self.pad = PadPanel(frame, actions.drift, opened=rect.height >= TALL)
        self.arrange = ArrangePanel(frame, actions.arrange)
        self.transform = TransformPanel(frame)
        self.noise = NoisePanel(frame, opened=False)
        self.classes = ClassPanel(frame, opened=rect.height >= TALL)
        self.share = SharePanel(frame, actions.share)
        self.export = ExportPanel(frame, actions.export)
        self.training = TrainingPanel(frame, actions.training)
        self.window = WindowPanel(frame, actions.window)
        self._build_seconds: dict[Panel, float] = {}
        self.building = False
        """whether panels are still to be built"""
        self.panels: tuple[Panel, ...] = (
            self.model,
            self.seeds,
            self.classes,
            self.truncation,
            self.mixing,
            self.arrange,
            self.pad,
            self.transform,
            self.noise,
            self.share,
            self.export,
            self.training,
            self.window,
        )

    def sync(self) -> None:
        """Brings the panels into line, and restacks if one changed its shape.

        Of many that did, only the first are built in one turn, so that the window keeps moving: more are `building`.
        """
        outdated = [panel for panel in self._order() if panel.outdated]
        for panel in outdated:
            panel.take_down()
        spent = 0.0
        for panel in outdated:
            if spent and spent + self._build_seconds.get(panel, 0.0) > BUILD_SECONDS:
                break
            spent += self._build(panel)
        self.building = any(panel.outdated for panel in outdated)
        if outdated:
            self._stack()
        for panel in self.panels:
            if not panel.outdated:
                panel.sync()

    def _build(self, panel: Panel) -> float:
        """Seconds that it took, which are remembered."""
        start = time.perf_counter()
        panel.build()
        self._build_seconds[panel] = time.perf_counter() - start
        return self._build_seconds[panel]

    def resize(self, rect: pygame.Rect) -> None:
        """Another height of the window."""
        self._ground.set_dimensions(rect.size)
        self.scroller.set_dimensions(self._scroller_rect(rect).size)
        self._stack()

    def reveal(self, element: UIElement) -> None:
        """Scrolls until the element is seen."""
        bar, view = self.scroller.vert_scroll_bar, pygame.Rect(self.scroller.rect)
        content = self.scroller.scrollable_container
        if bar is None or not bar.visible or not content.rect.collidepoint(element.rect.center):
            return
        over = max(int(element.rect.bottom) + MARGIN - view.bottom, 0)
        over = min(int(element.rect.top) - MARGIN - view.top, 0) or over
        if over:
            offset = min(max(view.top - int(content.rect.top) + over, 0), int(content.rect.height) - view.height)
            bar.set_scroll_from_start_percentage(offset / int(content.rect.height))

    def unfolded_psi(self) -> ValueSlider:
        """Psi's slider, which a folded panel does not have."""
        if not self.truncation.opened:
            self.truncation.toggle()
        if self.truncation.outdated:
            self.truncation.build()
            self._stack()
        return self.truncation.psi.slider

    def unfolded(self) -> frozenset[str]:
        """Names of all that is open."""
        return frozenset().union(*(panel.unfolded() for panel in self.panels))

    def unfold(self, names: Set[str]) -> None:
        """Opens what is among the names and folds the rest."""
        for panel in self.panels:
            panel.unfold(names)

    def _stack(self) -> None:
        top = MARGIN // 2
        for panel in self._order():
            if panel.container is not None and panel.container.relative_rect.topleft != (MARGIN, top):
                panel.container.set_relative_position((MARGIN, top))
            top += panel.height
        visible = self._ground.rect.height
        offset = self.scroller.scrollable_container.relative_rect.top
        lowest = min(0, visible - top)
        if offset < lowest:
            self.scroller.scrollable_container.set_relative_position((0, lowest))
        self.scroller.set_scrollable_area_dimensions((int(self._ground.rect.width), top))

    def _order(self) -> list[Panel]:
        """A training that is followed comes right after the model."""
        if not self.training.follows:
            return list(self.panels)
        return [self.model, self.training, *(each for each in self.panels if each not in (self.model, self.training))]

    def _scroller_rect(self, rect: pygame.Rect) -> pygame.Rect:
        return pygame.Rect(0, 0, rect.width, rect.height)
