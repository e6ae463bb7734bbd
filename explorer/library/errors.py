"""What can go wrong with the library."""

from engine.errors import EngineError


class LibraryError(EngineError):
    """The favourites could not be read or kept."""


class DamagedError(Exception):
    """The file is not a database that this program could have written. Never leaves this package."""
