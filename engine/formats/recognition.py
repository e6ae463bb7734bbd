"""What a PyTorch file is when it holds no generator that can be opened: told by the names of what is inside.

Each entry of the table has names that only files of that kind have, and a sentence that says what it is, what is
missing, and the nearest thing that works. Knows nothing of tensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

MAX_NAMES: Final = 2000
MAX_NAME: Final = 120
MAX_DEPTH: Final = 3
_STYLEGAN2: Final = (
    "choose a StyleGAN2 or StyleGAN3 network (a .pkl of stylegan2, stylegan2-ada, stylegan2-ada-pytorch or stylegan3, "
    "or a .pt of rosinality's stylegan2-pytorch)"
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
        (r"(.*\.)?progression\.\d+\.conv1?\..*|(.*\.)?g_synthesis\..*|(.*\.)?blocks\.4x4\.const|.*\.style_mod\..*",),
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
        (r"(.*\.)?(layer1\.0\.conv1|features\.0|classifier\.\d|blocks\.0\.attn\.qkv|conv_head)\.weight",),
        f"it is a classifier or another network that looks at pictures rather than makes them: {_STYLEGAN2}",
    ),
    _Kind(
        (r"(.*\.)?(0|main\.0|model\.0|net\.0|conv1|tconv1|l1\.0)\.weight", r"(.*\.)?running_mean"),
        "it holds the weights of a plain convolutional GAN (a DCGAN, as the Pokémon generators of tutorials are), "
        f"which has neither a w nor layers of style: {_STYLEGAN2}, or train one on the same pictures with "
        "'stylegan-train'",
    ),
    _Kind(
        (r"(.*\.)?(encoder\.input_layer|latent_encoder|latlayer1)\..*",),
        f"it is an encoder of pictures into a StyleGAN's latents, without the generator: {_STYLEGAN2}",
    ),
)


def explain_contents(value: Any) -> str:
    """A sentence on what a torch file's value is, and what to do. Never raises."""
    names = _names(value)
    for kind in _KINDS:
        if all(any(re.fullmatch(pattern, name) for name in names) for pattern in kind.names):
            return kind.sentence
    found = ", ".join(str(key)[:40] for key in list(value)[:8]) if type(value) is dict else f"a {type(value).__name__}"
    return f"it is a PyTorch file without a generator of a known kind: it holds {found or 'nothing'}. C{_STYLEGAN2[1:]}"


def _names(value: Any) -> list[str]:
    return list(islice(_dotted(value, "", 0), MAX_NAMES))


def _dotted(value: Any, prefix: str, depth: int) -> Iterator[str]:
    """Keys, and keys of tables inside, as far as they are short text."""
    if type(value) is not dict or depth > MAX_DEPTH:
        return
    for key, inner in islice(value.items(), MAX_NAMES):
        if type(key) is str and len(key) <= MAX_NAME:
            yield f"{prefix}{key}"
            yield from _dotted(inner, f"{prefix}{key}.", depth + 1)
