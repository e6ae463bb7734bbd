"""What can be done to a timeline, as pure functions Timeline -> Timeline.

A key is named by its number in the row; a number that does not exist raises ConfigError. Knows nothing of undo, of
mice, or of sounds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from engine.errors import ConfigError
from engine.inference.requests import Look
from engine.video.easing import Easing
from engine.video.timeline import MAX_SECONDS, Key, Timeline


def insert(timeline: Timeline, index: int, key: Key) -> Timeline:
    """The key becomes number `index`, from 0 to the number of keys; what comes after it moves later."""
    if not 0 <= index <= len(timeline.keys):
        raise ConfigError(f"a key can be inserted at 0 to {len(timeline.keys)}, not at {index}")
    return replace(timeline, keys=(*timeline.keys[:index], key, *timeline.keys[index:]))


def insert_at(timeline: Timeline, seconds: float, look: Look) -> Timeline:
    """A key at this time that divides the transition it falls into; no other key moves.

    Inside a hold it goes to the hold's end; after the end of a timeline that does not loop it becomes the last key.
    """
    if not timeline.keys:
        return replace(timeline, keys=(Key(look=look),))
    before = max((i for i, start in enumerate(timeline.starts) if start <= seconds), default=0)
    key = timeline.keys[before]
    elapsed = max(0.0, seconds - timeline.ends[before])
    if before < timeline.transitions:
        elapsed = min(elapsed, key.transition)
        rest = key.transition - elapsed
    else:
        elapsed, rest = min(elapsed, MAX_SECONDS), key.transition
    divided = replace(key, transition=elapsed), Key(look=look, transition=rest, easing=key.easing)
    return replace(timeline, keys=timeline.keys[:before] + divided + timeline.keys[before + 1 :])


def duplicate(timeline: Timeline, indices: Iterable[int]) -> Timeline:
    """A copy of each of the keys right behind it; what comes after moves later."""
    chosen = _chosen(timeline, indices)
    keys = (copy for i, key in enumerate(timeline.keys) for copy in (key,) * (2 if i in chosen else 1))
    return replace(timeline, keys=tuple(keys))


def delete(timeline: Timeline, indices: Iterable[int], *, ripple: bool = True) -> Timeline:
    """Without the keys. With ripple what comes after moves earlier; without, the keys that are left keep their times.

    The first key that is left always starts the video, at 0.
    """
    chosen = _chosen(timeline, indices)
    kept: list[Key] = []
    for i, key in enumerate(timeline.keys):
        if i not in chosen:
            kept.append(key)
        elif kept and not ripple:
            longer = kept[-1].transition + key.hold + key.transition
            kept[-1] = replace(kept[-1], transition=min(longer, MAX_SECONDS))
    return replace(timeline, keys=tuple(kept))


def move(timeline: Timeline, index: int, seconds: float, *, ripple: bool = False) -> Timeline:
    """The key's look is reached at another time, as near to `seconds` as its neighbours allow.

    With ripple all that comes after moves with it; without, only this key does. The first key stays at 0.
    """
    _chosen(timeline, (index,))
    if index == 0:
        return timeline
    keys = list(timeline.keys)
    before, key = keys[index - 1], keys[index]
    earliest = timeline.ends[index - 1]
    bounded = not ripple and index < timeline.transitions
    latest = timeline.starts[index] + key.transition if bounded else earliest + MAX_SECONDS
    start = min(max(seconds, earliest), min(latest, earliest + MAX_SECONDS))
    keys[index - 1] = replace(before, transition=start - earliest)
    if bounded:
        rest = timeline.starts[index] + key.transition - start
        keys[index] = replace(key, transition=min(max(0.0, rest), MAX_SECONDS))
    return replace(timeline, keys=tuple(keys))


def reorder(timeline: Timeline, indices: Iterable[int], to: int) -> Timeline:
    """The keys, in their order, come to stand before the key that is number `to` now (or at the end)."""
    chosen = _chosen(timeline, indices)
    if not 0 <= to <= len(timeline.keys):
        raise ConfigError(f"keys can be moved to 0 to {len(timeline.keys)}, not to {to}")
    numbered = list(enumerate(timeline.keys))
    ahead = tuple(key for i, key in numbered if i < to and i not in chosen)
    moved = tuple(key for i, key in numbered if i in chosen)
    behind = tuple(key for i, key in numbered if i >= to and i not in chosen)
    return replace(timeline, keys=ahead + moved + behind)


def with_look(timeline: Timeline, index: int, look: Look) -> Timeline:
    """Another look for a key."""
    return _changed(timeline, (index,), lambda key: replace(key, look=look))


def with_hold(timeline: Timeline, indices: Iterable[int], seconds: float) -> Timeline:
    """The keys hold for so long; what comes after moves."""
    return _changed(timeline, indices, lambda key: replace(key, hold=seconds))


def with_transition(timeline: Timeline, indices: Iterable[int], seconds: float) -> Timeline:
    """The transitions from the keys take so long; what comes after moves."""
    return _changed(timeline, indices, lambda key: replace(key, transition=seconds))


def with_easing(timeline: Timeline, indices: Iterable[int], easing: Easing) -> Timeline:
    """The easing of the transitions from the keys."""
    return _changed(timeline, indices, lambda key: replace(key, easing=easing))


def stretched(timeline: Timeline, seconds: float) -> Timeline:
    """All holds and transitions longer or shorter by one factor, so that the whole takes `seconds`."""
    if timeline.duration <= 0:
        raise ConfigError("a timeline without any duration cannot be stretched: give its keys some time first")
    factor = seconds / timeline.duration
    keys = (replace(key, hold=key.hold * factor, transition=key.transition * factor) for key in timeline.keys)
    return replace(timeline, keys=tuple(keys))


def snapped(timeline: Timeline, times: Sequence[float], indices: Iterable[int] | None = None) -> Timeline:
    """Each of the keys (all, if none are named) reached at the nearest of the times, such as a sound's onsets.

    From the first key to the last; a key finds its place between its neighbours' or stays where it is. In a loop
    the whole keeps its duration. The first key stays at 0.
    """
    chosen = _chosen(timeline, range(len(timeline.keys)) if indices is None else indices)
    for index in sorted(chosen - {0}):
        start, earliest = timeline.starts[index], timeline.ends[index - 1]
        bounded = index < timeline.transitions
        latest = start + timeline.keys[index].transition if bounded else earliest + MAX_SECONDS
        free = [time for time in times if earliest < time <= latest]
        if free:
            timeline = move(timeline, index, min(free, key=lambda time: abs(time - start)))
    return timeline


def on_times(timeline: Timeline, times: Sequence[float]) -> Timeline:
    """The first key stays at 0, and every other one is reached at the next of these times, such as a sound's beats.

    In a loop the first one comes again at the time after those. Holds become shorter where there is no room for them;
    keys beyond the last time keep what they have. The times increase, and begin after 0.
    """
    keys, reached = list(timeline.keys), 0.0
    for index, time in zip(range(timeline.transitions), times, strict=False):
        hold = min(keys[index].hold, time - reached)
        transition = min(time - reached - hold, MAX_SECONDS)
        keys[index] = replace(keys[index], hold=hold, transition=transition)
        reached += hold + transition
    return replace(timeline, keys=tuple(keys))


def _chosen(timeline: Timeline, indices: Iterable[int]) -> frozenset[int]:
    chosen = frozenset(indices)
    for index in chosen:
        if not 0 <= index < len(timeline.keys):
            raise ConfigError(f"there is no key {index}: the timeline has {len(timeline.keys)}")
    return chosen


def _changed(timeline: Timeline, indices: Iterable[int], change: Callable[[Key], Key]) -> Timeline:
    chosen = _chosen(timeline, indices)
    return replace(timeline, keys=tuple(change(key) if i in chosen else key for i, key in enumerate(timeline.keys)))
