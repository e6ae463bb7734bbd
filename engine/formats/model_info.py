"""What is known of an opened model without holding its weights. Knows nothing of torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Weights = Literal["ema", "raw"]
"""The averaged generator, G_ema, or G as it was being trained."""
WEIGHTS: Final[tuple[Weights, ...]] = ("ema", "raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelInfo:
    """A generator's dimensions and where it came from."""

    z_dim: int
    c_dim: int
    w_dim: int
    num_ws: int
    img_resolution: int
    img_channels: int
    source_format: str
    """which reader opened it, e.g. 'safetensors' or 'nvlabs pickle'"""
    content_id: str
    """SHA-256 of configuration and weights: the same model in another file format has the same id, and so has one that
    this program has stored in float16"""
    parameters: int
    """trainable values of the generator"""
    kind: str = "stylegan2"
    """of the generator: 'stylegan2', 'stylegan3', 'lucidrains'"""
    layer_resolutions: tuple[int, ...] = ()
    """pixels across of what each of the num_ws copies of w modulates"""
    has_input_transform: bool = False
    """whether pictures can be turned and moved from within"""
    class_names: tuple[str, ...] = ()
    """one for each class; empty where the file does not tell"""
    has_discriminator: bool = False
    """whether the file also holds D"""
    weights: Weights = "ema"
    """which of the file's generators this is; each has a content id of its own"""
    has_raw: bool = False
    """whether the file also holds G as it was being trained"""

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready copy."""
        return asdict(self)
