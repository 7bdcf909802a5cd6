"""Sales as three figures and the four flows of a sale, from papers to the API; what no paper says is null."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from itertools import chain

import polars as pl
import pytest

from api.views import payments
from dayan.pipeline import compute
from graph.settlements import Paid, four_flows
from graph.snapshot import write_snapshot
from ledger.errors import StoreUnavailable
from ledger.ids import party_id
from ledger.keys import strong_fact
from ledger.ledger import Ledger, Load
from ledger.records import TABLES
from seeds.chains import load_chains
from tests.api_server import serving_folder

S, B, C = (party_id("uscc", "", code) for code in "SBC")
NAMES = {S: "平湖尼龙有限公司", B: "慈溪齿轮有限公司", C: "余姚轴承有限公司"}
KNOWN = datetime(2025, 12, 1, tzinfo=UTC)


def load(name, **tables):
    """A document that holds these rows, and says who is who."""
    parties = [
        {"party": p, "scheme": "uscc", "scope": "", "code": "SBC"[n], "name": x}
        for n, (p, x) in enumerate(NAMES.items())
    ]
    tables["parties"] = parties
    frames = {t: pl.DataFrame(rows, schema={k: TABLES[t][k] for k in rows[0]}) for t, rows in tables.items()}
    data = name.encode()
    return Load(sha256(data).hexdigest(), name, data, "test", 1, frames, rows=1, facts=1)


def invoice(n, day, yuan, buyer=B, **more):
    fact = strong_fact(None, f"{n:020d}")
    fen = yuan * 100
    head = {"row": n, "fact": fact, "weak": False, "kind": "digital_special", "number": f"{n:020d}"}
    sums = {"amount_fen": fen, "tax_fen": fen * 13 // 100, "total_fen": fen + fen * 13 // 100}
    rest = {"happened_on": day, "known_at": KNOWN, "seller": S, "buyer": buyer, "currency": "CNY"}
    return {**head, **sums, **rest, "owner": S, "side": "sale", "status": "normal", "remark": None, **more}


def flow(n, day, yuan, other=B, **more):
    row = {"row": n, "fact": f"{n:016x}", "owner": S, "channel": "bank", "account": "a", "happened_on": day}
    row |= {"known_at": KNOWN, "direction": "in", "currency": "CNY", "amount_fen": round(yuan * 100)}
    row |= {"counterparty": other, "way": "transfer", "purpose": "trade", "summary": "转账", "remark": None}
    return {**row, **more}


def declared(
    item, yuan, form="vat_schedule_1", last=date(2025, 5, 31), first=date(2025, 5, 1), column="period"
):
    row = {
        "row": 1,
        "fact": f"{form}{last}{item}",
        "owner": S,
        "form": form,
        "from": first,
        "happened_on": last,
    }
    return {
        **row,
        "known_at": KNOWN,
        "item": item,
        "column": column,
        "currency": "CNY",
        "amount_fen": yuan * 100,
    }


def statement(first, last, **more):
    row = {"row": 0, "fact": "statement", "owner": S, "channel": "bank", "account": "a", "currency": "CNY"}
    return {**row, "from": first, "until": last, **more}


CONTRACT = {
    "row": 0,
    "fact": "00000000000000c1",
    "kind": "sales",
    "number": "HT2025-01",
    "happened_on": date(2025, 4, 2),
    "known_at": KNOWN,
    "seller": S,
    "buyer": C,
    "currency": "CNY",
    "amount_fen": 565_000_00,
    "basis": "with_tax",
}
TERM = {
    "row": 0,
    "fact": CONTRACT["fact"],
    "term": 1,
    "kind": "payment",
    "share": Decimal("0.3"),
    "trigger": "signing",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("sales")
    first, second = invoice(1, date(2025, 5, 6), 1_000), invoice(2, date(2025, 5, 20), 3_000)
    named = invoice(3, date(2025, 6, 3), 5_000, C, remark="合同号：HT2025-01")
    bought = {**first, "owner": B, "side": "purchase"}
    foreign = invoice(4, date(2025, 6, 9), 700, C, owner=C, side="purchase", seller=B)
    flows = [
        flow(1, date(2025, 6, 10), 1_130, remark="货款"),
        flow(2, date(2025, 6, 12), 2_000, purpose="loan"),
        flow(3, date(2025, 6, 15), 900, S, purpose="own"),
        flow(4, date(2025, 6, 20), 88, None, channel="wechat", fee_fen=50),
        flow(5, date(2025, 8, 20), 1_000, remark="部分货款"),
        flow(6, date(2025, 6, 25), 18, None, channel="wechat", direction="out", purpose="refund"),
    ]
    ledger = Ledger(home)
    ledger.commit(
        [
            load("sold.csv", invoices=[first, second, named]),
            load("bought.csv", invoices=[bought]),
            load("seen.csv", invoices=[foreign]),
            load("bank.csv", bank_flows=flows, statements=[statement(date(2025, 6, 1), date(2025, 7, 31))]),
            load(
                "vat.xlsx", declarations=[declared("sales.total", 5_000), declared("sales.uninvoiced", 1_000)]
            ),
            load("contract.docx", contracts=[CONTRACT], contract_terms=[TERM]),
        ]
    )
    write_snapshot(home, compute(ledger, load_chains())[0])
    return home


@pytest.fixture(scope="module")
def client(folder):
    def nobody():
        raise StoreUnavailable("store_silent", uri="", detail="")

    with serving_folder(folder, store=nobody) as client:
        yield client


def months(client, firm=S):
    return {item["month"]: item for item in client.get(f"/v1/enterprises/{firm}/sales").json()["items"]}


def figure(item, name):
    return item[name]["amount_fen"], item[name]["source"], [p["name"] for p in item[name]["papers"]]


def test_three_figures_stand_side_by_side_with_their_papers(client):
    may = months(client)["2025-05"]
    assert figure(may, "invoiced") == (4_000_00, "own", ["bought.csv", "sold.csv"])
    assert figure(may, "declared") == (5_000_00, "own", ["vat.xlsx"])
    assert may["uninvoiced_fen"] == 1_000_00
    assert may["declared_months"] == 1
    assert figure(may, "received") == (None, None, [])


def test_receipts_leave_out_loans_and_own_transfers_and_are_gross_of_fees_less_refunds(client):
    june = months(client)["2025-06"]
    assert figure(june, "received") == (1_200_00, "own", ["bank.csv"])
    assert figure(june, "declared") == (None, None, [])


def test_a_month_that_a_statement_covers_without_receipts_has_none_and_others_are_not_zero(client):
    found = months(client)
    assert figure(found["2025-07"], "received") == (0, "own", [])
    assert figure(found["2025-07"], "invoiced") == (None, None, [])
    assert figure(found["2025-08"], "received")[:2] == (1_000_00, "part")


def test_what_only_others_books_show_is_at_least_that_much(client):
    body = client.get(f"/v1/enterprises/{B}/sales", headers={"Accept-Language": "en"}).json()
    assert figure(body["items"][0], "invoiced")[:2] == (700_00, "seen")
    assert "at least" in body["note"]
    assert (body["invoiced_basis"], body["received_basis"]) == ("without_tax", "with_tax")


def test_settlements_come_with_reasons_papers_and_pages(client):
    first = client.get(f"/v1/enterprises/{S}/payments?limit=1", headers={"Accept-Language": "en"}).json()
    assert first["total"] == 2
    (latest,) = first["items"]
    assert (latest["rule"], latest["basis"], latest["amount_fen"]) == ("part", "proven", 1_000_00)
    assert latest["invoice_number"] == f"{2:020d}"
    assert latest["papers"][0]["text"] == "转账 部分货款"
    second = client.get(f"/v1/enterprises/{S}/payments?limit=1&cursor={first['next']}").json()
    (earlier,) = second["items"]
    assert (earlier["rule"], earlier["invoice_number"], second["next"]) == ("exact", f"{1:020d}", None)
    assert [r["name"] for r in earlier["reasons"]] == ["amount_equal", "only_fit"]
    assert all(r["text"] and r["text"] != r["name"] for r in earlier["reasons"])
    paid = client.get(f"/v1/enterprises/{B}/payments?direction=out").json()
    assert paid["total"] == 2
    assert paid["items"][0]["partner"] == {"id": S, "name": NAMES[S]}
    assert client.get(f"/v1/enterprises/{B}/payments").json()["total"] == 0


def test_pages_cut_between_lines_of_one_day_lose_and_repeat_none():
    rows = pl.DataFrame({"payment": [f"p{n}" for n in range(9)], "amount_fen": [1] * 9, "rule": ["sum"] * 9})
    days = pl.Series([date(2025, 5, 1 + n // 3) for n in range(9)])
    rows = rows.with_columns(happened_on=days, invoice=pl.lit("i"), contract=pl.lit(None, pl.String))
    every, seen = payments._ordered(rows), []
    for n in range(9):
        after = every.row(n - 1, named=True) if n else None
        rest = every.filter(payments._follows((after["day"], after["number"]))) if after else every
        assert rest.height == 9 - n
        seen.append(rest["payment"][0])
    assert seen == every["payment"].to_list()
    assert every["happened_on"].is_sorted(descending=True)


def flows_of(client, partner):
    url = f"/v1/enterprises/{S}/evidence?partner={partner}&side=customers"
    return {item["number"][-1]: item["flows"] for item in client.get(url).json()["items"]}


def test_each_invoice_shows_which_of_its_four_flows_are_proven(client):
    found = flows_of(client, B)
    plain = {"contract": "not_seen", "goods": None, "contract_fact": None, "assumed_fen": 0}
    assert found["1"] == {**plain, "invoice": "proven", "cash": "proven", "settled_fen": 1_130_00}
    assert found["2"] == {**plain, "invoice": "partly", "cash": "partly", "settled_fen": 1_000_00}
    third = flows_of(client, C)["3"]
    assert (third["contract"], third["contract_fact"], third["cash"]) == (
        "proven",
        CONTRACT["fact"],
        "not_seen",
    )


def test_contracts_and_their_schedule_stand_in_the_snapshot(folder):
    tables, _ = compute(Ledger(folder), load_chains())
    snapshot = write_snapshot(folder, tables)
    (contract,) = snapshot.contracts.to_dicts()
    assert (contract["contract"], contract["invoiced_fen"], contract["settled_fen"]) == (
        CONTRACT["fact"],
        5_650_00,
        None,
    )
    (term,) = snapshot.contract_terms.to_dicts()
    assert (term["amount_fen"], term["trigger"], term["share"]) == (169_500_00, "signing", 0.3)
    assert [snapshot.id_of(contract[who]) for who in ("seller", "buyer")] == [S, C]


def test_papers_that_leave_out_a_party_a_day_or_an_amount_do_no_harm(tmp_path):
    half = {**CONTRACT, "buyer": None, "amount_fen": None, "happened_on": None}
    flows = [flow(1, None, 50), flow(2, date(2025, 6, 2), 70, None, remark="货款")]
    open_term = {**TERM, "share": None}
    sold = invoice(1, date(2025, 5, 6), 1_000, None)
    ledger = Ledger(tmp_path)
    ledger.commit(
        [load("x", contracts=[half], contract_terms=[open_term], bank_flows=flows, invoices=[sold])]
    )
    tables = compute(ledger, load_chains())[0]
    assert tables.contracts.is_empty()
    assert tables.settlements.is_empty()
    write_snapshot(tmp_path, tables)


def test_a_statement_covers_only_the_months_that_lie_wholly_in_it(tmp_path):
    ledger = Ledger(tmp_path)
    flows = [flow(1, date(2025, 6, 10), 50)]
    periods = [
        statement(date(2025, 6, 5), date(2025, 6, 20)),
        statement(date(2025, 8, 2), date(2025, 10, 30)),
    ]
    ledger.commit([load("bank.csv", bank_flows=flows, statements=periods)])
    rows = compute(ledger, load_chains())[0].sales.select("month", "received_fen", "received_from").rows()
    assert rows == [("2025-06", 50_00, "part"), ("2025-09", 0, "own")]


def test_a_quarters_return_of_a_small_firm_says_how_many_months_it_covers(tmp_path):
    rows = [
        declared("sales.taxable", 300, "vat_return_small", date(2025, 6, 30), date(2025, 4, 1)),
        declared(
            "sales.taxable", 20, "vat_return_small", date(2025, 6, 30), date(2025, 4, 1), "period_services"
        ),
        declared("sales.exempt", 5, "vat_return_small", date(2025, 6, 30), date(2025, 4, 1)),
        declared("sales.taxable", 9_999, "vat_return_small", date(2025, 6, 30), date(2025, 4, 1), "year"),
    ]
    ledger = Ledger(tmp_path)
    ledger.commit([load("quarter.xlsx", declarations=rows)])
    (row,) = compute(ledger, load_chains())[0].sales.to_dicts()
    assert (row["month"], row["declared_fen"], row["declared_months"]) == ("2025-06", 325_00, 3)
    assert (row["uninvoiced_fen"], row["invoiced_fen"], row["received_fen"]) == (None, None, None)


def returned(name, month, yuan, days):
    """A VAT return that was filed so many days after the first."""
    period = {"first": date(2025, month, 1), "last": date(2025, month, 28)}
    rows = [declared("sales.total", yuan, **period), declared("sales.uninvoiced", yuan // 10, **period)]
    return load(name, declarations=[row | {"known_at": KNOWN + timedelta(days)} for row in rows])


@pytest.mark.parametrize("backwards", [False, True])
def test_the_return_filed_last_counts_whatever_the_order_of_loading(tmp_path, backwards):
    filed = {
        month: [returned(f"{name}{month}", month, *of) for name, *of in pair]
        for month, pair in {
            3: (("a", 1_000, 0), ("b", 2_000, 1)),
            4: (("a", 1_000, 1), ("b", 2_000, 0)),
            5: (("a", 1_000, 0), ("b", 2_000, 0)),
        }.items()
    }
    ledger = Ledger(tmp_path)
    for one in sorted(chain(*filed.values()), key=lambda one: one.name, reverse=backwards):
        ledger.commit([one])
    found = {row["month"]: row for row in compute(ledger, load_chains())[0].sales.to_dicts()}
    for month, pair in filed.items():
        # Of two filed on one day the one with the greater hash, so that the answer never changes.
        last = max(pair, key=lambda one: (one.tables["declarations"]["known_at"][0], one.sha256))
        total, row = last.tables["declarations"]["amount_fen"][0], found[f"2025-{month:02d}"]
        assert (row["declared_fen"], row["uninvoiced_fen"]) == (total, total // 10)
        assert row["declared_papers"] == [last.sha256]


def test_money_that_is_only_asked_about_is_neither_proven_nor_assumed():
    names = ("asked", "mixed", "none", "back")
    invoices = pl.DataFrame(
        {"fact": names, "seller": "S", "buyer": "B", "total_fen": 1_130_00, "attested": "one"}
    ).with_columns(status=pl.lit("normal"))
    settled = pl.DataFrame(
        [
            ("asked", "asked", 1_130_00),
            ("mixed", "asked", 1_130_00),
            ("mixed", "proven", 200_00),
            ("mixed", "assumed", 30_00),
            ("back", "asked", -1_130_00),
        ],
        schema=["invoice", "basis", "amount_fen"],
        orient="row",
    )
    flows = four_flows(invoices, Paid(settled=settled)).sort("fact")
    assert flows.select("fact", "cash_flow", "settled_fen", "assumed_fen").rows() == [
        ("asked", "partly", 0, 0),
        ("back", "partly", 0, 0),
        ("mixed", "partly", 200_00, 30_00),
    ]
