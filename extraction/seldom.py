"""Garbage looked for seldom while documents are read in bulk."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: New objects between two looks; Python's own 700 makes a third of the time of reading small papers.
_BETWEEN = 200_000


@contextmanager
def seldom_collected() -> Iterator[None]:
    """While the block runs. A batch is many small records that all stay until it is committed: to look
    through them again and again finds nothing. Memory stays bounded, for batches are."""
    before = gc.get_threshold()
    gc.freeze()  # what is there already is looked through even less
    gc.set_threshold(_BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
