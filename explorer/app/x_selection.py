"""X's clipboard: no place where something is put, but a window that hands it to whoever asks.

Lives in a thread of its own, until something else is copied anywhere, or it is closed. Knows bytes by their types.
"""

from __future__ import annotations

import os
import select
import struct
import threading
from collections.abc import Mapping

from explorer.app.xcb import (
    ATOM,
    FAILED,
    INTEGER,
    PROPERTY_CHANGED,
    SELECTION_ASKED,
    SELECTION_LOST,
    SELECTION_TOLD,
    Connection,
    NoServerError,
)

SELECTION = "CLIPBOARD"
PART = 65536
"""bytes that are handed over at once: old servers and programs take no more than a few of these"""
DELETED = 1
SECONDS = 2.0
"""How long the server may take to say what time it is."""


class XSelection:
    """The clipboard's content, as long as it is ours."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        """contents: bytes by media type. Raises NoServerError if there is no clipboard to take over, or it is kept."""
        self._server = Connection()
        try:
            self._begin(contents)
        except NoServerError:
            self._server.close()
            raise
        self._ending, self._end = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="clipboard", daemon=True)
        self._thread.start()

    @property
    def held(self) -> bool:
        """Whether it is still ours."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Lets the clipboard go, if it is still ours."""
        if self._end >= 0:
            os.close(self._end)
            self._end = -1
            self._thread.join(SECONDS)

    def _begin(self, contents: Mapping[str, bytes]) -> None:
        server = self._server
        self._selection = server.atom(SELECTION)
        self._targets, self._timestamp, self._in_parts = (server.atom(n) for n in ("TARGETS", "TIMESTAMP", "INCR"))
        self._under_way: dict[tuple[int, int], tuple[int, bytes]] = {}
        """by asker and its property, what is still to be handed over, and its type"""
        self._contents = {server.atom(name): content for name, content in contents.items()}
        self._window = server.window()
        self._since = self._now()
        server.own(self._selection, self._window, self._since)
        if server.owner_of(self._selection) != self._window:
            raise NoServerError("another program keeps the clipboard")

    def _now(self) -> int:
        """The server's time, which it tells with every change of a property."""
        self._server.put_bytes(self._window, self._timestamp, INTEGER, b"")
        self._server.flush()
        while select.select([self._server.descriptor], [], [], SECONDS)[0]:
            event = self._server.next_event()
            if event is not None and event[0] & 0x7F == PROPERTY_CHANGED:
                return int(struct.unpack_from("=I", event, 12)[0])
            if self._server.lost:
                break
        raise NoServerError("the X server does not answer")

    def _serve(self) -> None:
        try:
            while self._answer_all():
                if self._ending in select.select([self._server.descriptor, self._ending], [], [])[0]:
                    break
        finally:
            self._server.close()
            os.close(self._ending)

    def _answer_all(self) -> bool:
        """False once the clipboard is another's."""
        while (event := self._server.next_event()) is not None:
            kind = event[0] & 0x7F
            if kind == SELECTION_LOST:
                return False
            if kind == SELECTION_ASKED:
                self._answer(*struct.unpack_from("=6I", event, 4))
            elif kind == PROPERTY_CHANGED:
                window, name, _time, state = struct.unpack_from("=IIIB", event, 4)
                if state == DELETED:
                    self._go_on(window, name)
            elif kind == FAILED:  # most likely the asker is gone
                gone = struct.unpack_from("=I", event, 4)[0]
                self._under_way = {key: rest for key, rest in self._under_way.items() if key[0] != gone}
        self._server.flush()
        return not self._server.lost

    def _answer(self, time: int, _owner: int, asker: int, selection: int, target: int, name: int) -> None:
        """Puts what is asked for into the asker's property, and tells it; 0 for what there is not."""
        place = name or target  # as old programs have it
        if target == self._targets:
            self._server.put_numbers(asker, place, ATOM, [self._targets, self._timestamp, *self._contents])
        elif target == self._timestamp:
            self._server.put_numbers(asker, place, INTEGER, [self._since])
        elif target in self._contents:
            self._hand_over(asker, place, target)
        else:
            place = 0
        told = struct.pack("=BxH5I", SELECTION_TOLD, 0, time, asker, selection, target, place)
        self._server.send(asker, told)

    def _hand_over(self, asker: int, place: int, target: int) -> None:
        """At once, or, if it is much, its size: then the asker takes away part after part."""
        content = self._contents[target]
        if len(content) <= PART:
            self._server.put_bytes(asker, place, target, content)
            return
        self._server.watch(asker)
        self._under_way[asker, place] = target, content
        self._server.put_numbers(asker, place, self._in_parts, [len(content)])

    def _go_on(self, asker: int, place: int) -> None:
        """The next part; an empty one is the end."""
        if (asker, place) not in self._under_way:
            return
        target, rest = self._under_way.pop((asker, place))
        self._server.put_bytes(asker, place, target, rest[:PART])
        if rest:
            self._under_way[asker, place] = target, rest[PART:]
