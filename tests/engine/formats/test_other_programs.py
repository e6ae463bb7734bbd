"""Files as other programs really write them: each is named, with what is missing and the nearest thing that works."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from engine.errors import ModelFileError, UnsafeFileError
from engine.formats.keras_weights import explain
from engine.formats.model_file import load_model
from tests.engine.cli.test_tools import stylegan
from tests.engine.formats import nvlabs_writer, tensorflow_writer

h5py = pytest.importorskip("h5py")


def refusal(path: Path, error: type[ModelFileError] = ModelFileError) -> str:
    """The sentence, which `stylegan info` says too."""
    with pytest.raises(error) as refused:
        load_model(path)
    result = stylegan("info", path)
    assert result.exit_code == 1
    assert result.output == f"Error: {refused.value}\n"
    return str(refused.value)


def keras_file(path: Path, layers: dict[str, tuple[str, ...]], version: str = "2.4.0") -> Path:
    """As `save_weights` lays it out: layers in groups, names as attributes."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in layers]
        file.attrs["backend"] = "tensorflow"
        file.attrs["keras_version"] = version
        for layer, weights in layers.items():
            group = file.create_group(layer)
            names = [f"{layer}/{weight}:0" for weight in weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name in names:
                group.create_dataset(name, data=np.random.RandomState(1).randn(8, 8).astype("f4"))
    return path


def test_keras_stylegan(tmp_path: Path) -> None:
    styles = {
        f"style_block_{size}": ("dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias", "conv2d/kernel")
        for size in (4, 8, 16, 32)
    }
    message = refusal(keras_file(tmp_path / "generator.h5", {**styles, "to_rgb": ("kernel", "bias")}))
    assert "HDF5 file of Keras 2.4.0 with the weights of a StyleGAN" in message
    assert "dense layers of their own in every style block (here 8)" in message
    assert "What is missing is the network they belong to" in message
    assert "Choose a StyleGAN2 or StyleGAN3 network" in message


def test_other_keras_weights(tmp_path: Path) -> None:
    path = keras_file(tmp_path / "model.h5", {"conv2d": ("kernel", "bias"), "dense": ("kernel", "bias")}, "2.13.1")
    assert "HDF5 file of Keras 2.13.1 with the weights of a network that has no layers of style" in refusal(path)


def test_other_hdf5_files(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file.create_dataset("pictures", data=np.zeros((10, 8, 8, 3), "u1"))
    assert "HDF5 file, but not one that Keras wrote" in refusal(tmp_path / "data.h5")


def test_a_keras_file_without_a_version_or_cut_short(tmp_path: Path) -> None:
    path = keras_file(tmp_path / "model.h5", {"style": ("dense/kernel",)})
    data = path.read_bytes()
    assert "HDF5 file of Keras with the weights" in explain(data.replace(b"2.4.0", b"?????"))
    for end in range(8, len(data), 500):
        (tmp_path / "cut.h5").write_bytes(data[:end])
        assert "it is an HDF5 file" in refusal(tmp_path / "cut.h5")


class PokeGAN(nn.Module):
    """As in tutorials: transposed convolutions and batch norms, under names of one's own."""

    def __init__(self, first: str) -> None:
        super().__init__()
        widths = (100, 32, 16, 8)
        blocks = []
        for inside, out in pairwise(widths):
            blocks.append(
                nn.Sequential(nn.ConvTranspose2d(inside, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU())
            )
        self.add_module(first, nn.Sequential(*blocks, nn.ConvTranspose2d(8, 3, 4, 2, 1), nn.Tanh()))


class UpsampleGAN(nn.Module):
    """A linear layer, then up-sampling and convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(100, 16 * 8 * 8)
        self.blocks = nn.Sequential(
            nn.BatchNorm2d(16), nn.Conv2d(16, 16, 3), nn.BatchNorm2d(16), nn.Conv2d(16, 8, 3), nn.Conv2d(8, 3, 3)
        )


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.Conv2d(16, 32, 3), nn.BatchNorm2d(32))
        self.head = nn.Linear(32, 10)


class Discriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.disc = nn.Sequential(nn.Conv2d(3, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.Conv2d(16, 1, 4))


PLAIN = r"plain convolutional GAN .*Pokémon.*What is missing are a mapping network.*or train one on the same pictures"
NETWORKS: tuple[tuple[str, Callable[[], nn.Module], str], ...] = (
    ("gen", lambda: PokeGAN("gen"), PLAIN),
    ("deconv", lambda: PokeGAN("deconv"), PLAIN),
    ("upsample", UpsampleGAN, PLAIN),
    ("classifier", Classifier, "classifier or another network that looks at pictures"),
    ("discriminator", Discriminator, "classifier or another network that looks at pictures"),
)


@pytest.mark.parametrize(("make", "message"), [case[1:] for case in NETWORKS], ids=[case[0] for case in NETWORKS])
@pytest.mark.parametrize("wrap", ["bare", "in a checkpoint", "safetensors"])
def test_networks_without_styles(make: Callable[[], nn.Module], message: str, wrap: str, tmp_path: Path) -> None:
    state = make().state_dict()
    path = tmp_path / "model.pth"
    if wrap == "safetensors":
        save_file(state, path)
    else:
        torch.save(state if wrap == "bare" else {"epoch": 3, "state_dict": state, "optimizer": {}}, path)
    assert re.search(message, refusal(path))


@pytest.mark.parametrize("tensor", ["model.diffusion_model.input_blocks.0.0.weight", "down_blocks.0.resnets.0.w"])
def test_diffusion_models_in_safetensors(tensor: str, tmp_path: Path) -> None:
    save_file({tensor: torch.zeros(3), "other": torch.zeros(1)}, tmp_path / "model.safetensors")
    assert "diffusion model, not a GAN" in refusal(tmp_path / "model.safetensors")


@pytest.mark.parametrize(
    "names",
    [
        ("generator_smooth.synthesis.layer0.epilogue_0.bias",),
        ("synthesis.b4.adain1.linear.weight",),
        ("g_running.progression.3.conv1.conv.weight_orig",),
        ("model.g_synthesis.blocks.4x4.epi1.top_epi.noise.weight",),
    ],
)
def test_ports_of_stylegan1(names: tuple[str, ...], tmp_path: Path) -> None:
    torch.save({name: torch.zeros(3) for name in names}, tmp_path / "model.pt")
    assert "PyTorch port of StyleGAN1, whose instance normalisation this program has not" in refusal(
        tmp_path / "model.pt"
    )


def test_stylegan1_of_tensorflow(tmp_path: Path) -> None:
    synthesis = {
        "4x4/Const/const": np.zeros((1, 8, 4, 4), "f4"),
        "4x4/Const/StyleMod/weight": np.zeros((8, 16), "f4"),
        "4x4/Const/StyleMod/bias": np.zeros(16, "f4"),
    }
    Gs = tensorflow_writer.Network("Gs", {"dlatent_avg": np.zeros(8, "f4")}, {"resolution": 16}, 3)
    Gs.state["components"]["synthesis"] = tensorflow_writer.Network("G_synthesis", synthesis, {}, 3)
    Gs.state["components"]["mapping"] = tensorflow_writer.Network("G_mapping", {}, {}, 3)
    path = tmp_path / "karras2019.pkl"
    path.write_bytes(nvlabs_writer.dumps((None, None, Gs), 3, tensorflow_writer.Network))
    message = refusal(path)
    assert "StyleGAN1 generator of TensorFlow" in message
    assert "choose a snapshot of stylegan2" in message


def test_autoencoders(tmp_path: Path) -> None:
    torch.save({"state_dict": {"quant_conv.weight": torch.zeros(3)}}, tmp_path / "vq.ckpt")
    assert "autoencoder of pictures (VAE or VQGAN)" in refusal(tmp_path / "vq.ckpt")


@pytest.mark.parametrize("write", ["torch", "old torch", "pickle"])
def test_modules_that_were_pickled_whole(write: str, tmp_path: Path) -> None:
    path, module = tmp_path / "generator.pt", PokeGAN("gen")
    if write == "pickle":
        path.write_bytes(pickle.dumps(module))
    else:
        torch.save(module, path, _use_new_zipfile_serialization=write == "torch")
    message = refusal(path, UnsafeFileError)
    assert re.search(
        r"asks for '.*test_other_programs\.PokeGAN': it is a PyTorch module that was pickled whole", message
    )
    assert "Nothing was executed. Get the weights from its author" in message


def test_a_module_of_torchs_own_classes(tmp_path: Path) -> None:
    torch.save(nn.Sequential(nn.Linear(2, 2)), tmp_path / "model.pt")
    assert "PyTorch module that was pickled whole" in refusal(tmp_path / "model.pt")


def test_dangerous_names_stay_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x04cos\nsystem\nX\x04\x00\x00\x00true\x85R.")
    assert "it asks for 'os.system', which no StyleGAN model does" in refusal(path, UnsafeFileError)
