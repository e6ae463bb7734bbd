import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from engine.cli import generate as module
from engine.cli import opening
from engine.cli.tools import main
from engine.formats.model_file import load_model, save_model
from engine.inference.images import read_recipe, save_png, to_uint8
from engine.inference.recipes import recipe_of_look
from engine.inference.renderer import Renderer
from engine.inference.requests import (
    BlendLatent,
    Look,
    Noise,
    SeedLatent,
    StyleMix,
    Truncation,
    look_from_dict,
)

FIXTURES = Path(__file__).parents[2] / "fixtures"
MODEL = FIXTURES / "ada_uncond_64.pkl"
CONDITIONAL = FIXTURES / "ada_cond_64.pkl"


def run(*arguments, fails=False):
    result = CliRunner().invoke(main, ["generate", *map(str, arguments)])
    assert (result.exit_code != 0) == fails, result.output
    assert "Traceback" not in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return " ".join(result.output.split())


def names(folder):
    return sorted(entry.name for entry in folder.iterdir())


def pixels_of(path):
    return np.asarray(Image.open(path))


@pytest.fixture(scope="module")
def renderer():
    return Renderer(load_model(MODEL), "cpu")


def test_a_png_for_each_seed_with_its_recipe(tmp_path, renderer):
    out = tmp_path / "deep" / "out"
    output = run("--model", MODEL, "--seeds", "0-2,42,1", "--trunc", 0.7, "--noise-mode", "none", "--outdir", out)
    assert output == f"4 pictures in {out}"
    assert names(out) == ["seed0000.png", "seed0001.png", "seed0002.png", "seed0042.png"]
    for seed in (0, 42):
        look = Look(latent=SeedLatent(seed=seed), truncation=Truncation(psi=0.7), noise=Noise(mode="none"))
        path = out / f"seed{seed:04d}.png"
        np.testing.assert_array_equal(pixels_of(path), renderer.render(look))
        assert look_from_dict(read_recipe(path)) == look
        assert read_recipe(path)["model"] == renderer.info.content_id


def test_seed_and_psi_of_another_tool_give_its_picture(tmp_path):
    import torch

    run("--model", MODEL, "--seeds", 123, "--trunc", 0.5, "--precision", "float32", "--outdir", tmp_path)
    img = torch.from_numpy(np.load(MODEL.with_suffix(".npz"))["img_const_psi05"][:1])  # drawn from seed 123
    assert np.abs(pixels_of(tmp_path / "seed0123.png").astype(int) - to_uint8(img)[0]).max() <= 1


def test_classes(tmp_path):
    for number in range(3):
        run("--model", CONDITIONAL, "--seeds", 7, "--class", number, "--outdir", tmp_path / str(number))
    run("--model", CONDITIONAL, "--seeds", 7, "--outdir", tmp_path / "default")
    pictures = [pixels_of(tmp_path / name / "seed0007.png") for name in ("0", "1", "2", "default")]
    assert np.array_equal(pictures[0], pictures[3])
    assert not np.array_equal(pictures[0], pictures[1])
    assert not np.array_equal(pictures[1], pictures[2])


def test_a_contact_sheet_and_all_of_its_pictures_again(tmp_path, renderer):
    assert run("--model", MODEL, "--seeds", "0-4", "--grid", "--outdir", tmp_path) == str(tmp_path / "grid.png")
    assert names(tmp_path) == ["grid.png"]
    sheet = pixels_of(tmp_path / "grid.png")
    assert sheet.shape == (128, 192, 3)
    np.testing.assert_array_equal(sheet[64:, 64:128], renderer.render(Look(latent=SeedLatent(seed=4))))
    assert (sheet[64:, 128:] == 255).all()

    again = tmp_path / "again"
    run("--model", MODEL, "--recipe", tmp_path / "grid.png", "--outdir", again)
    assert names(again) == [f"grid-{number:04d}.png" for number in range(1, 6)]
    np.testing.assert_array_equal(pixels_of(again / "grid-0002.png"), sheet[:64, 64:128])


