"""What can go wrong with the window itself."""

from engine.errors import EngineError


class WindowError(EngineError):
    """The window cannot be opened, or its picture cannot be written."""
