"""Where what nobody expected becomes a sentence and an entry in the log, instead of the end of the program.

Knows nothing of what is attempted.
"""

from __future__ import annotations

from collections.abc import Callable

from explorer.worker.failures import sentence_for


class Edge:
    """Tells of every problem once, since a frame that cannot be drawn comes again sixty times a second."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def attempt(self, task: str, action: Callable[[], None]) -> None:
        """Acts. A failure ends the action, is told as "It was not possible to <task>", and goes into the log."""
        try:
            action()
        except Exception as error:  # noqa: BLE001 - one reply or one frame must not end the person's session
            problem = f"{task}: {type(error).__name__}: {error}"
            if problem not in self._told:
                self._told.add(problem)
                self._tell(sentence_for(task, error))
