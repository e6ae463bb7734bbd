"""This project's own format: exact round trips, ids, and a sentence for every kind of damage."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import save_file

from engine.errors import ModelFileError
from engine.formats.content_id import content_id
from engine.formats.model_file import load_model, save_model
from engine.formats.weights import network_arrays
from engine.networks.generator import Generator
from tests.engine.formats.test_fixtures import FIXTURES, NAMES
from tests.engine.formats.test_nvlabs import make_generator, picture


def same_weights(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    left, right = a.state_dict(), b.state_dict()
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("name", NAMES)
def test_round_trip_of_every_fixture_is_exact(name: str, tmp_path: Path) -> None:
    original = load_model(FIXTURES / f"{name}.pkl", with_discriminator=True)
    assert original.G is not None
    assert original.D is not None
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=original.G_ema, G=original.G, D=original.D)
    opened = load_model(path, with_discriminator=True)
    assert opened.G is not None
    assert opened.D is not None
    assert opened.G_ema.config == original.G_ema.config
    assert opened.D.config == original.D.config
    assert same_weights(opened.G_ema, original.G_ema)
    assert same_weights(opened.G, original.G)
    assert same_weights(opened.D, original.D)
    assert not same_weights(opened.G, opened.G_ema)
    assert opened.info.content_id == original.info.content_id
    assert opened.info.source_format == "safetensors"


def test_saving_twice_gives_the_same_bytes_and_leaves_nothing_else(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    save_model(tmp_path / "a.safetensors", G_ema=G)
    save_model(tmp_path / "b.safetensors", G_ema=G)
    assert (tmp_path / "a.safetensors").read_bytes() == (tmp_path / "b.safetensors").read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a.safetensors", "b.safetensors"]


def test_the_kind_is_told_by_contents_not_by_name(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    save_model(tmp_path / "model.safetensors", G_ema=G)
    renamed = (tmp_path / "model.safetensors").rename(tmp_path / "model.pkl")
    assert torch.equal(picture(load_model(renamed).G_ema), picture(G))


def test_half_halves_the_file_and_stays_close(tmp_path: Path) -> None:
    original = load_model(FIXTURES / "ada_uncond_64.pkl")
    save_model(tmp_path / "full.safetensors", G_ema=original.G_ema)
    save_model(tmp_path / "half.safetensors", G_ema=original.G_ema, half=True)
    full, half = ((tmp_path / f"{name}.safetensors").stat().st_size for name in ("full", "half"))
    assert half < 0.56 * full
    opened = load_model(tmp_path / "half.safetensors")
    assert opened.G_ema.mapping.w_avg.dtype == torch.float32
    assert 0 < (picture(opened.G_ema) - picture(original.G_ema)).abs().max() < 0.05
    assert opened.info.content_id == original.info.content_id, "its favourites are to be found"
    save_model(tmp_path / "again.safetensors", G_ema=opened.G_ema, half=True, known_as=opened.info.content_id)
    assert load_model(tmp_path / "again.safetensors").info.content_id == opened.info.content_id


def test_values_beyond_half_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    G.mapping.fc0.weight[0, 0] = 1e6
    with pytest.raises(ModelFileError, match=r"mapping\.fc0\.weight .* float16"):
        save_model(tmp_path / "model.safetensors", G_ema=G, half=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match=r"cannot write .* Choose a folder that exists"):
        save_model(tmp_path / "nowhere" / "model.safetensors", G_ema=make_generator(img_resolution=8))


def test_an_older_file_survives_a_failed_save(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8)
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=G)
    before = path.read_bytes()
    G.mapping.w_avg[0] = float("inf")
    with pytest.raises(ModelFileError, match="diverged"):
        save_model(path, G_ema=G)
    assert path.read_bytes() == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="everything is permitted to root")
def test_a_file_that_may_not_be_read_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=make_generator(img_resolution=8))
    path.chmod(0)
    with pytest.raises(ModelFileError, match=r"permission denied\. Check"):
        load_model(path)


class TestContentId:
    def test_every_weight_counts(self) -> None:
        G = make_generator(img_resolution=8)
        arrays = network_arrays(G)
        ids = {content_id(G.config, arrays)}
        for name, values in arrays.items():
            changed = values.copy()
            changed.flat[-1] += 1
            ids.add(content_id(G.config, {**arrays, name: changed}))
        assert len(ids) == len(arrays) + 1

    def test_the_configuration_counts(self) -> None:
        quiet, clamped = make_generator(img_resolution=8), make_generator(img_resolution=8, conv_clamp=256)
        arrays = network_arrays(quiet)
        assert content_id(quiet.config, arrays) != content_id(clamped.config, arrays)

    def test_whole_numbers_and_floats_are_the_same_option(self) -> None:
        a, b = make_generator(img_resolution=8, conv_clamp=256), make_generator(img_resolution=8, conv_clamp=256.0)
        assert content_id(a.config, network_arrays(a)) == content_id(b.config, network_arrays(b))

    def test_memory_layout_does_not_count(self) -> None:
        G = make_generator(img_resolution=8)
        arrays = network_arrays(G)
        other = {name: np.array(values, order="F") for name, values in reversed(arrays.items())}
        assert content_id(G.config, arrays) == content_id(G.config, other)

    def test_it_stays_what_it_was(self) -> None:
        """Favourites are kept by this id: a change of the rule would lose them all."""
        info = load_model(FIXTURES / "ada_uncond_64.pkl").info
        assert info.content_id == "5917f87f2f05d8d78c4b88ff80b04545cc0d8e667a23eb3c3885073650f02334"


class TestRounded:
    def test_a_model_in_half_precision_is_known_by_the_same_id(self, tmp_path: Path) -> None:
        full = load_model(FIXTURES / "ada_uncond_64.pkl")
        save_model(tmp_path / "half.safetensors", G_ema=full.G_ema, half=True)
        half = load_model(tmp_path / "half.safetensors")
        assert half.info.content_id == full.info.content_id
        assert not torch.equal(half.G_ema.mapping.w_avg, full.G_ema.mapping.w_avg)

    def test_it_keeps_the_id_when_it_is_written_again(self, tmp_path: Path) -> None:
        G = make_generator(img_resolution=8)
        save_model(tmp_path / "half.safetensors", G_ema=G, half=True)
        known = load_model(tmp_path / "half.safetensors").info.content_id
        assert known == content_id(G.config, network_arrays(G))
        for half in (True, False):
            again = load_model(tmp_path / "half.safetensors")
            save_model(tmp_path / "again.safetensors", G_ema=again.G_ema, half=half, known_as=again.info.content_id)
            assert load_model(tmp_path / "again.safetensors").info.content_id == known

    def test_weights_that_lose_nothing_need_no_other_id(self, tmp_path: Path) -> None:
        G = make_generator(img_resolution=8).half().float()
        save_model(tmp_path / "half.safetensors", G_ema=G, half=True)
        with safe_open(tmp_path / "half.safetensors", framework="np") as file:
            assert "rounded" not in json.loads(file.metadata()["stylegan_explorer"])
        assert load_model(tmp_path / "half.safetensors").info.content_id == content_id(G.config, network_arrays(G))

    def test_weights_that_were_changed_since_are_another_model(self, tmp_path: Path) -> None:
        G = make_generator(img_resolution=8)
        save_model(tmp_path / "half.safetensors", G_ema=G, half=True)
        edited = Edited(tmp_path)
        with safe_open(tmp_path / "half.safetensors", framework="np") as file:
            edited.description = json.loads(file.metadata()["stylegan_explorer"])
        assert edited.description["rounded"]["known_as"] == content_id(G.config, network_arrays(G))
        G_ema = load_model(edited.write()).G_ema  # its tensors are the ones with all digits
        edited.tensors["G_ema.mapping.w_avg"] = edited.tensors["G_ema.mapping.w_avg"] + 1
        changed = load_model(edited.write())
        assert changed.info.content_id == content_id(G_ema.config, network_arrays(changed.G_ema))

    @pytest.mark.parametrize("ids", [{}, {"known_as": "x", "content_id": "y"}, {"known_as": 3, "content_id": "0" * 64}])
    def test_ids_that_are_none_are_refused(self, ids: dict[str, Any], tmp_path: Path) -> None:
        edited = Edited(tmp_path)
        edited.description["rounded"] = ids
        with pytest.raises(ModelFileError, match="rounded from makes no sense"):
            load_model(edited.write())


class Edited:
    """A good file whose header or tensors are changed before it is written."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "model.safetensors"
        save_model(self.path, G_ema=make_generator(img_resolution=8))
        with safe_open(self.path, framework="np") as file:
            self.description: Any = json.loads(file.metadata()["stylegan_explorer"])
            self.tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict

    @property
    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = self.description["networks"]["G_ema"]
        return config

    def write(self, text: str | None = None) -> Path:
        metadata = {"stylegan_explorer": json.dumps(self.description) if text is None else text}
        save_file(self.tensors, self.path, metadata=metadata)
        return self.path


