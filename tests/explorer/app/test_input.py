"""The table of shortcuts: each binding does what it says, and the list shows all of them."""

from __future__ import annotations

import pygame
import pytest

from explorer.app.commands import WindowCommands
from explorer.app.input import BINDINGS, Binding, Keyboard, shortcut_list
from explorer.app.notices import as_sentence


class Recorder:
    """Notes every command that is called."""

    def __init__(self) -> None:
        self.called: list[tuple[str, tuple[int, ...]]] = []

    def __getattr__(self, name: str):
        return lambda *arguments: self.called.append((name, arguments))


def press(binding: Binding) -> pygame.event.Event:
    mod = (pygame.KMOD_LCTRL if binding.control else 0) | (pygame.KMOD_LSHIFT if binding.shift else 0)
    key = binding.keys[0] if binding.keys else pygame.K_UNKNOWN
    return pygame.event.Event(pygame.KEYDOWN, key=key, unicode=binding.characters[:1], mod=mod)


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda b: b.shown)
def test_each_binding_calls_its_command_and_no_other(binding: Binding) -> None:
    recorder = Recorder()
    assert Keyboard(recorder).run(press(binding))
    assert recorder.called == [(binding.command, binding.arguments)]
    assert callable(getattr(WindowCommands, binding.command))
    assert (binding.shown, binding.what) in shortcut_list()


def test_other_keys_do_nothing() -> None:
    recorder = Recorder()
    for key, mod in ((pygame.K_n, pygame.KMOD_LCTRL), (pygame.K_x, 0), (pygame.K_e, pygame.KMOD_LALT)):
        assert not Keyboard(recorder).run(pygame.event.Event(pygame.KEYDOWN, key=key, unicode="", mod=mod))
    assert recorder.called == []


def test_a_message_begins_like_a_sentence() -> None:
    assert as_sentence("cannot open it") == "Cannot open it"
    assert as_sentence("/a/path is gone") == "/a/path is gone"
    assert as_sentence("model.pkl is broken") == "model.pkl is broken"


def test_letting_go_of_a_key_ends_what_it_holds() -> None:
    space = next(binding for binding in BINDINGS if binding.release)
    for end in (
        pygame.event.Event(pygame.KEYUP, key=space.keys[0]),
        pygame.event.Event(pygame.WINDOWFOCUSLOST),
    ):
        recorder = Recorder()
        keyboard = Keyboard(recorder)
        for _ in range(3):
            assert keyboard.run(press(space))
        keyboard.watch(end)
        keyboard.watch(end)
        assert recorder.called == [("compare", ()), ("stop_comparing", ())]


def test_a_held_key_repeats_only_what_may_repeat() -> None:
    recorder = Recorder()
    keyboard = Keyboard(recorder)
    once = next(binding for binding in BINDINGS if binding.command == "toggle_favourite")
    again = next(binding for binding in BINDINGS if binding.command == "step")
    for _ in range(3):
        assert keyboard.run(press(once))
        assert keyboard.run(press(again))
    keyboard.watch(pygame.event.Event(pygame.KEYUP, key=once.keys[0]))
    assert keyboard.run(press(once))
    names = [name for name, _ in recorder.called]
    assert names.count("step") == 3
    assert names.count("toggle_favourite") == 2
