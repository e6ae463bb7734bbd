"""What a pickle is interpreted with: a stack, a memo, a budget, and a frozen list of names that may be mentioned.

Every step is checked, so that a damaged or hostile pickle ends in a sentence. Knows nothing of single opcodes
(`unpickler.py`), of which names are allowed (`allow_list.py`), of files or of torch.
"""

from __future__ import annotations

import pickletools
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from engine.formats.refusals import DamagedFileError, HostileFileError, OversizedFileError

MAX_GLOBAL_NAME: Final = 200


@dataclass(slots=True, kw_only=True)
class Budget:
    """What one file may still cost; shared by the pickles nested in it."""

    opcodes: int = 400_000
    """the fixtures, with two generators, a discriminator and an augmentation pipeline, have 35,000"""
    text_bytes: int = 64 * 2**20
    storages: int = 50_000

    def spend_text(self, size: int) -> None:
        """Raises ModelFileError when the file holds more text than a model could need."""
        self.text_bytes -= size
        if self.text_bytes < 0:
            raise OversizedFileError("it holds far more text than any model")

    def spend_storage(self) -> None:
        """Raises ModelFileError when the file holds more storages than a model could need."""
        self.storages -= 1
        if self.storages < 0:
            raise OversizedFileError("it holds more tensors than any model")


Build = Callable[[tuple[Any, ...], Budget], Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AllowedGlobal:
    """A name that a pickle may mention, and what it stands for here."""

    name: str
    reason: str
    """why files need it, and why it is harmless"""
    build: Build | None = None
    """makes the inert value; None for a name that may be mentioned but not called"""
    apply_state: Callable[[Any, Any], None] | None = None
    """what a BUILD instruction does to a value that `build` made; None: refused"""


_OPCODE_NAMES: Final = {ord(opcode.code): opcode.name for opcode in pickletools.opcodes}


def _kind(value: Any) -> str:
    """What a value is, without showing it: it may be huge, or endless."""
    return repr(value.name) if type(value) is AllowedGlobal else f"a value of type {type(value).__name__}"


class UnknownGlobalError(HostileFileError):
    """A name that is not on the allow-list."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"it asks for {name[:MAX_GLOBAL_NAME]!r}")


class PickleMachine:
    """The stack, the marks and the memo of one pickle in `data`, starting at `position`."""

    def __init__(
        self,
        data: memoryview,
        allowed: Mapping[str, AllowedGlobal],
        budget: Budget,
        *,
        position: int = 0,
        persistent_load: Callable[[Any], Any] | None = None,
    ) -> None:
        self.data = data
        self.position = position
        self.allowed = allowed
        self.budget = budget
        self.persistent_load = persistent_load
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}
        self.makers: dict[int, AllowedGlobal] = {}  # id of a value that BUILD may still complete -> its maker
        self.kept: list[Any] = []  # keeps those values alive, so that no id is used twice

    def again(self, *, persistent_load: Callable[[Any], Any] | None = None) -> PickleMachine:
        """This machine, emptied, for the pickle that follows in the same bytes."""
        self.stack.clear()
        self.marks.clear()
        self.memo.clear()
        self.persistent_load = persistent_load
        return self

    def refuse_opcode(self, code: int) -> NoReturn:
        """Raises for an instruction that no model needs, or a byte that is none."""
        opcode = _OPCODE_NAMES.get(code)
        if opcode is None:
            self.damaged(f"{code:#04x} is not a pickle instruction")
        raise HostileFileError(f"it uses the pickle instruction {opcode}")

    def damaged(self, what: str) -> NoReturn:
        """Raises ModelFileError for a pickle that makes no sense here."""
        raise DamagedFileError(f"{what}, at byte {self.position:,} of {len(self.data):,}")

    def take(self, size: int) -> memoryview:
        """The next `size` bytes, as a view."""
        end = self.position + size
        if end > len(self.data):
            raise DamagedFileError(f"it ends in the middle: {len(self.data):,} bytes are there, more must follow")
        view = self.data[self.position : end]
        self.position = end
        return view

    def number(self, layout: struct.Struct) -> Any:
        """The next fixed-size number."""
        return layout.unpack(self.take(layout.size))[0]

    def line(self) -> str:
        """Text up to the next line feed, which is consumed."""
        window = bytes(self.data[self.position : self.position + MAX_GLOBAL_NAME + 1])
        end = window.find(b"\n")
        if end < 0:
            self.damaged("a name has no end")
        self.position += end + 1
        return self.text(window[:end])

    def text(self, raw: bytes | memoryview) -> str:
        """UTF-8 decoded, within the budget."""
        self.budget.spend_text(len(raw))
        try:
            return str(raw, "utf-8")
        except UnicodeDecodeError:
            self.damaged("text is not UTF-8")

    def pop(self) -> Any:
        """The top of the stack, not going below the last mark."""
        if len(self.stack) <= (self.marks[-1] if self.marks else 0):
            self.damaged("an instruction finds nothing to work on")
        return self.stack.pop()

    def top(self, kind: type) -> Any:
        """The value on top, which must be exactly of this kind."""
        value = self.pop()
        self.stack.append(value)
        if type(value) is not kind:
            self.damaged(f"a {kind.__name__} is expected")
        return value

    def pop_mark(self) -> list[Any]:
        """Everything above the last mark."""
        if not self.marks:
            self.damaged("a group has no beginning")
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def pop_pairs(self) -> list[tuple[Any, Any]]:
        """Everything above the last mark, as keys and values."""
        items = self.pop_mark()
        if len(items) % 2:
            self.damaged("a key has no value")
        return [(self.key(items[i]), items[i + 1]) for i in range(0, len(items), 2)]

    def key(self, value: Any) -> Any:
        """The value, if it may be a key: hashing anything nested could recurse without end."""
        if type(value) is int and -(2**63) <= value < 2**63:
            return value
        if type(value) is not str and value is not None:
            self.damaged(f"{_kind(value)} is used as a key")
        return value

    def find_global(self, module: str, name: str) -> AllowedGlobal:
        """The allow-list's entry; raises UnsafeFileError for anything else."""
        full = f"{module}.{name}"
        entry = self.allowed.get(full)
        if entry is None:
            raise UnknownGlobalError(full)
        return entry

    def call(self, function: Any, args: Any) -> Any:
        """What the allowed global makes of its arguments."""
        if type(function) is not AllowedGlobal or function.build is None:
            raise HostileFileError(f"it calls {_kind(function)}")
        if type(args) is not tuple:
            self.damaged(f"{function.name} is given no arguments")
        value = function.build(args, self.budget)
        if function.apply_state is not None:
            self.makers[id(value)] = function
            self.kept.append(value)
        return value

    def complete(self, value: Any, state: Any) -> None:
        """Gives a value that an allowed global made the state that follows it in the file."""
        maker = self.makers.get(id(value))
        if maker is None or maker.apply_state is None:
            raise HostileFileError(f"it sets attributes of {_kind(value)}")
        maker.apply_state(value, state)

    def remember(self, index: int) -> None:
        """Notes the top of the stack under a number of the file's choosing."""
        value = self.pop()
        self.stack.append(value)
        self.memo[index] = value  # a dict: a huge index costs nothing

    def recall(self, index: int) -> Any:
        """The value noted under that number."""
        if index not in self.memo:
            self.damaged(f"nothing was noted under {index}")
        return self.memo[index]
