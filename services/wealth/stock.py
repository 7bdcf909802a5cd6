"""The shelf that is served with its flows and holders: a user's own files, or the generated one."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from ledger.errors import NotFound
from seeds import shelf_history
from seeds.shelf import shelf
from seeds.shelf_books import read_flows, read_holders
from seeds.shelf_file import read_shelf
from services.wealth.product_flows import calendar

#: Days of history that the generated products have, and known holders of each.
GENERATED_DAYS, GENERATED_HOLDERS = 400, 8
#: Names of the files of a folder.
PRODUCTS, FLOWS, HOLDERS = ("products.csv", "products.yaml"), "flows.csv", "holders.csv"


@dataclass(frozen=True)
class Stock:
    """A shelf: `path` is a file, or a folder with products, flows and holders; None: the generated one."""

    path: Path | None = None

    @cached_property
    def products(self) -> pl.DataFrame:
        """One row a product, columns as in `seeds.shelf.COLUMNS`. Raises InputError, FileUnreadable."""
        if self.path is None:
            return shelf()
        if self.path.is_dir():
            found = next((self.path / name for name in PRODUCTS if (self.path / name).is_file()), None)
            return read_shelf(found or self.path / PRODUCTS[0])
        return read_shelf(self.path)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self.products["id"].to_list())}

    @cached_property
    def _flows(self) -> pl.DataFrame | None:
        return self._book(FLOWS, read_flows)

    @cached_property
    def _holders(self) -> pl.DataFrame | None:
        return self._book(HOLDERS, read_holders)

    def _book(self, name: str, read: Any) -> pl.DataFrame | None:
        if self.path is None or not self.path.is_dir() or not (self.path / name).is_file():
            return None
        found: pl.DataFrame = read(self.path / name)
        return found

    def product(self, id_: str) -> dict[str, Any]:
        """A product's row. Raises NotFound."""
        row = self._rows.get(id_)
        if row is None:
            raise NotFound("wealth_product_not_found", product=id_)
        return dict(self.products.row(row, named=True))

    def history(self, product: dict[str, Any], until: date) -> tuple[np.ndarray, date]:
        """int64[2, days] subscriptions and redemptions until that day, and the first of them.

        Raises NotFound where nobody gave a history.
        """
        if product["synthetic"]:
            first = until - timedelta(days=GENERATED_DAYS - 1)
            open_days = calendar(first, GENERATED_DAYS).trading.tolist()
            return shelf_history.history(product["id"], product["size_fen"], open_days, first), first
        flows = None if self._flows is None else self._flows.filter(pl.col("product") == product["id"])
        flows = None if flows is None else flows.filter(pl.col("day") <= until).sort("day")
        if flows is None or not flows.height or product["size_fen"] is None:
            raise NotFound("wealth_no_history", product=product["id"])
        first = flows["day"][0]
        found = np.zeros((2, (flows["day"][-1] - first).days + 1), np.int64)
        at = (flows["day"] - first).dt.total_days().to_numpy()
        found[0, at], found[1, at] = flows["subscribed_fen"].to_numpy(), flows["redeemed_fen"].to_numpy()
        return found, first

    def holders(self, product: dict[str, Any], enterprises: pl.DataFrame) -> list[tuple[int, int]]:
        """Rows of enterprises known to hold the product, with what each holds in fen. `enterprises`: columns
        id and code."""
        if product["synthetic"]:
            ids = enterprises["id"].to_list()
            rows = {id_: row for row, id_ in enumerate(ids)}
            drawn = shelf_history.holders(product["id"], product["size_fen"], ids, GENERATED_HOLDERS)
            return [(rows[id_], fen) for id_, fen in drawn]
        if self._holders is None:
            return []
        mine = self._holders.filter(pl.col("product") == product["id"])
        codes = enterprises.with_row_index("row").filter(pl.col("code").is_in(mine["code"].to_list()))
        found = mine.join(codes, on="code").group_by("row").agg(pl.col("amount_fen").sum()).sort("row")
        return [(int(row), int(fen)) for row, fen in found.iter_rows()]
