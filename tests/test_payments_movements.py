"""Each transfer once: two statements of one, own accounts, bills, payment companies, who is meant."""

from datetime import date

import polars as pl
import pytest

from extraction.payments import Papers, match_payments
from extraction.payments_movements import Who, movements
from ledger.ids import party_id
from ledger.records import TABLES

NAMES = {"S": "平湖尼龙有限公司", "B": "慈溪齿轮有限公司", "T": "宁波物流有限公司"}
E = {k: party_id("uscc", "", k) for k in NAMES}
BY_NAME = {k: party_id("name", "", v) for k, v in NAMES.items()}
DAY = date(2025, 5, 6)


@pytest.fixture
def who():
    parties = pl.DataFrame(
        [(E[k], "uscc", v) for k, v in NAMES.items()] + [(BY_NAME[k], "name", v) for k, v in NAMES.items()],
        schema=["party", "scheme", "name"],
        orient="row",
    )
    return Who(parties.select("party", enterprise="party"), parties)


def flow(fact, owner, direction, other, fen=100_00, day=DAY, **more):
    row = {
        "reading": 1,
        "row": 1,
        "fact": fact,
        "owner": E[owner],
        "channel": "bank",
        "account": f"account of {owner}",
        "happened_on": day,
        "direction": direction,
        "currency": "CNY",
        "amount_fen": fen,
        "counterparty": BY_NAME.get(other),
        "counterparty_name": NAMES.get(other, other),
        "way": "transfer",
        "purpose": "trade",
    }
    return {**row, **more}


def bill(fact, owner, event, other, fen=100_00, **more):
    row = {
        "reading": 1,
        "row": 1,
        "fact": fact,
        "owner": E[owner],
        "number": "130",
        "event": event,
        "happened_on": DAY,
        "currency": "CNY",
        "amount_fen": fen,
        "counterparty": BY_NAME.get(other),
    }
    return {**row, **more}


def moved(who, flows=(), bills=()):
    frames = (
        pl.DataFrame(list(rows), schema=TABLES[t]) for rows, t in ((flows, "bank_flows"), (bills, "bills"))
    )
    return movements(*frames, who)


def test_one_transfer_in_two_statements_is_one_payment_a_day_apart_or_not(who):
    rows = [
        flow("out1", "B", "out", "S", remark="5月货款"),
        flow("in1", "S", "in", "B", day=date(2025, 5, 7)),
        flow("out2", "B", "out", "S", day=date(2025, 5, 20)),
        flow("in9", "S", "in", "B", day=date(2025, 6, 1)),
    ]
    found = moved(who, rows)
    assert found.select("payment", "seen", "twin").rows() == [
        ("in1", "both", "out1"),
        ("in9", "payee", None),
        ("out2", "payer", None),
    ]
    assert found.row(0, named=True)["text"] == "5月货款"
    assert found.select("payer", "payee").unique().rows() == [(E["B"], E["S"])]


def test_as_many_equal_transfers_of_a_day_stay_as_there_are(who):
    rows = [flow(f"{d}{n}", o, d, p) for n in (1, 2) for o, d, p in (("B", "out", "S"), ("S", "in", "B"))]
    assert moved(who, [*rows, flow("in3", "S", "in", "B")])["seen"].to_list() == ["both", "both", "payee"]


def test_transfers_between_a_firms_own_accounts_are_no_payments(who):
    rows = [
        flow("a", "S", "out", "S"),
        flow("b", "S", "in", None, account="second", counterparty_account="account of S"),
        flow("c", "B", "in", None, counterparty_account="account of S"),
    ]
    found = moved(who, rows)
    assert found.filter(pl.col("payer") == pl.col("payee"))["purpose"].unique().to_list() == ["own"]
    assert found.filter(pl.col("payment") == "c").select("payer", "purpose").rows() == [(E["S"], "trade")]


def test_a_bill_pays_when_it_is_handed_over_and_not_again_when_it_falls_due(who):
    bills = [
        bill("r", "S", "received", "B", due_on=date(2025, 11, 6)),
        bill("e", "B", "endorsed", "S"),
        bill("d", "S", "discounted", None, fen=200_00, interest_fen=5_00),
    ]
    flows = [
        flow("due", "S", "in", "B", day=date(2025, 11, 8), way="bill"),
        flow("sold", "S", "in", None, fen=195_00, way="bill"),
        flow("other", "S", "in", "B", fen=300_00, way="bill"),
    ]
    found = moved(who, flows, bills)
    assert dict(found.select("payment", "purpose").iter_rows()) == {
        "r": "trade",
        "due": "bill",
        "sold": "bill",
        "other": "trade",
    }
    assert found.filter(pl.col("payment") == "r").select("payer", "way", "seen").rows() == [
        (E["B"], "bill", "both")
    ]


def test_a_bill_and_a_transfer_of_one_day_and_amount_are_two_payments(who):
    found = moved(who, [flow("t", "S", "in", "B")], [bill("e", "B", "endorsed", "S")])
    assert found["seen"].to_list() == ["payer", "payee"]


def test_what_a_payment_company_pays_out_is_not_received_twice(who):
    bank = flow("out of it", "S", "in", "财付通支付科技有限公司", counterparty=None)
    assert moved(who, [bank])["purpose"].to_list() == ["trade"]
    shop = flow("sale", "S", "in", None, channel="wechat", account="wx")
    assert dict(moved(who, [bank, shop]).select("payment", "purpose").iter_rows()) == {
        "out of it": "paid_out",
        "sale": "trade",
    }


