"""Everything that decides a training run, as frozen values. Knows nothing of torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.errors import ConfigError
from engine.networks.config import DiscriminatorConfig, GeneratorConfig
from engine.training.augment.config import AdaConfig, AugmentConfig, DiffAugmentConfig

PRECISIONS = ("auto", "float32", "bf16", "fp16")
AUGMENTATIONS = ("none", "ada", "diffaugment")
JUDGES = ("squeezenet", "lite0")


@dataclass(frozen=True, slots=True, kw_only=True)
class DataConfig:
    """The pictures, and how they become batches."""

    folder: str
    """a folder of pictures, searched through, or an archive of them"""
    labels: str = "none"
    """where class labels come from: 'none', 'folders' (each sub-folder is a class) or 'file' (dataset.json)"""
    resolution: int
    """height and width in pixels, a power of two"""
    background: tuple[int, int, int] = (255, 255, 255)
    """RGB, 0 to 255, behind transparent and padded pictures"""
    mirror: bool = True
    """flip each picture left to right by the toss of a coin"""
    class_names: tuple[str, ...] = ()
    """one for each class; empty for none, and for labels that are vectors"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """The losses and the optimizers (StyleGAN2 paper, section 3 and appendix B)."""

    learning_rate: float = 0.0025
    """of Adam, for G and D, before the correction for lazy regularization"""
    gamma: float
    """weight of R1"""
    r1_interval: int = 16
    """steps between two R1 steps"""
    path_length_interval: int = 4
    """steps between two path length steps"""
    path_length_weight: float = 2.0
    """weight of the path length penalty; 0 for none"""
    path_length_decay: float = 0.01
    """how much of each batch's mean path length enters pl_mean"""
    path_length_batch_shrink: int = 2
    """the path length step uses the batch divided by this"""
    style_mixing_probability: float = 0.9
    """how often a batch mixes two latents"""
    lecam_weight: float = 0.0
    """weight of the LeCam regularization of D, for small sets; 0 for none"""
    lecam_decay: float = 0.99
    """how much of LeCam's running means stays after a step"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AugmentationConfig:
    """What the discriminators see in place of pictures, real and generated alike."""

    kind: str = "ada"
    """'none', 'ada' or 'diffaugment'"""
    ada_pipeline: AugmentConfig = field(default_factory=AugmentConfig)
    """the operations of 'ada'"""
    diffaugment: DiffAugmentConfig = field(default_factory=DiffAugmentConfig)
    """the operations of 'diffaugment', which are always on"""
    controller: AdaConfig = field(default_factory=AdaConfig)
    """how p follows D's overfitting, for 'ada'"""

    def __post_init__(self) -> None:
        if self.kind not in AUGMENTATIONS:
            raise ConfigError(f"no augmentation {self.kind!r}: use {', '.join(AUGMENTATIONS)}")

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> AugmentationConfig:
        """The inverse of `dataclasses.asdict`, also after JSON."""
        return AugmentationConfig(
            kind=str(values["kind"]),
            ada_pipeline=AugmentConfig.from_dict(values["ada_pipeline"]),
            diffaugment=DiffAugmentConfig.from_dict(values["diffaugment"]),
            controller=AdaConfig(**values["controller"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureConfig:
    """The second discriminator, on frozen features."""

    resolution: int = 128
    """side at which the frozen network sees the pictures, a power of two from 32 to 256"""
    width: int = 32
    """channels of the first head; each next one has twice as many"""
    weight: float = 1.0
    """its share in G's loss, beside 1 for the StyleGAN2 discriminator"""
    learning_rate: float = 0.002
    """of Adam, for its heads"""
    alone: bool = False
    """without the StyleGAN2 discriminator (as in Projected GANs)"""

    def __post_init__(self) -> None:
        if self.resolution not in (32, 64, 128, 256):
            raise ConfigError(f"features can be taken at 32, 64, 128 or 256 px, not at {self.resolution}")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeConfig:
    """How snapshots are compared, so that the best one is kept: KID in the features of a frozen network."""

    network: str = "squeezenet"
    """'squeezenet' or 'lite0'; not the one that a discriminator looks through"""
    samples: int = 500
    """of G_ema, the same latents for every snapshot"""
    reals: int = 1000
    """training pictures at most, the same ones for every snapshot"""

    def __post_init__(self) -> None:
        if self.network not in JUDGES:
            raise ConfigError(f"no judge {self.network!r}: use {', '.join(JUDGES)}")
        if min(self.samples, self.reals) < 2:
            raise ConfigError("a judge needs at least two samples and two training pictures")


@dataclass(frozen=True, slots=True, kw_only=True)
class EmaConfig:
    """How G_ema follows G."""

    ema_kimg: float
    """half-life in thousands of pictures"""
    rampup: float | None = 0.05
    """the half-life is at most this share of the pictures seen so far; None for no ramp"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleConfig:
    """When the run ends and when it reports."""

    kimg: float | None = 25000.0
    """ends after this many thousand pictures; None for no such end"""
    minutes: float | None = None
    """ends after this many minutes of training, resumed ones included; None for no such end"""
    tick_kimg: float = 4.0
    """thousands of pictures between two reports"""
    snapshot_kimg: float = 200.0
    """thousands of pictures between two snapshots, sample grids and checkpoints"""
    checkpoint_minutes: float = 10.0
    """minutes of training between two checkpoints, where snapshots are further apart"""

    def __post_init__(self) -> None:
        if self.kimg is None and self.minutes is None:
            raise ConfigError("training needs an end: give --kimg or --minutes")
        for name in ("kimg", "minutes", "tick_kimg", "snapshot_kimg", "checkpoint_minutes"):
            value = getattr(self, name)
            if value is not None and not 0 < value < float("inf"):
                raise ConfigError(f"{name} must be a number above 0, not {value}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanConfig:
    """What the numbers of a run with an end in time were chosen for."""

    minutes: float
    """of training"""
    img_per_second: float
    """as measured before it began"""
    kimg: float
    """thousands of pictures that this comes to"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainConfig:
    """A training run, completely described."""

    data: DataConfig
    generator: GeneratorConfig
    discriminator: DiscriminatorConfig
    loss: LossConfig
    augmentation: AugmentationConfig = field(default_factory=AugmentationConfig)
    features: FeatureConfig | None = None
    """None for the StyleGAN2 discriminator alone"""
    judge: JudgeConfig | None = None
    """None where no best snapshot is kept"""
    ema: EmaConfig
    schedule: ScheduleConfig = field(default_factory=ScheduleConfig)
    batch: int
    """pictures a step"""
    seed: int = 0
    """decides the initial weights, the order of the data and every draw; 0 to 2^32 - 1"""
    precision: str = "auto"
    """'float32'; 'bf16' or 'fp16' for the highest resolutions; 'auto' takes what the device is fast in"""
    plan: PlanConfig | None = None
    """None where no one asked for a number of minutes"""

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ConfigError(f"no precision {self.precision!r}: use {', '.join(PRECISIONS)}")
        if self.batch < 1:
            raise ConfigError(f"a batch has at least one picture, not {self.batch}")
        if self.features is not None and self.judge is not None and self.judge.network == "lite0":
            raise ConfigError("lite0 trains the second discriminator, so it cannot judge as well: use squeezenet")
        group = self.discriminator.mbstd_group_size
        if group is not None and self.batch > group and self.batch % group:
            raise ConfigError(
                f"a batch of {self.batch} does not divide into groups of {group}: use a multiple of {group}"
            )

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy; `from_dict` is its inverse."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> TrainConfig:
        """Raises ConfigError if this is not a configuration of this version."""
        try:
            data = dict(values["data"])
            return TrainConfig(
                data=DataConfig(
                    **{
                        **data,
                        "background": tuple(data["background"]),
                        "class_names": tuple(data.get("class_names", ())),
                    }
                ),
                generator=GeneratorConfig.from_dict(values["generator"]),
                discriminator=DiscriminatorConfig.from_dict(values["discriminator"]),
                loss=LossConfig(**values["loss"]),
                features=None if values["features"] is None else FeatureConfig(**values["features"]),
                judge=None if values.get("judge") is None else JudgeConfig(**values["judge"]),
                augmentation=AugmentationConfig.from_dict(values["augmentation"]),
                ema=EmaConfig(**values["ema"]),
                schedule=ScheduleConfig(**values["schedule"]),
                batch=int(values["batch"]),
                seed=int(values["seed"]),
                precision=str(values["precision"]),
                plan=None if values.get("plan") is None else PlanConfig(**values["plan"]),
            )
        except (KeyError, TypeError) as error:
            raise ConfigError(f"this is not a training configuration of this version: {error}") from error
