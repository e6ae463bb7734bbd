"""What a StyleGAN3 generator looks like (Karras et al. 2021, "Alias-Free Generative Adversarial Networks"): its
options, and the cutoffs, sampling rates and sizes of its layers that follow from them. Knows nothing of torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.networks.config import (
    MAX_RESOLUTION,
    AnyGeneratorConfig,
    config_from_dict,
    require,
    require_mapping,
)

MAX_LAYERS = 64
MAX_FILTER_SIZE = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The signal that one layer puts out. Frequencies are in cycles across the picture."""

    cutoff: float
    """the filters pass what is below"""
    half_width: float
    """of the filters' transition band, around the cutoff"""
    sampling_rate: int
    """samples across the picture, a power of two"""
    size: int
    """samples of the feature map, which reaches over the picture's borders"""
    channels: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerPlan:
    """One synthesis layer: from the band of the layer before it to its own."""

    name: str
    """as in files, e.g. 'L3_52_512'"""
    before: Band
    after: Band
    kernel: int
    """height and width of the convolution"""
    to_rgb: bool
    """the last layer only mixes channels"""
    temporary_rate: int
    """samples across the picture while the non-linearity is applied"""
    up: int
    up_taps: int
    """0: no filter"""
    down: int
    down_taps: int
    """0: no filter"""
    radial: bool
    """whether the filter before the down-sampling is radially symmetric"""

    @property
    def padding(self) -> tuple[int, int]:
        """Samples at the temporary rate before and after, so that the filters leave `after.size` samples."""
        needed = (self.after.size - 1) * self.down + 1
        given = (self.before.size + self.kernel - 1) * self.up
        filters = max(self.up_taps - 1, 0) + max(self.down_taps - 1, 0)
        total = needed - given + filters
        # The middle of the map stays its middle: up - 1 of the samples that were put in lie behind the last one.
        first = (total + self.up) // 2
        return first, total - first


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleGAN3Config(AnyGeneratorConfig):
    """Everything that decides the shapes and the arithmetic of a StyleGAN3 generator. The defaults are those of
    configuration T; R has a conv_kernel of 1, radial filters, and twice the channel_base and channel_max.
    """

    kind: ClassVar[str] = "stylegan3"

    mapping_layers: int = 2
    """fully connected layers from z to w"""
    channel_base: int = 32768
    """channels times resolution, before the cap"""
    channel_max: int = 512
    """most channels of any layer"""
    num_layers: int = 14
    """synthesis layers, without the input and the last, which colours"""
    num_critical: int = 2
    """layers at the end that are critically sampled: their cutoff is half the sampling rate"""
    first_cutoff: float = 2.0
    """cutoff of the input and the first layer, in cycles across the picture"""
    first_stopband: float = 2**2.1
    """where the stop band of the first layer begins, in cycles across the picture"""
    last_stopband_rel: float = 2**0.3
    """where that of the last layer begins, as a multiple of its cutoff"""
    margin_size: int = 10
    """samples that feature maps reach over the picture on each side"""
    output_scale: float = 0.25
    """what the synthesis' output is multiplied with"""
    conv_kernel: int = 3
    """height and width of the convolutions"""
    filter_size: int = 6
    """taps of the low-pass filters, for each step of the resampling"""
    lrelu_upsampling: int = 2
    """how many times the rate the non-linearity is applied at"""
    use_radial_filters: bool = False
    """whether the filters before the down-sampling are radially symmetric, outside of the critical layers"""
    conv_clamp: float | None = 256.0
    """bound on the activations; None for none"""
    magnitude_ema_beta: float = 0.999
    """decay of the running average of the layers' input magnitude"""
    num_fp16_res: int = 0
    """how many of the highest sampling rates train in reduced precision"""

    def __post_init__(self) -> None:
        require(
            self.img_resolution % 4 == 0 and 8 <= self.img_resolution <= MAX_RESOLUTION,
            f"a resolution of {self.img_resolution} is not possible: use a multiple of 4 from 8 to {MAX_RESOLUTION}",
        )
        require(
            self.img_channels in (1, 3, 4),
            f"pictures have 1 (grey), 3 (RGB) or 4 (RGBA) channels, not {self.img_channels}",
        )
        require_mapping(self)
        require(self.channel_max >= 1, f"channel_max must be at least 1, not {self.channel_max}")
        self._require_layers()
        self._require_bands()

    def _require_layers(self) -> None:
        require(2 <= self.num_layers <= MAX_LAYERS, f"num_layers is from 2 to {MAX_LAYERS}, not {self.num_layers}")
        require(
            1 <= self.num_critical < self.num_layers,
            f"num_critical is from 1 to {self.num_layers - 1}, not {self.num_critical}",
        )
        require(
            self.conv_kernel in (1, 3, 5, 7), f"a conv_kernel of {self.conv_kernel} is not possible: use 1, 3, 5 or 7"
        )
        require(
            1 <= self.filter_size <= MAX_FILTER_SIZE,
            f"filter_size is from 1 to {MAX_FILTER_SIZE}, not {self.filter_size}",
        )
        require(self.lrelu_upsampling in (1, 2, 4), f"lrelu_upsampling is 1, 2 or 4, not {self.lrelu_upsampling}")
        require(0 <= self.margin_size <= 256, f"margin_size is from 0 to 256, not {self.margin_size}")

    def _require_bands(self) -> None:
        last_cutoff = self.img_resolution / 2
        require(
            0.5 <= self.first_cutoff <= last_cutoff,
            f"first_cutoff is from 0.5 to half the resolution, not {self.first_cutoff}",
        )
        require(
            self.first_cutoff < self.first_stopband <= 2 * last_cutoff,
            f"first_stopband lies above first_cutoff and not above the resolution, not at {self.first_stopband}",
        )
        require(
            1 < self.last_stopband_rel <= 4, f"last_stopband_rel is above 1 and at most 4, not {self.last_stopband_rel}"
        )

    @property
    def num_ws(self) -> int:
        """One for the input, one for each layer, one for the last."""
        return self.num_layers + 2

    @property
    def design(self) -> str:
        """StyleGAN3, and which of the paper's two configurations: R turns as well as it moves."""
        return f"StyleGAN3 (configuration {'R' if self.use_radial_filters else 'T'})"

    @property
    def layer_resolutions(self) -> tuple[int, ...]:
        """The sampling rates: of the input, then of each layer."""
        bands = self.bands()
        return (bands[0].sampling_rate, *(min(band.sampling_rate, self.img_resolution) for band in bands))

    @property
    def has_input_transform(self) -> bool:
        """Always: its input is a function of the place."""
        return True

    def narrowest(self) -> int:
        """The fewest channels that any layer has."""
        return min(band.channels for band in self.bands())

    def bands(self) -> tuple[Band, ...]:
        """num_layers + 1 of them. Cutoffs and stop bands grow geometrically up to the first critical layer, and from
        there on stay (paper, section 3.2, "Flexible layer specifications").
        """
        count, flexible = self.num_layers + 1, self.num_layers - self.num_critical
        last_cutoff = self.img_resolution / 2
        last_stopband = last_cutoff * self.last_stopband_rel
        bands = []
        for index in range(count):
            share = min(index / flexible, 1.0)
            cutoff = self.first_cutoff * (last_cutoff / self.first_cutoff) ** share
            stopband = self.first_stopband * (last_stopband / self.first_stopband) ** share
            rate = 2 ** math.ceil(math.log2(min(stopband * 2, self.img_resolution)))
            is_picture = index >= count - 2
            channels = round(min(self.channel_base / 2 / cutoff, self.channel_max))
            bands.append(
                Band(
                    cutoff=cutoff,
                    half_width=max(stopband, rate / 2) - cutoff,
                    sampling_rate=rate,
                    size=self.img_resolution if is_picture else rate + 2 * self.margin_size,
                    channels=self.img_channels if index == count - 1 else channels,
                )
            )
        return tuple(bands)

    def layers(self) -> tuple[LayerPlan, ...]:
        """num_layers + 1 of them; the last colours."""
        bands = self.bands()
        return tuple(self._layer(index, bands[max(index - 1, 0)], band) for index, band in enumerate(bands))

    def _layer(self, index: int, before: Band, after: Band) -> LayerPlan:
        to_rgb = index == self.num_layers
        rate = max(before.sampling_rate, after.sampling_rate) * (1 if to_rgb else self.lrelu_upsampling)
        up, down = rate // before.sampling_rate, rate // after.sampling_rate
        return LayerPlan(
            name=f"L{index}_{after.size}_{after.channels}",
            before=before,
            after=after,
            kernel=1 if to_rgb else self.conv_kernel,
            to_rgb=to_rgb,
            temporary_rate=rate,
            up=up,
            up_taps=self.filter_size * up if up > 1 and not to_rgb else 0,
            down=down,
            down_taps=self.filter_size * down if down > 1 and not to_rgb else 0,
            radial=self.use_radial_filters and index < self.num_layers - self.num_critical,
        )

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> StyleGAN3Config:
        """Raises ConfigError for options that do not exist or cannot work."""
        return config_from_dict(StyleGAN3Config, values)
