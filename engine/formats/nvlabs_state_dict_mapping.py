"""What the shapes of a state dict tell of NVlabs' mapping network, which all their generators share."""

from __future__ import annotations

from typing import Any

from engine.formats.state_dict import StateDict


def mapping_sizes(G: StateDict, w_dim: int) -> dict[str, Any]:
    """Options of the mapping network, under our names. Raises ModelFileError if there is none."""
    layers = G.count("mapping.fc{}.weight")
    hidden, inputs = G.tensor("mapping.fc0.weight", 2).shape
    embedded, c_dim = G.tensor("mapping.embed.weight", 2).shape if "mapping.embed.weight" in G else (0, 0)
    return {
        "z_dim": inputs - embedded,
        "c_dim": c_dim,
        "mapping_layers": layers,
        "mapping_layer_features": None if layers == 1 or hidden == w_dim else hidden,
        "mapping_embed_features": None if c_dim == 0 or embedded == w_dim else embedded,
    }
