"""Where each event goes: to the window, to a control that has the keyboard, to a command, or to the elements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pygame

from engine.errors import EngineError
from explorer.app.commands import WindowCommands
from explorer.app.input import Keyboard
from explorer.app.sharing import SharingDesk
from explorer.app.window import Window
from explorer.elements.nudges import key_steps
from explorer.session.session import Session

OTHER_MODIFIERS = pygame.KMOD_CTRL | pygame.KMOD_META | pygame.KMOD_ALT


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDesk:
    """Takes events in, one after the other."""

    session: Session
    sharing: SharingDesk
    commands: WindowCommands
    keyboard: Keyboard
    window: Callable[[], Window]
    complain: Callable[[str], None]
    leave: Callable[[], None]
    """ends the program"""

    def take(self, event: pygame.event.Event) -> None:
        """As the display reports it. What cannot be done becomes a message."""
        try:
            self._act_on(self.window().screen.in_points(event))
        except EngineError as error:
            self.complain(str(error))

    def _act_on(self, event: pygame.event.Event) -> None:
        window = self.window()
        self.keyboard.watch(event)
        if event.type == pygame.QUIT:
            self.commands.video.ask_to_leave(lambda: self.commands.training.ask_to_leave(self.leave))
        elif event.type == pygame.WINDOWEXPOSED:
            window.screen.expose()
        elif event.type == pygame.VIDEORESIZE:
            window.resize((event.w, event.h))
        elif event.type == pygame.DROPFILE:
            self.sharing.open(Path(event.file))
        elif event.type == pygame.KEYDOWN and event.key == pygame.K_TAB and not event.mod & OTHER_MODIFIERS:
            window.focus_ring.move(backwards=bool(event.mod & pygame.KMOD_SHIFT))
        elif event.type == pygame.KEYDOWN and window.focus_ring.press(event):
            self.session.complete()
        elif event.type == pygame.KEYDOWN and not self._is_for_element(event):
            if not window.keys.offer(event):
                self.session.complete()
                self.keyboard.run(event)
        else:
            if event.type == pygame.MOUSEBUTTONDOWN:
                self.session.complete()
                window.focus_ring.shown = False
            window.manager.process_events(event)

    def _is_for_element(self, event: pygame.event.Event) -> bool:
        """Keys belong to a text field that has the focus, or to a dialog; arrows to a slider that has the focus."""
        window = self.window()
        if window.has_dialog:
            return bool(event.key != pygame.K_ESCAPE)
        return window.keys.typing or (window.keys.steering and key_steps(event) != 0)
