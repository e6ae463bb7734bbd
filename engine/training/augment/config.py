"""What the augmentations do and how strongly, as frozen values. Knows nothing of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.errors import ConfigError

OPERATIONS = {
    "blit": ("xflip", "rotate90", "xint"),
    "geom": ("scale", "rotate", "aniso", "xfrac"),
    "color": ("brightness", "contrast", "lumaflip", "hue", "saturation"),
    "filter": ("imgfilter",),
    "noise": ("noise",),
    "cutout": ("cutout",),
}
"""The operations of each category, in the order in which they are applied."""

NAMED_SETS = {
    **{category: (category,) for category in OPERATIONS},
    "bg": ("blit", "geom"),
    "bgc": ("blit", "geom", "color"),
    "bgcf": ("blit", "geom", "color", "filter"),
    "bgcfn": ("blit", "geom", "color", "filter", "noise"),
    "bgcfnc": ("blit", "geom", "color", "filter", "noise", "cutout"),
}
"""The categories of each set that has a name (StyleGAN2-ADA paper, section 3.1)."""

DIFFAUGMENT_OPERATIONS = ("color", "translation", "cutout")


def operations_of(name: str) -> tuple[str, ...]:
    """The operations of a named set, in their order; raises ConfigError for a name that does not exist."""
    if name not in NAMED_SETS:
        raise ConfigError(f"no augmentations are called {name!r}: use {', '.join(NAMED_SETS)}")
    return tuple(operation for category in NAMED_SETS[name] for operation in OPERATIONS[category])


def _check_names(chosen: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in chosen:
        if name not in known:
            raise ConfigError(f"there is no augmentation {name!r}: use {', '.join(known)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentConfig:
    """The augmentations of StyleGAN2-ADA (paper, appendix B): which, and how widely each is spread."""

    operations: tuple[str, ...] = operations_of("bgc")
    """names from OPERATIONS; their order here does not matter"""
    xint_max: float = 0.125
    """largest whole-pixel shift, as a share of the width"""
    scale_std: float = 0.2
    """standard deviation of the scale, in octaves"""
    rotate_max: float = 1.0
    """largest rotation either way, in half turns"""
    aniso_std: float = 0.2
    """standard deviation of the stretch of width against height, in octaves"""
    xfrac_std: float = 0.125
    """standard deviation of the shift, as a share of the width"""
    brightness_std: float = 0.2
    """standard deviation of what is added, on the scale where black is -1 and white is 1"""
    contrast_std: float = 0.5
    """standard deviation of the contrast, in octaves"""
    hue_max: float = 1.0
    """largest rotation of the hue either way, in half turns"""
    saturation_std: float = 1.0
    """standard deviation of the saturation, in octaves"""
    imgfilter_std: float = 1.0
    """standard deviation of the gain of each frequency band, in octaves"""
    noise_std: float = 0.1
    """standard deviation of the noise's standard deviation"""
    cutout_size: float = 0.5
    """width of the square that is cut out, as a share of the picture's"""

    def __post_init__(self) -> None:
        _check_names(self.operations, operations_of("bgcfnc"))
        for field in fields(self):
            if field.name != "operations" and not 0 <= getattr(self, field.name) < float("inf"):
                raise ConfigError(f"{field.name} must be 0 or more, not {getattr(self, field.name)}")

    @staticmethod
    def named(name: str) -> AugmentConfig:
        """The augmentations of a named set, at the strength of the paper."""
        return AugmentConfig(operations=operations_of(name))

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> AugmentConfig:
        """The inverse of `dataclasses.asdict`, also after JSON; raises ConfigError for what is not one."""
        try:
            return AugmentConfig(**{**values, "operations": tuple(values["operations"])})
        except (KeyError, TypeError) as error:
            raise ConfigError(f"this is no description of augmentations: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffAugmentConfig:
    """The augmentations of the DiffAugment paper (Zhao et al. 2020, section 3.2): which, and how strongly."""

    operations: tuple[str, ...] = DIFFAUGMENT_OPERATIONS
    """names from DIFFAUGMENT_OPERATIONS; their order here does not matter"""
    translation_max: float = 0.125
    """largest shift, as a share of the width"""
    cutout_size: float = 0.5
    """width of the square that is cut out, as a share of the picture's"""

    def __post_init__(self) -> None:
        _check_names(self.operations, DIFFAUGMENT_OPERATIONS)
        for name in ("translation_max", "cutout_size"):
            if not 0 <= getattr(self, name) <= 1:
                raise ConfigError(f"{name} must be from 0 to 1, not {getattr(self, name)}")

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> DiffAugmentConfig:
        """The inverse of `dataclasses.asdict`, also after JSON; raises ConfigError for what is not one."""
        try:
            return DiffAugmentConfig(**{**values, "operations": tuple(values["operations"])})
        except (KeyError, TypeError) as error:
            raise ConfigError(f"this is no description of augmentations: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaConfig:
    """How p follows the overfitting of D (StyleGAN2-ADA paper, section 3.2)."""

    target: float = 0.6
    """the mean sign of D on real pictures that p keeps; above it D knows its pictures too well"""
    kimg: float = 500.0
    """thousands of pictures in which p can move from 0 to 1"""
    interval: int = 4
    """steps between two changes of p"""
    p_initial: float = 0.0
    """p at the first step"""
    p_max: float = 1.0
    """p never goes above this"""

    def __post_init__(self) -> None:
        if not -1 <= self.target <= 1:
            raise ConfigError(f"the target of the augmentation is a mean sign, from -1 to 1, not {self.target}")
        if not self.kimg > 0:
            raise ConfigError(f"p moves over more than 0 kimg, not {self.kimg}")
        if self.interval < 1:
            raise ConfigError(f"p changes every 1 step or more, not every {self.interval}")
        if not 0 <= self.p_initial <= self.p_max <= 1:
            raise ConfigError(
                f"p begins from 0 to its maximum, which is at most 1; not at {self.p_initial} of {self.p_max}"
            )