def test_a_large_contact_sheet_is_shrunk(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_SHEET_SIZE", 64)
    run("--model", MODEL, "--seeds", "0-3", "--grid", "--outdir", tmp_path)
    assert pixels_of(tmp_path / "grid.png").shape == (64, 64, 3)


LOOKS = {
    "seed": Look(latent=SeedLatent(seed=4), truncation=Truncation(psi=0.3, layer_psi=(None, 0.9))),
    "everything": Look(
        latent=BlendLatent(parts=((1, 0.3), (2, 0.7))),
        truncation=Truncation(psi=0.61, cutoff=4),
        style_mixes=(StyleMix(latent=SeedLatent(seed=11), strengths=(0.0, 0.123456789, 1.0)),),
        noise=Noise(mode="random", seed=99, strength=0.7),
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_a_recipe_gives_the_same_file_again(tmp_path, renderer, name):
    original = tmp_path / "original.png"
    look = LOOKS[name]
    save_png(original, renderer.render(look), recipe_of_look(look, renderer.info.content_id))
    for folder, source in [("first", original), ("second", tmp_path / "first" / "original.png")]:
        output = run("--model", MODEL, "--recipe", source, "--outdir", tmp_path / folder)
        assert "Warning" not in output
        assert (tmp_path / folder / "original.png").read_bytes() == original.read_bytes()


def test_a_recipe_of_another_model_is_rendered_with_a_warning(tmp_path):
    run("--model", MODEL, "--seeds", 1, "--outdir", tmp_path)
    other = FIXTURES / "sg3repo_sg2_64.pkl"
    output = run("--model", other, "--recipe", tmp_path / "seed0001.png", "--outdir", tmp_path / "other")
    assert "Warning: this recipe was made with another model" in output
    assert names(tmp_path / "other") == ["seed0001.png"]


def test_without_a_model_the_bundled_one_is_used(tmp_path, monkeypatch):
    save_model(tmp_path / opening.BUNDLED_MODEL, G_ema=load_model(MODEL).G_ema)
    monkeypatch.setattr(opening, "files", lambda package: {"models": tmp_path}[package])
    run("--seeds", 1, "--outdir", tmp_path / "bundled")
    run("--model", MODEL, "--seeds", 1, "--outdir", tmp_path / "named")
    assert np.array_equal(*(pixels_of(tmp_path / name / "seed0001.png") for name in ("bundled", "named")))

    monkeypatch.setattr(opening, "files", lambda package: tmp_path / "nothing")
    assert "name one with --model" in run("--seeds", 1, "--outdir", tmp_path / "none", fails=True)


@pytest.mark.parametrize(("taken", "options"), [("seed0002.png", []), ("grid.png", ["--grid"]), ("seed0001.png", [])])
def test_nothing_is_rendered_if_a_file_would_be_overwritten(tmp_path, monkeypatch, taken, options):
    (tmp_path / taken).write_bytes(b"mine")
    monkeypatch.setattr(module, "open_renderer", lambda *args: pytest.fail("opened the model"))
    output = run("--model", MODEL, "--seeds", "1-3", *options, "--outdir", tmp_path, fails=True)
    assert f"{tmp_path / taken} exists already" in output
    assert (tmp_path / taken).read_bytes() == b"mine"
    assert names(tmp_path) == [taken]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--seeds", "5-1"], "the range '5-1' ends before it begins: write 1-5"),
        (["--seeds", "x"], "'x' in 'x' is no seed"),
        ([], "either --seeds, such as --seeds 0-8,42, or --recipe"),
        (["--seeds", "1", "--recipe", "a.png"], "either --seeds"),
        (["--recipe", "a.png", "--trunc", "0.5"], "leave --trunc out"),
        (["--recipe", "a.png", "--class", "0"], "leave --class out"),
        (["--recipe", "gone.png"], "gone.png does not exist"),
        (["--recipe", str(MODEL)], "cannot be read as a PNG"),
        (["--seeds", "1", "--class", "1"], "there is no class 1: this model has no classes"),
        (
            ["--seeds", "1", "--model", str(CONDITIONAL), "--class", "3"],
            "there is no class 3: this model has classes 0 to 2",
        ),
        (["--seeds", "1", "--model", str(CONDITIONAL), "--class", "-1"], "there is no class -1"),
        (["--seeds", "1", "--trunc", "nan"], "psi must be a finite number"),
        (["--seeds", "1", "--noise-mode", "loud"], "'loud' is not one of"),
        (["--seeds", "1", "--model", "gone.pkl"], "gone.pkl"),
    ],
)
def test_what_cannot_work_is_a_sentence(tmp_path, arguments, sentence):
    out = tmp_path / "out"
    assert sentence in run("--model", MODEL, *arguments, "--outdir", out, fails=True)
    assert not out.exists() or names(out) == []


def test_an_outdir_that_is_a_file_is_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    assert "choose another --outdir" in run(
        "--model", MODEL, "--seeds", 1, "--outdir", tmp_path / "file" / "out", fails=True
    )


@pytest.mark.parametrize("command", ["generate", "video"])
def test_help_does_without_torch(command):
    code = "import sys\nfrom click.testing import CliRunner\nfrom engine.cli.tools import main\n"
    code += f"result = CliRunner().invoke(main, [{command!r}, '--help'])\n"
    code += "assert result.exit_code == 0 and '--seeds' in result.output\nassert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_raw_weights_and_the_recipe_of_a_picture_made_with_them(tmp_path):
    run("--model", MODEL, "--weights", "raw", "--seeds", "3", "--outdir", tmp_path / "raw")
    made = tmp_path / "raw" / "seed0003.png"
    raw = load_model(MODEL, weights="raw")
    assert read_recipe(made)["model"] == raw.info.content_id
    assert np.array_equal(pixels_of(made), Renderer(raw, "cpu").render(Look(latent=SeedLatent(seed=3))))
    output = run("--model", MODEL, "--recipe", made, "--outdir", tmp_path / "again")
    assert "Warning" not in output
    assert np.array_equal(pixels_of(tmp_path / "again" / "seed0003.png"), pixels_of(made))
    output = run("--model", MODEL, "--weights", "ema", "--recipe", made, "--outdir", tmp_path / "averaged")
    assert "Warning" in output
    assert not np.array_equal(pixels_of(tmp_path / "averaged" / "seed0003.png"), pixels_of(made))
    only = FIXTURES / "ada_uncond_64_onlyGema.pkl"
    output = run("--model", only, "--weights", "raw", "--seeds", "3", "--outdir", tmp_path / "no", fails=True)
    assert "only the averaged weights" in output
    assert not (tmp_path / "no").exists()
