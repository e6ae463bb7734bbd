"""State dicts, and configurations beside them, that lie about their network."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from engine.networks.config import GeneratorConfig
from engine.networks.generator import Generator
from tests.attacks.attack import Attack
from tests.engine.formats import rosinality_writer

SMALL = {"img_resolution": 8, "z_dim": 6, "w_dim": 8, "mapping_layers": 2, "channel_base": 64, "channel_max": 6}


def _generator() -> Generator:
    return Generator(GeneratorConfig(**SMALL)).requires_grad_(False)


def _state(change: Callable[[dict[str, Any]], None], beside: object = None) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        home = folder / f"state{len(list(folder.iterdir()))}"
        home.mkdir()
        state = dict(_generator().state_dict())
        change(state)
        torch.save(state, home / "model.pt")
        if beside is not None:
            text = beside if isinstance(beside, str) else json.dumps(beside)
            (home / "model.json").write_text(text, encoding="utf-8")
        return home / "model.pt"

    return make


def _rosinality(change: Callable[[dict[str, Any]], None]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        state = rosinality_writer.generator(_generator())
        change(state)
        path = folder / f"rosinality{len(list(folder.iterdir()))}.pt"
        torch.save({"g_ema": state}, path)
        return path

    return make


def _set(name: str, tensor: torch.Tensor) -> Callable[[dict[str, Any]], None]:
    return lambda state: state.update({name: tensor})


def _nothing(state: dict[str, Any]) -> None:
    """What lies beside it lies."""


def _attack(name: str, tries: str, make: Callable[[Path], Path], refused: str) -> Attack:
    return Attack(name=name, tries=tries, make=make, refused=refused)


def _nested(depth: int) -> str:
    return '{"z_dim": 6, "config": ' * depth + "{}" + "}" * depth


VIEW = torch.zeros(1).expand(512, 512)
"""a quarter of a million numbers, one of which is stored"""

STATE_DICTS = (
    _attack(
        "sd_expanded",
        "a weight that is one number, shown many times",
        _state(_set("mapping.fc1.weight", VIEW)),
        "where the file holds 1",
    ),
    _attack(
        "sd_axes", "a kernel of two axes", _state(_set("synthesis.b8.conv1.weight", torch.zeros(6, 6))), "has 2 axes"
    ),
    _attack(
        "sd_widths",
        "a wider layer than its neighbours",
        _state(_set("synthesis.b8.conv1.weight", torch.zeros(60, 6, 3, 3))),
        "no channel_base",
    ),
    _attack(
        "sd_extra",
        "a tensor of an unknown kind",
        _state(_set("synthesis.attention", torch.zeros(3))),
        "has synthesis.attention",
    ),
    _attack(
        "sd_whole_numbers",
        "whole numbers as weights",
        _state(_set("mapping.w_avg", torch.zeros(8, dtype=torch.int64))),
        "not hold floating",
    ),
    _attack(
        "sd_not_numbers",
        "weights that are no numbers",
        _state(_set("mapping.w_avg", torch.full((8,), torch.nan))),
        "diverged",
    ),
    _attack(
        "sd_filter",
        "a filter that is not separable",
        _state(_set("synthesis.resample_filter", torch.eye(4))),
        "not separable",
    ),
    _attack("sd_beside_sizes", "a configuration of another model", _state(_nothing, {"z_dim": 512}), "z_dim = 512"),
    _attack(
        "sd_beside_deep", "a configuration that nests 20,000 deep", _state(_nothing, _nested(20_000)), "is no JSON"
    ),
    _attack(
        "sd_beside_text",
        "a configuration that is a text",
        _state(_nothing, '{"z_dim": 6, "conv_clamp": "10"}'),
        "conv_clamp = '10'",
    ),
    _attack(
        "ros_axes",
        "a layer without its first axis",
        _rosinality(_set("conv1.conv.weight", torch.zeros(6, 6, 3, 3))),
        "has 4 axes",
    ),
    _attack(
        "ros_batch",
        "two weights in one",
        _rosinality(_set("conv1.conv.weight", torch.zeros(2, 6, 6, 3, 3))),
        "single one is expected",
    ),
    _attack(
        "ros_no_mapping",
        "no mapping network",
        _rosinality(lambda state: state.pop("style.1.weight")),
        r"lacks style\.1\.weight",
    ),
)
