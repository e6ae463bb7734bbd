"""Every failure that a person can meet, as one family.

A message says what failed, on what, and what to do. Programs catch `EngineError` and show `str(error)`;
anything else that escapes is a bug.
"""


class EngineError(Exception):
    """Base of all errors with a message meant for a person."""


class ConfigError(EngineError):
    """An option or a combination of options that cannot work."""


class ModelFileError(EngineError):
    """A model file that cannot be read, or is not a model."""


class UnsafeFileError(ModelFileError):
    """A model file that asks for something that only a program would need; nothing of it was executed."""


class LoadCancelledError(EngineError):
    """A model that was not wanted any more before all of it was read."""


class DataError(EngineError):
    """A folder or an archive of pictures that cannot be used."""


class CheckpointError(EngineError):
    """A training checkpoint that cannot be continued from."""


class TrainingError(EngineError):
    """A training run that cannot go on."""


class ExportError(EngineError):
    """A picture or a video that could not be written."""


class ExportStoppedError(ExportError):
    """A video that was left before its end; what is finished of it can be gone on with."""


class FeatureNetworkError(EngineError):
    """A feature network whose weights are not installed, or are not the expected ones."""


class OutOfMemoryError(EngineError):
    """The device has not enough memory for what was asked."""