def invoice(fact, fen, **more):
    row = {
        "fact": fact,
        "number": fact * 10,
        "seller": E["S"],
        "buyer": E["B"],
        "happened_on": date(2025, 4, 1),
        "total_fen": fen,
        "status": "normal" if fen > 0 else "red",
        "currency": "CNY",
        "remark": None,
        "reverses": None,
    }
    return {**row, **more}


def matched(who, flows, invoices, contracts=(), terms=()):
    rows = {"bank_flows": flows, "bills": (), "contracts": contracts, "contract_terms": terms}
    frames = {t: pl.DataFrame(list(r), schema=TABLES[t]) for t, r in rows.items()}
    text = {"remark": pl.String, "reverses": pl.String}
    papers = Papers(
        frames["bank_flows"],
        frames["bills"],
        pl.DataFrame(list(invoices), schema_overrides=text),
        frames["contracts"],
        frames["contract_terms"],
    )
    found = match_payments(papers, who)
    return found.settled.select("payment", "invoice", "contract", "amount_fen", "rule", "basis").rows(), found


def test_who_pays_for_another_and_says_so_pays_the_others_invoice(who):
    named = flow("p", "S", "in", "T", 117_13, remark=f"代{NAMES['B']}付货款", way="third_party")
    rows, found = matched(who, [named], [invoice("i", 117_13)])
    assert rows == [("p", "i", None, 117_13, "exact", "proven")]
    assert found.settled["buyer"].to_list() == [E["B"]]
    assert "third_party" in [r["name"] for r in found.settled["reasons"][0]]
    silent = flow("p", "S", "in", "T", 117_13)
    assert matched(who, [silent], [invoice("i", 117_13)])[0] == []


def test_what_is_no_trade_pays_no_invoice(who):
    rows = [flow(p, "S", "in", "B", 117_13, purpose=p) for p in ("own", "loan", "refund", "fee")]
    assert matched(who, rows, [invoice("i", 117_13)])[0] == []


def test_a_void_invoice_and_another_currency_are_owed_nothing(who):
    pay = flow("p", "S", "in", "B", 117_13)
    assert matched(who, [pay], [invoice("i", 117_13, status="void")])[0] == []
    assert matched(who, [pay], [invoice("i", 117_13, currency="USD")])[0] == []


def test_money_given_back_meets_the_red_invoice(who):
    rows = [
        flow("p", "S", "in", "B", 117_13),
        flow("r", "S", "out", "B", 17_13, date(2025, 6, 9), purpose="refund"),
    ]
    red = invoice("x", -17_13, reverses="i", happened_on=date(2025, 6, 1))
    assert matched(who, rows, [invoice("i", 117_13), red])[0] == [
        ("p", "i", None, 117_13, "exact", "proven"),
        ("r", "x", None, -17_13, "refund", "proven"),
    ]


def test_a_red_invoice_that_names_none_takes_off_the_one_of_its_amount(who):
    red = invoice("x", -117_13, happened_on=date(2025, 4, 9))
    rows, _ = matched(who, [flow("p", "S", "in", "B", 117_13)], [invoice("i", 117_13), red])
    assert rows == []


def test_an_invoice_that_names_a_contract_takes_its_prepayment(who):
    contract = {
        "reading": 1,
        "row": 0,
        "fact": "c",
        "number": "HT-2025-01",
        "happened_on": date(2025, 3, 1),
        "seller": E["S"],
        "buyer": BY_NAME["B"],
        "currency": "CNY",
        "amount_fen": 100_000_00,
        "basis": "with_tax",
    }
    term = {"reading": 1, "fact": "c", "term": 1, "kind": "payment", "share": "0.3", "trigger": "signing"}
    term = {**term, "share": pl.Series([0.3]).cast(pl.Decimal(38, 14))[0]}
    pay = [
        flow("p1", "S", "in", "B", 30_000_00, date(2025, 3, 5)),
        flow("p2", "S", "in", "B", 70_000_00, date(2025, 5, 5)),
    ]
    bought = invoice("i", 100_000_00, remark="合同编号：HT2025-01")
    rows, found = matched(who, pay, [bought], [contract], [term])
    assert rows == [
        ("p1", "i", "c", 30_000_00, "contract", "proven"),
        ("p2", "i", "c", 70_000_00, "exact", "proven"),
    ]
    assert found.contract_of.rows() == [("i", "c", "contract_named")]
    bare = [invoice("j", 100_000_00)]
    assert matched(who, pay, bare, [contract], [term])[1].contract_of.rows() == [("j", "c", "amount_equal")]
    # The contract has its invoice: another one of the same amount is not its as well.
    assert matched(who, pay, [bought, *bare], [contract], [term])[1].contract_of.rows() == [
        ("i", "c", "contract_named")
    ]


def test_the_order_of_the_rows_changes_nothing(who):
    flows = [flow(f"p{n}", "S", "in", "B", 100_00 + n * 7_77, date(2025, 5, 1 + n)) for n in range(6)]
    invoices = [invoice(f"i{n}", 100_00 + n * 7_77) for n in range(6)]
    assert matched(who, flows, invoices)[0] == matched(who, flows[::-1], invoices[::-1])[0]
