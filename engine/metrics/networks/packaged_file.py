"""Weights that came inside a Python package, found without importing the package. Nothing is ever downloaded."""

from __future__ import annotations

import hashlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

from engine.errors import FeatureNetworkError


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagedFile:
    """One data file of one package, known by its hash: other weights would give other numbers under the same name."""

    package: str
    """the module that the file lies in, as Python would import it"""
    path: str
    """of the file inside the package, written with \"/\""""
    sha256: str
    install: str
    """the command that installs the package"""

    def read(self) -> bytes:
        """The file's contents. Raises FeatureNetworkError if the package is missing, or has another file there."""
        path = self._locate()
        try:
            contents = path.read_bytes()
        except OSError as error:
            raise FeatureNetworkError(
                f"{path} cannot be read ({error.strerror or error}): install its package again, with: {self.install}"
            ) from error
        if hashlib.sha256(contents).hexdigest() != self.sha256:
            raise FeatureNetworkError(
                f"{path} does not hold the weights that this program knows, so its numbers would mean something else: "
                f"install its package again, with: {self.install}"
            )
        return contents

    @property
    def is_installed(self) -> bool:
        """Whether the package is there; says nothing of its contents."""
        return _folder_of(self.package) is not None

    def _locate(self) -> Path:
        folder = _folder_of(self.package)
        if folder is None:
            raise FeatureNetworkError(f"the weights of the package {self.package} are missing: {self.install}")
        return folder / self.path


def _folder_of(package: str) -> Path | None:
    # For a top-level name this imports nothing, so the package's own requirements need not be there.
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(folders[0]) if folders else None
