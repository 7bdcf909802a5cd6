"""What a node is told by: named numbers of a firm as of a day, and texts as seeded random projections.

Every number comes from the view, so from months that were over and ties that held on its day. A text is
projected gram by gram with signs read off a hash: no dictionary, nothing learned, so that a new product
or firm needs no retraining and nothing that comes later changes what stands.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from gnn.text import grams
from gnn.view import View
from graph.segments import resale_share

Float32 = NDArray[np.float32]

#: Columns of the projections: item text, tax category, GB/T 4754 industry, GB/T 2260 region.
TEXT, TAX, INDUSTRY, REGION = 48, 16, 16, 16
YEAR, HALF = 12, 6
LEGAL_FORMS = ("company", "individual_business", "cooperative")
#: Named numbers of a firm, in the order of the columns; `feature_<name>` is the sentence of each.
FIRM_FEATURES = (
    *(f"{side}_{what}" for side in ("sales", "purchases") for what in (
        "log", "year_log", "trend", "months", "idle", "age", "partners_log", "top_share", "products_log"
    )),
    "consumers_log", "consumers_share", "resale", "taxpayer_general", *LEGAL_FORMS,
)  # fmt: skip
PRODUCT_FEATURES = (*(f"text_{i}" for i in range(TEXT)), *(f"tax_{i}" for i in range(TAX)))
INDUSTRY_FEATURES = tuple(f"industry_{i}" for i in range(INDUSTRY))


def firm_features(view: View, attributes: pl.DataFrame) -> Float32:
    """float32[n, len(FIRM_FEATURES) + INDUSTRY], one row a firm of the view.

    Amounts are log10 of one plus yuan, without tax; `months` the share of the months so far with an
    invoice, `idle` and `age` years since the last and the first month with one; `trend` the natural log of
    the last half year over the half before. `attributes`: enterprise, name, value; those that hold.
    """
    firms = pl.DataFrame({"enterprise": pl.Series(range(view.firms), dtype=pl.Int32)})
    flow = view.flow.with_columns(
        src=pl.Series(view.graph.src).gather(view.flow["edge"]),
        dst=pl.Series(view.graph.dst).gather(view.flow["edge"]),
    )
    parts = [
        _side(flow, "src", months_so_far(view), "sales"),
        _kinds(view.makes, "sales"),
        _side(flow, "dst", months_so_far(view), "purchases"),
        _kinds(view.buys, "purchases"),
        _consumers(view),
        resale_share(view.makes, view.buys),
        _said(attributes),
    ]
    for part in parts:
        firms = firms.join(
            part.cast({"enterprise": pl.Int32}), on="enterprise", how="left", maintain_order="left"
        )
    numbers = firms.select(pl.col(name).cast(pl.Float32).fill_null(0.0) for name in FIRM_FEATURES)
    return np.hstack([numbers.to_numpy(), _industries(attributes, view.firms)]).astype(np.float32)


def months_so_far(view: View) -> int:
    """Months from the first seen to the day, quiet ones at the end included: that something was invoiced
    later must not be read off the length of the calendar."""
    if not view.months:
        return 0
    year, month = (int(part) for part in view.months[0].split("-"))
    over = view.as_of + timedelta(days=1)  # the first day that is not over
    return max(len(view.months), (over.year - year) * YEAR + over.month - month)


def product_features(products: pl.DataFrame) -> Float32:
    """float32[p, TEXT + TAX] of rows tax_category, item: the item's grams, the prefixes of its category."""
    text = projected((grams(item or "") for item in products["item"]), TEXT)
    tax = projected((prefixes(code, (1, 3, 5, 7, 9, 11)) for code in products["tax_category"]), TAX)
    return np.hstack([text, tax])


