"""Any folder of real pictures, as numbered uint8 pictures of one size. `open_pictures` takes archives as well."""

from __future__ import annotations

from pathlib import Path

from engine.data.decode import PictureFormat
from engine.data.fitting import Colour
from engine.data.picture_set import SMALLEST_AUTOMATIC_RESOLUTION, Loading, PictureSet
from engine.data.sources import folder_source


class ImageFolder(PictureSet):
    """The pictures in a folder and in the folders inside it, in an order that is the same on every platform.

    `sources.find_pictures` says which. `resolution` None picks the largest power of two, from 8 to 1024, that more
    than half of the pictures reach with their shorter side. The other parameters are those of `PictureFormat`.

    Raises DataError for a folder that is missing, unreadable, a file, or without a readable picture.
    """

    def __init__(
        self,
        path: str | Path,
        resolution: int | None = None,
        channels: int = 3,
        background: Colour | str = (255, 255, 255),
        fit: str = "auto",
        *,
        loading: Loading | None = None,
    ) -> None:
        target = PictureFormat(
            resolution=SMALLEST_AUTOMATIC_RESOLUTION if resolution is None else resolution,
            channels=channels,
            background=background,
            fit=fit,
        )
        super().__init__(folder_source, Path(path), target, automatic=resolution is None, loading=loading or Loading())
