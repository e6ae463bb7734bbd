"""ws to a picture without aliases: the synthesis network of StyleGAN3 (Karras et al. 2021, "Alias-Free Generative
Adversarial Networks"). For inference: the running averages of magnitude stay as they are.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.networks.any_generator import AnySynthesis, NoiseImages
from engine.networks.layers import EPSILON, FullyConnectedLayer
from engine.networks.ops.bias_act import ACTIVATION_GAIN, LRELU_SLOPE
from engine.networks.ops.filtered_lrelu import Activation, Resampling, filtered_lrelu
from engine.networks.ops.lowpass import LowPass, radial_lowpass, separable_lowpass
from engine.networks.stylegan3_config import LayerPlan, StyleGAN3Config
from engine.networks.stylegan3_input import FourierInput


def up_filter(plan: LayerPlan) -> Tensor | None:
    """[up_taps]: passes the band of the layer before; None where nothing is put in."""
    if plan.up_taps == 0:
        return None
    band = plan.before
    return separable_lowpass(
        LowPass(taps=plan.up_taps, cutoff=band.cutoff, half_width=band.half_width, rate=plan.temporary_rate)
    )


def down_filter(plan: LayerPlan) -> Tensor | None:
    """[down_taps], or [down_taps, down_taps] where it is radial: passes the layer's own band; None where none is."""
    if plan.down_taps == 0:
        return None
    band = plan.after
    design = radial_lowpass if plan.radial else separable_lowpass
    return design(
        LowPass(taps=plan.down_taps, cutoff=band.cutoff, half_width=band.half_width, rate=plan.temporary_rate)
    )


class StyleGAN3Layer(nn.Module):
    """Modulated convolution, bias and filtered non-linearity (paper, figure 4b)."""

    magnitude_ema: Tensor
    up_filter: Tensor | None
    down_filter: Tensor | None

    def __init__(self, config: StyleGAN3Config, plan: LayerPlan) -> None:
        super().__init__()
        self.plan = plan
        inside, out, size = plan.before.channels, plan.after.channels, plan.kernel
        self.affine = FullyConnectedLayer(config.w_dim, inside, bias_init=1.0)
        self.weight = nn.Parameter(torch.randn(out, inside, size, size))
        self.bias = nn.Parameter(torch.zeros(out))
        self.register_buffer("magnitude_ema", torch.ones([]))
        self.register_buffer("up_filter", up_filter(plan), persistent=False)
        self.register_buffer("down_filter", down_filter(plan), persistent=False)
        self.activation = Activation(
            gain=1.0 if plan.to_rgb else ACTIVATION_GAIN["lrelu"],
            slope=1.0 if plan.to_rgb else LRELU_SLOPE,
            clamp=config.conv_clamp,
        )

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """x: [N, I, before.size, before.size], w: [N, w_dim] -> [N, O, after.size, after.size]."""
        plan = self.plan
        x = self._convolved(x, self.affine(w))
        resampling = Resampling(
            up=plan.up,
            up_filter=self.up_filter,
            down=plan.down,
            down_filter=self.down_filter,
            padding=plan.padding,
        )
        return filtered_lrelu(x, self.bias, resampling, self.activation)

    def _convolved(self, x: Tensor, styles: Tensor) -> Tensor:
        """The sum over every place where the kernel meets the map; the layer's padding takes what is too much off.

        Inputs are brought to unit magnitude by their running average (paper, section 3.2 and appendix F.2). The scales
        are applied to the activations, which is the same linear map and lets the whole batch share one convolution.
        """
        weight: Tensor = self.weight
        inside = weight[0].numel()
        if self.plan.to_rgb:
            scale = self.magnitude_ema.rsqrt() / math.sqrt(inside)
            gain = None
        else:  # a common factor cancels in the demodulation; this one keeps the sums in range
            weight = weight * weight.square().sum(dim=(1, 2, 3), keepdim=True).add(EPSILON).rsqrt()
            scale = styles.square().mean(dim=1, keepdim=True).add(EPSILON).rsqrt()
            energy = (styles * scale).square() @ weight.square().sum(dim=(2, 3)).t()  # [N, O]
            gain = (energy + EPSILON).rsqrt() * self.magnitude_ema.rsqrt()
        x = x * (styles * scale).to(x.dtype)[:, :, None, None]
        x = nn.functional.conv2d(x, weight.to(x.dtype), padding=self.plan.kernel - 1)
        return x if gain is None else x * gain.to(x.dtype)[:, :, None, None]


class StyleGAN3Synthesis(AnySynthesis):
    """Fourier features, then layers L0, L1, ... of growing bandwidth. There is no noise."""

    def __init__(self, config: StyleGAN3Config) -> None:
        super().__init__()
        self.config = config
        self.num_ws = config.num_ws
        plans = config.layers()
        self.input = FourierInput(config.w_dim, plans[0].before)
        self.layer_names = [plan.name for plan in plans]
        for plan in plans:
            self.add_module(plan.name, StyleGAN3Layer(config, plan))

    @property
    def layers(self) -> list[StyleGAN3Layer]:
        """In order; layer i takes ws[:, i + 1], the input ws[:, 0]."""
        return [getattr(self, name) for name in self.layer_names]

    def make_noise(
        self, mode: str, batch: int, *, strength: float = 1.0, generator: torch.Generator | None = None
    ) -> list[Tensor | None]:
        """Nothing, in any mode."""
        return []

    def forward(
        self,
        ws: Tensor,
        noise_mode: str = "const",
        *,
        noise: NoiseImages | None = None,
        transform: Tensor | None = None,
        low_precision: torch.dtype | None = None,
    ) -> Tensor:
        """See `AnySynthesis`; there is no noise in any mode."""
        x = self.input(ws[:, 0], transform)
        for index, layer in enumerate(self.layers, start=1):
            x = layer(x.to(self._dtype(layer, x.dtype, low_precision)), ws[:, index])
        return x.to(ws.dtype) * self.config.output_scale

    def _dtype(self, layer: StyleGAN3Layer, usual: torch.dtype, low_precision: torch.dtype | None) -> torch.dtype:
        if low_precision is None:
            return usual
        rate, config = layer.plan.after.sampling_rate, self.config
        return low_precision if rate * 2**config.num_fp16_res > config.img_resolution else torch.float32
