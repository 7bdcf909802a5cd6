"""What each feature of a comparison may give: natural log-odds, so that they add up and can be read.

A score starts at minus the log of how many firms there are (any one of them could be meant) and each
agreement gives the log of how rare it is: a brand that 4 of a million firms bear gives ln(250,000).
Disagreements take away what the research of noisy names showed to be safe; the values are reasoned,
then checked on generated names with other seeds than the bench's. Rarities are counted among the
firms known, never below what is usual in the country (`WORLD`, `USUAL`), so that a small list of
firms does not make every brand look unique.
"""

from typing import Final, NamedTuple

#: The rows of the table, in the order shown; labels `who_<name>` in `ledger/words_who.yaml`.
FEATURES: Final = (
    "start",  # nobody in particular: minus the log of the number of firms
    "code",
    "whole",  # the full normal forms are equal
    "rarity",  # letters of the brand that agree, by how few firms share them
    "brand",  # what differs in the brand
    "trade",
    "place",
    "form",
    "group",
    "branch",
    "short",  # the one is an abbreviation of the other
    "former",  # the name is an earlier or a short one on record
    "account",
    "phone",
    "address",
    "judged",
)
START, CODE, WHOLE, RARITY, BRAND, TRADE, PLACE, FORM, GROUP, BRANCH, SHORT = range(11)
FORMER, ACCOUNT, PHONE, ADDRESS, JUDGED = range(11, 16)
WIDTH: Final = len(FEATURES)

#: Firms there are at least, and the usual share of firms with one brand of one, two, three, four letters.
WORLD: Final = 100_000.0
USUAL: Final = (1e-3, 4e-5, 4e-6, 1e-6)

#: From this posterior on a candidate is accepted, from this on a person is asked.
ACCEPT: Final = 0.95
ASK: Final = 0.05
#: Two candidates closer than this are a tie.
TIE: Final = 0.7


class Weights(NamedTuple):
    """Handed to the kernels as values: a compiled kernel that is kept on disk does not keep these."""

    equal_whole: float = 5.0
    # An edit in the brand: a look-alike or homophone, another letter, one lost or added, two swapped,
    # and a number or side (第一, 第二), which tells two firms apart.
    alike: float = -2.0
    other: float = -5.5
    lost: float = -4.5
    swapped: float = -2.5
    counted: float = -8.0
    # The same in trade and place, where letters say less.
    trade_part: float = 0.35
    place_part: float = 0.5
    trade_absent: float = -1.0
    trade_inside: float = -2.0
    trade_differs: float = -7.0
    trade_most: float = 5.0  # an equal trade never gives more
    place_most: float = 6.0
    place_absent: float = -0.7
    place_conflicts: float = -8.0
    place_extra: float = -4.0
    place_beside: float = -2.5
    form_equal: float = 0.5
    form_absent: float = -0.3
    form_near: float = -0.8
    form_far: float = -4.0
    group_differs: float = -3.0
    branch_or_head: float = -30.0
    branches_differ: float = -9.0
    branches_equal: float = 2.0
    # Abbreviations: a letter kept (times how rare it is; less of a place), kept next to another, the
    # first one of a place or a brand, one not found, and letters skipped in place, brand and trade.
    short_longest: int = 5
    short_kept: float = 0.8
    short_kept_place: float = 0.5
    short_next: float = 1.0
    short_first: float = 1.5
    short_missing: float = -7.0
    short_place: float = -0.1
    short_brand: float = -0.8
    short_trade: float = -0.2
    short_cap: float = 12.0
    # Beside the names.
    code_equal: float = 30.0
    code_differs: float = -60.0
    code_misread: float = 16.0
    on_record: float = -0.5
    account_equal: float = 9.0
    phone_equal: float = 4.0
    phone_shared: float = 1.0
    address_equal: float = 4.0
    address_close: float = 2.0
    address_far: float = -0.5
    judged_different: float = -60.0


WEIGHTS: Final = Weights()
