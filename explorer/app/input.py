"""Which key does what: one table, from which the dispatch and the list of shortcuts are both made.

Knows the names of the commands, not what they do.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pygame

LOOK_SECONDS = 1 / 240
"""Between looks for an event, when nothing else is to be done."""
MOUSE = (
    ("Click", "Keep a picture as a favourite, or let it go"),
    ("Drag", "Move all pictures through the plane of seeds"),
    ("Right click", "Select a picture: favourites come back there"),
    ("Wheel", "Small steps of the slider under the mouse"),
    ("Arrows", "Small steps of the slider that was clicked"),
    ("Tab", "To the next control; Enter or Space presses it"),
    ("Double click", "Reset: on a slider, or on a control's name"),
)


class Commands(Protocol):
    """What keys can ask for."""

    def new_seeds(self) -> None: ...
    def step(self, across: int, down: int) -> None: ...
    def resize_grid(self, change: int) -> None: ...
    def neighbours(self) -> None: ...
    def former_parent(self) -> None: ...
    def toggle_drift(self) -> None: ...
    def toggle_film(self) -> None: ...
    def toggle_layers(self) -> None: ...
    def toggle_favourite(self) -> None: ...
    def compare(self) -> None: ...
    def stop_comparing(self) -> None: ...
    def set_base(self) -> None: ...
    def zoom(self) -> None: ...
    def toggle_history(self) -> None: ...
    def toggle_library(self) -> None: ...
    def compare_favourites(self) -> None: ...
    def undo(self) -> None: ...
    def redo(self) -> None: ...
    def toggle_timeline(self) -> None: ...
    def add_key(self) -> None: ...
    def insert_key(self) -> None: ...
    def play(self) -> None: ...
    def save_picture(self) -> None: ...
    def copy_look(self) -> None: ...
    def copy_picture(self) -> None: ...
    def paste_look(self) -> None: ...
    def save_session(self) -> None: ...
    def start_export(self) -> None: ...
    def choose_model(self) -> None: ...
    def train(self) -> None: ...
    def toggle_full_screen(self) -> None: ...
    def show_model(self) -> None: ...
    def show_help(self) -> None: ...
    def close_dialogs(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One shortcut. `keys` are key codes; `characters` match what is typed, wherever a keyboard has it."""

    shown: str
    what: str
    command: str
    arguments: tuple[int, ...] = ()
    keys: tuple[int, ...] = ()
    characters: str = ""
    control: bool = False
    shift: bool = False
    repeats: bool = False
    """whether holding the key down does it again and again"""
    release: str = ""
    """the command for letting go, "" for none"""

    def matches(self, event: pygame.event.Event) -> bool:
        """Whether this key press is meant."""
        control = bool(event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META))
        if control != self.control or event.mod & pygame.KMOD_ALT:
            return False
        typed = getattr(event, "unicode", "")
        if self.characters:
            return bool(typed) and typed in self.characters
        return event.key in self.keys and bool(event.mod & pygame.KMOD_SHIFT) == self.shift


