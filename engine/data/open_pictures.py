"""Pictures from wherever a person keeps them: a folder, a zip archive, or StyleGAN's TFRecords."""

from __future__ import annotations

import zipfile
from pathlib import Path

from engine.data.decode import PictureFormat
from engine.data.fitting import Colour
from engine.data.picture_set import SMALLEST_AUTOMATIC_RESOLUTION, Loading, PictureSet
from engine.data.sources import OnWarning, Source, folder_source
from engine.data.tfrecord_source import is_tfrecords, tfrecord_source
from engine.data.zip_source import zip_source
from engine.errors import DataError


def open_pictures(
    path: str | Path,
    resolution: int | None = None,
    channels: int = 3,
    background: Colour | str = (255, 255, 255),
    fit: str = "auto",
    *,
    loading: Loading | None = None,
) -> PictureSet:
    """The pictures at `path`, all of one size, in an order that is the same on every platform.

    Of a folder, its pictures and those in the folders inside it; `sources.find_pictures` says which. `resolution` None
    picks the largest power of two, from 8 to 1024, that more than half of the pictures reach with their shorter side.
    The other parameters are those of `PictureFormat`. Raises DataError for what is missing, unreadable, or without a
    readable picture.
    """
    target = PictureFormat(
        resolution=SMALLEST_AUTOMATIC_RESOLUTION if resolution is None else resolution,
        channels=channels,
        background=background,
        fit=fit,
    )
    return PictureSet(open_source, Path(path), target, automatic=resolution is None, loading=loading or Loading())


def open_source(path: Path, on_warning: OnWarning) -> Source:
    """What lies at `path`: a folder (of TFRecords, if it holds any) or an archive. Raises DataError."""
    if is_tfrecords(path):
        return tfrecord_source(path, on_warning)
    if not path.is_file():
        return folder_source(path, on_warning)
    if zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
        return zip_source(path, on_warning)
    raise DataError(
        f"{path} is neither a folder of pictures nor an archive of them that can be read: a .zip, or a .tfrecords of "
        f"StyleGAN. Name one of these, or unpack the archive into a folder."
    )
