"""Which answers are so clear that a build joins without asking; stricter than the verdict `accept`.

A wrong join moves money unseen, a question costs a minute. So brand and trade must agree wholly, and
with them the same place, a rare brand, or telephone and address. Only an equal account carries a brand
misread in a glyph or an abbreviation: firms of one owner share telephone and address.
"""

from typing import Final

from extraction.who import weights as w
from extraction.who.answers import Answer

#: From this on a brand is rare enough to do without a place: three letters that one firm bears.
RARE: Final = 11.0
#: Parts of a name that must not contradict, whatever else agrees.
_PARTS: Final = ("trade", "place", "form", "group", "branch")
_LOUD: Final = -1.5


def is_clear(answer: Answer) -> bool:
    """Whether the accepted firm may be joined: no tie, its own present name, enough that agrees."""
    if answer.verdict != "accept" or answer.tie or answer.accepted is None:
        return False
    rows = {feature.name.removeprefix("who_"): feature for feature in answer.accepted.features}
    gave = dict.fromkeys(w.FEATURES, 0.0) | {name: row.gave for name, row in rows.items()}
    if "former" in rows or any(gave[part] <= _LOUD for part in _PARTS):
        return False
    if gave["account"] > 0:
        return gave["brand"] >= w.WEIGHTS.alike
    if "short" in rows or gave["brand"] < 0 or gave["trade"] < 0:
        return False
    same_place = gave["place"] > 0 and rows["place"].left == rows["place"].right
    beside = gave["phone"] + gave["address"] > w.WEIGHTS.phone_equal
    return same_place or beside or gave["rarity"] >= RARE
