"""Undo and redo, against a plain list of all the values that were dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.session.history import History

actions = st.lists(
    st.one_of(
        st.tuples(st.just("drop"), st.integers(0, 5)),
        st.tuples(st.just("drag"), st.integers(0, 5)),
        st.just(("undo", 0)),
        st.just(("redo", 0)),
    ),
    max_size=40,
)


class SlowHistory:
    """Every complete state in one list, and where we are; a drag lives outside of it until it is dropped."""

    def __init__(self, value: int) -> None:
        self.states, self.here, self.dragged = [value], 0, None

    def present(self) -> int:
        return self.states[self.here] if self.dragged is None else self.dragged

    def settle(self) -> None:
        value, self.dragged = self.present(), None
        if value != self.states[self.here]:
            self.states = [*self.states[: self.here + 1], value]
            self.here += 1

    def act(self, action: str, value: int) -> None:
        if action == "drag":
            self.dragged = value
            return
        if action == "drop":
            self.dragged = value
        self.settle()
        if action == "undo":
            self.here = max(0, self.here - 1)
        if action == "redo":
            self.here = min(len(self.states) - 1, self.here + 1)


@given(actions)
def test_it_does_what_the_slow_reference_does(steps: list[tuple[str, int]]) -> None:
    history, slow = History(0), SlowHistory(0)
    for action, value in steps:
        if action in ("undo", "redo"):
            before = history.present, slow.dragged
            could = history.can_undo if action == "undo" else history.can_redo
            moved = history.undo() if action == "undo" else history.redo()
            if before[1] is None:
                assert moved == could
        else:
            history.edit(value, "drag" if action == "drag" else "drop")
        slow.act(action, value)
        assert history.present == slow.present()


def test_one_drag_is_one_step() -> None:
    history = History("a")
    for value in ("b", "c", "d"):
        history.edit(value, "drag")
    assert history.can_undo
    history.edit("d")
    assert history.undo()
    assert history.present == "a"
    assert not history.can_undo
    assert history.redo()
    assert history.present == "d"


def test_a_drag_that_comes_back_to_its_start_is_no_step() -> None:
    history = History("a")
    history.edit("b", "drag")
    history.edit("a", "drop")
    assert not history.can_undo


def test_a_new_step_ends_what_could_be_redone_and_an_amendment_does_not() -> None:
    history = History("a")
    history.edit("b")
    history.undo()
    history.amend("A")
    assert history.can_redo
    history.edit("c")
    assert not history.can_redo
    assert history.undo()
    assert history.present == "A"


@pytest.mark.parametrize("steps", [3, 10])
def test_only_so_many_steps_are_kept(steps: int) -> None:
    history = History(0, max_steps=5)
    for value in range(1, steps + 1):
        history.edit(value)
    undone = 0
    while history.undo():
        undone += 1
    assert undone == min(steps, 5)
    assert history.present == steps - undone


def test_going_to_a_step_is_undoing_or_redoing_up_to_it() -> None:
    history = History(0)
    for value in range(1, 6):
        history.edit(value)
    assert history.steps == (0, 1, 2, 3, 4, 5)
    assert history.go_to(2)
    assert (history.present, history.position, history.steps) == (2, 2, (0, 1, 2, 3, 4, 5))
    assert not history.go_to(2)
    assert not history.go_to(6)
    assert history.go_to(5)
    assert history.previous == (4,)
    history.edit(7, "drag")
    assert history.previous == (5,)
    assert history.go_to(0)
    assert history.steps == (0, 1, 2, 3, 4, 5, 7)
