"""Answers about money in both languages: no English word in a Chinese sentence, none the other way round."""

import re
from datetime import timedelta

import pytest

from api.app import create_app
from extraction.dates import beijing_today
from ledger.words import labels
from services.credit.policy import shipped
from services.credit.rates import known
from services.lending.policy import policy_on
from tests.api_server import serving, settings_for
from tests.tiny_graph import FIRMS, firm, tiny

#: Latin letters that Chinese readers of such answers use.
ALLOWED = {"LPR", "WAPE", "PD", "AUC", "GB", "CNY", "APR", "CVaR", "ID", "JSON"}
_WORD = re.compile(r"[A-Za-z]{2,}")
#: Ids, addresses, and values in quotes that a request may give.
_GIVEN = re.compile(r"[0-9a-f]{16,}|/v1/\S+|'[a-z_]+'")
_HAN = re.compile(r"[\u4e00-\u9fff]")
#: Fields that hold keys, ids and what somebody typed, in whatever language.
_NAMES = {
    "name",
    "issuer",
    "text_of",
    "body",
    "why",
    "assessor",
    "value",
    "consent",
    "by",
    "instance",
    "type",
}
_SENTENCES = ("text", "label", "detail", "message", "title", "source", "notes", "warning")


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    app = create_app(settings_for(tiny(tmp_path_factory.mktemp("tiny")).folder))
    with serving(app) as client:
        client.app = app
        yield client


@pytest.fixture(scope="module")
def parameters(client):
    """Names that requests are written with: they are what they are in every language."""
    names = set()
    for path in client.app.openapi()["paths"].values():
        for operation in path.values():
            names |= {str(one["name"]) for one in operation.get("parameters", [])}
    for schema in client.app.openapi()["components"]["schemas"].values():
        names |= set(schema.get("properties", {}))
    return {part for name in names for part in _WORD.findall(name)}


def told(value, field=""):
    """(field, text) of every string in an answer."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from told(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from told(one, field)
    elif isinstance(value, str):
        yield field, value


def wrong(lang, body, parameters):
    """Sentences of an answer that hold words of the other language, names left out."""
    texts = list(told(body))
    names = {text for field, text in texts if field in _NAMES} | {row[0] for row in FIRMS.values()}
    for field, text in texts:
        if field in _NAMES:
            continue
        bare = text
        for name in sorted(names, key=len, reverse=True):
            bare = bare.replace(name, "") if len(name) > 1 else bare
        if lang == "en" and _HAN.search(bare):
            yield field, text
        sentence = _HAN.search(bare) or field.endswith(_SENTENCES)
        bare = _GIVEN.sub("", bare)
        asked_for = parameters if field in ("detail", "message") else set()
        strange = set(_WORD.findall(bare)) - ALLOWED - asked_for
        if lang == "zh" and sentence and strange:
            yield field, text


def asked(letter, **changed):
    day = beijing_today()
    scope = ["enterprise_graph", "invoices", "bank_statements"]
    until = str(day + timedelta(days=9))
    consent = {
        "text": "c-1",
        "scope": scope,
        "purpose": "credit_decision",
        "given_on": str(day),
        "until": until,
    }
    body = {"enterprise": firm(letter), "product": "working_capital", "amount_fen": 5_000_000, "months": 12,
            "purpose": "raw_materials", "consent": consent}  # fmt: skip
    return {**body, **changed}


def walk(client, lang):
    """Answers of every room that decides about money, refusals among them."""
    headers = {"Accept-Language": lang}

    def post(path, body):
        answer = client.post(path, json=body, headers=headers)
        assert answer.status_code < 500, answer.text
        found.append((path, answer.json()))
        return answer.json()

    def get(path, **params):
        answer = client.get(path, params=params, headers=headers)
        assert answer.status_code < 500, answer.text
        found.append((path, answer.json()))

    found = []
    portfolio = post("/v1/portfolios", {"name": f"p {lang}", "capital_fen": 10**12})["portfolio"]["id"]
    for letter in "ABC":
        for changed in ({}, {"purpose": "equity"}, {"months": 60}, {"amount_fen": 900_000_000}):
            application = post("/v1/applications", asked(letter, **changed))["id"]
            made = post("/v1/credit/decisions", {"application": application})
            decision = f"/v1/credit/decisions/{made['decision_id']}"
            post("/v1/credit/decisions", {"application": application})  # decided already
            get(decision)
            post("/v1/loans", {"decision": made["decision_id"], "portfolio": portfolio})
            post(f"{decision}/objection", {"why": "please look again"})
            review = {"status": "approved", "reason": "papers_seen", "why": "seen the papers"}
            post(f"{decision}/review", review)
        get(f"/v1/enterprises/{firm(letter)}/receivables")
        post("/v1/cashflow/forecast", {"enterprise": firm(letter), "opening_fen": 100_00})
        day = str(beijing_today())
        assessment = {"level": "C2", "assessor": "x", "assessed_on": day, "expires_on": day}
        customer = {"assessment": assessment}
        question = {
            "enterprise": firm(letter),
            "opening_fen": 10**9,
            "horizon_days": 60,
            "customer": customer,
        }
        post("/v1/wealth/matches", question)
        on_day = {**assessment, "assessed_on": "2025-01-01", "expires_on": "2025-12-31"}
        post("/v1/wealth/matches", {**question, "as_of": "2025-06-30", "customer": {"assessment": on_day}})
        post("/v1/wealth/matches", {**question, "customer": {}})
    short = asked("A")
    short["consent"]["scope"] = ["invoices"]
    post("/v1/applications", short)
    post("/v1/keys", {"name": "kk", "holder": "h", "role": "nonsense"})
    post("/v1/keys", {"name": f"kk {lang}", "holder": "h", "role": "credit"})
    for path in ("/v1/applications", "/v1/credit/decisions", "/v1/credit/policies", "/v1/loans", "/v1/keys"):
        get(path)
    get(f"/v1/portfolios/{portfolio}/exposures")
    get("/v1/wealth/products/S000123/flows", as_of="2025-06-30")
    get("/v1/nowhere")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_sentence_holds_words_of_the_other_language(client, parameters, lang):
    found = {(path, *one) for path, body in walk(client, lang) for one in wrong(lang, body, parameters)}
    assert not found, "\n".join(str(one) for one in sorted(found)[:40])


def test_every_source_of_a_shipped_policy_has_both_languages():
    day = beijing_today()
    sources = {rule.source for one in shipped() for rule in one.knock_outs}
    sources |= {one.stale.source for one in shipped()} | {known(day)["lpr_source"]}
    sources |= {str(row["source"]) for row in policy_on(day).rows("limits")}
    for source in sources:
        assert f"source:{source}" in labels(), source
