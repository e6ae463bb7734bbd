"""Networks as ONNX, for programs that have no Python: one file for the synthesis, one for the mapping.

Two files, because those programs walk through w, mix styles and change psi between the two networks. The batch may be
of any size. Truncation is part of the mapping file, as an input; the noise is the model's own, fixed in the synthesis
file. Torch's exporter does the work; it needs the packages of the extra 'onnx'. Knows nothing of how the files are run.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from engine.errors import ExportError
from engine.formats.content_id import content_id
from engine.formats.weights import network_arrays
from engine.networks.any_generator import AnyGenerator

METADATA_KEY: Final = "stylegan_explorer"
PACKAGES: Final = ("onnx", "onnxscript")
EXAMPLE_BATCH: Final = 2
MOST_BATCH: Final = 4096


def write_synthesis(path: Path, G: AnyGenerator) -> None:
    """ws [N, num_ws, w_dim] -> picture [N, img_channels, img_resolution, img_resolution], about [-1, 1].

    Raises ExportError if a package is missing or the network cannot be written so; OSError.
    """
    example = torch.zeros(EXAMPLE_BATCH, G.num_ws, G.w_dim)
    _write(_Part(path, _Synthesis(G), ("ws",), (example,), "picture"), G)


def write_mapping(path: Path, G: AnyGenerator) -> None:
    """z [N, z_dim], c [N, c_dim] if the model has classes, psi [num_ws] if it has a w_avg -> ws [N, num_ws, w_dim].

    Raises like `write_synthesis`.
    """
    inputs: dict[str, Tensor] = {}
    if G.z_dim > 0:
        inputs["z"] = torch.ones(EXAMPLE_BATCH, G.z_dim)
    if G.c_dim > 0:
        inputs["c"] = torch.ones(EXAMPLE_BATCH, G.c_dim)
    if G.config.w_avg_beta is not None:
        inputs["psi"] = torch.ones(G.num_ws)
    _write(_Part(path, _Mapping(G, tuple(inputs)), tuple(inputs), tuple(inputs.values()), "ws"), G)


class _Synthesis(nn.Module):
    def __init__(self, G: AnyGenerator) -> None:
        super().__init__()
        self.synthesis = G.synthesis

    def forward(self, ws: Tensor) -> Tensor:
        picture: Tensor = self.synthesis(ws)
        return picture


class _Mapping(nn.Module):
    """The mapping, and truncation layer by layer (StyleGAN paper, appendix B)."""

    def __init__(self, G: AnyGenerator, names: Sequence[str]) -> None:
        super().__init__()
        self.mapping = G.mapping
        self.names = names

    def forward(self, *inputs: Tensor) -> Tensor:
        given = dict(zip(self.names, inputs, strict=True))
        ws: Tensor = self.mapping(given.get("z"), given.get("c"))
        if "psi" not in given:
            return ws
        return self.mapping.w_avg + (ws - self.mapping.w_avg) * given["psi"][:, None]


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    network: nn.Module
    names: tuple[str, ...]
    examples: tuple[Tensor, ...]
    output: str


def _write(part: _Part, G: AnyGenerator) -> None:
    missing = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if missing:
        raise ExportError(
            f"writing ONNX needs {' and '.join(missing)}, which this installation lacks: run "
            "pip install 'stylegan-explorer[onnx]', and try again"
        )
    program = _exported(part)
    _without_traces(program.model)
    about = {"config": G.config.to_dict(), "content_id": content_id(G.config, network_arrays(G))}
    program.model.metadata_props[METADATA_KEY] = json.dumps(about, sort_keys=True)
    program.save(str(part.path), external_data=False)


def _without_traces(model: Any) -> None:
    """The exporter notes for every node where in the program it comes from, with this computer's paths."""
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
        for value in (*node.inputs, *node.outputs):
            if value is not None:
                value.metadata_props.clear()
    for value in (*model.graph.inputs, *model.graph.initializers.values()):
        value.metadata_props.clear()


def _exported(part: _Part) -> Any:
    batch = torch.export.Dim("N", min=1, max=MOST_BATCH)
    dynamic = tuple({0: batch} if name != "psi" else None for name in part.names)
    shapes = (dynamic,) if isinstance(part.network, _Mapping) else dynamic  # as forward takes them
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)  # of packages that are not needed here
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            return torch.onnx.export(
                part.network.eval(),
                part.examples,
                dynamo=True,
                input_names=part.names,
                output_names=[part.output],
                dynamic_shapes=shapes,
                verbose=False,
            )
    except torch.onnx.OnnxExporterError as error:
        raise ExportError(
            f"this generator has a part that ONNX cannot express ({error!s:.200}): write a .safetensors instead"
        ) from error
    finally:
        log.setLevel(level)
