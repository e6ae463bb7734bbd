"""Every change that a person can make, as a pure function from one document to the next.

Knows nothing of history, of pictures, or of which widget asked. Values that cannot be are refused with a
ConfigError by the values themselves.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from engine.errors import ConfigError
from engine.formats.model_info import ModelInfo
from engine.inference.requests import Latent, Look, Noise, SeedLatent, Truncation
from explorer.session.document import MAX_SIDE, Document, latent_of
from explorer.session.seed_plane import leading_seed, snapped, wrapped

T = TypeVar("T")
RANDOM_SEEDS = 1_000_000
"""Random seeds come from below this: short enough to be noted, and nobody sees them all."""


def with_psi(document: Document, psi: float) -> Document:
    """The psi of every layer that has none of its own."""
    return replace(document, truncation=replace(document.truncation, psi=float(psi)))


def with_cutoff(document: Document, cutoff: int | None) -> Document:
    """Only the first `cutoff` layers follow psi; None for all of them."""
    return replace(document, truncation=replace(document.truncation, cutoff=cutoff))


def with_layer_psi(document: Document, layer: int, psi: float | None) -> Document:
    """One layer's own psi; None lets it follow the common one again."""
    own = list(document.truncation.layer_psi)
    own += [None] * (layer + 1 - len(own))
    own[layer] = psi if psi is None else float(psi)
    return replace(document, truncation=replace(document.truncation, layer_psi=_without_tail(own, None)))


def with_truncation(document: Document, truncation: Truncation) -> Document:
    """Psi, cutoff and the layers' own psi at once."""
    return replace(document, truncation=truncation)


def with_mix_strength(document: Document, layer: int, strength: float) -> Document:
    """How much of the mixing latent one layer takes, 0 to 1."""
    strengths = list(document.mix_strengths)
    strengths += [0.0] * (layer + 1 - len(strengths))
    strengths[layer] = strength
    return with_mix_strengths(document, tuple(strengths))


def with_mix_strengths(document: Document, strengths: tuple[float, ...]) -> Document:
    """How much of the mixing latent every layer takes; missing layers take none."""
    kept = _without_tail([float(strength) for strength in strengths], 0.0)
    return replace(document, mix_strengths=kept, mixes=bool(kept))


def with_mix_seed(document: Document, seed: int) -> Document:
    """The seed whose w is mixed in."""
    return with_mix_latent(document, SeedLatent(seed=seed))


def with_mix_latent(document: Document, latent: Latent) -> Document:
    """The latent whose w is mixed in, for instance that of a tile."""
    return replace(document, mix_latent=latent)


def with_noise_mode(document: Document, mode: str) -> Document:
    """'const', 'random' or 'none'."""
    return with_noise(document, replace(document.noise, mode=mode))


def with_noise_seed(document: Document, seed: int) -> Document:
    """The seed that noise mode 'random' draws from."""
    return with_noise(document, replace(document.noise, seed=seed))


def with_noise_strength(document: Document, strength: float) -> Document:
    """A factor on the noise of every layer; 1 is the model's own."""
    return with_noise(document, replace(document.noise, strength=float(strength)))


def with_noise(document: Document, noise: Noise) -> Document:
    """Mode, seed and strength at once."""
    return replace(document, noise=noise)


def with_class(document: Document, index: int, class_count: int) -> Document:
    """One class of the model's class_count (its c_dim; 0 for an unconditional model, which has class 0 only)."""
    if index != 0 and not 0 <= index < class_count:
        known = f"classes 0 to {class_count - 1}" if class_count else "no classes"
        raise ConfigError(f"there is no class {index}: this model has {known}")
    weights = tuple(float(i == index) for i in range(class_count)) if index else ()
    return replace(document, class_weights=weights)


def with_pad(document: Document, x: float, y: float) -> Document:
    """Every tile displaced by x steps to the right and y steps down, to the nearest 1/256 of a step."""
    return replace(document, pad=(snapped(x), snapped(y)))


