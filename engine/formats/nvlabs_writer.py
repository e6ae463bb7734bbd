"""Models as NVlabs' tools open them: a .pkl in their `persistence` layout, with the networks' own program inside.

Those tools execute the program text that comes with every network; it is the text of `embedded/`, plain PyTorch. Each
module is written as the class it is there, with its attributes, so that this project's reader, which ignores the text,
finds the same configuration and weights again.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from engine.atomic_files import replaced_file
from engine.errors import ModelFileError
from engine.formats.embedded import discriminator as embedded_discriminator
from engine.formats.embedded import generator as embedded_generator
from engine.formats.embedded import stylegan3 as embedded_stylegan3
from engine.formats.pickle_writer import Blob, Call, EmptySet, Global, PersistentId, PickleWriter
from engine.formats.torch_storage import MAGIC_NUMBER, PROTOCOL_VERSION
from engine.networks.any_generator import AnyGenerator
from engine.networks.config import AnyGeneratorConfig, DiscriminatorConfig, GeneratorConfig
from engine.networks.discriminator import Discriminator
from engine.networks.stylegan3_config import StyleGAN3Config

MARKER: Final = "# --- embedded from here on ---\n"
PERSISTENCE_VERSION: Final = 6
_RECONSTRUCT: Final = Global("torch_utils.persistence", "_reconstruct_persistent_obj")
_EASY_DICT: Final = Global("dnnlib.util", "EasyDict")
_HOOKS: Final = (
    "_backward_hooks",
    "_forward_hooks",
    "_forward_pre_hooks",
    "_state_dict_hooks",
    "_load_state_dict_pre_hooks",
)


def write_nvlabs_pickle(
    path: Path, *, G_ema: AnyGenerator, G: AnyGenerator | None = None, D: Discriminator | None = None
) -> None:
    """Writes the file complete or not at all. Raises OSError, and ModelFileError for a generator of another kind.

    NVlabs' tools insist on G and D: without a G the file names G_ema twice, without a D it holds a module that says so.
    """
    written = _generator(path, G_ema)
    discriminators = _Source("discriminator")
    snapshot = {
        "G": written if G is None else _generator(path, G),
        "D": discriminators.network(embedded_discriminator.NoDiscriminator() if D is None else _discriminator(D)),
        "G_ema": written,
        "training_set_kwargs": None,
        "augment_pipe": None,
    }
    with replaced_file(path) as temporary, open(temporary, "wb") as file:
        PickleWriter(file).write(snapshot)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Embedded:
    """The text of a kind of generator, and the same as classes."""

    text: str
    make: Callable[..., nn.Module]
    synthesis_arguments: Callable[[Any], dict[str, Any]]


def _generator(path: Path, G: AnyGenerator) -> Call:
    """The same network as the embedded text has it."""
    embedded = _EMBEDDED.get(G.config.kind)
    if embedded is None:
        raise ModelFileError(
            f"cannot write {str(path)!r}: NVlabs' tools have no {G.config.design}. Write a .safetensors instead"
        )
    synthesis = embedded.synthesis_arguments(G.config)
    arguments = {**_common_arguments(G.config), **synthesis}
    network = embedded.make(**arguments)
    _told(network, arguments)
    _told(network.get_submodule("synthesis"), synthesis)
    return _Source(embedded.text).network(_filled(network, G))


def _common_arguments(config: AnyGeneratorConfig) -> dict[str, Any]:
    """In the order and under the names of stylegan3's generators."""
    return {
        "z_dim": config.z_dim,
        "c_dim": config.c_dim,
        "w_dim": config.w_dim,
        "img_resolution": config.img_resolution,
        "img_channels": config.img_channels,
        "mapping_kwargs": {
            "num_layers": config.mapping_layers,
            "embed_features": config.mapping_embed_features,
            "layer_features": config.mapping_layer_features,
            "activation": config.mapping_activation,
            "lr_multiplier": config.mapping_lr_multiplier,
            "w_avg_beta": config.w_avg_beta,
        },
    }


def _stylegan2_arguments(config: GeneratorConfig) -> dict[str, Any]:
    return {
        "channel_base": config.channel_base,
        "channel_max": config.channel_max,
        "num_fp16_res": config.num_fp16_res,
        "architecture": config.architecture,
        "resample_filter": list(config.resample_filter),
        "use_noise": config.use_noise,
        "activation": config.activation,
        "conv_clamp": config.conv_clamp,
    }


def _stylegan3_arguments(config: StyleGAN3Config) -> dict[str, Any]:
    """Every option of its own, which have NVlabs' names."""
    shared = {field.name for field in fields(AnyGeneratorConfig)}
    return {field.name: getattr(config, field.name) for field in fields(config) if field.name not in shared}