@pytest.fixture
def edited(tmp_path: Path) -> Edited:
    return Edited(tmp_path)


def test_the_unedited_file_opens(edited: Edited) -> None:
    load_model(edited.write())


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("w_dim", "8", "w_dim = '8'"),
        ("w_dim", 8.5, "w_dim = 8.5"),
        ("w_dim", True, "w_dim = True"),
        ("w_dim", 10**12, "w_dim = 1000000000000"),
        ("w_dim", None, "w_dim = None"),
        ("conv_clamp", float("nan"), "NaN is not a number"),
        ("conv_clamp", float("inf"), "Infinity is not a number"),
        ("conv_clamp", 1e300, "conv_clamp = 1e"),
        ("img_resolution", 100, "resolution of 100"),
        ("img_resolution", 2**19, "resolution of 524288"),
        ("architecture", "alias-free", "alias-free"),
        ("activation", "swish", "swish"),
        ("resample_filter", [], "resample_filter"),
        ("resample_filter", [1, -1], "resample_filter"),
        ("resample_filter", ["a"], "resample_filter"),
        ("mapping_layers", 10**6, "mapping_layers"),
        ("mapping_layers", 3, r"lacks mapping\.fc2\.weight"),
        ("channel_base", 4, "leaves no channels"),
        ("w_dim", 2**20, r"has the shape .* is expected"),
        ("wings", 2, "unknown option 'wings'"),
    ],
)
def test_configurations_that_cannot_work(edited: Edited, option: str, value: Any, message: str) -> None:
    edited.config[option] = value
    with pytest.raises(ModelFileError, match=message):
        load_model(edited.write())


