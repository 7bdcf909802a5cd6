"""Named random streams: what one part draws never moves what another part draws.

A stream is a Philox counter keyed by SHA-256 of (seed, name, part). A later part of the generator
takes a new name, so that the bytes written before it stay.
"""

from hashlib import sha256

import numpy as np


def stream(seed: int, name: str, part: int = 0) -> np.random.Generator:
    """The random stream `name` of the economy `seed`; `part` splits it into independent pieces."""
    digest = sha256(f"{seed}\x1f{name}\x1f{part}".encode()).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest[:16], dtype=np.uint64)))


def mixed(values: np.typing.NDArray[np.int64], salt: int) -> np.typing.NDArray[np.int64]:
    """A fixed scramble of whole numbers (splitmix64), for choices that must not need a stream."""
    x = values.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((x ^ (x >> np.uint64(31))) >> np.uint64(1)).astype(np.int64)
