"""The StyleGAN3 generator that travels inside a .pkl: see `layers.py`, whose text stands before this file's there.

The arithmetic is that of `engine.networks.stylegan3_config` and `stylegan3_synthesis`, which say where it comes from.
"""

from __future__ import annotations

import math
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.formats.embedded.layers import FullyConnectedLayer, MappingNetwork

# --- embedded from here on ---


def lowpass(taps: int, cutoff: float, half_width: float, rate: float, radial: bool) -> Tensor | None:
    """A Kaiser-windowed filter that sums to 1: [taps] for both axes, or [taps, taps]."""
    if taps == 1:
        return None
    attenuation = 2.285 * (taps - 1) * math.pi * 4 * half_width / rate + 7.95
    beta = 0.0
    if attenuation > 50:
        beta = 0.1102 * (attenuation - 8.7)
    elif attenuation > 21:
        beta = 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    window = torch.kaiser_window(taps, periodic=False, beta=beta, dtype=torch.float64)
    x = (torch.arange(taps, dtype=torch.float64) - (taps - 1) / 2) / rate
    if radial:
        r = torch.hypot(x[:, None], x[None, :])
        values = torch.special.bessel_j1(2 * math.pi * cutoff * r) / r.clamp_min(1e-12)
        values = torch.where(r == 0, torch.full_like(r, math.pi * cutoff), values) * window.outer(window)
    else:
        values = torch.sinc(2 * cutoff * x) * window
    return (values / values.sum()).float()


def resample(x: Tensor, kernel: Tensor | None, up: int = 1, down: int = 1, padding: tuple[int, int] = (0, 0)) -> Tensor:
    """Insert up-1 zeros after each sample, pad, convolve with brightness kept, keep every down-th sample."""
    n, c, h, w = x.shape
    if up > 1:
        spread = x.new_zeros(n, c, h * up, w * up)
        spread[:, :, ::up, ::up] = x
        x = spread
    x = F.pad(x, (padding[0], padding[1], padding[0], padding[1]))
    if kernel is None:
        return x[:, :, ::down, ::down]
    square = kernel.outer(kernel) if kernel.ndim == 1 else kernel
    weight = (square * up**2).to(x.dtype).flip((0, 1)).expand(c, 1, *square.shape)
    return F.conv2d(x, weight, stride=down, groups=c)


class SynthesisInput(torch.nn.Module):
    freqs: Tensor
    phases: Tensor
    transform: Tensor

    def __init__(self, w_dim: int, channels: int, size: int, sampling_rate: int, bandwidth: float) -> None:
        super().__init__()
        self.w_dim, self.channels, self.size = w_dim, channels, [size, size]
        self.sampling_rate, self.bandwidth = sampling_rate, bandwidth
        self.weight = torch.nn.Parameter(torch.zeros(channels, channels))
        self.affine = FullyConnectedLayer(w_dim, 4)
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", torch.zeros(channels, 2))
        self.register_buffer("phases", torch.zeros(channels))

    def forward(self, w: Tensor) -> Tensor:
        numbers = self.affine(w)
        c, s, x, y = (numbers / numbers[:, :2].norm(dim=1, keepdim=True)).unbind(dim=1)
        zero, one = torch.zeros_like(x), torch.ones_like(x)
        turned = torch.stack([c, -s, zero, s, c, zero, zero, zero, one], dim=1).reshape(-1, 3, 3)
        moved = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], dim=1).reshape(-1, 3, 3)
        sampled = turned @ moved @ self.transform
        freqs = self.freqs @ sampled[:, :2, :2]
        phases = self.phases + (self.freqs @ sampled[:, :2, 2:]).squeeze(2)
        beyond = (freqs.norm(dim=2) - self.bandwidth) / (self.sampling_rate / 2 - self.bandwidth)
        places = (torch.arange(self.size[0], device=w.device) - (self.size[0] - 1) / 2) / self.sampling_rate
        across, down = (freqs[:, None, None, :, axis] for axis in (0, 1))
        waves = across * places[None, None, :, None] + down * places[None, :, None, None] + phases[:, None, None, :]
        features = (2 * math.pi * waves).sin() * (1 - beyond).clamp(0, 1)[:, None, None, :]
        mixed: Tensor = features @ (self.weight / math.sqrt(self.channels)).t()
        return mixed.permute(0, 3, 1, 2)