def test_a_missing_option_without_default_is_named(edited: Edited) -> None:
    del edited.config["img_resolution"]
    with pytest.raises(ModelFileError, match="lacks img_resolution"):
        load_model(edited.write())


def test_a_newer_version_asks_for_an_update(edited: Edited) -> None:
    edited.description["version"] = 2
    with pytest.raises(ModelFileError, match="newer than this program's 1: update"):
        load_model(edited.write())


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": "other"}', "[" * 100_000])
def test_metadata_that_is_not_ours(edited: Edited, text: str) -> None:
    with pytest.raises(ModelFileError, match="configuration"):
        load_model(edited.write(text))


def test_no_generator(edited: Edited) -> None:
    edited.description["networks"] = {"D": {}}
    with pytest.raises(ModelFileError, match="describes no G_ema"):
        load_model(edited.write())


def test_safetensors_of_another_program(tmp_path: Path) -> None:
    save_file({"weight": np.zeros(3, np.float32)}, tmp_path / "other.safetensors")
    with pytest.raises(ModelFileError, match="not a model of this program"):
        load_model(tmp_path / "other.safetensors")


def test_tensors_are_checked(edited: Edited) -> None:
    weights = dict(edited.tensors)
    edited.tensors = {name: values for name, values in weights.items() if not name.endswith("w_avg")}
    with pytest.raises(ModelFileError, match=r"lacks mapping\.w_avg"):
        load_model(edited.write())
    edited.tensors = weights | {"G_ema.extra": np.zeros(3, np.float32)}
    with pytest.raises(ModelFileError, match="has extra"):
        load_model(edited.write())
    edited.tensors = weights | {"G_ema.mapping.w_avg": np.zeros(8, np.int64)}
    with pytest.raises(ModelFileError, match=r"mapping\.w_avg .* floating-point"):
        load_model(edited.write())
    edited.tensors = weights | {"G_ema.mapping.w_avg": np.full(8, np.nan, np.float32)}
    with pytest.raises(ModelFileError, match=r"mapping\.w_avg .* diverged"):
        load_model(edited.write())


def test_opening_needs_only_the_generator(edited: Edited) -> None:
    """A discriminator that makes no sense does not keep the pictures from being made."""
    edited.description["networks"]["D"] = {"nonsense": 1}
    model = load_model(edited.write())
    assert isinstance(model.G_ema, Generator)
    assert model.info.has_discriminator
    with pytest.raises(ModelFileError, match="configuration lacks img_resolution"):
        load_model(edited.path, with_discriminator=True)


def test_the_names_of_the_classes_travel_and_change_no_id(tmp_path: Path) -> None:
    G = make_generator(img_resolution=8, c_dim=2)
    save_model(tmp_path / "named.safetensors", G_ema=G, class_names=("cat", "chien \N{DOG FACE}"))
    save_model(tmp_path / "nameless.safetensors", G_ema=G)
    named, nameless = (load_model(tmp_path / f"{name}.safetensors").info for name in ("named", "nameless"))
    assert named.class_names == ("cat", "chien \N{DOG FACE}")
    assert nameless.class_names == ()
    assert named.content_id == nameless.content_id


@pytest.mark.parametrize("names", [["one"], ["a", "b", "c"], ["a", 2], ["a", "b\x1b[2J"], ["", "b"], "ab", {"a": 1}])
def test_names_that_do_not_fit_are_none(names: Any, tmp_path: Path) -> None:
    G = make_generator(img_resolution=8, c_dim=2)
    path = tmp_path / "model.safetensors"
    save_model(path, G_ema=G)
    opened = safe_open(os.fspath(path), framework="np")
    description = json.loads(opened.metadata()["stylegan_explorer"]) | {"class_names": names}
    tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118 (no mapping)
    save_file(tensors, os.fspath(path), metadata={"stylegan_explorer": json.dumps(description)})
    assert load_model(path).info.class_names == ()
