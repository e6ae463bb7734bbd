"""A restricted unpickler: an interpreter of pickle opcodes that can build data and nothing else.

Why not `pickle.Unpickler` with a strict `find_class`? Because some of what it does comes before or beside
`find_class`: a memo index of 2**32 allocates gigabytes, BUILD writes attributes of whatever is on the stack,
hashing a deeply nested tuple overflows the C stack, and every tensor's bytes are copied. Here

* an opcode that is not in the table below is refused by name, so there is no persistent id (outside of a
  torch storage), no extension registry, no INST, OBJ or NEWOBJ_EX;
* a global is looked up by its exact name in a frozen allow-list (`allow_list.py`) and stands for one of our
  own functions, which makes an inert value; nothing is ever imported or called on the file's behalf;
* memory and time are bounded by a budget that is checked before anything is allocated; keys of dicts and sets
  are text and small integers only;
* the bytes of tensors stay slices of the (memory-mapped) file.

Its speed is no matter, because the bulk of a model is bytes: a snapshot of 1024 pixels (382 MB: G, D and G_ema) has
some 60,000 opcodes and is interpreted in 0.1 s, at 800,000 opcodes a second.

Knows nothing of files, torch, or what a model looks like.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.formats.pickle_machine import AllowedGlobal, Budget, PickleMachine
from engine.formats.refusals import OversizedFileError

MAX_MARKS: Final = 500
MAX_INTEGER_BYTES: Final = 32
INLINE_BYTES: Final = 4096
"""longer byte strings stay views of the file"""

_U8, _U16, _I32, _U32, _U64, _F64 = (struct.Struct(layout) for layout in ("<B", "<H", "<i", "<I", "<Q", ">d"))
_STOP: Final = ord(".")


def loads(data: memoryview, allowed: Mapping[str, AllowedGlobal], budget: Budget) -> Any:
    """The inert value of the pickle at the start of `data`. Raises ModelFileError, UnsafeFileError."""
    return load(PickleMachine(data, allowed, budget))


def load(machine: PickleMachine) -> Any:
    """The value of the machine's pickle; `machine.position` is then just after it."""
    data, budget = machine.data, machine.budget
    while True:
        if machine.position >= len(data):
            machine.take(1)  # says that the file ends too early
        code = data[machine.position]
        machine.position += 1
        if code == _STOP:
            return machine.pop()
        budget.opcodes -= 1
        if budget.opcodes < 0:
            raise OversizedFileError("it has more instructions than any model")
        step = _OPCODES.get(code)
        if step is None:
            machine.refuse_opcode(code)
        step(machine)


def _proto(machine: PickleMachine) -> None:
    version = machine.number(_U8)
    if not 2 <= version <= 5:
        machine.damaged(f"there is no pickle protocol {version}")


def _frame(machine: PickleMachine) -> None:
    machine.number(_U64)  # a hint for readers of streams; the lengths inside are checked anyway


def _constant(value: Any) -> Callable[[PickleMachine], None]:
    return lambda machine: machine.stack.append(value)


def _new(make: Callable[[], Any]) -> Callable[[PickleMachine], None]:
    return lambda machine: machine.stack.append(make())


def _number(layout: struct.Struct) -> Callable[[PickleMachine], None]:
    return lambda machine: machine.stack.append(machine.number(layout))


def _long(length: struct.Struct) -> Callable[[PickleMachine], None]:
    def step(machine: PickleMachine) -> None:
        size = machine.number(length)
        if not 0 <= size <= MAX_INTEGER_BYTES:
            machine.damaged(f"an integer of {size:,} bytes")
        machine.stack.append(int.from_bytes(machine.take(size), "little", signed=True))

    return step


def _text(length: struct.Struct) -> Callable[[PickleMachine], None]:
    return lambda machine: machine.stack.append(machine.text(machine.take(machine.number(length))))


def _bytes(length: struct.Struct) -> Callable[[PickleMachine], None]:
    def step(machine: PickleMachine) -> None:
        view = machine.take(machine.number(length))
        machine.stack.append(view if len(view) > INLINE_BYTES else bytes(view))

    return step


def _global(machine: PickleMachine) -> None:
    machine.stack.append(machine.find_global(machine.line(), machine.line()))


