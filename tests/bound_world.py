"""The tiny economy around callers who may see C and L alone, with whatever could tell them of others.

They meet A, B, E and K, who trade with the two. D, F, G, H, I and J are strangers: tied to C and L by
guarantees, people, accounts, inferred links, reviews, watchlists and words of colleagues, and as the core.
"""

import io
import os
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from api.views.reviews import review_id
from graph.snapshot import write_snapshot
from ledger import portfolios, watchlists
from ledger.ids import party_id
from ledger.ledger import Ledger, Load
from ledger.state import State
from tests.access_keys import bearing, key_for
from tests.tiny_graph import FIRMS, code, firm, invoices, tables, tiny

OWN, MET, STRANGERS = "CL", "ABEK", "DFGHIJ"
NAMES = {letter: row[0] for letter, row in FIRMS.items()}
ROWS = {letter: i for i, letter in enumerate(sorted(FIRMS, key=firm))}
#: Of a stranger: a former name, a party of another book with its name and code.
FORMER, OTHER_NAME, OTHER_CODE = "旧称风火轮制造厂", "G书中之名商行", "GX77-0001"
OTHER_PARTY = party_id("scoped", "layout/X/buyer", OTHER_CODE)
#: A person who leads C and owns F; one who owns strangers alone; what C and D share, and what strangers do.
PERSON, UNMET_PERSON, ACCOUNT, UNMET_ACCOUNT = "a" * 16, "d" * 16, "b" * 16, "e" * 16
PEOPLE_UNMET = "赵**外"
#: Pairs that may be one firm.
PAIRS = ("CL", "CG", "EG", "FH")


@dataclass(frozen=True)
class Bound:
    """The folder, ids of what stands in its state store, and the keys of bound callers by name."""

    folder: Path
    portfolio: str
    own_list: str
    shared_list: str
    earlier: str
    keys: dict[str, dict[str, str]]


def forbidden() -> dict[str, str]:
    """What may stand in no answer to them → what it is."""
    words = {FORMER: "a former name", OTHER_NAME: "a name of a party", OTHER_CODE: "a code of a party"}
    words |= {OTHER_PARTY: "a party", UNMET_PERSON: "a person", PEOPLE_UNMET: "a person's name"}
    words |= {UNMET_ACCOUNT: "an account"}
    for letter in STRANGERS:
        words |= {firm(letter): f"the id of {letter}", NAMES[letter]: f"the name of {letter}"}
        words |= {code(letter): f"the code of {letter}"}
    return words


