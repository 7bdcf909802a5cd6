"""Unified social credit codes that no registry issues: valid check digits, region 990000.

Layout (GB 32100): registration department 9, kind (1 company, 2 individual business, 3 farmers'
cooperative), six digits of region, nine characters of organisation code whose last is its own
check (GB 11714, modulus 11), one check character (modulus 31).
"""

import numpy as np
import numpy.typing as npt

REGION = "990000"
_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", dtype=np.uint8)
_WEIGHTS = np.array([pow(3, i, 31) for i in range(17)])
_BODY_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2])
_BODY_CHECK = np.frombuffer(b"0123456789X", dtype=np.uint8)
_SPREAD = 73_687_787  # coprime with 10**8: different numbers stay different
KINDS = {"company": "91", "individual_business": "92", "cooperative": "93"}


def synthetic_codes(kinds: npt.NDArray[np.int64], numbers: npt.NDArray[np.int64]) -> list[str]:
    """One code for each firm: `kinds` are 91, 92 or 93, `numbers` 0 to 99,999,999, all different."""
    body = (numbers.astype(np.int64) * _SPREAD + 20_000_003) % 100_000_000
    digits = (body[:, None] // 10 ** np.arange(7, -1, -1)) % 10
    return _finish(kinds, digits, digits + ord("0"))


def _finish(
    kinds: npt.NDArray[np.int64], values: npt.NDArray[np.int64], text: npt.NDArray[np.int64]
) -> list[str]:
    check = (11 - (values * _BODY_WEIGHTS).sum(axis=1) % 11) % 11
    letters = np.empty((len(kinds), 18), dtype=np.uint8)
    letters[:, 0] = ord("9")
    letters[:, 1] = ord("0") + kinds % 10
    letters[:, 2:8] = np.frombuffer(REGION.encode(), dtype=np.uint8)
    letters[:, 8:16] = text
    letters[:, 16] = _BODY_CHECK[check]
    value_of = np.zeros(256, dtype=np.int64)
    value_of[_ALPHABET] = np.arange(31)
    total = (value_of[letters[:, :17]] * _WEIGHTS).sum(axis=1)
    letters[:, 17] = _ALPHABET[(31 - total % 31) % 31]
    return [bytes(row).decode("ascii") for row in letters]
