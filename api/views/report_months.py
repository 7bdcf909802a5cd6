"""The largest partners of a firm, in all and by month, from the snapshot alone."""

from typing import Literal

import numpy as np
import polars as pl

from api.models import Neighbour, Neighbours
from api.models_report import PartnerMonth, PartnerMonths
from graph.snapshot import Snapshot


def partner_months(
    snapshot: Snapshot, firm: int, side: Literal["suppliers", "customers"], limit: int
) -> PartnerMonths:
    """Net amounts of the `limit` largest partners for every month of the data, and of all others together."""
    edges = snapshot.customers(firm) if side == "customers" else snapshot.suppliers(firm)
    months = snapshot.months
    table = np.zeros((len(edges), len(months)), np.int64)
    if len(edges):
        places = pl.DataFrame(
            {"edge": edges, "at": np.arange(len(edges))}, schema={"edge": pl.Int32, "at": pl.Int64}
        )
        flow = (
            snapshot.scan("flow")
            .select("edge", "month", "amount_fen")
            .join(places.lazy(), on="edge")
            .collect()
        )
        np.add.at(table, (flow["at"].to_numpy(), flow["month"].to_numpy()), flow["amount_fen"].to_numpy())
    sums = table.sum(axis=1)
    order = np.lexsort((edges, -sums))
    ends = snapshot.column("edges", "dst" if side == "customers" else "src")
    names = snapshot.enterprises["name"]
    items = [
        PartnerMonth(
            id=snapshot.id_of(int(ends[edges[at]])),
            name=str(names[int(ends[edges[at]])]),
            amount_fen=int(sums[at]),
            by_month=table[at].tolist(),
        )
        for at in order[:limit]
    ]
    return PartnerMonths(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        months=list(months),
        items=items,
        others_fen=table[order[limit:]].sum(axis=0).tolist(),
        total=len(edges),
    )


def largest(snapshot: Snapshot, firm: int, side: Literal["suppliers", "customers"], limit: int) -> Neighbours:
    """The answer `Neighbours` without a graph store: links of one side, the largest first."""
    edges = snapshot.customers(firm) if side == "customers" else snapshot.suppliers(firm)
    order = edges[np.lexsort((edges, -snapshot.column("edges", "amount_fen")[edges]))][:limit]
    wanted = pl.DataFrame({"row": order.astype(np.uint32)}).with_row_index("place")
    rows = snapshot.scan("edges").with_row_index("row").join(wanted.lazy(), on="row").sort("place").collect()
    firms = snapshot.enterprises
    items = []
    for row in rows.iter_rows(named=True):
        other = row["dst" if side == "customers" else "src"]
        same = {name: row[name] for name in ("amount_fen", "gross_fen", "red_fen", "count", "first", "last")}
        items.append(
            Neighbour(
                id=snapshot.id_of(other),
                name=str(firms["name"][other]),
                attested=row["attested"],
                hub=bool(firms["hub"][other]),
                **same,
            )
        )
    return Neighbours(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=items,
        total=len(edges),
        shown=len(items),
        note="",
    )
