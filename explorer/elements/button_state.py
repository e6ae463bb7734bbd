"""Brings a control into line, and leaves it alone if it is so already: each change draws it anew."""

from __future__ import annotations

from pygame_gui.core import UIElement
from pygame_gui.elements import UIButton


def write(button: UIButton, text: str) -> None:
    """Its text."""
    if button.text != text:
        button.set_text(text)


def enable(control: UIElement, possible: bool) -> None:
    """Whether it can be used."""
    if bool(control.is_enabled) != possible:
        (control.enable if possible else control.disable)()


def light(button: UIButton, lit: bool) -> None:
    """Whether it is lit, as that of a choice that was made."""
    if bool(button.is_selected) != lit:
        (button.select if lit else button.unselect)()