def text_of(answer) -> str:
    """All that an answer says: its headers, and its body, unpacked where it is a workbook."""
    body = answer.content
    if body[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"\n".join(packed.read(name) for name in packed.namelist())
    return body.decode("utf-8", "replace") + unquote(repr(sorted(answer.headers.items())))


def bound_world(folder: Path) -> Bound:
    """Write it all."""
    tiny(folder)
    before = write_snapshot(folder, _whole(fewer=True))
    os.utime(before.folder / "manifest.json", times=(_long_ago(), _long_ago()))
    write_snapshot(folder, _whole())
    ledger, state = Ledger(folder), State(folder)
    _paper(ledger)
    ledger.judge("different", firm("C"), firm("L"), "zhang.san", f"not {NAMES['G']}")
    with state.writing() as connection:
        portfolio = portfolios.make(connection, "小微", 10**12, "", "me").id
        portfolios.join(connection, portfolio, [firm(letter) for letter in OWN], "me")
        every = [firm("C"), firm("G"), OTHER_PARTY, firm("E"), "f" * 16]
        own = watchlists.make(connection, "li.ming", "mine", every, shared=False, alerts=True).id
        shared = watchlists.make(connection, "zhang.san", NAMES["G"], every, shared=True, alerts=True).id
    own_firms = tuple(firm(letter) for letter in OWN)
    keys = {
        "analyst": bearing(key_for(folder, "analyst", parties=own_firms)),
        "credit": bearing(key_for(folder, "credit", portfolio=portfolio)),
        "reviewer": bearing(key_for(folder, "reviewer", portfolio=portfolio)),
        "owner": bearing(key_for(folder, "owner", parties=own_firms)),
    }
    return Bound(folder, portfolio, own, shared, before.id, keys)


def _paper(ledger: Ledger) -> None:
    """An invoice from C to E in a paper that somebody named after a stranger."""
    (sold,) = [one for one in invoices() if one.pair == "CE"][:1]
    row = {
        "row": 1, "fact": sold.fact, "weak": False, "kind": "digital_special", "number": sold.number,
        "happened_on": sold.day, "known_at": datetime(2025, 8, 1, tzinfo=UTC), "seller": firm("C"),
        "buyer": firm("E"), "currency": "CNY", "amount_fen": sold.amount_fen, "tax_fen": 0,
        "total_fen": sold.amount_fen, "status": "normal",
    }  # fmt: skip
    data, name = b"a paper", f"{NAMES['G']}转来/{code('H')}.xml"
    tables_ = {"invoices": pl.DataFrame([row])}
    ledger.commit([Load(sha256(data).hexdigest(), name, data, "tiny", 1, tables_, 1, 1)])


def review_of(pair: str) -> str:
    """The id of a review of two letters."""
    return review_id(firm(pair[0]), firm(pair[1]))


def _long_ago() -> float:
    return datetime(2025, 9, 1, tzinfo=UTC).timestamp()


def _whole(fewer: bool = False):  # type: ignore[no-untyped-def]
    whole = tables(invoices())
    columns = ["kind", "src", "src_is_person", "src_label", "dst", "share", "amount_fen"]
    ties = [
        ("GUARANTEES", firm("C"), False, None, firm("F"), None, 500),
        ("GUARANTEES", firm("E"), False, None, firm("C"), None, 700),
        ("GUARANTEES", firm("A"), False, None, firm("E"), None, 900),
        ("OWNS", firm("G"), False, None, firm("C"), 0.6, None),
        ("LEGAL_REP_OF", PERSON, True, "张**", firm("C"), None, None),
        ("OWNS", PERSON, True, "张**", firm("F"), 0.4, None),
        ("OWNS", PERSON, True, "张**", firm("E"), 0.1, None),
        ("OWNS", UNMET_PERSON, True, PEOPLE_UNMET, firm("G"), 0.9, None),
        ("OWNS", UNMET_PERSON, True, PEOPLE_UNMET, firm("E"), 0.9, None),
    ]
    whole.relations = pl.DataFrame(ties, schema=columns, orient="row").with_columns(fact=pl.lit("f"))
    groups = [(ACCOUNT, "C"), (ACCOUNT, "D"), (UNMET_ACCOUNT, "H"), (UNMET_ACCOUNT, "E")]
    whole.groups = pl.DataFrame(
        {"id": [ACCOUNT, UNMET_ACCOUNT], "kind": ["suspected"] * 2, "form": ["account"] * 2, "size": [2, 2]}
    )
    whole.group_members = pl.DataFrame(
        {
            "group": [id_ for id_, _ in groups], "enterprise": [ROWS[letter] for _, letter in groups],
            "tie": ["SHARES_ACCOUNT"] * len(groups),
        }
    )  # fmt: skip
    links = [("C", "F"), ("G", "C"), ("C", "E"), ("F", "G"), ("A", "E")]
    whole.inferred_links = pl.DataFrame(
        {
            "src": [ROWS[a] for a, _ in links], "dst": [ROWS[b] for _, b in links], "probability": [0.3] * 5,
            "rank": [1] * 5, "way": ["goods"] * 5,
        }
    )  # fmt: skip
    whole.names = pl.DataFrame({"enterprise": [ROWS["G"]], "name": [FORMER]})
    more = pl.DataFrame(
        {
            "enterprise": [ROWS["G"]], "party": [OTHER_PARTY], "scheme": ["scoped"], "code": [OTHER_CODE],
            "name": [OTHER_NAME], "reason": ["same_invoice_in_both_books"], "evidence": [1],
        }
    )  # fmt: skip
    members = pl.concat([whole.members, more.cast(dict(whole.members.schema))])
    whole.members = members.sort("enterprise", maintain_order=True)
    whole.listings = pl.DataFrame({"enterprise": [ROWS["G"]], "list": ["dishonest"], "fact": ["f1"]})
    whole.reviews = pl.DataFrame([_review(pair) for pair in PAIRS])
    if fewer:  # C and F gained their places, the lists came later
        placed = pl.col("enterprise").is_in([ROWS["C"], ROWS["F"]])
        whole.positions = whole.positions.with_columns(
            segment=pl.when(placed).then(None).otherwise("segment")
        )
        whole.listings = whole.listings.clear()
    return whole


def _review(pair: str) -> dict[str, object]:
    a, b = sorted(pair, key=firm)
    feature = {"name": "who_brand", "gave": 2.5, "left": NAMES[a], "right": NAMES[b]}
    return {
        "a": firm(a), "b": firm(b), "name_a": NAMES[a], "name_b": NAMES[b], "score": 3.5, "impact_fen": 900,
        "tie": False, "features": [feature],
    }  # fmt: skip
