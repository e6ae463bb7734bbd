"""Kaiser-windowed low-pass filters (Karras et al. 2021, "Alias-Free Generative Adversarial Networks", appendix C)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class LowPass:
    """What a filter is asked for. Frequencies have one unit, for instance cycles across the picture."""

    taps: int
    """length"""
    cutoff: float
    """where half of the amplitude is left"""
    half_width: float
    """from the cutoff to where the stop band begins"""
    rate: float
    """samples for each unit of length"""


def kaiser_beta(wanted: LowPass) -> float:
    """The window's shape: from the attenuation 2.285 (taps - 1) pi (2 half_width / (rate / 2)) + 7.95 dB that a filter
    of this length and transition reaches (paper, equations 5 and 6; Kaiser 1974).
    """
    transition = 2 * wanted.half_width / (wanted.rate / 2)
    attenuation = 2.285 * (wanted.taps - 1) * math.pi * transition + 7.95
    if attenuation > 50:
        return 0.1102 * (attenuation - 8.7)
    if attenuation > 21:
        return 0.5842 * (attenuation - 21) ** 0.4 + 0.07886 * (attenuation - 21)
    return 0.0


def separable_lowpass(wanted: LowPass) -> Tensor:
    """float32 [taps], sums to 1: sinc(2 cutoff x) times the window (paper, equation 4), to be applied on each axis."""
    ideal = torch.sinc(2 * wanted.cutoff * _places(wanted))
    return _normalised(ideal * _window(wanted))


def radial_lowpass(wanted: LowPass) -> Tensor:
    """float32 [taps, taps], sums to 1, the same in every direction but for its square window.

    J1(2 pi cutoff r) / r, the inverse Fourier transform of a disk, times the window on both axes (paper, appendix C.2).
    """
    x = _places(wanted)
    radius = torch.hypot(x[:, None], x[None, :])
    at_centre = math.pi * wanted.cutoff  # the limit for r -> 0, where an odd filter has its middle
    ideal = torch.special.bessel_j1(2 * math.pi * wanted.cutoff * radius) / radius.clamp_min(1e-12)
    ideal = torch.where(radius == 0, torch.full_like(ideal, at_centre), ideal)
    window = _window(wanted)
    return _normalised(ideal * window.outer(window))


def _places(wanted: LowPass) -> Tensor:
    """float64 [taps]: where each tap lies, in units of length around 0."""
    return (torch.arange(wanted.taps, dtype=torch.float64) - (wanted.taps - 1) / 2) / wanted.rate


def _window(wanted: LowPass) -> Tensor:
    return torch.kaiser_window(wanted.taps, periodic=False, beta=kaiser_beta(wanted), dtype=torch.float64)


def _normalised(values: Tensor) -> Tensor:
    return (values / values.sum()).float()
