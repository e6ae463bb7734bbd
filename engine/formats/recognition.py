"""What a file of tensors is when it holds no generator that can be opened: told by the names of what is inside.

Each entry of the table has names that only files of that kind have, and a sentence that says what it is, what is
missing, and the nearest thing that works. Where no name tells, the shapes do (`recognition_by_shape.py`). Knows nothing
of the tensors' values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from engine.formats.pickle_values import StoredTensor
from engine.formats.recognition_by_shape import Entries, kind_by_shape

MAX_NAMES: Final = 2000
MAX_NAME: Final = 120
MAX_DEPTH: Final = 3
_STYLEGAN2: Final = (
    "choose a StyleGAN2 or StyleGAN3 network (a .pkl of stylegan2, stylegan2-ada, stylegan2-ada-pytorch or stylegan3, "
    "or a .pt of rosinality's stylegan2-pytorch)"
)

PLAIN_GAN: Final = (
    "it holds the weights of a plain convolutional GAN (a DCGAN, as the Pokémon generators of tutorials are). What is "
    f"missing are a mapping network, which makes a w, and layers of style: {_STYLEGAN2}, or train one on the same "
    "pictures with 'stylegan-train'"
)
LOOKS_AT_PICTURES: Final = (
    f"it is a classifier or another network that looks at pictures rather than makes them: {_STYLEGAN2}"
)


@dataclass(frozen=True, slots=True)
class _Kind:
    names: tuple[str, ...]
    """regular expressions, each of which must match a whole dotted name in the file"""
    sentence: str


_KINDS: Final = (
    _Kind(
        (r"(.*\.)?mapping\.embed\.embed\.weight",),
        "it is the state dict of a StyleGAN-XL generator, whose class embedding this program has not: " + _STYLEGAN2,
    ),
    _Kind(
        (
            r"(.*\.)?progression\.\d+\.conv1?\..*|(.*\.)?g_synthesis\..*|(.*\.)?blocks\.4x4\.const"
            r"|.*\.(style_mod|adain\d?|epilogue_?\d?|epi\d?)\..*",
        ),
        "it is a PyTorch port of StyleGAN1, whose instance normalisation this program has not: " + _STYLEGAN2,
    ),
    _Kind(
        (r"(.*\.)?synthesis\.(init|feat_8)\..*|(.*\.)?synthesis\.se_64\..*",),
        f"it is a Projected-GAN generator built on FastGAN, which is no StyleGAN: {_STYLEGAN2}, or a Projected-GAN "
        "one that was trained with --cfg=stylegan2",
    ),
    _Kind(
        (
            r"(.*\.)?(model\.diffusion_model|down_blocks|time_embed(ding)?|denoise_fn|betas|alphas_cumprod)(\..*)?"
            r"|(.*\.)?time_mlp\..*",
        ),
        f"it is a diffusion model, not a GAN: open it with the program that it was made for, or {_STYLEGAN2}",
    ),
    _Kind(
        (r"(first_stage_model|vae)\..*|(.*\.)?(quant_conv|post_quant_conv|quantize\.embedding)\..*",),
        f"it is an autoencoder of pictures (VAE or VQGAN), not a StyleGAN: {_STYLEGAN2}",
    ),
    _Kind(
        (r"(.*\.)?(layer1\.0\.conv1|features\.0|classifier\.\d|blocks\.0\.attn\.qkv|conv_head)\.weight",),
        LOOKS_AT_PICTURES,
    ),
    _Kind(
        (r"(.*\.)?(encoder\.input_layer|latent_encoder|latlayer1)\..*",),
        f"it is an encoder of pictures into a StyleGAN's latents, without the generator: {_STYLEGAN2}",
    ),
)


def explain_contents(value: Any) -> str:
    """A sentence on what a torch file's value is, and what to do. Never raises."""
    entries = list(islice(_dotted(value, "", 0), MAX_NAMES))
    shapes = [(name, inner.shape) for name, inner in entries if type(inner) is StoredTensor]
    kind = _known_kind([name for name, _ in entries], shapes)
    if kind is not None:
        return kind
    found = ", ".join(str(key)[:40] for key in list(value)[:8]) if type(value) is dict else f"a {type(value).__name__}"
    return f"it is a PyTorch file without a generator of a known kind: it holds {found or 'nothing'}. C{_STYLEGAN2[1:]}"


def explain_tensors(shapes: Mapping[str, tuple[int, ...]]) -> str | None:
    """The same for tensors by name; None if they tell nothing."""
    entries = list(islice(((name[:MAX_NAME], shape) for name, shape in shapes.items()), MAX_NAMES))
    return _known_kind([name for name, _ in entries], entries)


def _known_kind(names: Sequence[str], shapes: Entries) -> str | None:
    for kind in _KINDS:
        if all(any(re.fullmatch(pattern, name) for name in names) for pattern in kind.names):
            return kind.sentence
    by_shape = kind_by_shape(shapes)
    return None if by_shape is None else {"generator": PLAIN_GAN, "looks": LOOKS_AT_PICTURES}[by_shape]


def _dotted(value: Any, prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    """Keys, and keys of tables inside, as far as they are short text, and what is under them."""
    if type(value) is not dict or depth > MAX_DEPTH:
        return
    for key, inner in islice(value.items(), MAX_NAMES):
        if type(key) is str and len(key) <= MAX_NAME:
            yield f"{prefix}{key}", inner
            yield from _dotted(inner, f"{prefix}{key}.", depth + 1)
