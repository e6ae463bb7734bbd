"""Where a StyleGAN3 picture begins: Fourier features, sampled wherever they are asked for. Knows nothing of layers."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.networks.layers import FullyConnectedLayer
from engine.networks.stylegan3_config import Band


class FourierInput(nn.Module):
    """sin(2 pi (f . p + phase)) for frequencies f within the band, mixed (Karras et al. 2021, section 3 and appendix
    F.1, config B and H: w also turns and moves them).
    """

    freqs: Tensor
    phases: Tensor
    transform: Tensor

    def __init__(self, w_dim: int, band: Band) -> None:
        super().__init__()
        self.band = band
        channels = band.channels
        # Uniform over the disk of radius `cutoff`: of a normal direction with a length whose square is uniform.
        directions = nn.functional.normalize(torch.randn(channels, 2), dim=1)
        lengths = torch.randn(channels, 2).square().sum(dim=1, keepdim=True).div(-2).exp().sqrt()
        self.weight = nn.Parameter(torch.randn(channels, channels))
        self.affine = FullyConnectedLayer(w_dim, 4)
        with torch.no_grad():  # at first w neither turns nor moves anything
            self.affine.weight.zero_()
            self.affine.bias.copy_(torch.tensor([1.0, 0.0, 0.0, 0.0]))
        self.register_buffer("transform", torch.eye(3))
        self.register_buffer("freqs", directions * lengths * band.cutoff)
        self.register_buffer("phases", torch.randn(channels).mul(math.sqrt(0.5)).erf().div(2))

    def forward(self, w: Tensor, transform: Tensor | None = None) -> Tensor:
        """w: [N, w_dim], transform: [3, 3], see `AnySynthesis` -> [N, channels, size, size]."""
        band = self.band
        sampled = self._learned(w) @ self.transform  # [N, 3, 3]
        if transform is not None:
            sampled = sampled @ transform.to(sampled)
        # f . (A p + b) = (A^T f) . p + f . b
        freqs = self.freqs @ sampled[:, :2, :2]  # [N, channels, 2]
        phases = self.phases + (self.freqs @ sampled[:, :2, 2:]).squeeze(2)
        # A frequency that a transform has brought out of the band fades out towards half the sampling rate.
        beyond = (freqs.norm(dim=2) - band.cutoff) / (band.sampling_rate / 2 - band.cutoff)
        amplitudes = (1 - beyond).clamp(0, 1)
        x, y = (freqs[:, None, None, :, axis] for axis in (0, 1))
        places = self._places(w)
        waves = x * places[None, None, :, None] + y * places[None, :, None, None] + phases[:, None, None, :]
        features = (2 * math.pi * waves).sin() * amplitudes[:, None, None, :]  # [N, size, size, channels]
        mixed: Tensor = features @ (self.weight / math.sqrt(band.channels)).t()
        return mixed.permute(0, 3, 1, 2)

    def _places(self, like: Tensor) -> Tensor:
        """[size]: the centre of each sample, in picture widths from the picture's centre."""
        index = torch.arange(self.band.size, dtype=like.dtype, device=like.device)
        return (index - (self.band.size - 1) / 2) / self.band.sampling_rate

    def _learned(self, w: Tensor) -> Tensor:
        """[N, 3, 3]: first back by what w moves, then turned by what w turns (paper, appendix F.1)."""
        numbers = self.affine(w)
        numbers = numbers / numbers[:, :2].norm(dim=1, keepdim=True)
        cosine, sine, x, y = numbers.unbind(dim=1)
        zero, one = torch.zeros_like(x), torch.ones_like(x)
        turned = torch.stack([cosine, -sine, zero, sine, cosine, zero, zero, zero, one], dim=1).reshape(-1, 3, 3)
        moved = torch.stack([one, zero, -x, zero, one, -y, zero, zero, one], dim=1).reshape(-1, 3, 3)
        return turned @ moved