def with_first_seed(document: Document, seed: int) -> Document:
    """Seeds in reading order, the given one first; the pad goes back to its middle."""
    SeedLatent(seed=seed)  # refuses what is no seed; those after it may wrap around
    tiles = tuple(SeedLatent(seed=wrapped(seed + i)) for i in range(len(document.tiles)))
    return replace(document, tiles=tiles, pad=(0.0, 0.0))


def with_random_seeds(document: Document, source: random.Random | None = None) -> Document:
    """A new seed for every tile, no two alike; the pad goes back to its middle."""
    seeds = (source or random.SystemRandom()).sample(range(RANDOM_SEEDS), len(document.tiles))
    return replace(document, tiles=tuple(SeedLatent(seed=seed) for seed in seeds), pad=(0.0, 0.0))


def with_look(document: Document, tile: int, look: Look) -> Document:
    """The look in that tile, exactly, and its controls for all tiles; the others stay where the pad brought them."""
    tiles = [latent_of(document, i) for i in range(len(document.tiles))]
    tiles[tile] = look.latent
    mix = look.style_mix
    return replace(
        document,
        tiles=tuple(tiles),
        pad=(0.0, 0.0),
        truncation=look.truncation,
        mix_latent=document.mix_latent if mix is None else mix.latent,
        mix_strengths=() if mix is None else mix.strengths,
        mixes=mix is not None,
        noise=look.noise,
        class_weights=look.class_weights,
    )


def with_looks(document: Document, looks: Sequence[Look]) -> Document:
    """Several looks, in a square grid if they need more room; the controls are those of the first."""
    looks = looks[: MAX_SIDE * MAX_SIDE]
    if len(looks) > len(document.tiles):
        side = math.ceil(math.sqrt(len(looks)))
        document = with_grid(document, side, side)
    document = with_look(document, 0, looks[0])
    rest = document.tiles[len(looks) :]
    return replace(document, tiles=tuple(look.latent for look in looks) + rest)


def with_grid(document: Document, rows: int, columns: int) -> Document:
    """Another number of tiles, in the same reading order.

    More room is filled with the seeds that follow the last tile's. With less room the selected tile stays, in
    the last place if it must move, so that one by one is a close look at it.
    """
    count = rows * columns
    tiles, selected = list(document.tiles[:count]), document.selected
    if selected is not None and selected >= count > 0:
        tiles[-1], selected = document.tiles[selected], count - 1
    fresh = _seeds_after(document.tiles)
    while len(tiles) < count:
        tiles.append(SeedLatent(seed=next(fresh)))
    return replace(document, rows=rows, columns=columns, tiles=tuple(tiles), selected=selected)


def with_selected(document: Document, tile: int | None) -> Document:
    """The tile that single-picture actions mean; None for none."""
    return replace(document, selected=tile)


def fitted_to(document: Document, model: ModelInfo) -> Document:
    """The same document without the controls that this model does not have: layers and classes of another one."""
    cutoff, layer_psi = document.truncation.cutoff, document.truncation.layer_psi
    if len(layer_psi) > model.num_ws:
        layer_psi = _without_tail(layer_psi[: model.num_ws], None)
    cutoff = None if cutoff is None else min(cutoff, model.num_ws)
    truncation = replace(document.truncation, cutoff=cutoff, layer_psi=layer_psi)
    weights = document.class_weights if len(document.class_weights) == model.c_dim else ()
    fitted = replace(document, truncation=truncation, class_weights=weights)
    if len(document.mix_strengths) <= model.num_ws:
        return fitted
    return with_mix_strengths(fitted, document.mix_strengths[: model.num_ws])


def _without_tail(values: Sequence[T], rest: T) -> tuple[T, ...]:
    """Without the layers at the end that are at rest, so that the same controls are always the same value."""
    count = len(values)
    while count and values[count - 1] == rest:
        count -= 1
    return tuple(values[:count])


def _seeds_after(tiles: tuple[Latent, ...]) -> Iterator[int]:
    """Seeds that follow the last tile's and that no tile starts at."""
    taken = {leading_seed(latent) for latent in tiles}
    seed = leading_seed(tiles[-1])
    while True:
        seed = wrapped(seed + 1)
        if seed not in taken:
            yield seed
