"""pygame_gui's manager, and the scale at which its elements are drawn. Knows no element."""

from __future__ import annotations

from pygame_gui.core.interfaces import IUIManagerInterface
from pygame_gui.ui_manager import UIManager

from explorer.elements.points import Scale


class ScaledManager(UIManager):
    """Its elements and events are in points."""

    scale = Scale()


def scale_of(manager: IUIManagerInterface) -> Scale:
    """The scale of a manager's elements."""
    return manager.scale if isinstance(manager, ScaledManager) else Scale()