_EMBEDDED: Final[Mapping[str, _Embedded]] = {
    GeneratorConfig.kind: _Embedded(
        text="generator", make=embedded_generator.Generator, synthesis_arguments=_stylegan2_arguments
    ),
    StyleGAN3Config.kind: _Embedded(
        text="stylegan3", make=embedded_stylegan3.Generator, synthesis_arguments=_stylegan3_arguments
    ),
}


def _discriminator(D: Discriminator) -> nn.Module:
    config: DiscriminatorConfig = D.config
    network = embedded_discriminator.Discriminator(
        c_dim=config.c_dim,
        img_resolution=config.img_resolution,
        img_channels=config.img_channels,
        architecture=config.architecture,
        channel_base=config.channel_base,
        channel_max=config.channel_max,
        num_fp16_res=config.num_fp16_res,
        conv_clamp=config.conv_clamp,
        cmap_dim=config.cmap_dim,
        resample_filter=config.resample_filter,
        activation=config.activation,
        mapping_kwargs={"num_layers": config.mapping_layers, "lr_multiplier": config.mapping_lr_multiplier},
        mbstd_group_size=config.mbstd_group_size,
        mbstd_num_channels=config.mbstd_num_channels,
    )
    _told(network, {"channel_base": config.channel_base, "channel_max": config.channel_max})
    for block in (getattr(network, f"b{resolution}") for resolution in config.block_resolutions):
        _told(block, {"freeze_layers": config.freeze_layers})
    return _filled(network, D)


def _told(module: nn.Module, arguments: dict[str, Any]) -> None:
    """Notes what the tools (and this project's reader) will find as the constructor's arguments."""
    vars(module)["init_kwargs"] = arguments


def _filled(network: nn.Module, source: nn.Module) -> nn.Module:
    """The network with the source's weights; filters are its own."""
    own = {name: tensor for name, tensor in network.state_dict().items() if name.endswith("_filter")}
    network.load_state_dict({**own, **source.state_dict()}, assign=True)
    return network.eval().requires_grad_(False)


class _Source:
    """A program text, and modules of its classes as persistent objects."""

    def __init__(self, name: str) -> None:
        folder = files("engine.formats.embedded")
        layers, own = (folder.joinpath(f"{part}.py").read_text(encoding="utf-8") for part in ("layers", name))
        self._text = f"{layers}\n\n{own.split(MARKER)[1].strip()}\n"

    def network(self, module: nn.Module) -> Call:
        """The module and all inside it."""
        meta = {
            "type": "class",
            "version": PERSISTENCE_VERSION,
            "module_src": self._text,
            "class_name": type(module).__name__,
            "state": self._state(module),
        }
        return Call(_RECONSTRUCT, (meta,))

    def _state(self, module: nn.Module) -> dict[str, Any]:
        plain = {name: value for name, value in vars(module).items() if not name.startswith("_")}
        return {
            "training": False,
            "_parameters": {name: _parameter(value) for name, value in module._parameters.items()},
            "_buffers": {n: None if value is None else _tensor(value) for n, value in module._buffers.items()},
            "_non_persistent_buffers_set": EmptySet(),
            "_is_full_backward_hook": None,
            **{name: _ordered_dict() for name in _HOOKS},
            "_modules": {name: None if part is None else self.network(part) for name, part in module._modules.items()},
            "_init_args": (),
            "_init_kwargs": vars(module).get("init_kwargs", {}),
            **{name: value for name, value in plain.items() if name != "init_kwargs"},
        }


def _ordered_dict() -> Call:
    return Call(Global("collections", "OrderedDict"), ())


def _parameter(value: Tensor | None) -> Call | None:
    if value is None:
        return None
    return Call(Global("torch._utils", "_rebuild_parameter"), (_tensor(value), False, _ordered_dict()))


def _tensor(value: Tensor) -> Call:
    """Contiguous float32, as a storage of its own."""
    array = value.detach().to("cpu", torch.float32).contiguous().numpy()
    storage = Call(Global("torch.storage", "_load_from_bytes"), (_storage(array.tobytes()),))
    strides = tuple(step // array.itemsize for step in array.strides)
    arguments = (storage, 0, tuple(array.shape), strides, False, _ordered_dict())
    return Call(Global("torch._utils", "_rebuild_tensor_v2"), arguments)


def _storage(data: bytes) -> Blob:
    """One storage in torch's old serialization: see `torch_storage.py`."""
    numel = len(data) // 4
    header = io.BytesIO()
    writer = PickleWriter(header)
    description = ("storage", Global("torch", "FloatStorage"), "0", "cpu", numel, None)
    system: Mapping[str, Any] = {
        "protocol_version": PROTOCOL_VERSION,
        "little_endian": True,
        "type_sizes": {"short": 2, "int": 4, "long": 4},
    }
    for value in (MAGIC_NUMBER, PROTOCOL_VERSION, system, PersistentId(description), ["0"]):
        writer.write(value, protocol=2)
    return Blob((header.getvalue(), numel.to_bytes(8, "little"), data))
