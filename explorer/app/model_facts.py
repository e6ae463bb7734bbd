"""What can be told about a model, in words. Knows neither widgets nor files."""

from __future__ import annotations

from engine.formats.model_info import ModelInfo

COLOURS = {1: "grey", 3: "RGB", 4: "RGB with transparency"}
KINDS = {"stylegan2": "StyleGAN2", "stylegan3": "StyleGAN3", "lucidrains": "lucidrains' StyleGAN2"}


def model_facts(model: ModelInfo, path: str) -> tuple[tuple[str, str], ...]:
    """(name, value) in the order in which a person asks."""
    side = model.img_resolution
    colours = COLOURS.get(model.img_channels, f"{model.img_channels} channels")
    names = ", ".join(model.class_names)
    return (
        ("File", path),
        ("Format", model.source_format),
        ("Generator", KINDS.get(model.kind, model.kind)),
        ("Picture", f"{side} × {side}, {colours}"),
        ("Parameters", f"{model.parameters:,}"),
        ("Latents", f"z has {model.z_dim} numbers, w has {model.w_dim}"),
        ("Layers", f"{model.num_ws}, of {', '.join(map(str, model.layer_resolutions)) or 'unknown'} px"),
        ("Classes", (f"{model.c_dim}: {names}" if names else str(model.c_dim)) if model.c_dim else "none"),
        ("Turns and moves", "yes, from within" if model.has_input_transform else "no"),
        ("Weights", _weights(model)),
        ("Discriminator", "in the file too" if model.has_discriminator else "not in the file"),
        ("Content id", model.content_id),
    )


def _weights(model: ModelInfo) -> str:
    shown = "raw, as they were trained" if model.weights == "raw" else "averaged over training"
    return f"{shown}; the file has both" if model.has_raw else shown
