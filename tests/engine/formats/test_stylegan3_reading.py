"""StyleGAN3 as NVlabs' programs and people save it; the oracle is the network that was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.errors import ModelFileError
from engine.formats.model_file import load_model
from tests.engine.formats import nvlabs_writer
from tests.engine.formats.nvlabs_writer import persistent_module
from tests.engine.formats.stylegan3_writer import stylegan3_generator, stylegan3_state_dict
from tests.engine.networks.stylegan3_models import R, make_stylegan3, picture_of

OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {**R, "c_dim": 3},
    {"img_resolution": 20, "img_channels": 1, "output_scale": 0.5, "conv_clamp": None},
    {"margin_size": 4, "filter_size": 4, "lrelu_upsampling": 4, "num_critical": 1, "num_fp16_res": 4},
    {"first_cutoff": 3.0, "first_stopband": 5.0, "last_stopband_rel": 1.5, "mapping_lr_multiplier": 0.1},
    {"channel_base": 75, "channel_max": 6, "mapping_layers": 3, "w_avg_beta": 0.99, "magnitude_ema_beta": 0.5},
)


def write(folder: Path, network: Any, protocol: int = 4) -> Path:
    path = folder / "model.pkl"
    path.write_bytes(nvlabs_writer.dumps({"G_ema": network}, protocol=protocol))
    return path


@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("protocol", [3, 5])
def test_a_pickle_opens_exactly(options: dict[str, Any], protocol: int, tmp_path: Path) -> None:
    G = make_stylegan3(**options)
    model = load_model(write(tmp_path, stylegan3_generator(G), protocol))
    assert model.G_ema.config == G.config
    assert torch.equal(picture_of(model.G_ema), picture_of(G))
    assert model.info.source_format == "nvlabs pickle"


def test_widths_are_inferred_where_the_arguments_do_not_tell_them(tmp_path: Path) -> None:
    G = make_stylegan3()
    network = stylegan3_generator(G)
    network.state["_modules"]["synthesis"].state["_init_kwargs"] = {}
    assert torch.equal(picture_of(load_model(write(tmp_path, network)).G_ema), picture_of(G))


def layer_of(network: Any, index: int) -> dict[str, Any]:
    synthesis = network.state["_modules"]["synthesis"].state
    return synthesis["_modules"][synthesis["layer_names"][index]].state


CHANGES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("cutoff", {"out_cutoff": 3.5}, r"L2_\d+_\d+ has a out_cutoff of 3\.5"),
    ("factor", {"up_factor": 8}, r"up_factor of 8"),
    ("padding", {"padding": [1, 2, 3, 4]}, r"pads in another way"),
    ("text", {"in_half_width": "wide"}, r"in_half_width of no number"),
)


@pytest.mark.parametrize(("change", "words"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_a_layer_that_is_not_what_the_options_make_is_refused(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    network = stylegan3_generator(make_stylegan3())
    layer_of(network, 2).update(change)
    with pytest.raises(ModelFileError, match=words):
        load_model(write(tmp_path, network))


def test_other_filters_are_refused(tmp_path: Path) -> None:
    network = stylegan3_generator(make_stylegan3())
    buffers = layer_of(network, 1)["_buffers"]
    buffers["down_filter"] = buffers["down_filter"] * 1.01
    with pytest.raises(ModelFileError, match="another down_filter"):
        load_model(write(tmp_path, network))
    buffers["down_filter"] = torch.ones(3)
    with pytest.raises(ModelFileError, match="down_filter of another size"):
        load_model(write(tmp_path, network))


def test_missing_misshapen_and_unexpected_tensors_are_named(tmp_path: Path) -> None:
    network = stylegan3_generator(make_stylegan3())
    layer_of(network, 3)["_buffers"]["magnitude_ema"] = torch.ones(2)
    with pytest.raises(ModelFileError, match=r"magnitude_ema .*shape \(2,\), where \(\) is expected"):
        load_model(write(tmp_path, network))
    del layer_of(network, 3)["_buffers"]["magnitude_ema"]
    with pytest.raises(ModelFileError, match=r"lacks synthesis\.L3_.*\.magnitude_ema"):
        load_model(write(tmp_path, network))
    network = stylegan3_generator(make_stylegan3())
    layer_of(network, 3)["_buffers"]["attention"] = torch.ones(2)
    with pytest.raises(ModelFileError, match=r"has synthesis\.L3_.*\.attention, unlike"):
        load_model(write(tmp_path, network))


def test_layer_names_that_nothing_explains_are_refused(tmp_path: Path) -> None:
    network = stylegan3_generator(make_stylegan3())
    synthesis = network.state["_modules"]["synthesis"].state
    old = synthesis["layer_names"][2]
    synthesis["layer_names"][2] = "L2_999_7"
    synthesis["_modules"]["L2_999_7"] = synthesis["_modules"].pop(old)
    with pytest.raises(ModelFileError, match="which no widths and rates of StyleGAN3 explain"):
        load_model(write(tmp_path, network))
    synthesis["layer_names"] = 3
    with pytest.raises(ModelFileError, match="does not name its layers"):
        load_model(write(tmp_path, network))


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("options", [{}, {**R, "c_dim": 3}, {"img_resolution": 20, "margin_size": 10}], ids=str)
def test_a_state_dict_opens_exactly(options: dict[str, Any], new: bool, tmp_path: Path) -> None:
    G = make_stylegan3(**options)
    path = tmp_path / "model.pt"
    torch.save(stylegan3_state_dict(G), path, _use_new_zipfile_serialization=new)
    model = load_model(path)
    assert torch.equal(picture_of(model.G_ema), picture_of(G))
    assert model.info.source_format == "nvlabs state dict"
    assert model.G_ema.config.num_fp16_res == 4


def test_a_state_dict_needs_no_filters_and_may_lie_in_a_table(tmp_path: Path) -> None:
    G = make_stylegan3(**R)
    path = tmp_path / "model.pt"
    torch.save({"G_ema": G.state_dict(), "G": G.state_dict()}, path)
    assert torch.equal(picture_of(load_model(path).G_ema), picture_of(G))


def test_what_a_state_dict_cannot_tell_comes_from_the_file_beside_it(tmp_path: Path) -> None:
    G = make_stylegan3(output_scale=0.5, margin_size=4, filter_size=4, conv_clamp=None, mapping_lr_multiplier=0.1)
    path = tmp_path / "model.pt"
    torch.save(stylegan3_state_dict(G), path)
    with pytest.raises(ModelFileError, match="which no widths and rates of StyleGAN3 explain"):
        load_model(path)
    told = {"output_scale": 0.5, "margin_size": 4, "filter_size": 4, "conv_clamp": None, "z_dim": 6}
    (tmp_path / "model.json").write_text(json.dumps({**told, "mapping_kwargs": {"lr_multiplier": 0.1}}))
    assert torch.equal(picture_of(load_model(path).G_ema), picture_of(G))


def test_state_dicts_with_other_layers_are_refused(tmp_path: Path) -> None:
    state = stylegan3_state_dict(make_stylegan3())
    path = tmp_path / "model.pt"
    torch.save({name: tensor for name, tensor in state.items() if ".L2_" not in name}, path)
    with pytest.raises(ModelFileError, match="with layers of other names"):
        load_model(path)
    torch.save({**state, "mapping.embed.embed.weight": torch.zeros(3, 4)}, path)
    with pytest.raises(ModelFileError, match="StyleGAN-XL generator"):
        load_model(path)


def test_relatives_are_told_apart(tmp_path: Path) -> None:
    def module(name: str, **parts: Any) -> Any:
        return persistent_module(name, parts=parts)

    cases = {
        r"StyleGAN-XL generator of several stages": module("SuperresGenerator"),
        r"StyleGAN-XL generator, whose class embedding": module(
            "Generator",
            synthesis=module("SynthesisNetwork", input=module("SynthesisInput")),
            mapping=module("MappingNetwork", embed=module("Embedding", embed=module("Embedding"))),
        ),
        r"Projected-GAN generator built on FastGAN": module("Generator", synthesis=module("FastganSynthesis")),
        r"generator of an unknown kind": module(
            "Generator", synthesis=module("SynthesisNetwork"), mapping=module("MappingNetwork")
        ),
    }
    for words, network in cases.items():
        with pytest.raises(ModelFileError, match=words) as refused:
            load_model(write(tmp_path, network))
        assert "Choose a StyleGAN2 network" in str(refused.value)
