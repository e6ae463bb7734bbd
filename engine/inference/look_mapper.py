"""The latents of a look to ws: seed to z to w, truncation, style mixing. Knows nothing of the synthesis or of noise."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.inference.bounded_cache import BoundedCache
from engine.inference.requests import Latent, Look, SeedLatent
from engine.latents.interpolation import norm_preserving_blend
from engine.latents.mixing import mix_styles
from engine.latents.sampling import class_to_c, seed_to_z
from engine.latents.truncation import truncate
from engine.networks.any_generator import AnyGenerator

CACHED_WS = 1024
"""(seed, class) pairs whose w is kept: 2 MiB with a w_dim of 512"""
ESTIMATED_W_AVG_SAMPLES = 2048
CLASS_CENTRE_SAMPLES = 512
CACHED_CENTRES = 256
"""means of mixtures of classes that are kept"""


class LookMapper:
    """Keeps what it has mapped. For use in inference mode."""

    def __init__(self, generator: AnyGenerator, device: str) -> None:
        """generator: on this device, for inference only."""
        self._generator = generator
        self._device = device
        self._w_avg = self._find_w_avg()
        self._w_cache: BoundedCache[tuple[int, tuple[float, ...]], Tensor] = BoundedCache(CACHED_WS)
        self._class_centres: BoundedCache[tuple[float, ...], Tensor] = BoundedCache(CACHED_CENTRES)

    def ws(self, look: Look) -> Tensor:
        """[num_ws, w_dim] on the device: truncated, then mixed. Raises ConfigError if the classes do not fit.

        All latents of a style mix are truncated, with the same psi in each layer, before they are mixed, as in the
        field's tools. (Mixing is linear in each layer, so mixing first would give the same.)
        """
        psi = look.truncation.per_layer(self._generator.num_ws)
        centre = self._centre(look)
        ws = truncate(self._untruncated(look.latent, look.class_weights), centre, psi)
        for mix in look.style_mixes:
            other = self._untruncated(mix.latent, look.class_weights)
            ws = mix_styles(ws, truncate(other, centre, psi), mix.strengths)
        return ws

    def _untruncated(self, latent: Latent, class_weights: tuple[float, ...]) -> Tensor:
        """[num_ws, w_dim]; a blend keeps the distance from w_avg, see `norm_preserving_blend`."""
        if isinstance(latent, SeedLatent):
            w = self._seed_w(latent.seed, class_weights)
        elif len(latent.parts) == 1:
            w = self._seed_w(latent.parts[0][0], class_weights)
        else:
            parts = torch.stack([self._seed_w(seed, class_weights) for seed, _ in latent.parts])
            weights = torch.tensor([weight for _, weight in latent.parts], device=self._device)
            w = norm_preserving_blend(parts, weights, self._w_avg)
        return w.expand(self._generator.num_ws, -1)

    def _seed_w(self, seed: int, class_weights: tuple[float, ...]) -> Tensor:
        """[w_dim]"""
        return self._w_cache.get((seed, class_weights), lambda: self._map(seed, class_weights))

    def _map(self, seed: int, class_weights: tuple[float, ...]) -> Tensor:
        c = class_to_c(class_weights, self._generator.c_dim)
        z = seed_to_z(seed, self._generator.z_dim).to(self._device)
        ws = self._generator.mapping(z, None if c is None else c.to(self._device))  # [1, num_ws, w_dim], all alike
        return ws[0, 0].clone()

    def _centre(self, look: Look) -> Tensor:
        """[w_dim]: what truncation pulls towards."""
        centre = look.truncation.centre
        if centre == "average":
            return self._w_avg
        if isinstance(centre, str):
            return self._class_centres.get(look.class_weights, lambda: self._mean_w(look.class_weights))
        return self._untruncated(centre, look.class_weights)[0]

    def _mean_w(self, class_weights: tuple[float, ...]) -> Tensor:
        """[w_dim]: the mean w of one mixture of classes, over fixed seeds."""
        z = torch.cat([seed_to_z(seed, self._generator.z_dim) for seed in range(CLASS_CENTRE_SAMPLES)])
        c = class_to_c(class_weights, self._generator.c_dim)
        every_c = None if c is None else c.expand(len(z), -1).to(self._device)
        return self._generator.mapping(z.to(self._device), every_c)[:, 0].mean(dim=0)

    @torch.inference_mode()
    def _find_w_avg(self) -> Tensor:
        """[w_dim]: the model's own, or, where it keeps none, the mean over fixed seeds and all classes alike."""
        mapping, c_dim = self._generator.mapping, self._generator.c_dim
        if self._generator.config.w_avg_beta is not None:
            return mapping.w_avg
        z = torch.cat([seed_to_z(seed, self._generator.z_dim) for seed in range(ESTIMATED_W_AVG_SAMPLES)])
        c = torch.eye(c_dim)[torch.arange(len(z)) % c_dim].to(self._device) if c_dim > 0 else None
        return mapping(z.to(self._device), c)[:, 0].mean(dim=0)
