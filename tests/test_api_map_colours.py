"""Industry maps in a colour, at a time, and at two dates."""

from datetime import date

import polars as pl
import pytest

from graph.snapshot import write_snapshot
from ledger.errors import StoreUnavailable
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, YUAN, firm, invoices, tables

ROWS = {letter: i for i, letter in enumerate(sorted(FIRMS, key=firm))}


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("colours")
    whole = tables(invoices())
    whole.listings = pl.DataFrame({"enterprise": [ROWS["C"]], "list": ["dishonest"], "fact": ["f"]})
    whole.dependence = pl.DataFrame(
        {"enterprise": [ROWS["E"]], "side": ["sale"], "partner": [ROWS["G"]], "outcome": ["depends"]}
    )
    sold = [(ROWS[i.pair[0]], f"{i.day:%Y-%m}", i.amount_fen) for i in invoices()]
    sums = pl.DataFrame(sold, schema=["enterprise", "month", "invoiced_fen"], orient="row")
    whole.sales = sums.group_by("enterprise", "month").agg(pl.col("invoiced_fen").sum())
    write_snapshot(folder, whole)
    with serving_folder(folder, store=nobody) as client:
        yield client


def the_map(client, status=200, **question):
    answer = client.get("/v1/chains/toy-car/map", params=question)
    assert answer.status_code == status, answer.text
    return answer.json()


def cells(body, *names):
    return {(c["segment"], c["depth"]): tuple(c[name] for name in names) for c in body["cells"]}


def test_a_colour_changes_no_count(client):
    plain = cells(the_map(client), "enterprises", "amount_fen")
    for color in ("count", "amount", "risk", "growth", "region"):
        body = the_map(client, color=color)
        assert cells(body, "enterprises", "amount_fen") == plain
        assert body["scale"]["color"] == color
    assert the_map(client, 422, color="beauty")["code"] == "request_invalid"


def test_each_colour_says_what_it_is(client):
    risk = cells(the_map(client, color="risk"), "value", "of")
    assert risk["part", 2] == (1.0, 1)  # C stands on a list
    assert risk["module", 1] == (0.5, 2)  # E hangs on one partner, F does not
    assert risk["car", 0] == (0.0, 1)
    amount = the_map(client, color="amount")
    assert cells(amount, "value")["car", 0] == (45_000.0 * YUAN,)
    assert amount["scale"]["most"] == 45_000.0 * YUAN
    region = cells(the_map(client, color="region"), "category", "value")
    assert region["polymer", 3] == ("33", 0.5)  # of A and B, A alone has a region
    growth = the_map(client, color="growth")
    assert {value for (value,) in cells(growth, "value").values()} == {None}
    assert "own sales books" in growth["scale"]["note"]


def test_at_a_time_only_its_trade_counts(client):
    whole = the_map(client)
    until = date(2025, 4, 30)
    body = the_map(client, as_of=until)
    assert (body["since"], body["until"]) == ("2025-03", "2025-04")
    sold = sum(i.amount_fen for i in invoices() if i.day <= until and i.pair[0] == "A")
    assert cells(body, "amount_fen")["polymer", 3][0] >= sold
    flown = [sum(f["amount_fen"] for f in one["flows"]) for one in (body, whole)]
    assert 0 < flown[0] < flown[1]
    march = the_map(client, as_of="2025-03-31")
    seen = {letter for i in invoices() if i.day <= date(2025, 3, 31) for letter in i.pair}
    placed = {letter for letter, (_, segment, depth, _) in FIRMS.items() if segment and depth is not None}
    assert placed - seen
    assert sum(c["enterprises"] for c in march["cells"]) == len(seen & placed)
    full = the_map(client, as_of="2099-12-31")
    assert cells(full, "amount_fen") == cells(whole, "amount_fen")
    assert full["flows"] == whole["flows"]
    assert the_map(client, 400, as_of="2025-03-01")["code"] == "map_no_months"


def test_two_dates_stand_beside_each_other(client):
    answer = client.get("/v1/chains/toy-car/map/compare?before=2025-04-30&after=2099-12-31&months=2")
    body = answer.json()
    assert answer.status_code == 200, answer.text
    assert (body["before"], body["after"]["months"]) == (
        {"since": "2025-03", "until": "2025-04", "months": 2}, 2,
    )  # fmt: skip
    by_place = {(c["segment"], c["depth"]): c for c in body["cells"]}
    a = [i for i in invoices() if i.pair[0] in "AB"]
    before = sum(i.amount_fen for i in a if i.day <= date(2025, 4, 30))
    assert by_place["polymer", 3]["amount_before_fen"] == before
    assert {c["change"] for c in body["cells"] if not c["amount_before_fen"]} <= {None}
    assert any(f["links_before"] != f["links_after"] for f in body["flows"])
    missing = client.get("/v1/chains/none/map/compare?before=2025-04-30")
    assert missing.json()["code"] == "chain_not_found"


def test_equal_questions_get_equal_bytes(client):
    ask = "/v1/chains/toy-car/map?color=region&as_of=2025-05-31"
    assert client.get(ask).content == client.get(ask).content
