"""What an attack is: a file, what it tries, and how opening it must end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CANARY = "stylegan_attack_canary"
"""a file that none of them may create"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One file, and how opening it must end."""

    name: str
    tries: str
    """what the file does, for the table in README.md"""
    make: Callable[[Path], Path]
    """folder -> the file"""
    refused: str
    """a regular expression that the message must match"""
    error: str = "ModelFileError"
    """the error's public class"""


Data = bytes | Callable[[], bytes]


def attack(name: str, tries: str, data: Data, refused: str, error: str = "ModelFileError") -> Attack:
    """data: a function for what is large."""

    def make(folder: Path) -> Path:
        path = folder / f"{name}.pkl"
        path.write_bytes(data if isinstance(data, bytes) else data())
        return path

    return Attack(name=name, tries=tries, make=make, refused=refused, error=error)


def unsafe_attack(name: str, tries: str, data: Data, refused: str) -> Attack:
    return attack(name, tries, data, refused, "UnsafeFileError")
