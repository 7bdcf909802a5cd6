"""应收账款台账: what each buyer owes a firm, by invoice, with tax; due when, how old, settled, held by whom.

An invoice proves a sale and not a debt: it may have been paid at once. So every row says in `unpaid` what
shows it: a statement that runs from the invoice to the day (`statements`), its buyer's confirmation
(`confirmed`), or nothing yet (`not_proven`). A link that was inferred is no invoice and never appears.
"""

from datetime import date

import polars as pl

from graph.snapshot import Snapshot
from ledger.claims import CLAIMS, MARKS, claims_on, confirmed_any, marks_of
from ledger.ledger import Ledger
from ledger.state import NAME, State
from services.lending.due import dated
from services.lending.eligibility import judged
from services.lending.policy import Policy, policy_on
from services.lending.sales_index import SalesIndex, merged
from services.lending.ties import parties_in

#: Columns of `receivables`, one row a blue invoice, oldest first. Amounts in fen with tax.
RECEIVABLES = pl.Schema(
    {  # type: ignore[arg-type]
        "seller": pl.Int32,
        "buyer": pl.Int32,
        "fact": pl.String,
        "kind": pl.String,
        "number": pl.String,
        "issued_on": pl.Date,
        "due_on": pl.Date,
        "due_basis": pl.String,  # printed | contract | law | assumed
        "contract": pl.String,
        "amount_fen": pl.Int64,
        "red_fen": pl.Int64,  # what red invoices took back, not above 0
        "settled_fen": pl.Int64,  # proven by a payment or by a person's proof
        "assumed_fen": pl.Int64,  # put on it by order alone
        "open_fen": pl.Int64,  # at most, where `unpaid` is not proven
        "age_days": pl.Int32,
        "bucket": pl.String,  # d0_30 | d31_60 | d61_90 | d91_180 | d181_365 | d366
        "overdue_days": pl.Int32,
        "attested": pl.String,  # seller | buyer | both | paper
        "unpaid": pl.String,  # statements | confirmed | asked | not_proven; null where nothing is open
        "status": pl.String,  # unconfirmed | confirmed | pledged | purchased | collected | reversed | void
        "disputed": pl.Boolean,
        "claim": pl.String,
        "holder": pl.String,
        "register_number": pl.String,
        "registered_on": pl.Date,
        "eligible_fen": pl.Int64,  # what may be lent on, before the advance rate
        "if_proven_fen": pl.Int64,  # what would be, were it shown to be unpaid
        "excluded_by": pl.List(pl.String),
        "advance_bp": pl.Int32,  # advance rate in hundredths of a percent
        "advance_fen": pl.Int64,
    }
)


def receivables(
    source: Snapshot,
    ledger: Ledger,
    firm: int,
    as_of: date | None = None,
    *,
    index: SalesIndex | None = None,
    state: State | None = None,
    policy: Policy | None = None,
) -> pl.DataFrame:
    """The receivables of the firm in row `firm` as of a day (None: the snapshot's cut-off).

    `index` holds what is read once for a snapshot (`SalesIndex.of`, seconds): give it where many firms are
    asked for. `state` says what is confirmed, disputed and held; None: that of the ledger's folder, if any.
    Columns RECEIVABLES. Raises InputError where no policy is in force on the day.
    """
    day = source.as_of if as_of is None else as_of
    rules = policy or policy_on(day)
    sales = index or SalesIndex.of(source, ledger)
    marks, claims = _noted(source, ledger, firm, state)
    sold = sales.sold(firm)
    rows = _owed(sold, day)
    rows = _paid(rows, _folded(sales.paid(firm).filter(pl.col("happened_on") <= day), sold))
    # Papers end at the cut-off; what people noted since then holds all the same, unless an earlier day is
    # asked for.
    current = day >= source.as_of
    rows = _marked(rows, marks if current else marks.filter(pl.col("happened_on") <= day))
    rows = dated(rows, source, firm, rules, day)
    rows = _proven(rows, sales.covered(firm), rules, day)
    rows = _held(rows, claims, None if current else day)
    rows = judged(rows, source, sales.kin(firm), rules, day)
    return rows.sort("issued_on", "fact").select(RECEIVABLES.names()).cast(RECEIVABLES)


