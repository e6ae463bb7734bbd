"""A timeline on a model: which ws and which noise a picture has at which time.

Knows nothing of frames' sizes, of encoders, or of files.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.errors import ConfigError
from engine.inference.input_transform import InputTransform
from engine.inference.renderer import Renderer
from engine.inference.requests import BlendLatent, Latent, Look, Noise, SeedLatent, Truncation
from engine.latents.interpolation import lerp, norm_preserving_blend, slerp
from engine.latents.sampling import class_to_c, seed_to_z
from engine.video.key_states import Added, KeyStates, key_states, noise_of, ws_of
from engine.video.pace import PathLengths, place_at
from engine.video.splines import hermite, monotone_tangents, spline_tangents
from engine.video.timeline import Place, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One picture of a walk."""

    ws: Tensor
    """[num_ws, w_dim], truncated and mixed, on the CPU or on the renderer's device"""
    noise: Noise
    transform: InputTransform
    share: float
    """of the video that is over: where a closed way of the noise is"""


class Walk:
    """A timeline on one renderer's model. The keys' parts are kept: some 100 KiB each with 18 layers of 512."""

    def __init__(self, renderer: Renderer, timeline: Timeline, lengths: PathLengths | None = None) -> None:
        """lengths: from `measure`; needed for pictures unless the pace is 'eased'.

        Raises ConfigError if there are no keys, or if a look does not fit the model.
        """
        if not timeline.keys:
            raise ConfigError("the timeline has no keys: add a picture to it first")
        self.timeline = timeline
        self.lengths = lengths
        self._renderer = renderer
        self._looks = tuple(key.look for key in timeline.keys)
        self._states: KeyStates = key_states(renderer, self._looks)
        self._gaps = _gaps(timeline)
        self._noise = next((look.noise for look in self._looks if look.noise.mode != "none"), self._looks[0].noise)
        self._way_slopes, self._control_slopes = self._slopes()
        self._directions = {
            m.latent: _direction(renderer, m.latent, self._looks[0].class_weights)
            for m in timeline.modulations
            if m.latent is not None
        }

    def frame(self, number: float, phase: float = 0.0) -> Moment:
        """The picture of a frame, or of a moment between two; in a loop every number is one.

        phase: share of a loop that the keys are ahead; what follows a sound, and the noise, go by the film's own time.
        """
        timeline = self.timeline
        seconds = timeline.seconds_of(number)
        if phase == 0:
            return self.at(seconds)
        return self.at(seconds, timeline.seconds_of(number + phase * timeline.frame_count))

    def at(self, seconds: float, keys_at: float | None = None) -> Moment:
        """The picture at a time; with `keys_at` the keys are where they are at another."""
        duration = self.timeline.duration
        share = min(max(seconds / duration, 0.0), 1.0) if duration > 0 else 0.0
        place = place_at(self.timeline, seconds if keys_at is None else keys_at, self.lengths)
        return self.moment(place, self._added(seconds), share)

    def moment(self, place: Place, added: Added | None = None, share: float = 0.0) -> Moment:
        """The picture at a place. At a key without anything added it is that of the key's look, bit for bit."""
        added = added or Added()
        controls = self._controls(place)
        noise = noise_of(self._states, controls, added, self._noise)
        here, there = self._looks[place.key].transform, self._looks[place.following].transform
        transform = here.towards(there, place.fraction)
        if place.fraction == 0 and not added.changes_ws:
            ws = self._renderer.ws(self._looks[place.key])
        else:
            ws = ws_of(self._states, self._ways(place), controls, added)
        return Moment(ws=ws, noise=noise, transform=transform, share=share)

    def _added(self, seconds: float) -> Added:
        sums = dict.fromkeys(("psi", "mix", "noise"), 0.0)
        ws: Tensor | None = None
        for modulation in self.timeline.modulations:
            amount = modulation.at(seconds)
            if modulation.latent is None:
                sums[modulation.target] += amount
            elif amount != 0:
                along = amount * self._directions[modulation.latent]
                ws = along if ws is None else ws + along
        return Added(psi=sums["psi"], mix=sums["mix"], noise=sums["noise"], ws=ws)

    def _controls(self, place: Place) -> Tensor:
        """Along a cubic they never overshoot: a strength stays between its keys'."""
        here, there = self._states.controls[place.key], self._states.controls[place.following]
        if self._control_slopes is None:
            return lerp(here, there, place.fraction)
        slopes = self._control_slopes[place.key], self._control_slopes[place.following]
        return hermite(here, there, slopes, self._gap(place), place.fraction)

    def _ways(self, place: Place) -> Tensor:
        here, there = self._states.ways[place.key], self._states.ways[place.following]
        if self._way_slopes is not None:
            slopes = self._way_slopes[place.key], self._way_slopes[place.following]
            return hermite(here, there, slopes, self._gap(place), place.fraction)
        ways = lerp(here, there, place.fraction)
        if self.timeline.interpolation == "slerp" and place.fraction > 0:
            curved = _between_in_z(self._renderer, self._looks[place.key], self._looks[place.following], place.fraction)
            if curved is not None:
                ways[: self._states.num_ws] = curved
        return ways

    def _gap(self, place: Place) -> float:
        return self._gaps[place.key] if place.key < len(self._gaps) else 1.0

    def _slopes(self) -> tuple[Tensor | None, Tensor | None]:
        curved = self.timeline.interpolation in ("spline", "monotone")
        if not curved or not self._gaps:
            return None, None
        closed = self.timeline.transitions == len(self.timeline.keys)
        tangents = spline_tangents if self.timeline.interpolation == "spline" else monotone_tangents
        ways = tangents(self._states.ways, self._gaps, closed=closed)
        return ways, monotone_tangents(self._states.controls, self._gaps, closed=closed)


