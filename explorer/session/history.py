"""Undo and redo over any frozen value. Knows nothing of what the value means."""

from __future__ import annotations

from collections import deque
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Phase = Literal["drag", "drop"]
"""'drag' while the mouse is down, 'drop' when a change is complete; the drags before a drop belong to its step."""
MAX_STEPS = 500


class History(Generic[T]):
    """The present value, the steps behind it and the steps that were undone."""

    def __init__(self, present: T, max_steps: int = MAX_STEPS) -> None:
        self.present = present
        self._past: deque[T] = deque(maxlen=max_steps)
        self._future: list[T] = []
        self._before_drag: tuple[T] | None = None  # a tuple, because the value itself might be None

    @property
    def can_undo(self) -> bool:
        """Whether `undo` would change anything."""
        return bool(self._past) or (self._before_drag is not None and self._before_drag[0] != self.present)

    @property
    def can_redo(self) -> bool:
        """Whether `redo` would change anything."""
        return bool(self._future)

    def edit(self, value: T, phase: Phase = "drop") -> None:
        """A new present. The first drag opens a step, the next drop completes it."""
        if phase == "drag":
            if self._before_drag is None:
                self._before_drag = (self.present,)
            self.present = value
            return
        before = self.present if self._before_drag is None else self._before_drag[0]
        self._before_drag = None
        self.present = value
        if value != before:
            self._past.append(before)
            self._future.clear()

    @property
    def dragging(self) -> bool:
        """Whether a step is open, that is, whether a drag has come and no drop yet."""
        return self._before_drag is not None

    @property
    def previous(self) -> tuple[T] | None:
        """What `undo` would bring, in a tuple; None if there is nothing."""
        if self._before_drag is not None and self._before_drag[0] != self.present:
            return self._before_drag
        return (self._past[-1],) if self._past else None

    @property
    def position(self) -> int:
        """How many steps lie behind the present."""
        return len(self._past)

    @property
    def steps(self) -> tuple[T, ...]:
        """The past, the present and what was undone, oldest first; the present is number `position`."""
        return (*self._past, self.present, *reversed(self._future))

    def go_to(self, position: int) -> bool:
        """Undoes or redoes until the present is that step. False if it is already, or if there is no such step."""
        if position == self.position or not 0 <= position < len(self.steps):
            return False
        self.complete()
        while self.position > position and self.undo():
            pass
        while self.position < position and self.redo():
            pass
        return True

    def complete(self) -> None:
        """Ends a step that drags have opened and no drop has completed."""
        self.edit(self.present)

    def amend(self, value: T) -> None:
        """A new present that is no step of its own."""
        self.present = value

    def undo(self) -> bool:
        """One step back; a drag that was not dropped counts as a step. False if there is none."""
        self.complete()
        if not self._past:
            return False
        self._future.append(self.present)
        self.present = self._past.pop()
        return True

    def redo(self) -> bool:
        """One undone step forward again. False if there is none."""
        self.complete()
        if not self._future:
            return False
        self._past.append(self.present)
        self.present = self._future.pop()
        return True
