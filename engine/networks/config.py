"""What a generator and a discriminator look like, as frozen values. Knows nothing of torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, TypeVar

from engine.errors import ConfigError

MAX_RESOLUTION = 4096
T = TypeVar("T")


def require(condition: bool, message: str) -> None:
    """Raises ConfigError with this sentence unless the condition holds."""
    if not condition:
        raise ConfigError(message)


def require_power_of_two(resolution: int, smallest: int) -> None:
    """Raises ConfigError for a resolution that blocks of doubling size cannot have."""
    power_of_two = resolution >= smallest and resolution & (resolution - 1) == 0
    require(
        power_of_two and resolution <= MAX_RESOLUTION,
        f"a resolution of {resolution} is not possible: use a power of two from {smallest} to {MAX_RESOLUTION}",
    )


def _require_channels(img_channels: int, channel_base: int, channel_max: int, resolution: int) -> None:
    require(img_channels in (1, 3, 4), f"pictures have 1 (grey), 3 (RGB) or 4 (RGBA) channels, not {img_channels}")
    require(channel_max >= 1, f"channel_max must be at least 1, not {channel_max}")
    require(
        channel_base >= resolution,
        f"a channel_base of {channel_base} leaves no channels at {resolution} px: use at least {resolution}",
    )


def config_from_dict(cls: type[T], values: Mapping[str, Any]) -> T:
    """A configuration of this class. Raises ConfigError for options that do not exist or cannot work."""
    known = {field.name for field in fields(cls)}  # type: ignore[arg-type]  # every T is a dataclass
    unknown = sorted(set(values) - known)
    require(not unknown, f"{cls.__name__} has no option {', '.join(map(repr, unknown))}")
    lists_as_tuples: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    try:
        return cls(**lists_as_tuples)
    except TypeError as error:
        raise ConfigError(f"{cls.__name__} cannot be built from {dict(values)!r}: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyGeneratorConfig:
    """What a generator of any kind is told: its sizes, and its mapping network."""

    kind: ClassVar[str]
    """the name of the kind, as files and `generator_kinds` have it"""

    z_dim: int = 512
    """length of z; 0 for a generator that is driven by the class alone"""
    c_dim: int = 0
    """number of class labels; 0 for an unconditional model"""
    w_dim: int = 512
    """length of w"""
    img_resolution: int
    """height and width of the picture in pixels"""
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

    @property
    def num_ws(self) -> int:
        """How many copies of w, one for each layer, the synthesis takes."""
        raise NotImplementedError

    @property
    def layer_resolutions(self) -> tuple[int, ...]:
        """Pixels across of what each of the num_ws copies of w modulates, without margins."""
        raise NotImplementedError

    @property
    def design(self) -> str:
        """The kind in words, with what is peculiar to this one."""
        raise NotImplementedError

    @property
    def has_input_transform(self) -> bool:
        """Whether the synthesis can turn and move what it shows."""
        return False

    def narrowest(self) -> int:
        """The fewest channels that any layer has."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy."""
        return asdict(self)


def require_mapping(config: AnyGeneratorConfig) -> None:
    """Raises ConfigError for a mapping network that cannot be."""
    for name in ("w_dim", "mapping_layers"):
        value = getattr(config, name)
        require(value >= 1, f"{name} must be at least 1, not {value}")
    require(config.z_dim >= 0 and config.c_dim >= 0, "z_dim and c_dim cannot be negative")
    require(config.z_dim > 0 or config.c_dim > 0, "z_dim and c_dim cannot both be 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratorConfig(AnyGeneratorConfig):
    """Everything that decides the shapes and the arithmetic of a StyleGAN2 generator."""

    kind: ClassVar[str] = "stylegan2"

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
        require_power_of_two(self.img_resolution, 4)
        _require_channels(self.img_channels, self.channel_base, self.channel_max, self.img_resolution)
        require_mapping(self)
        require(
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

    @property
    def design(self) -> str:
        """StyleGAN2, and how RGB leaves the blocks."""
        return f"StyleGAN2 ({self.architecture})"

    @property
    def layer_resolutions(self) -> tuple[int, ...]:
        """4, then two of each block; the last w only colours the picture."""
        return tuple(min(4 * 2 ** ((layer + 1) // 2), self.img_resolution) for layer in range(self.num_ws))

    def channels(self, resolution: int) -> int:
        """Feature channels of the block at this resolution."""
        return min(self.channel_base // resolution, self.channel_max)

    def narrowest(self) -> int:
        """The fewest channels that any block has."""
        return min(self.channels(resolution) for resolution in (4, self.img_resolution))

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> GeneratorConfig:
        """Raises ConfigError for options that do not exist or cannot work."""
        return config_from_dict(GeneratorConfig, values)


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
        require_power_of_two(self.img_resolution, 8)
        _require_channels(self.img_channels, self.channel_base, self.channel_max, self.img_resolution)
        require(
            self.architecture in ("resnet", "skip", "orig"),
            f"no discriminator architecture {self.architecture!r}: use resnet, skip or orig",
        )
        group = self.mbstd_group_size
        require(group is None or group >= 1, f"mbstd_group_size must be at least 1, not {group}")

    @property
    def block_resolutions(self) -> tuple[int, ...]:
        """Resolutions of the blocks, img_resolution down to 8."""
        return tuple(2**i for i in range(int(math.log2(self.img_resolution)), 2, -1))

    def channels(self, resolution: int) -> int:
        """Feature channels that enter the block at this resolution."""
        return min(self.channel_base // resolution, self.channel_max)

    def narrowest(self) -> int:
        """The fewest channels that any block has."""
        return min(self.channels(resolution) for resolution in (4, self.img_resolution))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy; `from_dict` is its inverse."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> DiscriminatorConfig:
        """Raises ConfigError for options that do not exist or cannot work."""
        return config_from_dict(DiscriminatorConfig, values)