def _gaps(timeline: Timeline) -> tuple[float, ...]:
    """The knots of a cubic lie where the keys lie in time, without their holds; a cut counts as a usual gap."""
    seconds = [key.transition for key in timeline.keys[: timeline.transitions]]
    moving = [gap for gap in seconds if gap > 0]
    usual = sum(moving) / len(moving) if moving else 1.0
    return tuple(gap if gap > 0 else usual for gap in seconds)


def _direction(renderer: Renderer, latent: Latent, class_weights: tuple[float, ...]) -> Tensor:
    """[num_ws, w_dim]: the way in W from the mean picture to that of the latent."""
    there = Look(latent=latent, class_weights=class_weights)
    return (renderer.ws(there) - renderer.ws(replace(there, truncation=Truncation(psi=0.0)))).cpu()


def _between_in_z(renderer: Renderer, here: Look, there: Look, t: float) -> Tensor | None:
    """[w_dim]: z along the great circle, the class weights in a straight line; None for latents that have no z.

    A blend has several z: every one of here is led to every one of there, and their w are blended.
    """
    parts, others = _seeds(here.latent), _seeds(there.latent)
    if parts is None or others is None:
        return None
    z_dim, c_dim = renderer.info.z_dim, renderer.info.c_dim
    pairs = [(a, b, x * y) for a, x in parts for b, y in others]
    z = torch.cat([slerp(seed_to_z(a, z_dim), seed_to_z(b, z_dim), t) for a, b, _ in pairs])
    c_here, c_there = class_to_c(here.class_weights, c_dim), class_to_c(there.class_weights, c_dim)
    c = () if c_here is None or c_there is None else tuple(lerp(c_here, c_there, t)[0].tolist())
    w = renderer.mapped(z, c).cpu()
    if len(pairs) == 1:
        return w[0]
    w_avg = renderer.ws(Look(latent=SeedLatent(seed=0), truncation=Truncation(psi=0.0))).cpu()[0]
    return norm_preserving_blend(w, torch.tensor([weight for _, _, weight in pairs]), w_avg)


def _seeds(latent: Latent) -> tuple[tuple[int, float], ...] | None:
    """(seed, weight) of each part."""
    if isinstance(latent, SeedLatent):
        return ((latent.seed, 1.0),)
    return latent.parts if isinstance(latent, BlendLatent) else None
