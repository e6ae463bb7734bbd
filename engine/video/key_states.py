"""What of a look moves from key to key, taken apart so that every part can go its own way, and put together again.

A look's ws are its latent's w, pulled to a centre by psi, mixed with other latents' w. Each of these is asked of the
renderer as the ws of a simpler look, so that nothing here needs to know how the renderer makes them. What a look's ws
have besides travels along as a remainder.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.inference.renderer import Renderer
from engine.inference.requests import Look, Noise, Truncation
from engine.latents.mixing import mix_styles
from engine.latents.truncation import truncate


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStates:
    """The moving parts of K looks, as float32 tensors on the CPU."""

    num_ws: int
    mixes: int
    """how many other latents are mixed in, at most, in any of the looks"""
    ways: Tensor
    """[K, rows, w_dim]: num_ws of the look's own latent, one centre, num_ws of each mix, num_ws of the remainder"""
    controls: Tensor
    """[K, (2 + mixes) num_ws + 1]: psi of each layer, the mixing strengths, the noise strength and its layers' own"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What is added to the controls, by a sound for instance."""

    psi: float = 0.0
    mix: float = 0.0
    noise: float = 0.0
    ws: Tensor | None = None
    """[num_ws, w_dim], added to the ws themselves"""

    @property
    def changes_ws(self) -> bool:
        """Whether the ws are others because of it."""
        return self.psi != 0 or self.mix != 0 or self.ws is not None


def key_states(renderer: Renderer, looks: Sequence[Look]) -> KeyStates:
    """Raises ConfigError if a look does not fit the renderer's model."""
    mixes = max(len(look.style_mixes) for look in looks)
    num_ws = renderer.info.num_ws
    ways, controls = [], []
    for index, look in enumerate(looks):
        exact = renderer.ws(look).cpu()  # first, for it refuses looks that do not fit
        own = _controls(look, num_ws, mixes)
        plain = torch.cat([_plain_ws(renderer, look, 1.0), _plain_ws(renderer, look, 0.0)[:1]])
        others = [_other_ws(renderer, looks, index, number) for number in range(mixes)]
        known = torch.cat([plain, *others])
        remainder = exact - _composed(known, own, num_ws, mixes)
        ways.append(torch.cat([known, remainder]))
        controls.append(own)
    return KeyStates(num_ws=num_ws, mixes=mixes, ways=torch.stack(ways), controls=torch.stack(controls))


def ws_of(states: KeyStates, ways: Tensor, controls: Tensor, added: Added) -> Tensor:
    """[num_ws, w_dim] of parts that lie anywhere between keys."""
    num_ws, mixes = states.num_ws, states.mixes
    moved = controls.clone()
    moved[:num_ws] += added.psi
    strengths = moved[num_ws : (1 + mixes) * num_ws]
    strengths[strengths > 0] += added.mix
    strengths.clamp_(0, 1)
    ws = _composed(ways, moved, num_ws, mixes) + ways[-num_ws:]
    return ws if added.ws is None else ws + added.ws


def noise_of(states: KeyStates, controls: Tensor, added: Added, noise: Noise) -> Noise:
    """The noise with the strengths, 0 or more, that the controls say."""
    strength, *layers = controls[(1 + states.mixes) * states.num_ws :].tolist()
    return replace(noise, strength=max(0.0, strength + added.noise), layer_strengths=tuple(layers))


def _composed(ways: Tensor, controls: Tensor, num_ws: int, mixes: int) -> Tensor:
    """Truncated, then mixed, as `Renderer.ws` does it."""
    psi = controls[:num_ws].tolist()
    centre = ways[num_ws]
    ws = truncate(ways[:num_ws], centre, psi)
    for number in range(mixes):
        first = num_ws + 1 + number * num_ws
        strengths = controls[(1 + number) * num_ws : (2 + number) * num_ws].tolist()
        ws = mix_styles(ws, truncate(ways[first : first + num_ws], centre, psi), strengths)
    return ws


def _controls(look: Look, num_ws: int, mixes: int) -> Tensor:
    values = list(look.truncation.per_layer(num_ws))
    own = look.style_mixes
    for number in range(mixes):
        strengths = own[number].strengths if number < len(own) else ()
        values += [*strengths, *[0.0] * (num_ws - len(strengths))]
    own_noise = look.noise.layer_strengths
    values.append(0.0 if look.noise.mode == "none" else look.noise.strength)
    values += [*own_noise, *[1.0] * (num_ws - len(own_noise))]
    return torch.tensor(values, dtype=torch.float32)


def _plain_ws(renderer: Renderer, look: Look, psi: float) -> Tensor:
    """[num_ws, w_dim] of the look's latent alone; with a psi of 0 the centre of its truncation."""
    truncation = replace(look.truncation, psi=psi, cutoff=None, layer_psi=())
    return renderer.ws(replace(look, style_mixes=(), truncation=truncation)).cpu()


def _other_ws(renderer: Renderer, looks: Sequence[Look], index: int, number: int) -> Tensor:
    """[num_ws, w_dim] of a latent that is mixed in; where a key has none, the nearest key's, which then fades."""
    for distance in range(len(looks)):
        for near in (index - distance, index + distance):
            if 0 <= near < len(looks) and number < len(looks[near].style_mixes):
                latent = looks[near].style_mixes[number].latent
                look = Look(latent=latent, class_weights=looks[near].class_weights, truncation=Truncation(psi=1.0))
                return renderer.ws(look).cpu()
    raise ValueError(f"no look mixes {number + 1} latents")