class SynthesisLayer(torch.nn.Module):
    magnitude_ema: Tensor
    up_filter: Tensor | None
    down_filter: Tensor | None

    def __init__(self, w_dim: int, plan: dict[str, Any], conv_clamp: float | None, magnitude_ema_beta: float) -> None:
        super().__init__()
        self.w_dim, self.conv_clamp, self.magnitude_ema_beta = w_dim, conv_clamp, magnitude_ema_beta
        for name, value in plan.items():
            setattr(self, name, value)
        inside, out, size = (plan[name] for name in ("in_channels", "out_channels", "conv_kernel"))
        rate = plan["tmp_sampling_rate"]
        self.affine = FullyConnectedLayer(w_dim, inside)
        self.weight = torch.nn.Parameter(torch.zeros(out, inside, size, size))
        self.bias = torch.nn.Parameter(torch.zeros(out))
        self.register_buffer("magnitude_ema", torch.ones([]))
        up = lowpass(plan["up_taps"], plan["in_cutoff"], plan["in_half_width"], rate, False)
        down = lowpass(plan["down_taps"], plan["out_cutoff"], plan["out_half_width"], rate, plan["down_radial"])
        self.register_buffer("up_filter", up)
        self.register_buffer("down_filter", down)

    def forward(
        self, x: Tensor, w: Tensor, noise_mode: str = "random", force_fp32: bool = False, update_emas: bool = False
    ) -> Tensor:
        plan: Any = self
        low = plan.use_fp16 and not force_fp32 and x.device.type == "cuda"
        x = x.to(torch.float16 if low else torch.float32)
        styles, gain = self.affine(w), None
        weight: Tensor = self.weight
        if plan.is_torgb:
            styles = styles * (self.magnitude_ema.rsqrt() / math.sqrt(weight[0].numel()))
        else:
            weight = weight * (weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).rsqrt()
            styles = styles * (styles.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()
            energy = styles.square() @ weight.square().sum(dim=(2, 3)).t()
            gain = (energy + 1e-8).rsqrt() * self.magnitude_ema.rsqrt()
        x = F.conv2d(x * styles.to(x.dtype)[:, :, None, None], weight.to(x.dtype), padding=plan.conv_kernel - 1)
        if gain is not None:
            x = x * gain.to(x.dtype)[:, :, None, None]
        x = x + self.bias.to(x.dtype)[None, :, None, None]
        x = resample(x, self.up_filter, plan.up_factor, 1, plan.padding[:2])
        if not plan.is_torgb:
            x = F.leaky_relu(x, 0.2) * math.sqrt(2)
        if self.conv_clamp is not None:
            x = x.clamp(-self.conv_clamp, self.conv_clamp)
        return resample(x, self.down_filter, 1, plan.down_factor)


class SynthesisNetwork(torch.nn.Module):
    def __init__(
        self,
        w_dim: int,
        img_resolution: int,
        img_channels: int,
        channel_base: int = 32768,
        channel_max: int = 512,
        num_layers: int = 14,
        num_critical: int = 2,
        first_cutoff: float = 2,
        first_stopband: float = 2**2.1,
        last_stopband_rel: float = 2**0.3,
        margin_size: int = 10,
        output_scale: float = 0.25,
        num_fp16_res: int = 4,
        conv_kernel: int = 3,
        filter_size: int = 6,
        lrelu_upsampling: int = 2,
        use_radial_filters: bool = False,
        conv_clamp: float | None = 256,
        magnitude_ema_beta: float = 0.999,
    ) -> None:
        super().__init__()
        self.w_dim, self.img_resolution, self.img_channels = w_dim, img_resolution, img_channels
        self.num_layers, self.num_critical, self.num_ws = num_layers, num_critical, num_layers + 2
        self.margin_size, self.output_scale, self.num_fp16_res = margin_size, output_scale, num_fp16_res
        last_cutoff = img_resolution / 2
        last_stopband = last_cutoff * last_stopband_rel
        shares = [min(index / (num_layers - num_critical), 1.0) for index in range(num_layers + 1)]
        cutoffs = [first_cutoff * (last_cutoff / first_cutoff) ** share for share in shares]
        stopbands = [first_stopband * (last_stopband / first_stopband) ** share for share in shares]
        rates = [2 ** math.ceil(math.log2(min(stopband * 2, img_resolution))) for stopband in stopbands]
        widths = [max(stop, rate / 2) - cutoff for stop, rate, cutoff in zip(stopbands, rates, cutoffs)]  # noqa: B905
        sizes = [rate + 2 * margin_size for rate in rates[:-2]] + [img_resolution] * 2
        channels = [round(min(channel_base / 2 / cutoff, channel_max)) for cutoff in cutoffs[:-1]] + [img_channels]
        self.input = SynthesisInput(w_dim, channels[0], sizes[0], rates[0], cutoffs[0])
        self.layer_names = []
        for index in range(num_layers + 1):
            before, is_torgb = max(index - 1, 0), index == num_layers
            rate = max(rates[before], rates[index]) * (1 if is_torgb else lrelu_upsampling)
            up, down, kernel = rate // rates[before], rate // rates[index], 1 if is_torgb else conv_kernel
            up_taps = filter_size * up if up > 1 and not is_torgb else 1
            down_taps = filter_size * down if down > 1 and not is_torgb else 1
            total = (sizes[index] - 1) * down + 1 - (sizes[before] + kernel - 1) * up + up_taps + down_taps - 2
            first = (total + up) // 2
            plan = {
                "is_torgb": is_torgb,
                "is_critically_sampled": index >= num_layers - num_critical,
                "use_fp16": rates[index] * 2**num_fp16_res > img_resolution,
                "in_channels": channels[before],
                "out_channels": channels[index],
                "in_size": [sizes[before]] * 2,
                "out_size": [sizes[index]] * 2,
                "in_sampling_rate": rates[before],
                "out_sampling_rate": rates[index],
                "tmp_sampling_rate": rate,
                "in_cutoff": cutoffs[before],
                "out_cutoff": cutoffs[index],
                "in_half_width": widths[before],
                "out_half_width": widths[index],
                "conv_kernel": kernel,
                "up_factor": up,
                "up_taps": up_taps,
                "down_factor": down,
                "down_taps": down_taps,
                "down_radial": use_radial_filters and index < num_layers - num_critical,
                "padding": [first, total - first] * 2,
            }
            name = f"L{index}_{sizes[index]}_{channels[index]}"
            setattr(self, name, SynthesisLayer(w_dim, plan, conv_clamp, magnitude_ema_beta))
            self.layer_names.append(name)

    def forward(
        self, ws: Tensor, noise_mode: str = "random", force_fp32: bool = False, update_emas: bool = False
    ) -> Tensor:
        own = ws.to(torch.float32).unbind(dim=1)
        x = self.input(own[0])
        for name, w in zip(self.layer_names, own[1:]):  # noqa: B905
            x = getattr(self, name)(x, w, force_fp32=force_fp32)
        picture: Tensor = x.to(torch.float32) * self.output_scale
        return picture


class Generator(torch.nn.Module):
    def __init__(
        self,
        z_dim: int,
        c_dim: int,
        w_dim: int,
        img_resolution: int,
        img_channels: int,
        mapping_kwargs: dict[str, Any],
        **synthesis_kwargs: Any,
    ) -> None:
        super().__init__()
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.img_resolution, self.img_channels = img_resolution, img_channels
        self.synthesis = SynthesisNetwork(w_dim, img_resolution, img_channels, **synthesis_kwargs)
        self.num_ws = self.synthesis.num_ws
        self.mapping = MappingNetwork(z_dim, c_dim, w_dim, self.num_ws, **mapping_kwargs)

    def forward(
        self,
        z: Tensor | None,
        c: Tensor | None = None,
        truncation_psi: float = 1,
        truncation_cutoff: int | None = None,
        update_emas: bool = False,
        noise_mode: str = "random",
        force_fp32: bool = False,
    ) -> Tensor:
        ws = self.mapping(z, c, truncation_psi, truncation_cutoff, update_emas)
        return self.synthesis(ws, noise_mode=noise_mode, force_fp32=force_fp32)
