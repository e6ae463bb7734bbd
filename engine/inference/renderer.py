"""A look becomes a picture: latent to z to w, truncation, style mixing, noise, synthesis, pixels.

Synchronous; knows nothing of threads, windows or files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from engine.errors import ConfigError, OutOfMemoryError
from engine.formats.model_info import ModelInfo
from engine.inference.bounded_cache import BoundedCache
from engine.inference.devices import is_out_of_memory, pick_device
from engine.inference.fast.pixels import to_bytes
from engine.inference.fast.precision import pick_precision
from engine.inference.fast.prepared import prepare
from engine.inference.fast.read_back import CudaCopier, read_back
from engine.inference.fast.synthesis import PreparedNoise
from engine.inference.fast.team import share
from engine.inference.images import in_colour
from engine.inference.input_transform import InputTransform
from engine.inference.look_check import check_finite, check_look
from engine.inference.look_mapper import LookMapper
from engine.inference.memory import keep_freed_memory
from engine.inference.requests import Look, Noise
from engine.inference.threads import multiplications, pictures_at_once, threads_for
from engine.latents.sampling import class_to_c
from engine.networks.any_generator import AnyGenerator

if TYPE_CHECKING:
    from engine.formats.model_file import Model

CACHED_NOISES = 4
"""sets of noise images that are kept: 11 MiB each at 1024 pixels"""
KEPT_PREFIX_BYTES = 512 * 2**20
"""activations that are kept between renders, see `Renderer.render`"""
DEVICE_BATCH = 8
"""pictures for which an accelerator is asked at once"""


class Renderer:
    """Renders looks with the G_ema of one model on one device. Not thread-safe."""

    def __init__(
        self, model: Model, device: str = "auto", precision: str = "auto", *, prefix_bytes: int = KEPT_PREFIX_BYTES
    ) -> None:
        """Takes the model's G_ema over: moves it to the device ('auto', 'cpu', 'cuda', 'mps'), for inference only.

        precision: 'auto' (the fastest that the device has natively), 'float32', 'bf16' or 'fp16' (not on a CPU).
        prefix_bytes: memory for what `render` keeps for its cache keys. Raises ConfigError if this computer has no
        such device or precision, OutOfMemoryError if the model does not fit.
        """
        self._device = pick_device(device)
        self._precision = pick_precision(precision, self._device)
        if self._device == "cpu":
            keep_freed_memory()
        self._info = model.info
        self._work = multiplications(model.G_ema.config)
        with self._computing(divided=False):
            self._generator: AnyGenerator = model.G_ema.eval().requires_grad_(False).to(self._device)
            self._synthesis, self._prefixes = prepare(self._generator, self._precision, prefix_bytes)
        self._copier = CudaCopier() if self._device == "cuda" else None
        with self._computing():
            self._mapper = LookMapper(self._generator, self._device)
        self._noise_cache: BoundedCache[Noise, PreparedNoise] = BoundedCache(CACHED_NOISES)
        self._sparing = False

    @property
    def info(self) -> ModelInfo:
        """The model's dimensions and origin."""
        return self._info

    @property
    def device(self) -> str:
        """'cpu', 'cuda' or 'mps'."""
        return self._device

    @property
    def precision(self) -> str:
        """'float32', 'bf16' or 'fp16': what the highest resolutions are computed in."""
        return self._precision

    @property
    def pictures_at_once(self) -> int:
        """How many are made at the same time, if `render_ws` is given so many or more."""
        if self._sparing:
            return 1
        return pictures_at_once(self._generator.config) if self._device == "cpu" else DEVICE_BATCH

    @property
    def sparing(self) -> bool:
        """Whether memory has run out before: since then nothing is kept, and pictures are made one at a time."""
        return self._sparing

    @property
    def resolutions(self) -> tuple[int, ...]:
        """At which resolutions `render` may stop, ascending; the last is the model's."""
        return self._synthesis.resolutions

    @torch.inference_mode()
    def ws(self, look: Look) -> Tensor:
        """[num_ws, w_dim] on the renderer's device: truncated, then mixed. ConfigError if the look does not fit."""
        check_look(look, self._generator.num_ws)
        with self._computing():
            return self._mapper.ws(look)

    @torch.inference_mode()
    def render(self, look: Look, *, cache_key: Hashable | None = None, resolution: int | None = None) -> np.ndarray:
        """uint8 [H, W, 3 or 4]. Raises ConfigError if the look does not fit the model, OutOfMemoryError.

        cache_key: for whatever is rendered again and again with small changes, say a tile. Activations are kept under
        this key, and only the layers whose w or noise changed since are computed again, at any resolution; the
        pixels are the same, bit for bit, as without one.
        resolution: one of `resolutions`, for a smaller picture [resolution, resolution] that costs less: the sum of
        the RGB layers so far. None is the model's.
        """
        return self._or_sparingly(lambda: self._render(look, cache_key, resolution))

    def _render(self, look: Look, cache_key: Hashable | None, resolution: int | None) -> np.ndarray:
        with self._computing():
            noise, transform = self._noise(look.noise), self._matrix(look.transform)
            if cache_key is None or self._sparing:
                img = self._synthesis.render(self.ws(look), noise, resolution, transform)
            else:
                img = self._prefixes.render(cache_key, self.ws(look), noise, resolution, transform)
            return in_colour(to_bytes(img).cpu().numpy())[0]

    def render_each(self, looks: Iterable[Look]) -> Iterator[np.ndarray]:
        """`render` of each look in order, the same pixels; `pictures_at_once` of them are made before the first comes.

        Raises what `render` raises.
        """
        remaining = iter(looks)
        while group := list(islice(remaining, self.pictures_at_once)):
            yield from self._render_looks(group)

    @torch.inference_mode()
    def _render_looks(self, looks: Sequence[Look]) -> np.ndarray:
        with self._computing():
            ws = torch.stack([self.ws(look) for look in looks])
            noises = [self._noise(look.noise) for look in looks]
        return self._render_each(ws, noises, None, [look.transform for look in looks])

    @contextlib.contextmanager
    def _computing(self, pictures: int = 1, *, divided: bool | None = None) -> Iterator[None]:
        """divided: whether what is computed divides itself among threads; None for what the synthesis does.

        Everything that a picture depends on says the same here: torch's threads would change its bits.
        """
        divided = self._synthesis.divided if divided is None else divided
        with (
            _out_of_memory_as_a_sentence(self._device),
            threads_for(self._work, divided=divided, pictures=pictures),
        ):
            yield

    def _or_sparingly(self, make: Callable[[], np.ndarray]) -> np.ndarray:
        """Where memory runs out, once more with less, and so from then on. Raises OutOfMemoryError if that fails."""
        try:
            return make()
        except OutOfMemoryError:
            if self._sparing:
                raise
        self._sparing = True  # out here, where the failed attempt and all that it held is gone
        self.forget()
        if self._device == "cuda":
            torch.cuda.empty_cache()
        return make()

    def forget(self) -> None:
        """Gives back the memory that is kept for cache keys."""
        self._prefixes.clear()

    @torch.inference_mode()
    def render_ws(
        self,
        ws: Tensor,
        noise: Noise,
        resolution: int | None = None,
        transforms: Sequence[InputTransform] | None = None,
    ) -> np.ndarray:
        """ws [N, num_ws, w_dim], already truncated and mixed, N transforms or none -> uint8 [N, H, W, 3 or 4].

        resolution: as in `render`.

        One by one, so that a picture's bits do not depend on its company; on a CPU that is also the fastest.
        A noise that is 'random' is drawn from its seed, layer by layer, and is the same for all N pictures: the
        same seed always gives the same noise, on every device, so that a walk does not flicker.
        """
        with self._computing():
            prepared = self._noise(noise)
        return self._render_each(ws, [prepared] * len(ws), resolution, transforms)

    @torch.inference_mode()
    def noise_images(self, noise: Noise) -> list[Tensor | None]:
        """An image [1, 1, r, r] for each synthesis layer, or None where it gets none; for `render_with_noise`."""
        check_finite("the noise strength", (noise.strength, *noise.layer_strengths))
        generator = torch.Generator(device="cpu").manual_seed(noise.seed)
        synthesis = self._generator.synthesis
        images = synthesis.make_noise(noise.mode, 1, strength=noise.strength, generator=generator)
        own = noise.layer_strengths + (1.0,) * len(images)
        return [image if image is None or own[i] == 1 else image * own[i] for i, image in enumerate(images)]

    @property
    def layer_count(self) -> int:
        """Layers that `layer_features` knows; 0 for a network of another design."""
        return len(self._layers)

    @property
    def _layers(self) -> Sequence[nn.Module]:
        found: Sequence[nn.Module] = getattr(self._generator.synthesis, "layers", ())  # not every design has them
        return found

    @torch.inference_mode()
    def layer_features(self, look: Look, layer: int) -> Tensor:
        """[C, h, w]: what a synthesis layer makes for this look, after its activation.

        By the network itself, in float32, at the price of one picture. Raises ConfigError if there is no such layer.
        """
        if not 0 <= layer < self.layer_count:
            known = f"layers 0 to {self.layer_count - 1}" if self.layer_count else "no layers that can be looked into"
            raise ConfigError(f"there is no layer {layer}: this model has {known}")
        seen: list[Tensor] = []
        hook = self._layers[layer].register_forward_hook(lambda *call: seen.append(call[2][0]))
        try:
            with self._computing(divided=False):
                self._generator.synthesis(self.ws(look)[None], noise=self.noise_images(look.noise))
        finally:
            hook.remove()
        return seen[0].clone()

    @torch.inference_mode()
    def render_with_noise(
        self,
        ws: Tensor,
        images: Sequence[list[Tensor | None]],
        resolution: int | None = None,
        transforms: Sequence[InputTransform] | None = None,
    ) -> np.ndarray:
        """ws [N, num_ws, w_dim], noise images for each of the N, N transforms or none -> uint8 [N, H, W, 3 or 4]."""
        with self._computing():
            noises = [self._synthesis.prepare_noise(one) for one in images]
        return self._render_each(ws, noises, resolution, transforms)

    @torch.inference_mode()
    def mapped(self, z: Tensor, class_weights: tuple[float, ...] = ()) -> Tensor:
        """z [N, z_dim], all of one label -> w [N, w_dim], untruncated. Raises ConfigError if the label does not fit."""
        c = class_to_c(class_weights, self._generator.c_dim)
        label = None if c is None else c.expand(len(z), -1).to(self._device)
        with self._computing():
            return self._generator.mapping(z.to(self._device), label)[:, 0].clone()

    def _noise(self, noise: Noise) -> PreparedNoise:
        return self._noise_cache.get(noise, lambda: self._synthesis.prepare_noise(self.noise_images(noise)))

    def _matrix(self, transform: InputTransform) -> Tensor | None:
        """None at rest, so that models without an input transform, which know no other, are not asked for one."""
        if transform.at_rest:
            return None
        if not self._info.has_input_transform:
            raise ConfigError(
                "the look turns or moves the picture from within, which this model cannot do: open a StyleGAN3 model, "
                "or leave the transform out"
            )
        return torch.tensor(transform.sampling_matrix(), device=self._device)

    def _render_each(
        self,
        ws: Tensor,
        noises: Sequence[PreparedNoise],
        resolution: int | None,
        transforms: Sequence[InputTransform] | None,
    ) -> np.ndarray:
        matrices = [None] * len(ws) if transforms is None else [self._matrix(transform) for transform in transforms]

        def make(w: Tensor, noise: PreparedNoise, matrix: Tensor | None) -> Tensor:
            return to_bytes(self._synthesis.render(w, noise, resolution, matrix))

        # A clone starts where memory is aligned, as every other ws does: matrix products may round by that.
        singles = [one.clone() for one in ws.to(self._device)]
        pieces = [partial(make, *part) for part in zip(singles, noises, matrices, strict=True)]
        return self._or_sparingly(lambda: self._in_groups(pieces))

    def _in_groups(self, pictures: Sequence[Callable[[], Tensor]]) -> np.ndarray:
        size = self.pictures_at_once
        made: list[np.ndarray] = []
        with self._computing(min(size, len(pictures))):
            for first in range(0, len(pictures), size):
                made += self._made(pictures[first : first + size])
        return in_colour(np.concatenate(made))

    def _made(self, pictures: Sequence[Callable[[], Tensor]]) -> Sequence[np.ndarray]:
        """What the functions return, on the host: made by several threads, or copied while the next is made."""
        if self._copier is not None:
            return list(read_back((make() for make in pictures), self._copier))
        return [picture.cpu().numpy() for picture in share(pictures)]


@contextlib.contextmanager
def _out_of_memory_as_a_sentence(device: str) -> Iterator[None]:
    """torch has a class of its own for accelerators, but a plain RuntimeError for the CPU."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        if device == "cuda":
            torch.cuda.empty_cache()
        raise OutOfMemoryError(
            f"the {device} has not enough memory for this: close other programs, show fewer pictures, "
            "or use a smaller model"
        ) from error
