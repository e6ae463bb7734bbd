"""Beginning from a model that was trained on something else, the best start that a small set can have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from engine.errors import ConfigError, ModelFileError
from engine.formats.model_file import load_model
from engine.networks.discriminator import Discriminator
from engine.networks.generator import Generator
from engine.training.checkpoint import CHECKPOINT_NAME, load_state, open_checkpoint
from engine.training.config import TrainConfig
from engine.training.feature_discriminator import FeatureDiscriminator
from engine.training.state import TrainState


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Source:
    """The networks to begin from; None for those that the file does not hold."""

    G_ema: Generator
    G: Generator | None
    D: Discriminator | None
    D_features: FeatureDiscriminator | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """How much of the new networks came from the old ones, as shares of their values."""

    generator: float
    discriminator: float


def open_source(path: Path) -> Source:
    """From any model file that opens, or from the checkpoint of a run, which holds the discriminators too.

    Raises ModelFileError or CheckpointError.
    """
    if path.name == CHECKPOINT_NAME or (path / CHECKPOINT_NAME).is_file():
        state = load_state(open_checkpoint(path), "cpu")
        return Source(G_ema=state.G_ema, G=state.G, D=state.D, D_features=state.D_features)
    model = load_model(path, with_discriminator=True)
    if not isinstance(model.G_ema, Generator) or not isinstance(model.G, (Generator, type(None))):
        raise ModelFileError(
            f"{path} holds a {model.G_ema.config.design} generator, and training makes StyleGAN2: choose a StyleGAN2 "
            "model for --transfer, or begin without one"
        )
    return Source(G_ema=model.G_ema, G=model.G, D=model.D)


def with_networks_of(config: TrainConfig, source: Source) -> TrainConfig:
    """The configuration with the source's widths, latents and architectures; resolution and classes stay the data's.

    Raises ConfigError if the source makes another kind of picture.
    """
    theirs = source.G_ema.config
    if theirs.img_channels != config.generator.img_channels:
        raise ConfigError(
            f"the model to begin from makes pictures of {theirs.img_channels} channels, and training uses "
            f"{config.generator.img_channels}: choose another model for --transfer"
        )
    own = config.generator
    generator = replace(
        theirs, img_resolution=own.img_resolution, c_dim=own.c_dim, num_fp16_res=own.num_fp16_res, conv_clamp=None
    )
    discriminator = config.discriminator
    if source.D is not None:
        discriminator = replace(
            source.D.config,
            img_resolution=own.img_resolution,
            c_dim=own.c_dim,
            num_fp16_res=discriminator.num_fp16_res,
            conv_clamp=None,
            freeze_layers=discriminator.freeze_layers,
            mbstd_group_size=discriminator.mbstd_group_size,
        )
    # An average that begins as the source's needs no ramp (StyleGAN2-ADA, transfer learning).
    ema = replace(config.ema, rampup=None)
    return replace(config, generator=generator, discriminator=discriminator, ema=ema)


def transfer_weights(source: Source, state: TrainState) -> Transferred:
    """Copies every tensor that has the same name and shape: all of them at the same resolution and classes, and the
    blocks up to the smaller one otherwise. Layers that are new keep their random weights."""
    G_source = source.G if source.G is not None else source.G_ema
    generator = _copy(G_source, state.G)
    _copy(source.G_ema, state.G_ema)
    discriminator = 0.0 if source.D is None else _copy(source.D, state.D)
    if source.D_features is not None and state.D_features is not None:
        _copy(source.D_features, state.D_features)
    return Transferred(generator=generator, discriminator=discriminator)


@torch.no_grad()
def _copy(source: nn.Module, target: nn.Module) -> float:
    old, new = source.state_dict(), target.state_dict()
    same = [name for name, tensor in new.items() if name in old and old[name].shape == tensor.shape]
    for name in same:
        new[name].copy_(old[name])
    return sum(new[name].numel() for name in same) / sum(tensor.numel() for tensor in new.values())
