"""A small memory for what is worked out once from a snapshot: snapshots never change, so it stays true."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass
class _Guard:
    """Held by who works out an entry; it stays for as long as anybody works or waits."""

    lock: Lock = field(default_factory=Lock)
    users: int = 0


class Memo:
    """Keeps the `size` entries used last. Two threads that miss at once work in turn, not twice."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._entries: OrderedDict[Hashable, Any] = OrderedDict()
        self._guards: dict[Hashable, _Guard] = {}
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The entry under `key`, made on first use; what `make` raises is not kept."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]  # type: ignore[no-any-return]
            guard = self._guards.setdefault(key, _Guard())
            guard.users += 1
        try:
            with guard.lock:
                return self._made(key, make)
        finally:
            with self._lock:
                guard.users -= 1
                if not guard.users:
                    del self._guards[key]

    def _made(self, key: Hashable, make: Callable[[], T]) -> T:
        """The entry, made and stored unless whoever held the guard before us has done so."""
        with self._lock:
            if key in self._entries:
                return self._entries[key]  # type: ignore[no-any-return]
        made = make()
        with self._lock:
            self._entries[key] = made
            while len(self._entries) > self.size:
                self._entries.popitem(last=False)
        return made
