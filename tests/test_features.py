"""What features say of firms whose figures can be worked out by hand, and why they say nothing of others."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from dayan import featuring
from graph.snapshot import write_snapshot
from ledger.errors import InputError
from ledger.ledger import Ledger
from ledger.words import label, labels, message, messages
from services.features import CATALOGUE, NUMBERS, REASONS, features
from services.features.columns import column
from services.features.lineage import lineage
from tests.api_server import settings_for
from tests.feature_world import Sold, World, day_in, end_of, tables
from tests.tiny_graph import FIRMS, firm, invoices, tiny
from tests.tiny_graph import tables as tables_of_tiny

#: Two whole years; D sells 1,000 yuan a month in the first and 1,500 in the second.
LAST = 23
DAY = end_of(LAST)


def trade() -> World:
    sold = []
    for month in range(LAST + 1):
        fen = 1_000_00 if month < 12 else 1_500_00
        sold += [
            Sold("D", "F", month, fen * 6 // 10, "METAL"),
            Sold("D", "H" if month < 12 else "J", month, fen * 4 // 10, "METAL"),
            Sold("B", "D", month, 500_00, "ORE"),
            Sold("F", "Z", month, 9_000_00 if month < 18 else 1_000_00, "PART"),
        ]
    sold += [Sold("D", "F", 20, -300_00, "METAL", "red"), Sold("D", "F", 21, 300_00, "METAL")]
    sold += [Sold("D", "F", 22, 100_00, "METAL", "void"), Sold("P", "D", 23, 100_00, "SODA")]
    return World(
        sold=sold,
        own=frozenset(["D:sale", "D:purchase", "F:sale", "Z:purchase"]),
        paid=[
            ("D", "F", 20, date(2025, 10, 15), 400_00),
            ("D", "F", 21, date(2025, 11, 14), 400_00),
            ("D", "F", 22, date(2025, 12, 15), 200_00),
        ],
        ties=[
            ("OWNS", "person-1", "D", date(2021, 12, 31), date(2021, 12, 31), None),
            ("OWNS", "person-1", "F", date(2015, 1, 1), date(2015, 1, 1), None),
            ("GUARANTEES", "D", "F", date(2024, 1, 1), date(2024, 1, 1), None),
            ("GUARANTEES", "F", "D", date(2024, 1, 1), date(2024, 1, 1), None),
        ],
        stated=[
            ("D", "size", "small", date(2023, 1, 1), None),
            ("D", "size", "micro", date(2020, 1, 1), None),
        ],
        signed=[("D", "F", date(2025, 9, 1), None, 80_000_00), ("D", "F", date(2023, 9, 1), None, 5_000_00)],
        statements=frozenset("D"),
    )


@pytest.fixture(scope="module")
def found():
    return features(tables(trade()), None, DAY)


def of(found, name: str, letter: str = "D"):
    return found.value(trade().row(letter), name)


def why(found, name: str, letter: str = "D"):
    return found.reason(trade().row(letter), name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("log_sales", np.log10(18_001)),
        ("log_sales_all", np.log10(1 + 15_000)),
        ("log_purchases", np.log10(1 + 6_100)),
        ("months_active", 12),
        ("books_months", 24),
        ("idle_months", 0),
        ("seen_months", 24),
        ("sales_growth", 0.5),
        ("sales_red_share", 1 / 27),
        ("sales_void_share", 1 / 27),
        ("returned_share", 300 / 18_300),
        ("retail_share", 0),
        ("margin", 1 - 6_100 / 18_000),
        ("customers", 2),
        ("suppliers", 2),
        ("top1_customer", 0.6),
        ("hhi_customers", 0.36 + 0.16),
        ("new_customers", 0.4),
        ("lost_customers", 0.4),
        ("regular_customers", 1),
        ("new_suppliers", 100 / 6_100),
        ("seen_customers", 3),
        ("days_to_pay", (30 * 400 + 30 * 400 + 30 * 200) / 1_000),
        ("collected_share", 1_000 / (18_000 * 1.13)),
        ("settled_share", 1_000 / (18_000 * 1.13)),
        ("log_receivables", np.log10(1 + 18_000 * 1.13 - 1_000)),
        ("group_size", 2),
        ("guarantee_circle", 2),
        ("log_guarantees_given", np.log10(10_001)),
        ("registered_years", round((date(2025, 12, 31) - date(2021, 12, 31)).days / 365.25, 3)),
        ("open_contracts", 1),
        ("log_open_contracts", np.log10(80_001)),
        ("size_class", 2),
        ("segment", "metal"),
        ("core_distance", 2),
        ("placed_by_goods", 1),
    ],
)
def test_a_figure_is_what_the_papers_add_up_to(found, name, value):
    told = of(found, name)
    assert told == value if isinstance(value, str) else told == pytest.approx(value, rel=1e-6)


def test_a_firm_whose_buyer_breaks_away_is_told_so(found):
    assert of(found, "buyers_failing") == 1.0  # F's sales fell by more than 30 %; of J nothing is known
    assert of(found, "buyers_growth") == pytest.approx(of(found, "sales_growth", "F"))
    assert of(found, "buyers_failing_2", "B") == pytest.approx(of(found, "buyers_failing"))


@pytest.mark.parametrize(
    ("letter", "name", "reason"),
    [
        ("B", "log_sales", "no_sales_books"),
        ("B", "top1_customer", "no_sales_books"),
        ("B", "log_purchases", "no_purchase_books"),
        ("B", "margin", "no_sales_books"),
        ("B", "seen_suppliers", "no_purchase_books"),
        ("D", "buyers_days_paying", None),
        ("B", "days_to_pay", "no_payments"),
        ("F", "settled_share", "no_statements"),
        ("P", "group_size", "no_register"),
        ("P", "size_class", "not_stated"),
        ("J", "open_contracts", "no_contracts"),
    ],
)
def test_what_is_not_known_is_null_with_its_reason(found, letter, name, reason):
    assert why(found, name, letter) == reason
    assert (of(found, name, letter) is None) == (reason is not None)


def test_books_that_ended_long_ago_say_nothing_of_now():
    found = features(tables(trade()), None, end_of(LAST + 13))
    assert why(found, "log_sales") == "books_old"
    assert of(found, "idle_months") == 13
    assert of(found, "log_sales_all") == pytest.approx(np.log10(15_001))


def test_january_without_its_february_is_not_compared():
    sold = [Sold("D", "F", m, 100_00 if m != 12 else 900_00, "METAL") for m in range(13)]
    found = features(tables(World(sold, frozenset(["D:sale"]))), None, end_of(12))
    assert found.reason(World(sold).row("D"), "sales_growth") == "no_year_before"


def test_a_firm_of_which_nothing_was_seen_says_so():
    world = trade().plus(more=["Q"])
    found = features(tables(world), world.row("Q"), DAY)
    reasons = {found.reason(world.row("Q"), name) for name in CATALOGUE}
    assert reasons <= {"no_graph", "no_register", "no_contracts", "not_stated", "older_snapshot"}


def test_of_observed_links_alone_an_inferred_place_is_missing(found):
    inferred = np.flatnonzero(found.inferred)
    assert len(inferred)
    firm = int(inferred[0])
    assert found.basis(firm, "chain") == "inferred"
    assert found.value(firm, "chain") is not None
    assert found.observed().reason(firm, "chain") == "inferred"
    assert found.observed().value(firm, "seen_months") == found.value(firm, "seen_months")


def test_frames_and_matrices_agree(found):
    some = found.of([trade().row("D"), trade().row("B")], ["log_sales", "chain"])
    frame = some.to_pandas()
    assert frame.index.tolist() == some.firms.tolist()
    assert frame["log_sales"].isna().tolist() == [False, True]
    assert np.array_equal(some.matrix(["log_sales"])[:, 0], frame["log_sales"], equal_nan=True)
    assert found.matrix(NUMBERS).shape == (len(found.firms), len(NUMBERS))
    for wrong in (["chain"], ["nothing"]):
        with pytest.raises(InputError):
            some.matrix(wrong)
    with pytest.raises(InputError):
        found.of(10_000)
    with pytest.raises(InputError):
        features(tables(trade()), None, DAY, ["nothing"])


def test_every_value_has_either_a_number_or_a_reason(found):
    values, reasons = found.frame, found.missing
    for name in CATALOGUE:
        assert (values[name].is_null() == reasons[name].is_not_null()).all(), name


def test_a_null_without_a_reason_is_refused():
    with pytest.raises(ValueError, match="reason"):
        column(np.array([1.0, np.nan]))


def test_lineage_names_links_months_and_facts(tmp_path):
    source = write_snapshot(tmp_path, tables(trade()))
    found = features(source, None, DAY)
    row = trade().row("D")
    rests = found.lineage(row, "top1_customer")
    assert rests.links["buyer"][0] == trade().row("F")
    assert (rests.links_total, len(rests.months)) == (1, 12)
    every = found.lineage(row, "log_sales_all")
    assert (every.links_total, len(every.months)) == (3, 24)
    assert every.invoices == sum(o.seller == "D" and o.status != "void" for o in trade().sold)
    assert found.lineage(row, "days_to_pay").facts_total == 3
    assert found.lineage(row, "open_contracts").facts_total == found.value(row, "open_contracts") == 1
    assert found.lineage(row, "days_paying").facts_total == 0
    assert found.lineage(row, "size_class").facts_total == 1
    assert found.lineage(row, "group_size").facts_total == 1
    assert found.lineage(row, "log_guarantees_given").facts_total == 1
    assert found.lineage(row, "guarantee_circle").facts_total == 2
    whole = {kind: lineage(found.door.seen, row, kind).facts_total for kind in ("relations", "attributes")}
    assert whole == {"relations": 3, "attributes": 2}


def test_invoices_of_a_link_that_went_on_are_told_with_the_ledger_alone(tmp_path):
    home = tiny(tmp_path)
    row = home.snapshot.index_of(firm("C"))
    days = sorted(one.day for one in invoices() if one.pair == "AC")
    day = end_of_month(days[0])
    found = features(home.snapshot, row, day, ["seen_suppliers"])
    alone, known = (found.lineage(row, "seen_suppliers", book) for book in (None, Ledger(tmp_path)))
    wanted = {o.fact for o in invoices() if o.day <= day and o.pair[1] == "C"}
    assert set(known.facts) == wanted
    assert set(alone.facts) <= wanted
    assert alone.facts_total is None
    assert known.facts_total == len(wanted)


@pytest.mark.parametrize("month", ["2025-03", "2025-05"])
def test_invoices_before_and_after_the_months_of_own_books_are_not_named(tmp_path, month):
    """A's invoices to C begin before the books of May, and go on after those of March."""
    tiny(tmp_path)
    whole = tables_of_tiny(invoices())
    row = sorted(FIRMS, key=firm).index("C")
    books = {"enterprise": [row], "side": "purchase", "month": [month], "invoices": [2]}
    whole.coverage = pl.DataFrame(books)
    found = features(write_snapshot(tmp_path, whole), row, None, ["log_purchases"])
    alone, known = (found.lineage(row, "log_purchases", book) for book in (None, Ledger(tmp_path)))
    bought = {o.fact: o for o in invoices() if o.pair[1] == "C" and o.pair[0] != "K"}
    wanted = {fact for fact, one in bought.items() if f"{one.day:%Y-%m}" == month}
    assert known.months == (month,)
    assert set(known.facts) == wanted
    assert known.facts_total == len(wanted)
    assert not {bought[fact].pair for fact in alone.facts} & {"AC"}  # whose days nobody knows here
    assert alone.facts_total is None


