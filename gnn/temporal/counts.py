"""How often and how lately something happened: running counts over keys that grow as they are seen."""

import numpy as np
from numpy.typing import NDArray

Int64 = NDArray[np.int64]
Floats = NDArray[np.float64]

HALF_LIVES = (1.5, 4.0, 12.0, 40.0)  # steps after which an activity counts half
LONG_AGO = 200.0
NEVER = -1e3


class Slots:
    """Places for keys (any int64), given out in the order of first sight; place 0 is "never seen"."""

    def __init__(self) -> None:
        self.keys = np.zeros(0, np.int64)
        self._places = np.zeros(0, np.int64)
        self.used = 1

    def add(self, keys: Int64) -> None:
        """Give a place to every key that has none."""
        new = np.setdiff1d(keys, self.keys)
        if new.size:
            places = np.concatenate([self._places, np.arange(self.used, self.used + new.size)])
            whole = np.concatenate([self.keys, new])
            order = np.argsort(whole, kind="stable")
            self.keys, self._places = whole[order], places[order]
            self.used += int(new.size)

    def of(self, keys: Int64) -> Int64:
        """The place of each key, 0 where it was never seen."""
        if not self.keys.size:
            return np.zeros(len(keys), np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self._places[at], 0)


def grown(values: Floats, size: int, fill: float = 0.0) -> Floats:
    """`values` (…, n) with room for `size` in the last axis, more than asked for so as to grow seldom."""
    if values.shape[-1] >= size:
        return values
    room = np.full((*values.shape[:-1], 2 * size), fill)
    room[..., : values.shape[-1]] = values
    return room


class Activity:
    """Counts, recencies, decayed activity and usual amount of keys; arrays over the places of `Slots`."""

    def __init__(self) -> None:
        self.slots = Slots()
        self.times = np.zeros(1)
        self.steps = np.zeros(1)
        self.first, self.last, self.before = (np.full(1, NEVER) for _ in range(3))
        self.amount, self.latest = np.zeros(1), np.zeros(1)
        self.decayed = np.zeros((len(HALF_LIVES), 1))
        self._keep = (0.5 ** (1 / np.array(HALF_LIVES)))[:, None]

    def advance(self, step: int, keys: Int64, weight: Floats) -> None:
        """Take in what happened at `step`; a key may come several times."""
        seen, which, count = np.unique(keys, return_inverse=True, return_counts=True)
        self.slots.add(seen)
        self._grow()
        at = self.slots.of(seen)
        whole = np.log1p(np.bincount(which, weight, len(seen)))
        new = self.last[at] < 0
        self.decayed *= self._keep
        self.decayed[:, at] += 1 - self._keep
        self.times[at] += count
        self.steps[at] += 1
        self.first[at] = np.where(new, step, self.first[at])
        self.amount[at] = np.where(new, whole, 0.9 * self.amount[at] + 0.1 * whole)
        self.latest[at] = whole
        self.before[at], self.last[at] = self.last[at], step

    def _grow(self) -> None:
        size = self.slots.used
        for name in ("times", "steps", "amount", "latest", "decayed"):
            setattr(self, name, grown(getattr(self, name), size))
        for name in ("first", "last", "before"):
            setattr(self, name, grown(getattr(self, name), size, NEVER))

    def features(self, name: str, step: int, at: Int64, amounts: bool) -> dict[str, Floats]:
        """Columns of the places `at` before `step`, each (rows,), named `name`.…"""
        age = np.clip(step - self.first[at], 1, LONG_AGO)
        found = {
            "often": self.times[at] / max(step, 1),
            "rate": self.steps[at] / age,
            "since": np.minimum(step - self.last[at], LONG_AGO),
            "before": np.minimum(step - self.before[at], 2 * LONG_AGO),
        }
        found |= {f"decayed_{life:g}": self.decayed[k, at] for k, life in enumerate(HALF_LIVES)}
        if amounts:
            found |= {"amount": self.amount[at], "latest": self.latest[at]}
        return {f"{name}.{key}": value for key, value in found.items()}