def _stack_global(machine: PickleMachine) -> None:
    name, module = machine.pop(), machine.pop()
    if type(name) is not str or type(module) is not str:
        machine.damaged("a name is not text")
    machine.stack.append(machine.find_global(module, name))


def _call(machine: PickleMachine) -> None:
    args, function = machine.pop(), machine.pop()
    machine.stack.append(machine.call(function, args))


def _build(machine: PickleMachine) -> None:
    state = machine.pop()
    value = machine.pop()
    machine.stack.append(value)
    machine.complete(value, state)


def _persistent_id(machine: PickleMachine) -> None:
    if machine.persistent_load is None:
        machine.refuse_opcode(ord("Q"))
    machine.stack.append(machine.persistent_load(machine.pop()))


def _mark(machine: PickleMachine) -> None:
    if len(machine.marks) >= MAX_MARKS:
        raise OversizedFileError(f"it nests more than {MAX_MARKS} groups")
    machine.marks.append(len(machine.stack))


def _tuple_of(size: int) -> Callable[[PickleMachine], None]:
    def step(machine: PickleMachine) -> None:
        items = [machine.pop() for _ in range(size)]
        machine.stack.append(tuple(reversed(items)))

    return step


def _tuple(machine: PickleMachine) -> None:
    machine.stack.append(tuple(machine.pop_mark()))


def _append(machine: PickleMachine) -> None:
    item = machine.pop()
    machine.top(list).append(item)


def _appends(machine: PickleMachine) -> None:
    items = machine.pop_mark()
    machine.top(list).extend(items)


def _set_item(machine: PickleMachine) -> None:
    value, key = machine.pop(), machine.key(machine.pop())
    machine.top(dict)[key] = value


def _set_items(machine: PickleMachine) -> None:
    pairs = machine.pop_pairs()
    machine.top(dict).update(pairs)


def _add_items(machine: PickleMachine) -> None:
    items = [machine.key(item) for item in machine.pop_mark()]
    machine.top(set).update(items)


def _pop(machine: PickleMachine) -> None:
    machine.pop()


def _memoize(machine: PickleMachine) -> None:
    machine.remember(len(machine.memo))


def _put(layout: struct.Struct) -> Callable[[PickleMachine], None]:
    return lambda machine: machine.remember(machine.number(layout))


def _get(layout: struct.Struct) -> Callable[[PickleMachine], None]:
    return lambda machine: machine.stack.append(machine.recall(machine.number(layout)))


_OPCODES: Final[Mapping[int, Callable[[PickleMachine], None]]] = {
    0x80: _proto,
    0x95: _frame,
    ord("N"): _constant(None),
    0x88: _constant(True),
    0x89: _constant(False),
    ord("J"): _number(_I32),
    ord("K"): _number(_U8),
    ord("M"): _number(_U16),
    ord("G"): _number(_F64),
    0x8A: _long(_U8),
    0x8B: _long(_I32),
    ord("X"): _text(_U32),
    0x8C: _text(_U8),
    0x8D: _text(_U64),
    ord("B"): _bytes(_U32),
    ord("C"): _bytes(_U8),
    0x8E: _bytes(_U64),
    0x96: _bytes(_U64),  # bytes that could be changed (protocol 5); nothing here changes any
    ord("}"): _new(dict),
    ord("]"): _new(list),
    0x8F: _new(set),
    ord(")"): _constant(()),
    0x85: _tuple_of(1),
    0x86: _tuple_of(2),
    0x87: _tuple_of(3),
    ord("t"): _tuple,
    ord("("): _mark,
    ord("a"): _append,
    ord("e"): _appends,
    ord("s"): _set_item,
    ord("u"): _set_items,
    0x90: _add_items,
    ord("0"): _pop,
    0x94: _memoize,
    ord("q"): _put(_U8),
    ord("r"): _put(_U32),
    ord("h"): _get(_U8),
    ord("j"): _get(_U32),
    ord("c"): _global,
    0x93: _stack_global,
    ord("R"): _call,
    0x81: _call,  # NEWOBJ: for the allowed names, the same as calling them
    ord("b"): _build,
    ord("Q"): _persistent_id,
}
