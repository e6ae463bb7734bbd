"""Every change that a person can make, as a pure function from one document to the next.

Knows nothing of history, of pictures, or of which widget asked. Values that cannot be are refused with a
ConfigError by the values themselves.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from engine.errors import ConfigError
from engine.formats.model_info import ModelInfo
from engine.inference.input_transform import InputTransform
from engine.inference.requests import Latent, Look, Noise, SeedLatent, Truncation
from explorer.session.arrangements import RANDOM_SEEDS, MixSheet
from explorer.session.arranging import with_arrangement
from explorer.session.document import MAX_SIDE, Document, latent_of
from explorer.session.mix_edits import without_sources
from explorer.session.seed_plane import leading_seed, snapped, wrapped

T = TypeVar("T")


def with_psi(document: Document, psi: float) -> Document:
    """The psi of every layer that has none of its own."""
    return replace(document, truncation=replace(document.truncation, psi=float(psi)))


def with_cutoff(document: Document, cutoff: int | None) -> Document:
    """Only the first `cutoff` layers follow psi; None for all of them."""
    return replace(document, truncation=replace(document.truncation, cutoff=cutoff))


def with_layers_psi(document: Document, changes: Mapping[int, float | None]) -> Document:
    """Several layers' own psi; None lets a layer follow the common one again."""
    own = with_layers(document.truncation.layer_psi, changes, None)
    return replace(document, truncation=replace(document.truncation, layer_psi=own))


def with_centre(document: Document, centre: str | Latent) -> Document:
    """What truncation pulls towards: 'average', 'class', or a latent."""
    return replace(document, truncation=replace(document.truncation, centre=centre))


def with_truncation(document: Document, truncation: Truncation) -> Document:
    """Psi, cutoff and the layers' own psi at once."""
    return replace(document, truncation=truncation)


def with_noise_mode(document: Document, mode: str) -> Document:
    """'const', 'random' or 'none'."""
    return with_noise(document, replace(document.noise, mode=mode))


def with_noise_seed(document: Document, seed: int) -> Document:
    """The seed that noise mode 'random' draws from."""
    return with_noise(document, replace(document.noise, seed=seed))


def with_noise_strength(document: Document, strength: float) -> Document:
    """A factor on the noise of every layer; 1 is the model's own."""
    return with_noise(document, replace(document.noise, strength=float(strength)))


def with_layer_noise(document: Document, changes: Mapping[int, float]) -> Document:
    """Some layers' own factors on their noise, on top of the common one."""
    own = with_layers(document.noise.layer_strengths, changes, 1.0)
    return with_noise(document, replace(document.noise, layer_strengths=own))


def with_noise(document: Document, noise: Noise) -> Document:
    """Mode, seed and strength at once."""
    return replace(document, noise=noise)


def with_class(document: Document, index: int, class_count: int) -> Document:
    """One class of the model's class_count (its c_dim; 0 for an unconditional model, which has class 0 only)."""
    if index != 0 and not 0 <= index < class_count:
        known = f"classes 0 to {class_count - 1}" if class_count else "no classes"
        raise ConfigError(f"there is no class {index}: this model has {known}")
    weights = tuple(float(i == index) for i in range(class_count)) if index else ()
    return replace(document, class_weights=weights, class_by_seed=0)


def with_class_weights(document: Document, weights: Sequence[float]) -> Document:
    """A mixture of classes: one weight from 0 upwards for each, brought to a sum of 1. Only class 0 is no weights."""
    total = sum(weights)
    if not total > 0 or min(weights) < 0 or not math.isfinite(total):
        raise ConfigError(f"class weights are from 0 upwards and not all 0, not {list(weights)}"[:200])
    kept = tuple(weight / total for weight in weights)
    return replace(document, class_weights=() if kept[0] == 1 else kept, class_by_seed=0)


def with_class_by_seed(document: Document, class_count: int) -> Document:
    """Every tile's class follows from its seed; 0: all have the class that is set."""
    return replace(document, class_by_seed=class_count)


def with_transform(document: Document, transform: InputTransform) -> Document:
    """How every picture is turned and moved from within."""
    return replace(document, transform=transform)


def with_pad(document: Document, x: float, y: float) -> Document:
    """Every tile displaced by x steps to the right and y steps down, to the nearest 1/256 of a step."""
    return replace(document, pad=(snapped(x), snapped(y)))


