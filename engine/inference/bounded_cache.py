"""A dict that forgets what was used longest ago. Knows nothing of what it keeps."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class BoundedCache(Generic[K, V]):
    """Least recently used entries go first; a value whose making fails is not kept."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: K) -> bool:
        return key in self._entries

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of the key, made now if it is not there."""
        if key not in self._entries:
            value = make()
            if len(self._entries) >= self._capacity:
                self._entries.popitem(last=False)
            self._entries[key] = value
        self._entries.move_to_end(key)
        return self._entries[key]
