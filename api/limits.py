"""How often a caller may ask: a bucket of tokens each, refilled by the second, in bounded memory."""

import math
import time
from collections import OrderedDict
from threading import Lock

from ledger.errors import TooMany

#: Callers remembered. One that was forgotten begins with a full bucket: the oldest has been silent longest.
REMEMBERED = 10_000
#: A bucket holds what comes in so many seconds: short bursts pass.
BURST_S = 2.0


class Buckets:
    """A bucket a caller. `rate` tokens come in a second; a request takes one."""

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self.remembered = remembered
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def take(self, caller: str, rate: float, now: float | None = None) -> None:
        """Take one token of `caller`. Raises TooMany with the whole seconds until there is one again."""
        moment = time.monotonic() if now is None else now
        most = max(1.0, rate * BURST_S)
        with self._lock:
            tokens, since = self._held.pop(caller, (most, moment))
            tokens = min(most, tokens + max(0.0, moment - since) * rate)
            missing = 1.0 - tokens
            self._held[caller] = (tokens if missing > 0 else tokens - 1.0, moment)
            while len(self._held) > self.remembered:
                self._held.popitem(last=False)
        if missing > 0:
            raise TooMany("too_many_requests", seconds=max(1, math.ceil(missing / rate)))

    def __len__(self) -> int:
        return len(self._held)
