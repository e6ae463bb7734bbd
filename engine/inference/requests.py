"""The frozen values that cross threads and go into files: how one picture is described, asked for and answered.

A `Look` is the recipe of one picture. Knows nothing of torch, of pygame, or of who renders it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np

RECIPE_VERSION = 1
NOISE_MODES = ("const", "random", "none")
MAX_SEED = 2**32 - 1
"""NumPy's RandomState takes seeds from 0 to this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedLatent:
    """z = RandomState(seed).randn(1, z_dim), as everywhere in this field."""

    seed: int

    def __post_init__(self) -> None:
        if not 0 <= self.seed <= MAX_SEED:
            raise ConfigError(f"a seed is a whole number from 0 to {MAX_SEED}, not {self.seed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendLatent:
    """A norm-preserving blend in W of several seeds."""

    parts: tuple[tuple[int, float], ...]
    """(seed, weight) pairs; weights are positive and sum to 1"""

    def __post_init__(self) -> None:
        weights = [weight for _, weight in self.parts]
        if not weights or not all(weight >= 0 for weight in weights) or not abs(sum(weights) - 1) < 1e-3:
            raise ConfigError(f"a blend has weights from 0 upwards that sum to 1, not {weights}"[:200])
        for seed, _ in self.parts:
            SeedLatent(seed=seed)


Latent = SeedLatent | BlendLatent


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation:
    """How far each layer's w is pulled towards w_avg: w_avg + psi (w - w_avg) (StyleGAN paper, section 4.1)."""

    psi: float = 1.0
    """1 leaves w as it is, 0 gives the average"""
    cutoff: int | None = None
    """only the first `cutoff` layers are truncated by psi; None for all of them"""
    layer_psi: tuple[float | None, ...] = ()
    """a psi of its own for each layer; None where the layer follows psi and cutoff"""

    def per_layer(self, num_ws: int) -> tuple[float, ...]:
        """The psi that each of the num_ws layers gets."""
        cutoff = num_ws if self.cutoff is None else self.cutoff
        own = self.layer_psi + (None,) * (num_ws - len(self.layer_psi))
        return tuple(
            psi if psi is not None else (self.psi if layer < cutoff else 1.0) for layer, psi in enumerate(own[:num_ws])
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleMix:
    """Another latent's w, mixed in layer by layer (StyleGAN paper, section 3.1, made continuous)."""

    latent: Latent
    strengths: tuple[float, ...]
    """0 keeps the picture's own w in that layer, 1 takes the other's; missing layers are 0"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The per-pixel noise of the synthesis layers."""

    mode: str = "const"
    """'const' (the model's own), 'random' (drawn from `seed`) or 'none'"""
    seed: int = 0
    strength: float = 1.0
    """multiplies every layer's noise strength"""

    def __post_init__(self) -> None:
        if self.mode not in NOISE_MODES:
            raise ConfigError(f"no noise mode {self.mode!r}: use {', '.join(NOISE_MODES)}")
        if not 0 <= self.seed <= MAX_SEED:
            raise ConfigError(f"a noise seed is a whole number from 0 to {MAX_SEED}, not {self.seed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One picture, completely described, for a given model."""

    latent: Latent
    class_weights: tuple[float, ...] = ()
    """the label c; empty for an unconditional model or for class 0"""
    truncation: Truncation = field(default_factory=Truncation)
    style_mix: StyleMix | None = None
    noise: Noise = field(default_factory=Noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderRequest:
    """Pictures that are wanted now. The newest request replaces an older one."""

    request_id: int
    looks: tuple[tuple[int, Look], ...]
    """(tile, look) in order of importance"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """One finished tile."""

    request_id: int
    tile: int
    look: Look
    pixels: np.ndarray
    """uint8 [height, width, 3 or 4]; grey comes as RGB"""
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFailure:
    """A request that could not be rendered."""

    request_id: int
    message: str


def look_to_dict(look: Look) -> dict[str, Any]:
    """A JSON-ready description of the look; `look_from_dict` is its inverse."""
    mix = look.style_mix
    return {
        "version": RECIPE_VERSION,
        "latent": latent_to_dict(look.latent),
        "class_weights": list(look.class_weights),
        "truncation": {
            "psi": look.truncation.psi,
            "cutoff": look.truncation.cutoff,
            "layer_psi": list(look.truncation.layer_psi),
        },
        "style_mix": mix and {"latent": latent_to_dict(mix.latent), "strengths": list(mix.strengths)},
        "noise": {"mode": look.noise.mode, "seed": look.noise.seed, "strength": look.noise.strength},
    }


def look_from_dict(values: Mapping[str, Any]) -> Look:
    """Raises ConfigError with a sentence if the description is not one of ours, or from a newer version."""
    try:
        version = int(values["version"])
        if version > RECIPE_VERSION:
            raise ConfigError(
                f"the recipe has version {version}, newer than this program's {RECIPE_VERSION}: update the program"
            )
        mix = values["style_mix"]
        truncation = values["truncation"]
        cutoff = truncation["cutoff"]
        return Look(
            latent=latent_from_dict(values["latent"]),
            class_weights=tuple(float(w) for w in values["class_weights"]),
            truncation=Truncation(
                psi=float(truncation["psi"]),
                cutoff=None if cutoff is None else int(cutoff),
                layer_psi=tuple(None if p is None else float(p) for p in truncation["layer_psi"]),
            ),
            style_mix=None
            if mix is None
            else StyleMix(latent=latent_from_dict(mix["latent"]), strengths=tuple(float(s) for s in mix["strengths"])),
            noise=Noise(
                mode=str(values["noise"]["mode"]),
                seed=int(values["noise"]["seed"]),
                strength=float(values["noise"]["strength"]),
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ConfigError(f"this is not a recipe of ours: {error!r} in {values!r}"[:500]) from error


def latent_to_dict(latent: Latent) -> dict[str, Any]:
    """A JSON-ready description of the latent; `latent_from_dict` is its inverse."""
    if isinstance(latent, SeedLatent):
        return {"seed": latent.seed}
    return {"blend": [[seed, weight] for seed, weight in latent.parts]}


def latent_from_dict(values: Mapping[str, Any]) -> Latent:
    """Raises KeyError, TypeError, ValueError or ConfigError if this is no description of a latent."""
    if "seed" in values:
        return SeedLatent(seed=int(values["seed"]))
    return BlendLatent(parts=tuple((int(seed), float(weight)) for seed, weight in values["blend"]))