def projected(texts: Iterable[Sequence[str]], width: int) -> Float32:
    """float32[n, width], rows of length 1 (0 for a text without grams).

    Each gram brings `width` signs, the first bits of its SHA-256 (Achlioptas, JCSS 66 (2003): random
    signs keep inner products); at most 256.
    """
    number: dict[str, int] = {}
    indptr: list[int] = [0]
    column: list[int] = []
    for text in texts:
        column.extend(number.setdefault(gram, len(number)) for gram in text)
        indptr.append(len(column))
    digests = b"".join(sha256(gram.encode()).digest() for gram in number)
    bits = np.unpackbits(np.frombuffer(digests, np.uint8).reshape(-1, 32), axis=1)[:, :width]
    signs = bits.astype(np.float32) * 2 - 1
    held = sparse.csr_matrix(
        (np.ones(len(column), np.float32), np.asarray(column, np.int64), np.asarray(indptr, np.int64)),
        shape=(len(indptr) - 1, len(number)),
    )
    whole = np.asarray(held @ signs if number else np.zeros((held.shape[0], width)), np.float32)
    length = np.linalg.norm(whole, axis=1, keepdims=True)
    return np.asarray(whole / np.maximum(length, 1e-9), np.float32)


def prefixes(code: str | None, lengths: Sequence[int]) -> list[str]:
    """The beginnings of a code, each marked by its length so that 10 and 1 0 are not one gram."""
    return [f"{length}:{code[:length]}" for length in lengths if code and len(code) >= length]


def _side(flow: pl.DataFrame, who: str, months: int, name: str) -> pl.DataFrame:
    amount, month = pl.col("amount_fen"), pl.col("month")
    last_half = amount.filter(month >= months - HALF).sum()
    half_before = amount.filter((month >= months - YEAR) & (month < months - HALF)).sum()
    largest = flow.group_by(who, "edge").agg(amount.sum()).group_by(who).agg(amount.max().alias("largest"))
    sums = flow.group_by(who).agg(
        _log(amount.sum()).alias("log"),
        _log(amount.filter(month >= months - YEAR).sum()).alias("year_log"),
        _ratio(last_half, half_before).alias("trend"),
        (month.filter(amount > 0).n_unique() / max(months, 1)).alias("months"),
        ((months - 1 - month.max()) / YEAR).alias("idle"),
        ((months - 1 - month.min()) / YEAR).alias("age"),
        pl.col("edge").n_unique().log1p().alias("partners_log"),
        amount.sum().alias("whole"),
    )
    found = sums.join(largest, on=who).with_columns(
        top_share=pl.when(pl.col("whole") > 0).then(pl.col("largest") / pl.col("whole")).clip(0, 1)
    )
    kept = [c for c in found.columns if c not in (who, "whole", "largest")]
    return found.select(pl.col(who).alias("enterprise"), *(pl.col(c).alias(f"{name}_{c}") for c in kept))


def _kinds(shares: pl.DataFrame, name: str) -> pl.DataFrame:
    return shares.group_by("enterprise").agg(pl.len().log1p().alias(f"{name}_products_log"))


def _consumers(view: View) -> pl.DataFrame:
    amount, retail = pl.col("amount_fen"), pl.col("dst").is_null()
    whole, part = amount.sum(), amount.filter(retail).sum()
    return view.items.group_by(pl.col("src").alias("enterprise")).agg(
        _log(part).alias("consumers_log"),
        pl.when(whole > 0).then(part / whole).clip(0, 1).alias("consumers_share"),
    )


def _said(attributes: pl.DataFrame) -> pl.DataFrame:
    """taxpayer_general and the legal form as 0 and 1; null where nobody says."""
    taxpayer = attributes.filter(pl.col("name") == "taxpayer").select(
        "enterprise", taxpayer_general=(pl.col("value") == "general").cast(pl.Float32)
    )
    form = attributes.filter(pl.col("name") == "legal_form").select(
        "enterprise", *((pl.col("value") == form).cast(pl.Float32).alias(form) for form in LEGAL_FORMS)
    )
    return taxpayer.join(form, on="enterprise", how="full", coalesce=True)


def _industries(attributes: pl.DataFrame, firms: int) -> Float32:
    said = attributes.filter(pl.col("name") == "industry")
    vectors = projected((prefixes(code, (2, 3, 4)) for code in said["value"]), INDUSTRY)
    made = np.zeros((firms, INDUSTRY), np.float32)
    made[said["enterprise"].to_numpy()] = vectors
    return made


def _log(fen: pl.Expr) -> pl.Expr:
    return (fen.clip(0) / 100 + 1).log(10)


def _ratio(now: pl.Expr, before: pl.Expr) -> pl.Expr:
    """Log of two amounts' ratio, drawn to 0 by 1,000 yuan on either side, within ±3."""
    return ((now.clip(0) + 100_000) / (before.clip(0) + 100_000)).log().clip(-3, 3)