BINDINGS: tuple[Binding, ...] = (
    Binding(shown="N", what="New seeds", command="new_seeds", keys=(pygame.K_n,)),
    Binding(
        shown="Left",
        what="One seed to the left",
        command="step",
        arguments=(-1, 0),
        repeats=True,
        keys=(pygame.K_LEFT,),
    ),
    Binding(
        shown="Right",
        what="One seed to the right",
        command="step",
        arguments=(1, 0),
        repeats=True,
        keys=(pygame.K_RIGHT,),
    ),
    Binding(
        shown="Up", what="A hundred seeds up", command="step", arguments=(0, -1), repeats=True, keys=(pygame.K_UP,)
    ),
    Binding(
        shown="Down", what="A hundred seeds down", command="step", arguments=(0, 1), repeats=True, keys=(pygame.K_DOWN,)
    ),
    Binding(shown="+", what="More pictures", command="resize_grid", arguments=(1,), characters="+"),
    Binding(shown="−", what="Fewer, larger pictures", command="resize_grid", arguments=(-1,), characters="-−"),
    Binding(shown="K", what="Kin: children of the picture under the mouse", command="neighbours", keys=(pygame.K_k,)),
    Binding(shown="Backspace", what="Back to the parent", command="former_parent", keys=(pygame.K_BACKSPACE,)),
    Binding(shown="D", what="Drift from seed to seed, and stop", command="toggle_drift", keys=(pygame.K_d,)),
    Binding(shown="P", what="Pictures along the slider under the mouse", command="toggle_film", keys=(pygame.K_p,)),
    Binding(shown="M", what="Maps of the network's layers", command="toggle_layers", keys=(pygame.K_m,)),
    Binding(shown="F", what="Favourite: the picture under the mouse", command="toggle_favourite", keys=(pygame.K_f,)),
    Binding(
        shown="Space",
        what="Hold: as it was before the last change",
        command="compare",
        release="stop_comparing",
        keys=(pygame.K_SPACE,),
    ),
    Binding(shown="B", what="Base: Space compares with this; again: not", command="set_base", keys=(pygame.K_b,)),
    Binding(
        shown="Z, Enter",
        what="One large picture, and back",
        command="zoom",
        keys=(pygame.K_z, pygame.K_RETURN, pygame.K_KP_ENTER),
    ),
    Binding(shown="H", what="Show or hide the history", command="toggle_history", keys=(pygame.K_h,)),
    Binding(shown="L", what="Show or hide the library", command="toggle_library", keys=(pygame.K_l,)),
    Binding(shown="V", what="In the library: compare two favourites", command="compare_favourites", keys=(pygame.K_v,)),
    Binding(shown="T", what="Show or hide the timeline", command="toggle_timeline", keys=(pygame.K_t,)),
    Binding(shown="A", what="Add the picture to the timeline", command="add_key", keys=(pygame.K_a,)),
    Binding(
        shown="Shift+A", what="Insert the picture at the playhead", command="insert_key", keys=(pygame.K_a,), shift=True
    ),
    Binding(shown="Y", what="Play the timeline, and stop", command="play", keys=(pygame.K_y,)),
    Binding(shown="Ctrl+Z", what="Undo", command="undo", repeats=True, keys=(pygame.K_z,), control=True),
    Binding(shown="Ctrl+Y", what="Redo", command="redo", repeats=True, keys=(pygame.K_y,), control=True),
    Binding(
        shown="Ctrl+Shift+Z", what="Redo", command="redo", repeats=True, keys=(pygame.K_z,), control=True, shift=True
    ),
    Binding(shown="S", what="Save the picture under the mouse", command="save_picture", keys=(pygame.K_s,)),
    Binding(
        shown="Ctrl+C",
        what="Copy the look under the mouse as text",
        command="copy_look",
        keys=(pygame.K_c,),
        control=True,
    ),
    Binding(
        shown="Ctrl+Shift+C",
        what="Copy the picture under the mouse",
        command="copy_picture",
        keys=(pygame.K_c,),
        control=True,
        shift=True,
    ),
    Binding(shown="Ctrl+V", what="Paste a look", command="paste_look", keys=(pygame.K_v,), control=True),
    Binding(shown="Ctrl+S", what="Save the session as…", command="save_session", keys=(pygame.K_s,), control=True),
    Binding(shown="E", what="Export the video", command="start_export", keys=(pygame.K_e,)),
    Binding(shown="O", what="Open a model", command="choose_model", keys=(pygame.K_o,)),
    Binding(shown="R", what="A run: train on pictures", command="train", keys=(pygame.K_r,)),
    Binding(shown="I", what="About the model", command="show_model", keys=(pygame.K_i,)),
    Binding(shown="F11", what="Full screen", command="toggle_full_screen", keys=(pygame.K_F11,)),
    Binding(shown="?", what="This list", command="show_help", characters="?"),
    Binding(shown="Esc", what="Close messages and dialogs", command="close_dialogs", keys=(pygame.K_ESCAPE,)),
)


def events_within(patience: float) -> list[pygame.event.Event]:
    """Waits at most so many seconds for the first one.

    `pygame.event.wait` looks a thousand times a second, which alone costs some percent of a core.
    """
    deadline = time.monotonic() + patience
    while not (events := pygame.event.get()):
        left = deadline - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(LOOK_SECONDS, left))
    return events


def without_passed_sizes(events: list[pygame.event.Event]) -> list[pygame.event.Event]:
    """Of several sizes that the window has had since the last turn only the last: laying it out takes a while."""
    sizes = [event for event in events if event.type == pygame.VIDEORESIZE]
    return [event for event in events if event.type != pygame.VIDEORESIZE or event is sizes[-1]]


def combined_motions(events: Sequence[pygame.event.Event]) -> list[pygame.event.Event]:
    """Of movements of the mouse that follow each other directly only the last, which goes all their way."""
    combined: list[pygame.event.Event] = []
    for event in events:
        if event.type == pygame.MOUSEMOTION and combined and combined[-1].type == pygame.MOUSEMOTION:
            before = combined.pop()
            rel = before.rel[0] + event.rel[0], before.rel[1] + event.rel[1]
            event = pygame.event.Event(pygame.MOUSEMOTION, {**event.dict, "rel": rel})
        combined.append(event)
    return combined


class Keyboard:
    """Runs commands, and knows which keys are still held, so that a held F does not flicker."""

    def __init__(self, commands: Commands, bindings: Sequence[Binding] = BINDINGS) -> None:
        self._commands = commands
        self._bindings = bindings
        self._held: dict[int, str] = {}  # and the command for letting go

    def watch(self, event: pygame.event.Event) -> None:
        """To be shown every event, also those that are text."""
        if event.type == pygame.KEYUP:
            self._let_go(event.key)
        elif event.type == pygame.WINDOWFOCUSLOST:
            for key in tuple(self._held):
                self._let_go(key)

    def run(self, event: pygame.event.Event) -> bool:
        """Runs the command that a KEYDOWN is bound to; False if it is bound to none."""
        repeated = event.key in self._held
        self._held.setdefault(event.key, "")
        for binding in self._bindings:
            if binding.matches(event):
                self._held[event.key] = binding.release
                if binding.repeats or not repeated:
                    getattr(self._commands, binding.command)(*binding.arguments)
                return True
        return False

    def _let_go(self, key: int) -> None:
        release = self._held.pop(key, "")
        if release:
            getattr(self._commands, release)()


def shortcut_list() -> tuple[tuple[str, str], ...]:
    """(keys, what they do), the mouse first."""
    return MOUSE + tuple((binding.shown, binding.what) for binding in BINDINGS)
