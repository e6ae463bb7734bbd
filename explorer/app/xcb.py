"""The little of the X server's protocol that a clipboard needs, spoken through libxcb.

A connection of its own, beside the window's. Knows numbers and bytes, not what they are good for.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import struct
from ctypes import POINTER, c_char, c_char_p, c_int, c_int16, c_uint8, c_uint16, c_uint32, c_void_p
from typing import Any, Final

FAILED: Final = 0
PROPERTY_CHANGED: Final = 28
SELECTION_LOST: Final = 29
SELECTION_ASKED: Final = 30
SELECTION_TOLD: Final = 31
ATOM: Final = 4
INTEGER: Final = 19
"""types that every X server knows under these numbers"""
EVENT_SIZE = 32
REPLACE = 0
UNSEEN_WINDOW = 2
ASKED_FOR_EVENTS = 1 << 11
OF_PROPERTIES = 1 << 22


class _Cookie(ctypes.Structure):
    """Stands for an answer that is still to come."""

    _fields_ = (("sequence", c_uint32),)


class _Screens(ctypes.Structure):
    """An iterator over the server's screens, of which a number follows at the pointer."""

    _fields_ = (("screen", POINTER(c_uint32)), ("remaining", c_int), ("index", c_int))


PLACE = (c_int16, c_int16, c_uint16, c_uint16, c_uint16)
"""x, y, width, height, border"""
SIGNATURES: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
    ("connect", c_void_p, (c_char_p, POINTER(c_int))),
    ("connection_has_error", c_int, (c_void_p,)),
    ("disconnect", None, (c_void_p,)),
    ("flush", c_int, (c_void_p,)),
    ("get_file_descriptor", c_int, (c_void_p,)),
    ("get_setup", c_void_p, (c_void_p,)),
    ("setup_roots_iterator", _Screens, (c_void_p,)),
    ("generate_id", c_uint32, (c_void_p,)),
    ("create_window", _Cookie, (c_void_p, c_uint8, c_uint32, c_uint32, *PLACE, c_uint16, c_uint32, c_uint32, c_void_p)),
    ("change_window_attributes", _Cookie, (c_void_p, c_uint32, c_uint32, c_void_p)),
    ("intern_atom", _Cookie, (c_void_p, c_uint8, c_uint16, c_char_p)),
    ("intern_atom_reply", c_void_p, (c_void_p, _Cookie, c_void_p)),
    ("get_selection_owner", _Cookie, (c_void_p, c_uint32)),
    ("get_selection_owner_reply", c_void_p, (c_void_p, _Cookie, c_void_p)),
    ("set_selection_owner", _Cookie, (c_void_p, c_uint32, c_uint32, c_uint32)),
    (
        "change_property",
        _Cookie,
        (c_void_p, c_uint8, c_uint32, c_uint32, c_uint32, c_uint8, c_uint32, c_char_p),
    ),
    ("send_event", _Cookie, (c_void_p, c_uint8, c_uint32, c_uint32, c_char_p)),
    ("poll_for_event", c_void_p, (c_void_p,)),
)


class NoServerError(OSError):
    """There is no libxcb, or no X server that answers."""


class Connection:
    """To the server that DISPLAY names. Belongs to one thread at a time."""

    def __init__(self) -> None:
        """Raises NoServerError."""
        self._xcb = _library()
        self._free = ctypes.CDLL(None).free
        self._free.argtypes = (c_void_p,)
        self._connection = self._xcb.xcb_connect(None, None)
        if self._xcb.xcb_connection_has_error(self._connection):
            self._xcb.xcb_disconnect(self._connection)
            raise NoServerError("no X server answers")
        screens = self._xcb.xcb_setup_roots_iterator(self._xcb.xcb_get_setup(self._connection))
        self._root = int(screens.screen[0])

    @property
    def descriptor(self) -> int:
        """Becomes readable when there are events."""
        return int(self._xcb.xcb_get_file_descriptor(self._connection))

    @property
    def lost(self) -> bool:
        """Whether the server is gone."""
        return bool(self._xcb.xcb_connection_has_error(self._connection))

    def close(self) -> None:
        """Its windows and selections go with it."""
        self._xcb.xcb_disconnect(self._connection)

    def flush(self) -> None:
        """Sends what was said."""
        self._xcb.xcb_flush(self._connection)

    def atom(self, name: str) -> int:
        """The server's number for a name."""
        cookie = self._xcb.xcb_intern_atom(self._connection, 0, len(name), name.encode("ascii"))
        return self._number_in(self._xcb.xcb_intern_atom_reply(self._connection, cookie, None))

    def window(self) -> int:
        """A new one that nobody sees, whose properties tell of their changes."""
        number = int(self._xcb.xcb_generate_id(self._connection))
        wanted = struct.pack("=I", OF_PROPERTIES)
        place = (0, 0, 1, 1, 0)
        self._xcb.xcb_create_window(
            self._connection, 0, number, self._root, *place, UNSEEN_WINDOW, 0, ASKED_FOR_EVENTS, wanted
        )
        return number

    def watch(self, window: int) -> None:
        """Another program's window tells of its properties, too."""
        wanted = struct.pack("=I", OF_PROPERTIES)
        self._xcb.xcb_change_window_attributes(self._connection, window, ASKED_FOR_EVENTS, wanted)

    def owner_of(self, selection: int) -> int:
        """A window; 0 for none."""
        cookie = self._xcb.xcb_get_selection_owner(self._connection, selection)
        return self._number_in(self._xcb.xcb_get_selection_owner_reply(self._connection, cookie, None))

    def own(self, selection: int, window: int, time: int) -> None:
        """Asks for it; `owner_of` tells whether it was given."""
        self._xcb.xcb_set_selection_owner(self._connection, window, selection, time)

    def put_bytes(self, window: int, name: int, kind: int, content: bytes) -> None:
        """A property of 8-bit values."""
        self._xcb.xcb_change_property(self._connection, REPLACE, window, name, kind, 8, len(content), content)

    def put_numbers(self, window: int, name: int, kind: int, numbers: list[int]) -> None:
        """A property of 32-bit values."""
        content = struct.pack(f"={len(numbers)}I", *numbers)
        self._xcb.xcb_change_property(self._connection, REPLACE, window, name, kind, 32, len(numbers), content)

    def send(self, window: int, event: bytes) -> None:
        """An event of at most 32 bytes."""
        self._xcb.xcb_send_event(self._connection, 0, window, 0, event.ljust(EVENT_SIZE, b"\0"))

    def next_event(self) -> bytes | None:
        """32 bytes, of which the first says what it is; None if there is none yet."""
        pointer = self._xcb.xcb_poll_for_event(self._connection)
        return None if not pointer else self._taken(pointer)

    def _number_in(self, reply: int | None) -> int:
        """Replies to short questions are a header of 8 bytes and one number; 0 if there is no reply."""
        return 0 if not reply else int(struct.unpack_from("=I", self._taken(reply, 12), 8)[0])

    def _taken(self, pointer: int, size: int = EVENT_SIZE) -> bytes:
        """What libxcb has handed over, which is ours to free."""
        content = bytes((c_char * size).from_address(pointer))
        self._free(pointer)
        return content


def _library() -> ctypes.CDLL:
    name = ctypes.util.find_library("xcb") or "libxcb.so.1"
    try:
        library = ctypes.CDLL(name)
    except OSError as error:
        raise NoServerError(str(error)) from error
    for function, result, arguments in SIGNATURES:
        found = getattr(library, f"xcb_{function}")
        found.restype, found.argtypes = result, arguments
    return library