def with_first_seed(document: Document, seed: int) -> Document:
    """Seeds in reading order, the given one first; the pad goes back to its middle."""
    SeedLatent(seed=seed)  # refuses what is no seed; those after it may wrap around
    tiles = tuple(SeedLatent(seed=wrapped(seed + i)) for i in range(len(document.tiles)))
    return replace(document, tiles=tiles, pad=(0.0, 0.0), arrangement=None)


def with_random_seeds(document: Document, source: random.Random | None = None) -> Document:
    """A new seed for every tile, no two alike; the pad goes back to its middle."""
    seeds = (source or random.SystemRandom()).sample(range(RANDOM_SEEDS), len(document.tiles))
    return replace(document, tiles=tuple(SeedLatent(seed=seed) for seed in seeds), pad=(0.0, 0.0), arrangement=None)


def with_look(document: Document, tile: int, look: Look) -> Document:
    """The look in that tile, exactly, and its controls for all tiles; the others stay where the pad brought them."""
    tiles = [latent_of(document, i) for i in range(len(document.tiles))]
    tiles[tile] = look.latent
    return replace(
        document,
        tiles=tuple(tiles),
        pad=(0.0, 0.0),
        truncation=look.truncation,
        sources=look.style_mixes or without_sources(document).sources,
        noise=look.noise,
        transform=look.transform,
        class_weights=look.class_weights,
        class_by_seed=0,
        arrangement=None,
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
    the last place if it must move, so that one by one is a close look at it. Tiles that belong together are laid
    out anew, as long as there is more than one.
    """
    count = rows * columns
    if document.arrangement is not None and count > 1:
        return with_arrangement(document, document.arrangement, (rows, columns))
    tiles, selected = list(document.tiles[:count]), document.selected
    if selected is not None and selected >= count > 0:
        tiles[-1], selected = document.tiles[selected], count - 1
    fresh = _seeds_after(document.tiles)
    while len(tiles) < count:
        tiles.append(SeedLatent(seed=next(fresh)))
    return replace(document, rows=rows, columns=columns, tiles=tuple(tiles), selected=selected, arrangement=None)


def with_selected(document: Document, tile: int | None) -> Document:
    """The tile that single-picture actions mean; None for none."""
    return replace(document, selected=tile)


def fitted_to(document: Document, model: ModelInfo) -> Document:
    """The same document without the controls that this model does not have: layers and classes of another one."""
    count, arrangement = model.num_ws, document.arrangement
    if isinstance(arrangement, MixSheet):
        arrangement = replace(arrangement, layers=tuple(layer for layer in arrangement.layers if layer < count))
    return replace(
        document,
        truncation=_fitted_truncation(document.truncation, model),
        class_weights=document.class_weights if len(document.class_weights) == model.c_dim else (),
        class_by_seed=model.c_dim if document.class_by_seed else 0,
        sources=tuple(replace(source, strengths=source.strengths[:count]) for source in document.sources),
        locked=tuple(layer for layer in document.locked if layer < count),
        noise=replace(document.noise, layer_strengths=document.noise.layer_strengths[:count]),
        transform=document.transform if model.has_input_transform else InputTransform(),
        arrangement=arrangement,
    )


def with_layers(values: tuple[T, ...], changes: Mapping[int, T], rest: T) -> tuple[T, ...]:
    """Values by layer, some of them changed. Layers at the end that are at rest are left out, so that the same
    controls are always the same value."""
    changed = list(values) + [rest] * (max(changes, default=-1) + 1 - len(values))
    for layer, value in changes.items():
        changed[layer] = value
    count = len(changed)
    while count and changed[count - 1] == rest:
        count -= 1
    return tuple(changed[:count])


def _fitted_truncation(truncation: Truncation, model: ModelInfo) -> Truncation:
    cutoff, own = truncation.cutoff, truncation.layer_psi
    return replace(
        truncation,
        cutoff=None if cutoff is None else min(cutoff, model.num_ws),
        layer_psi=with_layers(own[: model.num_ws], {}, None) if len(own) > model.num_ws else own,
        centre="average" if truncation.centre == "class" and model.c_dim == 0 else truncation.centre,
    )


def _seeds_after(tiles: tuple[Latent, ...]) -> Iterator[int]:
    """Seeds that follow the last tile's and that no tile starts at."""
    taken = {leading_seed(latent) for latent in tiles}
    seed = leading_seed(tiles[-1])
    while True:
        seed = wrapped(seed + 1)
        if seed not in taken:
            yield seed