def end_of_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def test_the_command_prints_one_enterprise_and_writes_them_all(tmp_path, capsys):
    tiny(tmp_path / "home")
    settings = settings_for(tmp_path / "home", lang="en")
    featuring.run(settings, firm("C"), "2025-12-31", "seen_customers,log_sales", None)
    told = capsys.readouterr().out
    assert "慈溪齿轮有限公司" in told
    assert "sales books is in" in told  # wrapped in its column
    for name in ("all.csv", "all.parquet"):
        featuring.run(settings, None, None, "seen_customers,chain", tmp_path / name)
    written = pl.read_parquet(tmp_path / "all.parquet")
    assert written.columns == ["id", "code", "name", "as_of", "seen_customers", "chain"]
    assert (tmp_path / "all.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    for wrong in (
        (None, None, None, None),
        (firm("C"), "yesterday", None, None),
        (None, None, None, Path("x.doc")),
    ):
        with pytest.raises(InputError):
            featuring.run(settings, *wrong)


def test_every_feature_and_reason_has_its_words():
    for name, kept in CATALOGUE.items():
        for lang in ("zh", "en"):
            assert kept.label(lang), name
            assert kept.sentence(lang), name
            assert label(f"feature_unit_{kept.unit}", lang)
            assert label(f"feature_group_{kept.group}", lang)
    for reason in REASONS[1:]:
        assert message(f"feature_missing_{reason}", "zh")
    for basis in ("own", "seen", "stated", "observed", "inferred"):
        assert f"feature_basis_{basis}" in labels()
    assert "feature_unknown" in messages()


def test_no_feature_is_a_bank_s_rating():
    assert not any("rating" in name or "评级" in CATALOGUE[name].label("zh") for name in CATALOGUE)


def test_the_room_asks_neither_api_nor_command_line():
    source = "".join(p.read_text("utf-8") for p in Path("services/features").glob("*.py"))
    assert "import api" not in source
    assert "from dayan" not in source


def test_days_of_the_calendar_are_those_meant():
    assert end_of(LAST) == date(2025, 12, 31)
    assert day_in(12) == date(2025, 1, 15)
    assert isinstance(tables(trade()).flow, pl.DataFrame)
