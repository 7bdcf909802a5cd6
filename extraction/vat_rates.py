"""Which VAT rates were in force on which day (`vat_rates.yaml`). A mismatch warns, it never rejects."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import polars as pl
import yaml

from ledger.records import DECIMAL


@dataclass(frozen=True)
class VatRate:
    """One rate and the days it was in force, both ends included."""

    rate: Decimal
    first: date
    last: date
    what: str
    source: str


@cache
def vat_rates() -> tuple[VatRate, ...]:
    """Every rate in the file."""
    raw = yaml.safe_load((Path(__file__).parent / "vat_rates.yaml").read_text("utf-8"))
    return tuple(
        VatRate(Decimal(r["rate"]), r["from"], r["until"] or date.max, r["what"], r["source"])
        for r in raw["rates"]
    )


def in_force(rate: Decimal, day: date) -> bool:
    """Whether `rate` was one of the rates on `day`."""
    return any(r.rate == rate and r.first <= day <= r.last for r in vat_rates())


def unlawful(rate: pl.Series, day: pl.Series) -> pl.Series:
    """True where the rate was not in force on the day; false where either is unknown. Each distinct
    pair is looked at once."""
    pairs = pl.DataFrame({"rate": rate, "day": day}, schema={"rate": DECIMAL, "day": pl.Date})
    distinct = pairs.unique().drop_nulls()
    bad = [not in_force(r, d) for r, d in distinct.iter_rows()]
    table = distinct.with_columns(pl.Series("bad", bad, dtype=pl.Boolean))
    joined = pairs.join(table, on=["rate", "day"], how="left", maintain_order="left")
    return joined["bad"].fill_null(False)
