"""What `stylegan generate` and `stylegan video` share: which model, on which device, shown how."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.errors import ModelFileError
from engine.inference.input_transform import InputTransform
from engine.inference.requests import Latent, Look, Noise, SeedLatent, Truncation
from engine.inference.threads import let_threads_sleep

if TYPE_CHECKING:
    from engine.formats.model_info import Weights
    from engine.inference.renderer import Renderer

BUNDLED_MODEL = "critters.safetensors"
DEVICE_NAMES = ("auto", "cpu", "cuda", "mps")
PRECISION_NAMES = ("auto", "float32", "bf16", "fp16")
PRECISION_HELP = "Number type of the high resolutions: auto is bf16 or fp16 where the device has it, else float32."


def open_renderer(model: Path | None, device: str, precision: str = "auto", *, weights: Weights = "ema") -> Renderer:
    """Imports torch and opens the model; None is the bundled one. Raises EngineError."""
    path = bundled_model() if model is None else model
    let_threads_sleep()
    from engine.formats.model_file import load_model
    from engine.inference.renderer import Renderer

    return Renderer(load_model(path, weights=weights), device, precision)


def bundled_model() -> Path:
    """The model that comes with the program."""
    path = Path(str(files("models") / BUNDLED_MODEL))
    if not path.is_file():
        raise ModelFileError("this installation comes without its own model: name one with --model")
    return path


def looks_of_seeds(
    seeds: Sequence[int],
    *,
    psi: float,
    noise_mode: str,
    class_index: int | None,
    c_dim: int,
    transform: InputTransform | None = None,
) -> tuple[Look, ...]:
    """A look for each seed. Raises ConfigError if the model has no such class."""
    from engine.latents.sampling import one_class  # imports torch

    latents: list[Latent] = [SeedLatent(seed=seed) for seed in seeds]
    weights = () if class_index is None else one_class(class_index, c_dim)
    common = Look(
        latent=SeedLatent(seed=0),
        class_weights=weights,
        truncation=Truncation(psi=psi),
        noise=Noise(mode=noise_mode),
        transform=transform or InputTransform(),
    )
    return tuple(replace(common, latent=latent) for latent in latents)


def progress_bar() -> Progress:
    """Counts pictures or frames on the error output, and only where a person is looking."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
