"""Brings a button into line, and leaves it alone if it is so already: each change draws it anew."""

from __future__ import annotations

from pygame_gui.elements import UIButton


def write(button: UIButton, text: str) -> None:
    """Its text."""
    if button.text != text:
        button.set_text(text)


def enable(button: UIButton, possible: bool) -> None:
    """Whether it can be pressed."""
    if bool(button.is_enabled) != possible:
        (button.enable if possible else button.disable)()


def light(button: UIButton, lit: bool) -> None:
    """Whether it is lit, as that of a choice that was made."""
    if bool(button.is_selected) != lit:
        (button.select if lit else button.unselect)()
