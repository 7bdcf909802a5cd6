"""What would move if two names were one firm: the papers of either side; the smaller side moves."""

import polars as pl

from api.asking import Asking
from api.models_match import ReviewOne, ReviewSide
from api.models_proofs import Onward, ProofPart, ProofRow, WorkedProof
from api.views.amounts import amount_text
from api.views.proofs import ROWS, fact, grounds, part, parts
from ledger.ledger import Ledger
from ledger.words import label, message


def pair(asked: Asking, review: ReviewOne) -> WorkedProof:
    """The amounts that hang on either side of a review, invoice by invoice, the largest first."""
    lang = asked.lang
    sides = [_side(asked, one, name) for one, name in ((review.left, "left"), (review.right, "right"))]
    (left, found_left), (right, found_right) = sides
    moves = (min(left, right) or left) if review.impact_fen is None else review.impact_fen
    return WorkedProof(
        snapshot=asked.snapshot.id,
        as_of=asked.snapshot.as_of,
        what="pair",
        title=f"{review.left.name} / {review.right.name}",
        about=None,
        amount_fen=moves,
        text=message(
            "proof_pair", lang, left=review.left.name, right=review.right.name,
            left_amount=amount_text(left, lang), right_amount=amount_text(right, lang),
            moves=amount_text(moves, lang),
        ),
        parts=parts([found_left, found_right, part("papers", _firms(review), lang)]),
        grounds=grounds(asked),
    )  # fmt: skip


def _side(asked: Asking, side: ReviewSide, name: str) -> tuple[int, ProofPart]:
    """What hangs on one party, as the build weighs it (all books, no sign), and the papers."""
    mine = [_named(asked.ledger, table, who, fen, side.party) for table, who, fen in _SAID]
    found = pl.concat(mine).collect()
    rows = (
        found.group_by("fact")
        .agg(pl.col("table", "number", "on", "fen").first(), pl.col("fen").abs().sum().alias("moves"))
        .sort("moves", "fact", descending=[True, False])
    )
    told = [
        ProofRow(
            text=row["number"] or row["fact"],
            hint=f"{label('proof_in_' + row['table'], asked.lang)} · {row['on']}",
            amount_fen=row["fen"],
            opens=fact(row["fact"]),
        )
        for row in rows.head(ROWS).iter_rows(named=True)
    ]
    return int(found["fen"].abs().sum()), part(f"side_{name}", told, asked.lang, rows.height)


#: Table, the column that names the party, the amount: what the build weighs (`dayan.settling.money_of`).
_SAID = (
    ("invoices", "seller", "total_fen"),
    ("invoices", "buyer", "total_fen"),
    ("contracts", "seller", "amount_fen"),
    ("contracts", "buyer", "amount_fen"),
    ("bank_flows", "counterparty", "amount_fen"),
)


def _named(ledger: Ledger, table: str, who: str, fen: str, party: str) -> pl.LazyFrame:
    """table, fact, number, on, fen of the rows that name a party."""
    rows = ledger.scan(table).filter((pl.col(who) == party) & (pl.col("currency") == "CNY"))
    number = pl.col("number") if "number" in rows.collect_schema() else pl.lit(None, pl.String)
    return rows.select(
        table=pl.lit(table), fact="fact", number=number, on="happened_on", fen=pl.col(fen).fill_null(0)
    )


def _firms(review: ReviewOne) -> list[ProofRow]:
    """The enterprises that the two belong to now."""
    return [
        ProofRow(text=side.name, opens=Onward(of="enterprise", id=side.enterprise))
        for side in (review.left, review.right)
        if side.enterprise
    ]
