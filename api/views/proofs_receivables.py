"""A sum of receivables: the invoices that it adds up; a ratio and what enters it."""

from datetime import timedelta

import polars as pl

from api.asking import Asking
from api.models_proofs import ProofPart, ProofRow, WorkedProof
from api.views.proofs import ROWS, fact, firm, grounds, part, parts, worked
from api.views.receivables import table
from ledger.words import label, message
from services.lending.policy import policy_on
from services.lending.summary import FIGURES, summed

#: Measure → what of an invoice it adds up, and which invoices enter.
MEASURES: dict[str, tuple[str, pl.Expr]] = {
    "open": ("open_fen", pl.lit(True)),
    "proven": ("open_fen", pl.col("unpaid").is_in(["statements", "confirmed"])),
    "eligible": ("eligible_fen", pl.lit(True)),
    "if_proven": ("if_proven_fen", pl.lit(True)),
    "overdue": ("open_fen", pl.col("overdue_days") > 0),
}


def receivables(
    asked: Asking, firm_: int, measure: str, buyer: int | None, bucket: str | None
) -> WorkedProof:
    """A sum of the firm's receivables: of all buyers or one, of all ages or one."""
    snapshot, lang = asked.snapshot, asked.lang
    rows = table(asked, firm_, None).filter(pl.col("status") != "void")
    if measure in FIGURES:
        return _figure(asked, firm_, measure, rows)
    column, enters = MEASURES[measure]
    if buyer is not None:
        rows = rows.filter(pl.col("buyer") == buyer)
    if bucket is not None:
        rows = rows.filter(pl.col("bucket") == bucket)
    chosen = rows.filter(enters & (pl.col(column) != 0)).sort(column, "fact", descending=[True, False])
    named = firm(snapshot, buyer).name if buyer is not None else None
    age = label(bucket, lang) if bucket else None
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="receivables",
        title=" · ".join(filter(None, [label(f"proof_recv_{measure}", lang), named, age])),
        about=firm(snapshot, firm_),
        amount_fen=int(chosen[column].sum()),
        text=message(f"proof_recv_{measure}", lang, n=f"{chosen.height:,}"),
        parts=parts([_invoices(asked, chosen, column)]),
        grounds=grounds(asked, policy=policy_on(snapshot.as_of).version),
    )


def _invoices(asked: Asking, rows: pl.DataFrame, column: str) -> ProofPart:
    told = [
        ProofRow(
            text=f"{row['number'] or row['fact']} · {firm(asked.snapshot, row['buyer']).name}",
            hint=message(
                "proof_invoice", asked.lang, issued=row["issued_on"], due=row["due_on"],
                basis=label(f"due_{row['due_basis']}", asked.lang),
            ),
            amount_fen=row[column],
            opens=fact(row["fact"]),
        )
        for row in rows.head(ROWS).iter_rows(named=True)
    ]  # fmt: skip
    return part("invoices", told, asked.lang, rows.height)


def _figure(asked: Asking, firm_: int, name: str, rows: pl.DataFrame) -> WorkedProof:
    """Days of sales outstanding, dilution, share of the five largest buyers: over the policy's months."""
    snapshot, lang = asked.snapshot, asked.lang
    day = snapshot.as_of
    rules = policy_on(day)
    whole = summed(rows, snapshot, firm_, rules, day)
    found = next(one for one in whole.figures if one.name == name)
    months = int(rules.value("receivables", "months_for_ratios"))
    year = rows.filter(pl.col("issued_on") > day - timedelta(days=round(months * 365 / 12)))
    sums = {
        "sold": int(year["amount_fen"].sum()),
        "red": int(year["red_fen"].sum()),
        "open": whole.sums["open_fen"],
    }
    id_ = snapshot.id_of(firm_)
    enters = {"dso_days": ("open", "sold", "red"), "dilution": ("red", "sold"), "top5_share": ("open",)}[name]
    inputs = [
        ProofRow(
            text=label(f"proof_input_{one}", lang),
            amount_fen=sums[one],
            opens=worked("receivables", enterprise=id_, measure="open") if one == "open" else None,
        )
        for one in enters
    ]
    five = [
        ProofRow(
            text=firm(snapshot, row["buyer"]).name,
            amount_fen=row["open_fen"],
            opens=worked("receivables", enterprise=id_, measure="open", buyer=snapshot.id_of(row["buyer"])),
        )
        for row in whole.buyers.head(5).iter_rows(named=True)
    ]
    red = year.filter(pl.col("red_fen") != 0).sort("red_fen", "fact")
    behind = {"dilution": _invoices(asked, red, "red_fen")}.get(name) or _invoices(
        asked, year.sort("amount_fen", "fact", descending=[True, False]), "amount_fen"
    )
    value = found.value
    written = "-" if value is None else f"{value:,.0f}" if name == "dso_days" else f"{100 * value:.1f} %"
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="receivables",
        title=label(f"figure_{name}", lang),
        about=firm(snapshot, firm_),
        value=written,
        text=message(f"proof_{name}", lang, months=months),
        parts=parts(
            [part("inputs", inputs, lang), part("buyers", five, lang) if name == "top5_share" else behind]
        ),
        grounds=grounds(
            asked, policy=rules.version, reason=label(f"reason_{found.reason}", lang) if found.reason else ""
        ),
    )
