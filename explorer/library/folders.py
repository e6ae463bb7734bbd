"""Where the explorer keeps what a person makes."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_dir

DATA_FOLDER_VARIABLE = "STYLEGAN_EXPLORER_DATA"


def data_folder() -> Path:
    """The platform's data folder, or the one that STYLEGAN_EXPLORER_DATA names. It need not exist yet."""
    named = os.environ.get(DATA_FOLDER_VARIABLE)
    return Path(named) if named else Path(user_data_dir("stylegan-explorer", appauthor=False))
