"""Master data of the snapshot: what firms are called and were, what they are, and the lists they stand on.

Every row keeps its days and who says so. What holds on a day is for the reader of the table to ask:
`happened_on` not after it (null: since ever), `until` not before it (null: still).
"""

from typing import Any

import polars as pl

from ledger.ledger import Ledger

_TEXT: Any = pl.String
_DAYS: dict[str, Any] = {"happened_on": pl.Date, "until": pl.Date}

MASTER_TABLES: dict[str, pl.Schema] = {
    "attributes": pl.Schema(
        {"enterprise": pl.Int32, "name": _TEXT, "value": _TEXT, **_DAYS, "source": _TEXT, "fact": _TEXT}
    ),
    "names": pl.Schema(
        {"enterprise": pl.Int32, "name": _TEXT, "kind": _TEXT, **_DAYS, "source": _TEXT, "fact": _TEXT}
    ),
    "listings": pl.Schema(
        {
            "enterprise": pl.Int32,
            "list": _TEXT,
            **_DAYS,
            **dict.fromkeys(("case", "authority", "reason", "fact"), _TEXT),
        }
    ),
}
MASTER_ORDER: dict[str, tuple[str, ...]] = dict.fromkeys(MASTER_TABLES, ("enterprise", "fact"))
MASTER_POINTERS: dict[str, dict[str, str]] = {table: {"enterprise": "enterprises"} for table in MASTER_TABLES}
#: Ledger table → table of the snapshot.
FROM = {"attributes": "attributes", "aliases": "names", "listings": "listings"}


def blank(table: str) -> pl.DataFrame:
    """A table of this file without rows."""
    return pl.DataFrame(schema=MASTER_TABLES[table])


def parties(ledger: Ledger) -> pl.LazyFrame:
    """Column `party`: everyone whom master data speaks of."""
    return pl.concat([ledger.scan(table).select("party") for table in FROM])


def master_tables(
    ledger: Ledger, enterprise_of: pl.DataFrame, index: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The tables by name; each fact once, whoever's documents say it."""
    where = enterprise_of.join(index, on="enterprise").select("party", "i")
    made = {}
    for source, table in FROM.items():
        columns = [name for name in MASTER_TABLES[table] if name != "enterprise"]
        said = ledger.scan(source).select("party", *columns).sort("party", *columns)
        rows = said.unique("fact", keep="first", maintain_order=True).join(where.lazy(), on="party")
        made[table] = (
            rows.select(pl.col("i").alias("enterprise"), *columns).sort(MASTER_ORDER[table]).collect()
        )
    return made
