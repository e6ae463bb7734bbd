"""What a generator and a discriminator look like, as frozen values. Knows nothing of torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypeVar

from engine.errors import ConfigError

MAX_RESOLUTION = 4096
T = TypeVar("T", "GeneratorConfig", "DiscriminatorConfig")


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ConfigError(message)


def _require_resolution(resolution: int, smallest: int) -> None:
    power_of_two = resolution >= smallest and resolution & (resolution - 1) == 0
    _require(
        power_of_two and resolution <= MAX_RESOLUTION,
        f"a resolution of {resolution} is not possible: use a power of two from {smallest} to {MAX_RESOLUTION}",
    )


def _require_channels(img_channels: int, channel_base: int, channel_max: int, resolution: int) -> None:
    _require(img_channels in (1, 3, 4), f"pictures have 1 (grey), 3 (RGB) or 4 (RGBA) channels, not {img_channels}")
    _require(channel_max >= 1, f"channel_max must be at least 1, not {channel_max}")
    _require(
        channel_base >= resolution,
        f"a channel_base of {channel_base} leaves no channels at {resolution} px: use at least {resolution}",
    )


def _from_dict(cls: type[T], values: Mapping[str, Any]) -> T:
    known = {field.name for field in fields(cls)}
    unknown = sorted(set(values) - known)
    _require(not unknown, f"{cls.__name__} has no option {', '.join(map(repr, unknown))}")
    lists_as_tuples: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    try:
        return cls(**lists_as_tuples)
    except TypeError as error:
        raise ConfigError(f"{cls.__name__} cannot be built from {dict(values)!r}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorConfig:
    """Everything that decides the shapes and the arithmetic of a StyleGAN2 generator."""

    z_dim: int = 512
    """length of z; 0 for a generator that is driven by the class alone"""
    c_dim: int = 0
    """number of class labels; 0 for an unconditional model"""
    w_dim: int = 512
    """length of w"""
    img_resolution: int
    """height and width of the picture in pixels, a power of two"""
    img_channels: int = 3
    """1 grey, 3 RGB, 4 RGBA"""
    mapping_layers: int = 8
    """fully connected layers from z to w"""
    mapping_layer_features: int | None = None
    """width of the hidden mapping layers; None for w_dim"""
    mapping_embed_features: int | None = None
    """width of the embedded class label; None for w_dim"""
    mapping_activation: str = "lrelu"
    """activation of the mapping layers"""
    mapping_lr_multiplier: float = 0.01
    """learning rate multiplier of the mapping layers"""
    w_avg_beta: float | None = 0.998
    """decay of the running average of w; None to keep none"""
    channel_base: int = 32768
    """channels times resolution, before the cap"""
    channel_max: int = 512
    """most channels of any layer"""
    architecture: str = "skip"
    """how RGB leaves the blocks: 'skip' sums an image pyramid, 'resnet' adds feature skips, 'orig' has neither"""
    resample_filter: tuple[float, ...] = (1, 3, 3, 1)
    """low-pass filter of the up-sampling, one axis of a separable filter"""
    activation: str = "lrelu"
    """activation of the synthesis layers"""
    use_noise: bool = True
    """whether synthesis layers add noise"""
    num_fp16_res: int = 0
    """how many of the highest resolutions train in reduced precision"""
    conv_clamp: float | None = None
    """bound on the activations, times the layer's gain; None for none"""

    def __post_init__(self) -> None:
        _require_resolution(self.img_resolution, 4)
        _require_channels(self.img_channels, self.channel_base, self.channel_max, self.img_resolution)
        for name in ("w_dim", "mapping_layers"):
            value = getattr(self, name)
            _require(value >= 1, f"{name} must be at least 1, not {value}")
        _require(self.z_dim >= 0 and self.c_dim >= 0, "z_dim and c_dim cannot be negative")
        _require(self.z_dim > 0 or self.c_dim > 0, "z_dim and c_dim cannot both be 0")
        _require(
            self.architecture in ("skip", "resnet", "orig"),
            f"no generator architecture {self.architecture!r}: use skip, resnet or orig",
        )

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """Resolutions of the synthesis blocks, 4 up to img_resolution."""
        return tuple(2**i for i in range(2, int(math.log2(self.img_resolution)) + 1))

    @property
    def num_ws(self) -> int:
        """How many per-layer copies of w the synthesis takes: 2 log2(resolution) - 2."""
        return 2 * len(self.block_resolutions)

    def channels(self, resolution: int) -> int:
        """Feature channels of the block at this resolution."""
        return min(self.channel_base // resolution, self.channel_max)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy; `from_dict` is its inverse."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> GeneratorConfig:
        """Raises ConfigError for options that do not exist or cannot work."""
        return _from_dict(GeneratorConfig, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscriminatorConfig:
    """Everything that decides the shapes and the arithmetic of a StyleGAN2 discriminator."""

    c_dim: int = 0
    """number of class labels; 0 for an unconditional model"""
    img_resolution: int
    """height and width of the picture in pixels, a power of two"""
    img_channels: int = 3
    """1 grey, 3 RGB, 4 RGBA"""
    architecture: str = "resnet"
    """'resnet' adds feature skips, 'skip' feeds an image pyramid, 'orig' has neither"""
    channel_base: int = 32768
    """channels times resolution, before the cap"""
    channel_max: int = 512
    """most channels of any layer"""
    resample_filter: tuple[float, ...] = (1, 3, 3, 1)
    """low-pass filter of the down-sampling, one axis of a separable filter"""
    activation: str = "lrelu"
    """activation of every hidden layer"""
    num_fp16_res: int = 0
    """how many of the highest resolutions train in reduced precision"""
    conv_clamp: float | None = None
    """bound on the activations, times the layer's gain; None for none"""
    freeze_layers: int = 0
    """convolutions, counted from the image, that are not trained"""
    mbstd_group_size: int | None = 4
    """samples that share one minibatch standard deviation; None for the whole batch"""
    mbstd_num_channels: int = 1
    """minibatch standard deviation channels; 0 for none"""
    cmap_dim: int | None = None
    """width of the mapped class label; None for the channels at 4x4"""
    mapping_layers: int = 8
    """fully connected layers of the class label's mapping"""
    mapping_lr_multiplier: float = 0.01
    """learning rate multiplier of those layers"""

    def __post_init__(self) -> None:
        _require_resolution(self.img_resolution, 8)
        _require_channels(self.img_channels, self.channel_base, self.channel_max, self.img_resolution)
        _require(
            self.architecture in ("resnet", "skip", "orig"),
            f"no discriminator architecture {self.architecture!r}: use resnet, skip or orig",
        )
        group = self.mbstd_group_size
        _require(group is None or group >= 1, f"mbstd_group_size must be at least 1, not {group}")

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """Resolutions of the blocks, img_resolution down to 8."""
        return tuple(2**i for i in range(int(math.log2(self.img_resolution)), 2, -1))

    def channels(self, resolution: int) -> int:
        """Feature channels that enter the block at this resolution."""
        return min(self.channel_base // resolution, self.channel_max)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy; `from_dict` is its inverse."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> DiscriminatorConfig:
        """Raises ConfigError for options that do not exist or cannot work."""
        return _from_dict(DiscriminatorConfig, values)
