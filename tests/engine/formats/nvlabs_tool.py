"""What a tool of NVlabs' does with a .pkl, as a program of its own that knows nothing of this project.

`python nvlabs_tool.py MODEL INPUTS.npz OUTPUTS.npz ...`, as many threes as wanted: unpickles MODEL the way their
`persistence` does (it executes the program text that is inside, finds the class by its name and gives it its state),
checks what their loader checks, and calls the networks as generate.py and the visualizer do.
"""

import copy
import pickle
import sys
import types
import uuid

import numpy as np
import torch


class EasyDict(dict):
    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name, value):
        self[name] = value


SOURCES = {}


def module_of(source):
    if source not in SOURCES:
        name = f"_imported_module_{uuid.uuid4().hex}"
        SOURCES[source] = sys.modules[name] = types.ModuleType(name)
        exec(source, SOURCES[source].__dict__)
    return SOURCES[source]


def persistent_class(original):
    class Decorator(original):
        @property
        def init_args(self):
            return copy.deepcopy(self._init_args)

        @property
        def init_kwargs(self):
            return copy.deepcopy(self._init_kwargs)

    Decorator.__name__ = original.__name__
    return Decorator


def reconstruct(meta):
    meta = EasyDict(meta)
    meta.state = EasyDict(meta.state)
    assert meta.version == 6
    assert meta.type == "class"
    cls = persistent_class(module_of(meta.module_src).__dict__[meta.class_name])
    obj = cls.__new__(cls)
    obj.__setstate__(meta.state)
    return obj


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) == ("torch_utils.persistence", "_reconstruct_persistent_obj"):
            return reconstruct
        if (module, name) == ("torch.storage", "_load_from_bytes"):
            return lambda data: torch.load(__import__("io").BytesIO(data), weights_only=False)
        return super().find_class(module, name)


def load_network_pkl(path):
    with open(path, "rb") as file:
        data = Unpickler(file).load()
    for name in ("G", "D", "G_ema"):
        assert isinstance(data[name], torch.nn.Module), name
    assert isinstance(data["training_set_kwargs"], (dict, type(None)))
    assert isinstance(data["augment_pipe"], (torch.nn.Module, type(None)))
    return data


@torch.no_grad()
def main(path, inputs, outputs):
    data = load_network_pkl(path)
    G = copy.deepcopy(data["G_ema"]).eval().requires_grad_(False).to("cpu")
    arrays = np.load(inputs)
    z, c = (torch.from_numpy(arrays[name]).float() for name in ("z", "c"))
    assert c.shape[1] == G.c_dim
    assert z.shape[1] == G.z_dim
    ws = G.mapping(z, c)
    half = G.mapping(z=z, c=c, truncation_psi=0.5)
    cut = G.mapping(z, c, truncation_psi=0.5, truncation_cutoff=3)
    assert ws.shape[1:] == (G.num_ws, G.w_dim) == (G.mapping.num_ws, G.synthesis.w_dim)
    seen = []
    for module in G.synthesis.modules():  # as the visualizer captures layers
        module.register_forward_hook(lambda module, args, output: seen.append(type(module).__name__))
    results = {
        "ws_psi1": ws,
        "ws_psi05": half,
        "ws_psi05_cut3": cut,
        "img_const_psi1": G.synthesis(ws, noise_mode="const", force_fp32=True),
        "img_none_psi1": G.synthesis(ws, noise_mode="none"),
        "img_const_psi05": G(z, c, truncation_psi=0.5, noise_mode="const"),
        "img_const_psi05_cut3": G(z, c, truncation_psi=0.5, truncation_cutoff=3, noise_mode="const", force_fp32=True),
        "G_img_const_psi1": data["G"](z, c, noise_mode="const"),
    }
    assert "SynthesisLayer" in seen
    alias_free = hasattr(G.synthesis, "input")
    random = G.synthesis(ws, noise_mode="random", **({} if alias_free else {"fused_modconv": False}))
    assert random.shape == (len(z), G.img_channels, G.img_resolution, G.img_resolution)
    has_noise = any("noise_const" in name for name, _ in G.synthesis.named_buffers())
    if type(data["D"]).__name__ != "NoDiscriminator":
        results["d_logits_img_const_psi1"] = data["D"](results["img_const_psi1"], c)
    rebuilt = type(G)(*G.init_args, **G.init_kwargs)  # as the visualizer and DragGAN do with their own class
    rebuilt.load_state_dict(G.state_dict())
    results["rebuilt"] = rebuilt(z, c, noise_mode="const")
    if alias_free:  # as gen_images.py and the visualizer turn and move: right, down, counter-clockwise
        forward = np.array([[0, 1, 0.25], [-1, 0, -0.125], [0, 0, 1]])
        G.synthesis.input.transform.copy_(torch.from_numpy(np.linalg.inv(forward)))
        results["moved"] = G.synthesis(ws, noise_mode="const", force_fp32=True)
    np.savez(outputs, has_noise=has_noise, **{name: values.numpy() for name, values in results.items()})
    assert not any(name.split(".")[0] in ("engine", "explorer") for name in sys.modules)


if __name__ == "__main__":
    for start in range(1, len(sys.argv), 3):
        main(*sys.argv[start : start + 3])
