"""Lists of bills of exchange (承兑汇票) → the ledger's table `bills`: each bill and what happened to it."""

import polars as pl

from extraction.credit_codes import is_synthetic
from extraction.findings import Check, Findings
from extraction.parties import MENTION, identify
from extraction.people import covered_cells
from extraction.rows import Facts, facts_frame
from extraction.source import Source
from extraction.statements.cells import amounts, currencies, days
from extraction.statements.preamble import Preamble, read_preamble
from extraction.statements.sections import Section, is_word
from extraction.statements.values import rows_as_fields
from extraction.statements.vocabulary import words
from extraction.vocabulary import bare
from ledger.ids import stable_ids
from ledger.records import PROBLEM, TABLES

_PARTIES = ("drawer", "acceptor", "payee", "from", "to", "counterparty")
_NULL = pl.lit(None, dtype=pl.String)


def facts(sections: list[Section], source: Source, name: str, version: int) -> Facts:
    """What the lists of a document say."""
    tables: dict[str, list[pl.DataFrame]] = {
        "bills": [],
        "parties": [],
        "rejects": [],
        "statements": [],
        "fields": [],
    }
    rows, duplicates, owners, invented = 0, 0, set(), False
    for section in sections:
        preamble = read_preamble(section.above, section.below, section.sheet)
        findings = Findings()
        frame, known, owner = _read(section, preamble, findings)
        rows += frame.height
        good = frame.filter(~pl.col("row").is_in(findings.fatal_rows().implode()))
        distinct = good.unique("fact", keep="first", maintain_order=True)
        duplicates += good.height - distinct.height
        warned = findings.by_row(fatal=False).rename({"problems": "warnings"})
        distinct = distinct.join(warned, on="row", how="left", maintain_order="left")
        tables["bills"].append(_table(distinct, owner))
        tables["statements"].append(_statement(distinct, preamble, owner, source.sha256))
        tables["parties"].append(_people(known))
        tables["rejects"].append(_rejects(section, findings))
        tables["fields"].append(_fields(distinct, section))
        owners.add(owner)
        invented = invented or preamble.invented or is_synthetic(preamble.code)
    stacked = {t: pl.concat(frames) for t, frames in tables.items()}
    unique = stacked["bills"].unique("fact", keep="first", maintain_order=True)
    duplicates += stacked["bills"].height - unique.height
    return Facts(
        tables=stacked | {"bills": unique, "parties": stacked["parties"].unique(maintain_order=True)},
        rows=rows,
        duplicates=duplicates,
        rejected=stacked["rejects"].height,
        format=name,
        version=version,
        owner=owners.pop() if len(owners) == 1 else None,
        synthetic=invented,
    )


def _read(
    section: Section, preamble: Preamble, findings: Findings
) -> tuple[pl.DataFrame, pl.DataFrame, str | None]:
    """(the bills typed, who is named, the owner)."""
    text = section.text
    sums = is_word(text, words().totals) & ~section.column("number").str.contains(r"\d{10}").fill_null(False)
    frame = pl.DataFrame(
        [
            text["row"],
            section.column("number").str.replace_all(r"[\s-]", "").alias("number"),
            section.column("range"),
            *(days(section.column(r)).alias(f"{r}_on") for r in ("issued", "due", "happened")),
            section.column("due").alias("due_text"),
            amounts(section.column("amount")).alias("amount_fen"),
            section.column("amount").alias("amount_text"),
            amounts(section.column("interest")).alias("interest_fen"),
            amounts(section.column("paid")).alias("paid_fen"),
            currencies(section.column("currency")).alias("currency"),
            _kind(section).alias("kind"),
            _event(section).alias("event"),
            *(section.column(r) for r in _PARTIES),
        ]
    ).filter(~sums)
    holders = section.column("own_name").drop_nulls()
    holder = preamble.holder or (holders[0] if holders.n_unique() == 1 else "")
    known = _identified(frame, holder, preamble.code)
    owner = next(iter(known.filter(pl.col("role") == "owner")["party"].to_list()), None)
    frame = _with_other(frame, holder)
    ids = dict(known.select("name", "party").iter_rows())
    for column in (*_PARTIES, "other"):
        frame = frame.with_columns(pl.col(column).replace_strict(ids, default=None, return_dtype=pl.String))
    event_day = pl.coalesce(
        "happened_on",
        pl.when(pl.col("event").is_in(["drawn", "accepted", "received"])).then("issued_on"),
        "issued_on",
    )
    interest = pl.coalesce(
        "interest_fen",
        pl.when(pl.col("event") == "discounted").then(pl.col("amount_fen") - pl.col("paid_fen")),
    )
    frame = frame.with_columns(
        happened_on=event_day,
        interest_fen=interest,
        fact=stable_ids(
            pl.lit("bill"),
            pl.lit(owner, dtype=pl.String),
            pl.col("number"),
            pl.col("range"),
            pl.col("event"),
            event_day,
        ),
    )
    findings.run(frame, _checks())
    return frame, known, owner


def _with_other(frame: pl.DataFrame, holder: str) -> pl.DataFrame:
    """The other side: to whom it went, or from whom it came; never the owner."""
    gone = pl.col("event").is_in(["endorsed", "discounted", "pledged"])
    first = (
        pl.when(gone).then(pl.coalesce("to", "counterparty")).otherwise(pl.coalesce("from", "counterparty"))
    )
    fallback = (
        pl.when(pl.col("event") == "received").then("drawer").when(pl.col("event") == "drawn").then("payee")
    )
    other = pl.coalesce(first, fallback)
    return frame.with_columns(other=pl.when(other != holder).then(other))


