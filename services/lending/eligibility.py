"""What of a receivable may be lent on: everything that speaks against it is named, the rest is eligible."""

from datetime import date

import polars as pl

from graph.snapshot import Snapshot
from services.lending.policy import Policy

#: Every exclusion by name, in the order it is told. The last two take a part, the others the whole.
EXCLUSIONS = (
    *("void", "reversed", "paid", "held", "disputed", "overdue", "related_party", "natural_person"),
    *("buyer_knocked_out", "own_books_missing", "payment_asked", "unpaid_not_proven"),
    *("advance_paid", "concentration"),
)
#: What bounds the pool that is lent on and says nothing against the receivable itself.
_OF_THE_POOL = "concentration"
#: What a further paper would lift.
_FOR_WANT_OF_PROOF = ("unpaid_not_proven",)


def judged(rows: pl.DataFrame, source: Snapshot, kin: pl.Series, rules: Policy, day: date) -> pl.DataFrame:
    """`rows` with eligible_fen, if_proven_fen, excluded_by, advance_bp and advance_fen.

    The cap on one buyer counts against what is eligible before it; what buyers paid in advance comes off
    their oldest receivables.
    """
    most = int(rules.value("receivables", "overdue_days_most"))
    proof = bool(rules.value("receivables", "unpaid_needs_proof"))
    buyers = rows["buyer"].unique()
    out = {
        "void": pl.col("status") == "void",
        "reversed": pl.col("status") == "reversed",
        "paid": (pl.col("open_fen") == 0) & ~pl.col("status").is_in(["void", "reversed"]),
        "held": pl.col("claim").is_not_null(),
        "disputed": pl.col("disputed"),
        "overdue": pl.col("overdue_days") > most,
        "related_party": pl.col("buyer").is_in(kin.implode()),
        "natural_person": pl.col("buyer").is_in(_persons(source, buyers).implode()),
        "buyer_knocked_out": pl.col("buyer").is_in(_knocked_out(source, buyers, rules, day).implode()),
        "own_books_missing": pl.col("attested") == "buyer",
        "payment_asked": pl.col("unpaid") == "asked",
        "unpaid_not_proven": (pl.col("unpaid") == "not_proven") & proof,
    }
    named = [pl.when(why).then(pl.lit(name)) for name, why in out.items()]
    rows = rows.with_columns(excluded_by=pl.concat_list(named).list.drop_nulls())
    hard = pl.col("excluded_by").list.set_difference(list(_FOR_WANT_OF_PROOF)).list.len() == 0
    free = pl.col("excluded_by").list.len() == 0
    rows = rows.sort("issued_on", "fact").with_columns(
        eligible_fen=pl.when(free).then("open_fen").otherwise(0),
        if_proven_fen=pl.when(hard).then("open_fen").otherwise(0),
    )
    for column in ("if_proven_fen", "eligible_fen"):
        rows = _reduced(rows, column, float(rules.value("receivables", "concentration_most")))
    return _advanced(rows, rules)


def speaks_against(excluded_by: list[str], eligible_fen: int) -> list[str]:
    """Why a receivable with these exclusions may not be pledged or sold; none where it may.

    A cap on one buyer bounds what is lent on all of them and does not keep one out; an advance does where it
    leaves nothing.
    """
    own = [name for name in excluded_by if name != _OF_THE_POOL]
    return [name for name in own if name != "advance_paid" or eligible_fen == 0]


def _reduced(rows: pl.DataFrame, column: str, share: float) -> pl.DataFrame:
    """Off `column` what was paid in advance, and what is beyond the cap on one buyer; the newest give way."""
    value = pl.col(column)
    before = value.cum_sum().over("buyer") - value
    taken = pl.min_horizontal(value, (pl.col("advance_fen") - before).clip(lower_bound=0))
    after = rows.with_columns(value - taken, _paid=taken > 0)
    cap = int(int(after[column].sum()) * share)
    before = value.cum_sum().over("buyer") - value
    allowed = pl.min_horizontal(value, (pl.lit(cap) - before).clip(lower_bound=0))
    after = after.with_columns(allowed.alias(column), _over=value > allowed)
    why = [
        pl.when("_paid").then(pl.lit("advance_paid")),
        pl.when("_over").then(pl.lit("concentration")),
    ]
    if column == "eligible_fen":
        told = pl.concat_list("excluded_by", *why).list.drop_nulls()
        after = after.with_columns(excluded_by=told)
    return after.drop("_paid", "_over")


def _advanced(rows: pl.DataFrame, rules: Policy) -> pl.DataFrame:
    """The advance rate, and how much may be lent on each: cut down to whole fen."""
    rate = {kind: round(float(rules.value("receivables", "advance", kind)) * 10_000) for kind in _RATES}
    points = pl.when("confirmed").then(rate["confirmed"]).otherwise(rate["unconfirmed"])
    return rows.with_columns(advance_bp=points.cast(pl.Int32)).with_columns(
        advance_fen=pl.col("eligible_fen") * pl.col("advance_bp") // 10_000
    )


_RATES = ("confirmed", "unconfirmed")


def _persons(source: Snapshot, buyers: pl.Series) -> pl.Series:
    return buyers.filter(source.enterprises["legal_form"].gather(buyers) == "person")


def _knocked_out(source: Snapshot, buyers: pl.Series, rules: Policy, day: date) -> pl.Series:
    """Buyers on a list that knocks out, or no longer in business, as known on the day."""
    body = rules.body["receivables"]
    ours = pl.col("enterprise").is_in(buyers.implode())
    begun = pl.col("happened_on").is_null() | (pl.col("happened_on") <= day)
    stands = begun & (pl.col("until").is_null() | (pl.col("until") >= day))
    listed = source.listings.filter(ours & stands & pl.col("list").is_in(body["buyer_lists"]))
    gone = source.attributes.filter(
        ours & stands & (pl.col("name") == "status") & pl.col("value").is_in(body["buyer_status_gone"])
    )
    return pl.concat([listed["enterprise"], gone["enterprise"]]).unique()