def lendable(
    source: Snapshot, ledger: Ledger, firm: int, as_of: date, *, index: SalesIndex, state: State
) -> tuple[int, int]:
    """Sums over `receivables` that a limit is worked out from: eligible_fen, advance_fen.

    Where the policy lends on what is shown to be unpaid alone, a firm without statements and confirmations
    has nothing to lend on: no invoice is looked at. Raises as `receivables`.
    """
    rules = policy_on(as_of)
    needed = bool(rules.value("receivables", "unpaid_needs_proof"))
    if needed and index.covered(firm).is_empty() and not confirmed_any(state, parties_of(source, firm)):
        return 0, 0
    owed = receivables(source, ledger, firm, as_of, index=index, state=state, policy=rules)
    return int(owed["eligible_fen"].sum()), int(owed["advance_fen"].sum())


def _noted(
    source: Snapshot, ledger: Ledger, firm: int, state: State | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Marks and claims on what the firm sold, whichever of its parties they were noted under."""
    if state is None:
        if not (ledger.folder / NAME).exists():
            return pl.DataFrame(schema=MARKS), pl.DataFrame(schema=CLAIMS)
        state = State(ledger.folder)
    parties = parties_of(source, firm)
    return marks_of(state, parties), claims_on(state, parties)


def parties_of(source: Snapshot, firm: int) -> list[str]:
    """Ids of the parties that the firm was joined from, its own id among them."""
    return sorted({*parties_in(source, firm), source.id_of(firm)})


def _owed(sold: pl.DataFrame, day: date) -> pl.DataFrame:
    """Blue invoices known on the day, with what red ones took back."""
    known = sold.filter((pl.col("happened_on") <= day) & (pl.col("known_on") <= day))
    seen = known.group_by("fact").agg(
        own=(pl.col("side") == "sale").any(), other=(pl.col("side") == "purchase").any()
    )
    once = known.unique("fact", keep="first", maintain_order=True)
    red = once.filter(pl.col("status") == "red")
    took = red.group_by(fact="reverses").agg(red_fen=pl.col("total_fen").sum()).drop_nulls("fact")
    attested = (
        pl.when(pl.col("own") & pl.col("other"))
        .then(pl.lit("both"))
        .when("own")
        .then(pl.lit("seller"))
        .when("other")
        .then(pl.lit("buyer"))
        .otherwise(pl.lit("paper"))
    )
    blue = (
        once.filter(pl.col("status") != "red")
        .join(seen, on="fact", maintain_order="left")
        .join(took, on="fact", how="left", maintain_order="left")
        .with_columns(
            red_fen=pl.max_horizontal(
                pl.col("red_fen").fill_null(0).clip(upper_bound=0), -pl.col("total_fen")
            ),
            attested=attested,
        )
        .rename({"happened_on": "issued_on"})
        .with_columns(amount_fen="total_fen")
    )
    nameless = red.filter(pl.col("reverses").is_null()).group_by("buyer").agg(pl.col("total_fen").sum())
    # A red invoice that names none is held against its buyer's newest: no more is lent than is owed.
    return _spread(blue, nameless.select("buyer", take=-pl.col("total_fen")), "red_fen", newest=True)


def _spread(rows: pl.DataFrame, sums: pl.DataFrame, into: str, newest: bool) -> pl.DataFrame:
    """Take a sum a buyer (`take`, fen) off what is left of its invoices, `into` growing less by it."""
    if sums.is_empty():
        return rows
    standing = pl.col("status") != "void"
    left = pl.when(standing).then(pl.col("amount_fen") + pl.col("red_fen")).otherwise(0)
    ordered = rows.sort("issued_on", "fact", descending=[newest, newest]).with_columns(_left=left)
    before = pl.col("_left").cum_sum().over("buyer") - pl.col("_left")
    taken = pl.min_horizontal("_left", (pl.col("take").fill_null(0) - before).clip(lower_bound=0))
    return (
        ordered.join(sums, on="buyer", how="left", maintain_order="left")
        .with_columns((pl.col(into) - taken).alias(into))
        .drop("_left", "take")
    )


def _folded(paid: pl.DataFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """`paid` with what was given back on a red invoice put against the blue one that it names."""
    blue = sold.filter(pl.col("reverses").is_not_null()).select(invoice="fact", blue="reverses")
    folded = paid.join(blue.unique("invoice"), on="invoice", how="left", maintain_order="left")
    return folded.with_columns(invoice=pl.coalesce("blue", "invoice")).drop("blue")


def _paid(rows: pl.DataFrame, paid: pl.DataFrame) -> pl.DataFrame:
    """Payments put on each invoice; those put on a contract alone are held against its buyer's oldest."""
    amount, proven = pl.col("amount_fen"), pl.col("basis") == "proven"
    sums = (
        paid.filter(pl.col("invoice").is_not_null())
        .group_by(fact="invoice")
        .agg(
            settled_fen=amount.filter(proven).sum(),
            assumed_fen=amount.filter(pl.col("basis") == "assumed").sum(),
            asked=(pl.col("basis") == "asked").any(),
        )
    )
    loose = paid.filter(pl.col("invoice").is_null() & (pl.col("basis") != "asked"))
    advance = loose.group_by("buyer").agg(advance_fen=pl.col("amount_fen").sum())
    return (
        rows.join(sums, on="fact", how="left", maintain_order="left")
        .join(advance, on="buyer", how="left", maintain_order="left")
        .with_columns(
            pl.col("settled_fen", "assumed_fen", "advance_fen").fill_null(0), pl.col("asked").fill_null(False)
        )
    )


def _marked(rows: pl.DataFrame, marks: pl.DataFrame) -> pl.DataFrame:
    """What people noted: collected by proof, confirmed by the buyer, in dispute; and what stays open."""
    kind = pl.col("kind")
    noted = marks.group_by("fact", maintain_order=True).agg(
        collected_fen=pl.col("amount_fen").filter(kind == "collected").sum(),
        collected_whole=((kind == "collected") & pl.col("amount_fen").is_null()).any(),
        confirmed=(kind == "confirmed").any(),
        disputed=kind.filter(kind.is_in(["disputed", "settled_dispute"])).last() == "disputed",
    )
    rows = rows.join(noted, on="fact", how="left", maintain_order="left").with_columns(
        pl.col("collected_fen").fill_null(0),
        pl.col("collected_whole", "confirmed", "disputed").fill_null(False),
    )
    owed = pl.col("amount_fen") + pl.col("red_fen")
    settled = pl.max_horizontal(
        "settled_fen", pl.when("collected_whole").then(owed).otherwise("collected_fen")
    )
    rows = rows.with_columns(settled_fen=settled)
    standing = pl.col("status") != "void"
    rest = (owed - pl.col("settled_fen") - pl.col("assumed_fen")).clip(lower_bound=0)
    return rows.with_columns(open_fen=pl.when(standing).then(rest).otherwise(0))


def _proven(rows: pl.DataFrame, covered: pl.DataFrame, rules: Policy, day: date) -> pl.DataFrame:
    """`unpaid`: what shows that the rest was not paid."""
    lag = int(rules.value("receivables", "statement_lag_days"))
    today = (day - date(1970, 1, 1)).days
    issued = pl.col("issued_on").to_physical()
    shown = pl.lit(False)
    for first, last in merged(covered):
        if last >= today - lag:
            shown = shown | (issued >= first)
    unpaid = (
        pl.when(pl.col("open_fen") == 0)
        .then(pl.lit(None, pl.String))
        .when("asked")
        .then(pl.lit("asked"))
        .when("confirmed")
        .then(pl.lit("confirmed"))
        .when(shown)
        .then(pl.lit("statements"))
        .otherwise(pl.lit("not_proven"))
    )
    return rows.with_columns(unpaid=unpaid)


def _held(rows: pl.DataFrame, claims: pl.DataFrame, day: date | None) -> pl.DataFrame:
    """`status`, and who holds a claim: now, or on an earlier day."""
    stands = pl.col("held")
    if day is not None:
        stands = (pl.col("since") <= day) & (stands | (pl.col("released") > day))
    now = claims.filter(stands).sort("since").unique("fact", keep="last")
    now = now.select("fact", "claim", "holder", "register_number", "registered_on", claimed="kind")
    rows = rows.join(now, on="fact", how="left", maintain_order="left")
    status = (
        pl.when(pl.col("status") == "void")
        .then(pl.lit("void"))
        .when(pl.col("red_fen") == -pl.col("amount_fen"))
        .then(pl.lit("reversed"))
        .when(pl.col("claimed") == "purchase")
        .then(pl.lit("purchased"))
        .when(pl.col("claimed") == "pledge")
        .then(pl.lit("pledged"))
        .when(pl.col("open_fen") == 0)
        .then(pl.lit("collected"))
        .when("confirmed")
        .then(pl.lit("confirmed"))
        .otherwise(pl.lit("unconfirmed"))
    )
    return rows.with_columns(status=status)
