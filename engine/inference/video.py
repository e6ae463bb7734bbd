"""A walk through looks as an MP4 file, one frame at a time.

The walk is linear in W, on the truncated and mixed ws of the keyframes. Knows nothing of threads: the caller
advances the generator, and closes it to cancel.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
from PIL import Image

from engine.errors import ExportError
from engine.inference.encoder import VideoFormat, encode_mp4
from engine.inference.images import over_white
from engine.inference.new_file import new_file, require_new
from engine.inference.recipes import recipe_of_looks
from engine.inference.renderer import Renderer
from engine.inference.video_plan import VideoPlan
from engine.latents.interpolation import lerp


def export_video(renderer: Renderer, plan: VideoPlan) -> Generator[int, None, None]:
    """Yields the number of frames done, 1 to plan.frame_count; with the last one the file is complete.

    Raises ExportError at once if the file cannot be made there, and from the iteration if writing fails;
    ConfigError if a look does not fit the model. Closing the generator, or any failure, leaves no file.
    """
    if plan.path.suffix.lower() != ".mp4":
        raise ExportError(f"{plan.path} cannot be written: give the video a name that ends in .mp4")
    require_new(plan.path)
    return _export(renderer, plan)


def _export(renderer: Renderer, plan: VideoPlan) -> Generator[int, None, None]:
    size = plan.output_size(renderer.info.img_resolution)
    recipe = recipe_of_looks(plan.looks, renderer.info.content_id)
    video_format = VideoFormat(width=size, height=size, fps=plan.fps, recipe=recipe, shown_path=plan.path)
    with new_file(plan.path) as temporary, encode_mp4(temporary, video_format) as encoder:
        for done, frame in enumerate(_frames(renderer, plan), start=1):
            encoder.write(_resized(over_white(frame), size))
            if done < plan.frame_count:
                yield done
    yield plan.frame_count


def _frames(renderer: Renderer, plan: VideoPlan) -> Iterator[np.ndarray]:
    """uint8 [H, W, 3 or 4] of every frame. Only the keyframes' ws and one picture are held at a time."""
    keys = [renderer.ws(look) for look in plan.looks]  # K tensors [num_ws, w_dim]
    noise = plan.looks[0].noise
    for key, following, fraction in plan.positions():
        ws = lerp(keys[key], keys[following], fraction)
        yield renderer.render_ws(ws[None], noise)[0]


def _resized(pixels: np.ndarray, size: int) -> np.ndarray:
    """Whole factors repeat pixels; anything else is resampled with Lanczos."""
    height, width = pixels.shape[:2]
    if (height, width) == (size, size):
        return pixels
    whole = size % height == 0 and size % width == 0
    method = Image.Resampling.NEAREST if whole else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(pixels).resize((size, size), method))