def _kind(section: Section) -> pl.Series:
    """bank | commercial: by the column, else by the first digit of an electronic bill's number (GB: 1 银承,
    2 商承), else by who accepted it."""
    said = section.column("kind")
    table = {t: words().bill_kinds.get(bare(t)) for t in said.unique().drop_nulls()}
    frame = pl.DataFrame(
        [said.alias("said"), section.column("number").alias("n"), section.column("acceptor").alias("a")]
    )
    first = pl.col("n").str.extract(r"^\D*(\d)\d{29}$", 1)
    return frame.select(
        pl.coalesce(
            pl.col("said").replace_strict(table, default=None, return_dtype=pl.String),
            pl.when(first.is_in(["1", "5"]))
            .then(pl.lit("bank"))
            .when(first.is_in(["2", "6"]))
            .then(pl.lit("commercial")),
            pl.when(pl.col("a").str.contains("银行|信用社|农商行"))
            .then(pl.lit("bank"))
            .when(pl.col("a").is_not_null())
            .then(pl.lit("commercial")),
        ).alias("kind")
    ).to_series()


def _event(section: Section) -> pl.Series:
    """What happened, by the name of the business, else by the state."""

    def named(text: str | None) -> str | None:
        return next((r.gives for r in words().bill_events if text and r.words and r.words.search(text)), None)

    texts = pl.DataFrame([section.column("event").alias("e"), section.column("status").alias("s")])
    found = [named(e) or named(s) or "received" for e, s in texts.iter_rows()]
    return pl.Series("event", found, dtype=pl.String)


def _identified(frame: pl.DataFrame, holder: str, code: str) -> pl.DataFrame:
    names = pl.concat([frame[c].alias("name") for c in _PARTIES]).unique().drop_nulls().sort()
    mentions = (
        names.filter(names != holder)
        .to_frame()
        .with_columns(role=pl.lit("counterparty"), code=_NULL, scope=_NULL, book=_NULL, owner=_NULL)
    )
    own = pl.DataFrame(
        [("owner", code or None, holder or None, None, None, None)],
        schema=dict.fromkeys(MENTION, pl.String),
        orient="row",
    )
    return identify(pl.concat([own, mentions.select(MENTION)])).filter(pl.col("party").is_not_null())


def _checks() -> list[Check]:
    return [
        Check(
            "bill_number_missing",
            "number",
            ~pl.col("number").str.contains(r"\d{6}").fill_null(False),
            pl.col("number"),
        ),
        Check("date_unreadable", "due", pl.col("due_on").is_null(), pl.col("due_text")),
        Check("amount_unreadable", "amount", pl.col("amount_fen").is_null(), pl.col("amount_text")),
        Check(
            "bill_due_before_issue",
            "due",
            pl.col("due_on") < pl.col("issued_on"),
            pl.col("due_text"),
            fatal=False,
        ),
    ]


def _table(frame: pl.DataFrame, owner: str | None) -> pl.DataFrame:
    day = pl.col("happened_on").cast(pl.Datetime("us")).dt.offset_by("-8h").dt.replace_time_zone("UTC")
    table = frame.with_columns(
        pl.lit(owner, dtype=pl.String).alias("owner"),
        day.alias("known_at"),
        pl.col("warnings").fill_null(pl.lit([], dtype=pl.List(PROBLEM))),
        counterparty="other",
    )
    return facts_frame("bills", table.select(c for c in TABLES["bills"] if c != "reading"))  # fmt: skip


def _statement(frame: pl.DataFrame, preamble: Preamble, owner: str | None, document: str) -> pl.DataFrame:
    days_seen = frame["happened_on"].drop_nulls()
    first, last = (days_seen.min(), days_seen.max()) if len(days_seen) else (None, None)
    record = {
        "row": 0, "owner": owner, "channel": "bills", "bank": preamble.bank or None, "currency": "CNY",
        "from": preamble.start or first, "until": preamble.end or last, "flows": frame.height,
    }  # fmt: skip
    made = pl.DataFrame([record], schema_overrides={"from": pl.Date, "until": pl.Date})
    fact = stable_ids(
        pl.lit("statement"),
        pl.lit(owner or document),
        pl.lit("bills"),
        *(pl.col(c) for c in ("from", "until", "flows")),
    )
    return facts_frame("statements", made.with_columns(fact=fact, breaks=pl.lit([], dtype=pl.List(PROBLEM))))


def _fields(frame: pl.DataFrame, section: Section) -> pl.DataFrame:
    """Number, days and amount of each bill with their places."""
    values = frame.select("row", "number", date="happened_on", due="due_on", amount="amount_fen")
    roles = section.header.roles
    dates = [*roles.get("happened", []), *roles.get("issued", [])]
    return rows_as_fields(values, roles | {"date": dates}, section.places, "table")


def _people(known: pl.DataFrame) -> pl.DataFrame:
    columns = {"party_scope": "scope", "shown": "code", "shown_name": "name"}
    return facts_frame(
        "parties", known.select("party", "scheme", "legal_form", *columns).rename(columns)
    ).unique(maintain_order=True)


def _rejects(section: Section, findings: Findings) -> pl.DataFrame:
    problems = findings.by_row(fatal=True)
    own = section.own.join(problems.select("row"), on="row", how="semi")
    raw = covered_cells(own).select("row", raw=pl.struct(pl.exclude("row")).struct.json_encode())
    return facts_frame("rejects", problems.join(raw, on="row", how="left").sort("row"))
