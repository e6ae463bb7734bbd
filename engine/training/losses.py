"""The losses of StyleGAN2: pure functions of logits, pictures and gradients."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor


def g_nonsaturating_loss(fake_logits: Tensor) -> Tensor:
    """softplus(-D(G(z))), per sample (GAN paper, section 3)."""
    return F.softplus(-fake_logits)


def d_logistic_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """softplus(-D(x)) + softplus(D(G(z))), per sample (GAN paper, equation 1)."""
    return F.softplus(-real_logits) + F.softplus(fake_logits)


def d_hinge_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """relu(1 - D(x)) + relu(1 + D(G(z))), per logit (Lim and Ye 2017, "Geometric GAN", equations 15 and 16)."""
    return F.relu(1 - real_logits) + F.relu(1 + fake_logits)


def lecam_penalty(real_logits: Tensor, fake_logits: Tensor, real_mean: Tensor, fake_mean: Tensor) -> Tensor:
    """relu(D(x) - a_F)^2 + relu(a_R - D(G(z)))^2, per sample (Tseng et al. 2021, "Regularizing GANs under Limited
    Data", equation 4): D may not go further from the running means a_R, a_F of its answers than they are apart."""
    return F.relu(real_logits - fake_mean).square() + F.relu(real_mean - fake_logits).square()


def r1_penalty(real_logits: Tensor, real_img: Tensor) -> Tensor:
    """|grad_x D(x)|^2 for each picture, [N] (Mescheder et al. 2018, equation 9, without gamma / 2).

    real_img [N, C, H, W] must require gradients and have led to real_logits.
    """
    (gradient,) = torch.autograd.grad(real_logits.sum(), real_img, create_graph=True)
    return gradient.square().sum(dim=(1, 2, 3))


def path_lengths(img: Tensor, ws: Tensor, noise: Tensor) -> Tensor:
    """|J_w^T y| for each picture, [N] (StyleGAN2 paper, equation 4).

    img [N, C, H, W] was made from ws [N, num_ws, w_dim]; noise is y, standard normal, of img's shape. The length is
    the root mean square over the layers, and y is scaled so that it does not grow with the resolution.
    """
    y = noise / math.sqrt(img.shape[2] * img.shape[3])
    (gradient,) = torch.autograd.grad((img * y).sum(), ws, create_graph=True)
    return gradient.square().sum(dim=2).mean(dim=1).sqrt()


def path_length_penalty(lengths: Tensor, pl_mean: Tensor) -> Tensor:
    """(|J_w^T y| - a)^2 for each picture (StyleGAN2 paper, equation 4).

    lengths: [N]; pl_mean: a, the running mean over the steps before this one, a scalar. The authors' code has this
    step's mean in it already, by a hundredth; without it, a part of a batch needs to know nothing of the others.
    """
    return (lengths - pl_mean).square()
