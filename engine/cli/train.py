"""`stylegan-train`: a folder of pictures to a model. What happens is in engine.training; here it is asked and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

DEVICES = ("auto", "cpu", "cuda", "mps")
CONFIGURATIONS = ("auto", "fewshot", "stylegan2", "paper256", "paper512", "paper1024", "cifar")
LABELS = ("none", "folders", "file")
AUGMENTATIONS = ("none", "ada", "diffaugment")
JUDGES = ("none", "squeezenet", "lite0")
AUGMENT_SETS = ("blit", "geom", "color", "filter", "noise", "cutout", "bg", "bgc", "bgcf", "bgcfn", "bgcfnc")
FEATURES = ("none", "beside", "alone")
PRECISIONS = ("auto", "float32", "bf16", "fp16")
ABOVE_ZERO = click.FloatRange(min=0, min_open=True)
AT_LEAST_ONE = click.IntRange(min=1)


class Colour(click.ParamType):
    """white, black or #rrggbb."""

    name = "colour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int, int]:
        names = {"white": "#ffffff", "black": "#000000"}
        text = names.get(str(value), str(value))
        try:
            if len(text) != 7 or text[0] != "#":
                raise ValueError
            red, green, blue = bytes.fromhex(text[1:])
        except ValueError:
            self.fail(f"{value!r} is no colour: use white, black or #rrggbb", param, ctx)
        return red, green, blue


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder of pictures, searched through, or a .zip or TFRecords."
)
@click.option(
    "--outdir", type=click.Path(path_type=Path), default=Path("runs"), show_default=True, help="Where run folders go."
)
@click.option("--resume", type=click.Path(path_type=Path), metavar="RUN", help="Run folder to continue.")
@click.option(
    "--cfg",
    type=click.Choice(CONFIGURATIONS),
    help="Numbers to train with [default: fewshot below 5,000 pictures, else auto].",
)
@click.option("--resolution", type=int, help="Side of the pictures, a power of two [default: fits the pictures].")
@click.option("--kimg", type=ABOVE_ZERO, help="End after this many thousand pictures [default: 25000].")
@click.option("--minutes", type=ABOVE_ZERO, help="End after this many minutes of training, planned for them.")
@click.option("--batch", type=AT_LEAST_ONE, help="Pictures a step [default: 32 up to 128 px, then fewer].")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Decides every draw [default: 0].")
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True)
@click.option("--background", type=Colour(), help="Behind transparent pictures: white, black or #rrggbb.")
@click.option("--mirror/--no-mirror", default=None, help="Flip pictures left to right at random [default: mirror].")
@click.option("--precision", type=click.Choice(PRECISIONS), help="auto takes bf16 or fp16 where it is fast.")
@click.option("--vram", type=ABOVE_ZERO, help="Gigabytes of memory that training may use, on each GPU.")
@click.option("--channel-base", type=AT_LEAST_ONE, help="Width of the networks: channels times resolution.")
@click.option("--channel-max", type=AT_LEAST_ONE, help="Most channels of any layer.")
@click.option("--latent-dim", type=AT_LEAST_ONE, help="Length of z and w.")
@click.option("--gamma", type=click.FloatRange(min=0), help="Weight of R1 [default: 0.0002 resolution^2 / batch].")
@click.option("--learning-rate", type=ABOVE_ZERO, help="Of both networks [default: 0.0025].")
@click.option(
    "--transfer", type=click.Path(path_type=Path), metavar="MODEL", help="Begin from the weights of this model or run."
)
@click.option("--freeze-d", type=click.IntRange(min=0), help="Layers of D, from the picture on, that are not trained.")
@click.option(
    "--labels", type=click.Choice(LABELS), help="Classes: none, a folder each, or dataset.json's [default: none]."
)
@click.option("--augment", type=click.Choice(AUGMENTATIONS), help="What D sees pictures through [default: ada].")
@click.option("--augment-set", type=click.Choice(AUGMENT_SETS), help="Operations of ada [default: bgc].")
@click.option(
    "--lecam", type=click.FloatRange(min=0), help="Weight of LeCam, for long runs on small sets [default: 0]."
)
@click.option("--path-length-weight", type=click.FloatRange(min=0), help="Of its penalty; 0 for none [default: 2].")
@click.option("--style-mixing", type=click.FloatRange(0, 1), help="How often a batch mixes two latents [default: 0.9].")
@click.option(
    "--features",
    type=click.Choice(FEATURES),
    help="A discriminator on frozen features: beside StyleGAN2's, or alone [default: beside in fewshot, else none].",
)
@click.option(
    "--feature-resolution", type=int, help="Side at which it sees pictures: 32, 64, 128 or 256 [default: 128]."
)
@click.option(
    "--judge", type=click.Choice(JUDGES), help="Keep the best snapshot by KID in this network [default: none]."
)
@click.option("--snapshot-kimg", type=ABOVE_ZERO, help="Thousands of pictures between snapshots [default: 200].")
@click.option("--tensorboard", is_flag=True, help="Write TensorBoard events into the run folder, too.")
@click.option("--tick-kimg", type=ABOVE_ZERO, help="Thousands of pictures between reports [default: up to 4].")
@click.version_option(package_name="stylegan-explorer")
def main(**options: Any) -> None:
    """Train a StyleGAN2 on a folder of pictures.

    Transparency is put on a background colour; pictures of any kind, size and aspect will do. Ctrl-C finishes the
    step, saves a checkpoint and says how to go on.
    """
    from engine.cli.train_display import train_and_show  # imports torch, which --help need not wait for
    from engine.errors import EngineError
    from engine.training.start import TrainOptions

    try:
        train_and_show(TrainOptions(**options))
    except EngineError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":  # torchrun -m engine.cli.train
    main()
