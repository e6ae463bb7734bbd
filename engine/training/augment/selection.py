"""Changes some pictures of a batch and leaves the bits of the others alone."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor


def change_chosen(images: Tensor, chosen: Tensor, change: Callable[[Tensor], Tensor]) -> Tensor:
    """images [N, C, H, W] with change(images[chosen]) in place of the chosen ones.

    chosen: bool [N], on the CPU; change: returns as many pictures as it gets, and is not called for none.
    """
    if not chosen.any():
        return images
    if chosen.all():
        return change(images)
    index = chosen.nonzero().squeeze(1).to(images.device)
    return images.index_copy(0, index, change(images.index_select(0, index)))
