"""What waits for the inference loop: the newest request for pictures, and commands in order.

Any thread may put, one thread takes. Knows nothing of what the things mean, except that only the newest request
and the newest model to open matter.
"""

from __future__ import annotations

import threading
from collections import deque

from engine.inference.requests import RenderRequest
from explorer.worker.commands import CancelOpen, Command, FrameRequest, LookIntoLayer, OpenModel, Order


class Mailbox:
    """Thread-safe. Putting never blocks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bell = threading.Event()
        self._request: RenderRequest | None = None
        self._frame: FrameRequest | None = None
        self._commands: deque[Command] = deque()
        self._closed = False
        self._open_cancelled = False

    def put(self, order: Order) -> None:
        """To where orders of its kind wait."""
        match order:
            case RenderRequest():
                self.put_request(order)
            case FrameRequest():
                self.put_frame(order)
            case CancelOpen():
                self.cancel_open()
            case _:
                self.put_command(order)

    def put_request(self, request: RenderRequest) -> None:
        """Replaces a request that was not taken yet."""
        with self._lock:
            self._request = request
        self._bell.set()

    def put_frame(self, request: FrameRequest) -> None:
        """Replaces a frame that was not taken yet."""
        with self._lock:
            self._frame = request
        self._bell.set()

    def take_frame(self) -> FrameRequest | None:
        """The newest frame that is wanted, once; None if there is no new one."""
        with self._lock:
            request, self._frame = self._frame, None
        return request

    def put_command(self, command: Command) -> None:
        """To be taken after the commands before it; a model, or a layer, takes the place of one not taken yet."""
        with self._lock:
            for kind in (OpenModel, LookIntoLayer):
                if isinstance(command, kind):
                    self._commands = deque(c for c in self._commands if not isinstance(c, kind))
            self._commands.append(command)
        self._bell.set()

    def take_request(self) -> RenderRequest | None:
        """The newest request, once; None if there is no new one."""
        with self._lock:
            request, self._request = self._request, None
        return request

    def take_command(self) -> Command | None:
        """The oldest command, once; None if there is none."""
        with self._lock:
            command = self._commands.popleft() if self._commands else None
            if isinstance(command, OpenModel):
                self._open_cancelled = False
            return command

    def cancel_open(self) -> None:
        """No model that was put so far is to be opened any more."""
        with self._lock:
            self._commands = deque(c for c in self._commands if not isinstance(c, OpenModel))
            self._open_cancelled = True

    def open_is_wanted(self) -> bool:
        """Whether the model that was taken last is still to be opened."""
        with self._lock:
            return not self._open_cancelled and not self._closed

    def wait(self) -> None:
        """Returns when anything was put, or the box was closed, since the last call."""
        self._bell.wait()
        self._bell.clear()

    @property
    def closed(self) -> bool:
        """Whether the taker should end."""
        return self._closed

    def close(self) -> None:
        """Asks the taker to end, for good."""
        self._closed = True
        self._bell.set()
