"""What papers state of firms' telephones, addresses and accounts: compared as hashes, people left out."""

from datetime import date
from hashlib import sha256

import polars as pl

from gnn.groups.contacts import contacts
from ledger.ledger import Ledger, Load
from ledger.records import TABLES


def ledger(folder, stated, invoices=()):
    rows = pl.DataFrame([{"scheme": "name", "scope": "", **row} for row in stated])
    found = pl.DataFrame(list(invoices), schema_overrides={"happened_on": pl.Date})
    data = b"x"
    given = {"parties": rows, **({"invoices": found} if invoices else {})}
    book = Ledger(folder)
    book.commit([Load(sha256(data).hexdigest(), "a.csv", data, "test", 1, given, 1, 1)])
    return book


MEMBERS = pl.DataFrame({"enterprise": [0, 1, 2], "party": ["a", "b", "c"]}).cast({"enterprise": pl.Int32})


def shared(found):
    """Kinds of which at least two firms have the same value."""
    pairs = found.group_by("what", "value").agg(pl.col("enterprise").n_unique().alias("n"))
    return sorted(pairs.filter(pl.col("n") > 1)["what"])


def test_the_same_written_differently_is_the_same(tmp_path):
    stated = [
        {"party": "a", "phone": "0573-8501 2345", "account": "工行 1204 0800 1234",
         "address": "平湖市 新仓镇，工业路88号-3幢"},
        {"party": "b", "phone": "057385012345", "account": "120408001234",
         "address": "平湖市新仓镇工业路８８号3幢"},
    ]  # fmt: skip
    found = contacts(ledger(tmp_path, stated), MEMBERS)
    assert shared(found) == ["account", "address", "telephone"]
    assert found["value"].str.len_chars().unique().to_list() == [16]
    assert found["source"].unique().to_list() == [sha256(b"x").hexdigest()]


def test_masked_numbers_and_towns_say_nothing(tmp_path):
    stated = [
        {"party": p, "phone": "138****5678", "address": "浙江省嘉兴市平湖市新仓镇", "account": "6222****1234"}
        for p in "ab"
    ]
    assert contacts(ledger(tmp_path, stated), MEMBERS).is_empty()


def test_what_a_paper_states_counts_from_its_first_invoice(tmp_path):
    stated = [{"party": p, "phone": "057385012345"} for p in "ab"]
    base = {"row": 1, "weak": False, "kind": "digital_special", "status": "normal"}
    base |= {"buyer": None, "fact": "f"}
    invoices = [
        {**base, "seller": "a", "happened_on": date(2025, 3, 2)},
        {**base, "seller": "a", "happened_on": date(2025, 1, 2)},
    ]
    book = ledger(tmp_path, stated, invoices)
    assert set(TABLES["invoices"]) >= set(base)
    found = contacts(book, MEMBERS)
    assert found.select("enterprise", "first").rows() == [(0, date(2025, 1, 2)), (1, None)]
