"""Names as flat arrays that compiled kernels read: letters, where the parts lie, numbers for words."""

from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
UInt32 = NDArray[np.uint32]
UInt64 = NDArray[np.uint64]

#: What the search and the score look at of one name, at most; longer names are compared by their beginning.
LONGEST = 32


#: Columns of `Names.numbers`: where the core begins in the stem, how long its brand is, places by GB/T
#: 2260 code (0: none), the legal form, whether it is a group, may be an abbreviation, is no name at all.
CORE, BRAND, PLACE, PLACE2, FORM, GROUP, BRIEF, GONE = range(8)
#: Columns of `Names.words`, hashes that are 0 where the word is missing.
WHOLE_WORD, CORE_WORD, BRAND_WORD, TRADE_WORD, BRANCH_WORD = range(5)


class Names(NamedTuple):
    """n names. `letters[start[i] : start[i + 1]]` is the stem (short place + core), `sound` goes with it;
    `numbers` int32[n, 8] and `words` uint64[n, 5] have the columns above. Few arrays, for each one makes
    the kernels longer to compile."""

    letters: UInt32
    sound: Int32
    start: Int64
    numbers: Int32
    words: UInt64


def encoded(parts: pl.DataFrame, sound_of: "Sounds") -> Names:
    """The arrays of `extraction.who.parts.parted` names."""
    stem, core = parts["stem"].str.slice(0, LONGEST), parts["core"]
    letters = np.frombuffer("".join(stem.to_list()).encode("utf-32-le"), np.uint32)
    start = np.zeros(len(stem) + 1, np.int64)
    np.cumsum(stem.str.len_chars().to_numpy(), out=start[1:])
    before = (parts["stem"].str.len_chars().cast(pl.Int64) - core.str.len_chars()).clip(0, LONGEST)
    brand = parts["brand"].str.len_chars().clip(0, LONGEST)
    columns = [before, brand, *(parts[name] for name in ("place", "place2", "form", "group", "brief"))]
    return Names(
        letters=letters,
        sound=sound_of.of(letters),
        start=start,
        numbers=np.stack([_numbers(values) for values in (*columns, parts["why"].is_not_null())], axis=1),
        words=np.stack(
            [words(parts[name]) for name in ("whole", "core", "brand", "trade", "branch")], axis=1
        ),
    )


def _numbers(values: pl.Series) -> Int32:
    return values.cast(pl.Int32).to_numpy()


def words(texts: pl.Series) -> UInt64:
    """A number for each text, 0 for an empty or missing one."""
    hashed = texts.hash(seed=4).to_numpy()
    return np.where((texts.fill_null("") == "").to_numpy(), np.uint64(0), hashed)


class Sounds:
    """Letter → sound, worked out for letters as they are met."""

    def __init__(self) -> None:
        self._sound: Int32 = np.full(0x110000, -1, np.int32)

    def of(self, letters: UInt32) -> Int32:
        """The sound of each letter (`extraction.who.letters.sounds`)."""
        from extraction.who.letters import sounds

        new = np.unique(letters)
        new = new[self._sound[new] < 0]
        self._sound[new] = sounds(new)
        return self._sound[letters]
