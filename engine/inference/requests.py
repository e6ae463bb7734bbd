"""The frozen values that cross threads and go into files: how one picture is described, asked for and answered.

A `Look` is the recipe of one picture. Knows nothing of torch, of pygame, or of who renders it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from engine.errors import ConfigError
from engine.inference.input_transform import InputTransform, transform_from_dict

if TYPE_CHECKING:
    import numpy as np

RECIPE_VERSION = 2
"""A look is written in the oldest version that can say it, so that older programs read what they can show."""
NOISE_MODES = ("const", "random", "none")
CENTRES = ("average", "class")
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
    """How far each layer's w is pulled to a centre: centre + psi (w - centre) (StyleGAN paper, section 4.1)."""

    psi: float = 1.0
    """1 leaves w as it is, 0 gives the average"""
    cutoff: int | None = None
    """only the first `cutoff` layers are truncated by psi; None for all of them"""
    layer_psi: tuple[float | None, ...] = ()
    """a psi of its own for each layer; None where the layer follows psi and cutoff"""
    centre: str | Latent = "average"
    """'average' (w_avg), 'class' (the mean w of the look's class weights), or a latent's w, such as a favourite's"""

    def __post_init__(self) -> None:
        if isinstance(self.centre, str) and self.centre not in CENTRES:
            raise ConfigError(f"no centre of truncation {self.centre!r}: use {', '.join(CENTRES)} or a latent")

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
    strengths: tuple[float, ...] = ()
    """0 keeps what there was in that layer, 1 takes the other's w; missing layers are 0, zeros at the end left out"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "strengths", _without_tail(self.strengths, 0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The per-pixel noise of the synthesis layers."""

    mode: str = "const"
    """'const' (the model's own), 'random' (drawn from `seed`) or 'none'"""
    seed: int = 0
    strength: float = 1.0
    """multiplies every layer's noise strength"""
    layer_strengths: tuple[float, ...] = ()
    """multiply it once more, layer by layer; missing layers are 1, ones at the end left out"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer_strengths", _without_tail(self.layer_strengths, 1.0))
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
    style_mixes: tuple[StyleMix, ...] = ()
    """applied in order, so that later ones lie over earlier ones; those without any strength are left out"""
    noise: Noise = field(default_factory=Noise)
    transform: InputTransform = field(default_factory=InputTransform)
    """how the picture is turned and moved from within; only some models can"""

    def __post_init__(self) -> None:
        object.__setattr__(self, "style_mixes", tuple(mix for mix in self.style_mixes if mix.strengths))


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderRequest:
    """Pictures that are wanted now. The newest request replaces an older one."""

    request_id: int
    looks: tuple[tuple[int, Look], ...]
    """(tile, look) in order of importance"""
    hurry: bool = False
    """something is being dragged: drafts that come at once are better than full pictures that come late"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderResult:
    """One finished tile."""

    request_id: int
    tile: int
    look: Look
    pixels: np.ndarray
    """uint8 [height, width, 3 or 4]; grey comes as RGB"""
    seconds: float
    draft: bool = False
    """whether the picture is smaller than the model's"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderFailure:
    """A request that could not be rendered."""

    request_id: int
    message: str


def look_to_dict(look: Look) -> dict[str, Any]:
    """A JSON-ready description of the look; `look_from_dict` is its inverse."""
    mixes = [mix_to_dict(mix) for mix in look.style_mixes]
    truncation, noise = look.truncation, look.noise
    values = {
        "version": 1,
        "latent": latent_to_dict(look.latent),
        "class_weights": list(look.class_weights),
        "truncation": {
            "psi": truncation.psi,
            "cutoff": truncation.cutoff,
            "layer_psi": list(truncation.layer_psi),
        },
        "style_mix": mixes[0] if mixes else None,
        "noise": {"mode": noise.mode, "seed": noise.seed, "strength": noise.strength},
    }
    newer: dict[str, Any] = {}
    if len(mixes) > 1:
        newer["more_mixes"] = mixes[1:]
    if truncation.centre != "average":
        centre = truncation.centre
        newer["centre"] = centre if isinstance(centre, str) else latent_to_dict(centre)
    if noise.layer_strengths:
        newer["layer_noise"] = list(noise.layer_strengths)
    if not look.transform.at_rest:
        newer["transform"] = look.transform.to_dict()
    return {**values, **newer, "version": 2} if newer else values


def look_from_dict(values: Mapping[str, Any]) -> Look:
    """Raises ConfigError with a sentence if the description is not one of ours, or from a newer version."""
    try:
        version = int(values["version"])
        if version > RECIPE_VERSION:
            raise ConfigError(
                f"the recipe has version {version}, newer than this program's {RECIPE_VERSION}: update the program"
            )
        first = values["style_mix"]
        mixes = [*([] if first is None else [first]), *values.get("more_mixes", ())]
        transform = values.get("transform")
        return Look(
            latent=latent_from_dict(values["latent"]),
            class_weights=tuple(float(w) for w in values["class_weights"]),
            truncation=_truncation_from(values["truncation"], values.get("centre", "average")),
            style_mixes=tuple(mix_from_dict(mix) for mix in mixes),
            noise=Noise(
                mode=str(values["noise"]["mode"]),
                seed=int(values["noise"]["seed"]),
                strength=float(values["noise"]["strength"]),
                layer_strengths=tuple(float(s) for s in values.get("layer_noise", ())),
            ),
            transform=InputTransform() if transform is None else transform_from_dict(transform),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise ConfigError(f"this is not a recipe of ours: {error!r} in {values!r}"[:500]) from error


def mix_to_dict(mix: StyleMix) -> dict[str, Any]:
    """A JSON-ready description of the mix; `mix_from_dict` is its inverse."""
    return {"latent": latent_to_dict(mix.latent), "strengths": list(mix.strengths)}


def mix_from_dict(values: Mapping[str, Any]) -> StyleMix:
    """Raises KeyError, TypeError, ValueError or ConfigError if this is no description of a mix."""
    return StyleMix(latent=latent_from_dict(values["latent"]), strengths=tuple(float(s) for s in values["strengths"]))


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


def _truncation_from(values: Mapping[str, Any], centre: Any) -> Truncation:
    cutoff = values["cutoff"]
    return Truncation(
        psi=float(values["psi"]),
        cutoff=None if cutoff is None else int(cutoff),
        layer_psi=tuple(None if p is None else float(p) for p in values["layer_psi"]),
        centre=centre if isinstance(centre, str) else latent_from_dict(centre),
    )


def _without_tail(values: tuple[float, ...], rest: float) -> tuple[float, ...]:
    """Without the layers at the end that are at rest, so that equal pictures have equal looks."""
    count = len(values)
    while count and values[count - 1] == rest:
        count -= 1
    return tuple(values[:count])
