"""The same change in every frame: time along a walk, shared out by how long the way is.

What is long is measured elsewhere (`measure`); this is the arithmetic. Torch-free; knows nothing of pictures.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.video.timeline import Place, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLengths:
    """How far the picture has changed along each transition, in any unit."""

    transitions: tuple[tuple[float, ...], ...]
    """for each key that leads to another: the way up to evenly spaced shares of it, from 0 to the whole"""


def place_at(timeline: Timeline, seconds: float, lengths: PathLengths | None) -> Place:
    """Where the picture is at a time, at the timeline's pace. The lengths are needed unless the pace is 'eased'."""
    if timeline.pace == "eased":
        return timeline.place(seconds)
    if lengths is None:
        raise ValueError(f"the pace {timeline.pace!r} needs the measured lengths of the transitions")
    place = timeline.place(seconds)
    if timeline.pace == "even-in-segment":
        if place.fraction == 0:
            return place
        ways = lengths.transitions[place.key]
        return timeline.along(place.key, place.following, _share_at(ways, place.fraction * ways[-1]))
    return _even_place(timeline, seconds, place.key, lengths)


def _even_place(timeline: Timeline, seconds: float, key: int, lengths: PathLengths) -> Place:
    """Between two holds the way of all transitions is gone at one speed. The first key's time is fixed as well."""
    fixed = key == 0 or timeline.keys[key].hold > 0 or key == timeline.transitions
    if fixed and seconds <= timeline.ends[key]:
        return timeline.place(seconds)
    first, behind = _run_around(timeline, min(key, timeline.transitions - 1))
    ways = [lengths.transitions[i][-1] for i in range(first, behind)]
    begin = timeline.ends[first]
    end = timeline.ends[behind - 1] + timeline.keys[behind - 1].transition
    whole = sum(ways)
    if whole <= 0 or end <= begin or not begin < seconds < end:
        return timeline.place(seconds)
    wanted = whole * (seconds - begin) / (end - begin)
    reached = list(accumulate(ways, initial=0.0))
    index = min(bisect_right(reached, wanted), len(ways)) - 1
    current = first + index
    fraction = _share_at(lengths.transitions[current], wanted - reached[index])
    return timeline.along(current, (current + 1) % len(timeline.keys), fraction)


def _run_around(timeline: Timeline, key: int) -> tuple[int, int]:
    """The transitions from `first` up to, but without, `behind`, between which nothing holds."""
    first = key
    while first > 0 and timeline.keys[first].hold == 0:
        first -= 1
    behind = key + 1
    while behind < timeline.transitions and timeline.keys[behind].hold == 0:
        behind += 1
    return first, behind


def _share_at(ways: Sequence[float], wanted: float) -> float:
    """The share of a transition, 0 to 1, after which this much of its way is done."""
    steps = len(ways) - 1
    after = bisect_right(ways, wanted)
    if after > steps:
        return 1.0
    step = after - 1
    return (step + (wanted - ways[step]) / (ways[after] - ways[step])) / steps
