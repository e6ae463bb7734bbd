"""Pickles that ask for something that runs, under every name and disguise."""

from __future__ import annotations

from tests.attacks import pickle_assembler as p
from tests.attacks.attack import CANARY, unsafe_attack

TOUCH = f"touch {CANARY}"
PYTHON = f"open({CANARY!r}, 'w')"
SYSTEM = p.call(p.name("os", "system"), p.text(TOUCH))
GETATTR = p.name("builtins", "getattr")

EXECUTION_BY_NAME = (
    unsafe_attack("os_system", "runs a shell command through REDUCE", p.pickle(SYSTEM), r"'os\.system'"),
    unsafe_attack(
        "posix_system",
        "the same, by the name pickle itself writes",
        p.pickle(p.call(p.name("posix", "system"), p.text(TOUCH))),
        r"'posix\.system'",
    ),
    unsafe_attack(
        "stack_global",
        "names os.system through STACK_GLOBAL",
        p.pickle(p.text("os"), p.text("system"), p.STACK_GLOBAL, p.items(p.text(TOUCH)), p.REDUCE),
        r"'os\.system'",
    ),
    unsafe_attack(
        "popen",
        "starts a process",
        p.pickle(p.call(p.name("subprocess", "Popen"), p.text(TOUCH))),
        r"'subprocess\.Popen'",
    ),
    unsafe_attack(
        "builtins_eval",
        "evaluates an expression",
        p.pickle(p.call(p.name("builtins", "eval"), p.text(PYTHON))),
        r"'builtins\.eval'",
    ),
    unsafe_attack(
        "builtins_exec",
        "runs a program text",
        p.pickle(p.call(p.name("builtins", "exec"), p.text(PYTHON))),
        r"'builtins\.exec'",
    ),
    unsafe_attack(
        "python2_eval",
        "the same under Python 2's name",
        p.pickle(p.call(p.name("__builtin__", "eval"), p.text(PYTHON))),
        r"'__builtin__\.eval'",
    ),
    unsafe_attack(
        "import",
        "imports a module",
        p.pickle(p.call(p.name("builtins", "__import__"), p.text("antigravity"))),
        r"'builtins\.__import__'",
    ),
    unsafe_attack(
        "getattr_chain",
        "reaches os.system from an allowed class by getattr after getattr",
        p.pickle(
            p.call(
                GETATTR,
                p.call(GETATTR, p.name("collections", "OrderedDict"), p.text("__init__")),
                p.text("__globals__"),
            )
        ),
        r"'builtins\.getattr'",
    ),
    unsafe_attack(
        "dotted_name",
        "reaches the same with dots in an allowed name",
        p.pickle(p.text("collections"), p.text("OrderedDict.__init__.__globals__"), p.STACK_GLOBAL),
        r"OrderedDict\.__init__",
    ),
    unsafe_attack(
        "dotted_module",
        "hides behind an allowed module",
        p.pickle(p.name("torch.storage", "os.system")),
        r"'torch\.storage\.os\.system'",
    ),
    unsafe_attack(
        "attrgetter",
        "gets attributes through operator",
        p.pickle(p.call(p.name("operator", "attrgetter"), p.text("system"))),
        r"'operator\.attrgetter'",
    ),
    unsafe_attack(
        "partial",
        "prepares a call with functools",
        p.pickle(p.call(p.name("functools", "partial"), p.NONE)),
        r"'functools\.partial'",
    ),
    unsafe_attack(
        "runpy", "runs a module", p.pickle(p.call(p.name("runpy", "run_path"), p.text("x.py"))), r"'runpy\.run_path'"
    ),
    unsafe_attack(
        "pickle_in_pickle",
        "hands bytes to pickle.loads",
        p.pickle(p.call(p.name("pickle", "loads"), p.blob(p.pickle(SYSTEM)))),
        r"'pickle\.loads'",
    ),
    unsafe_attack(
        "torch_load",
        "hands bytes to torch.load",
        p.pickle(p.call(p.name("torch.serialization", "load"), p.blob(p.pickle(SYSTEM)))),
        r"'torch\.serialization\.load'",
    ),
    unsafe_attack(
        "numpy_load",
        "reads another file",
        p.pickle(p.call(p.name("numpy", "load"), p.text("x.npy"), p.NONE, p.TRUE)),
        r"'numpy\.load'",
    ),
    unsafe_attack(
        "code_object",
        "builds a function",
        p.pickle(p.call(p.name("types", "FunctionType"), p.NONE)),
        r"'types\.FunctionType'",
    ),
    unsafe_attack(
        "socket",
        "calls out",
        p.pickle(p.call(p.name("socket", "create_connection"), p.NONE)),
        r"'socket\.create_connection'",
    ),
)
