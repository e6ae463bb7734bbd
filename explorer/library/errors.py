"""What can go wrong with the library."""

from engine.errors import EngineError


class LibraryError(EngineError):
    """The favourites could not be read or kept."""
