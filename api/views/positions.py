"""Where a firm stands and why, and the path of goods it stands on."""

from typing import Any

import polars as pl

from api.models import Hop, Named
from api.models_positions import GoodsPath, PositionAnswer, Sign, Standing
from api.views.chains import chain_names
from api.views.enterprises import level_text, rows_of
from api.views.goods import Feeding, Goods, Link
from graph.snapshot import Snapshot
from ledger.words import Lang, label, message


def position(snapshot: Snapshot, firm: int, lang: Lang) -> PositionAnswer:
    """Every chain of the firm, surest first, and what speaks for its segment."""
    rows = rows_of(snapshot, "positions", firm)
    for name in ("probability", "chain_probability", "basis"):  # an older build did not say
        if name not in rows.columns:
            rows = rows.with_columns(pl.lit(None).alias(name))
    ordered = rows.sort("membership", "chain", descending=[True, False], nulls_last=True)
    paths = {row["chain"]: row for row in rows_of(snapshot, "goods_paths", firm).iter_rows(named=True)}
    items = [_standing(snapshot, row, paths.get(row["chain"]), lang) for row in ordered.iter_rows(named=True)]
    placed = any(item.segment for item in items)
    return PositionAnswer(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        enterprise=named(snapshot, firm),
        placed=placed,
        text=_sentence(items, lang),
        positions=items,
        signs=_signs(snapshot, firm, lang) if placed else [],
    )


def named(snapshot: Snapshot, firm: int) -> Named:
    """A firm by id and name."""
    return Named(id=snapshot.id_of(firm), name=snapshot.enterprises["name"][firm])


def _standing(snapshot: Snapshot, row: dict[str, Any], path: dict[str, Any] | None, lang: Lang) -> Standing:
    chains, segments = chain_names(snapshot, lang)
    chain, segment, core = row["chain"], row["segment"], row["core"]
    basis = row["basis"] or ("observed" if segment else "inferred")
    seat = _segment(snapshot, chain, segment)
    return Standing(
        chain=Named(id=chain, name=chains[chain]),
        chain_probability=row["chain_probability"],
        segment=None if segment is None else Named(id=segment, name=segments[chain, segment]),
        tier=seat.get("tier"),
        probability=row["probability"],
        basis=basis,
        basis_text=label(f"position_{basis}", lang),
        membership=row["membership"],
        role=snapshot.enterprises["role"][row["enterprise"]] or seat.get("role"),
        level=row["level"],
        level_text=level_text(row["level"], lang),
        depth=row["depth"],
        core=None if core is None else named(snapshot, core),
        path=None if path is None else goods_path(snapshot, path, lang),
    )


def _segment(snapshot: Snapshot, chain: str, segment: str | None) -> dict[str, Any]:
    found = next(c for c in snapshot.chains if c["id"] == chain)
    return next((s for s in found["segments"] if s["id"] == segment), {})


def goods_path(snapshot: Snapshot, row: dict[str, Any], lang: Lang) -> GoodsPath:
    """A row of table `goods_paths`, hop by hop in the direction of the goods."""
    edges = row["edges"] if row["upstream"] else row["edges"][::-1]
    columns = snapshot.edges[edges]
    links = [
        Link(r["src"], r["dst"], edge, r["first"], r["last"])
        for edge, r in zip(edges, columns.iter_rows(named=True), strict=True)
    ]
    goods = Goods(snapshot, [link.edge for link in links])
    feeding = Feeding(snapshot, [f for link in links for f in (link.seller, link.buyer)], row["chain"], lang)
    hops = []
    for before, link, told in zip([None, *links], links, columns.iter_rows(named=True), strict=False):
        items = goods.items(link)
        feeds, reason = feeding.judge(before, link, items)
        hops.append(
            Hop(
                from_=named(snapshot, link.seller),
                to=named(snapshot, link.buyer),
                **{name: told[name] for name in ("amount_fen", "count", "first", "last")},
                months=goods.months.get(link.edge, []),
                items=items,
                feeds=feeds,
                reason=reason,
            )
        )
    core = named(snapshot, row["core"])
    return GoodsPath(upstream=row["upstream"], core=core, worth=row["worth"], hops=hops)


def _signs(snapshot: Snapshot, firm: int, lang: Lang) -> list[Sign]:
    rows = rows_of(snapshot, "position_signs", firm).sort(pl.col("gave").abs(), descending=True)
    return [
        Sign(sign=row["sign"], text=label(f"sign_{row['sign']}", lang), gave=round(row["gave"], 4))
        for row in rows.iter_rows(named=True)
    ]


def _sentence(items: list[Standing], lang: Lang) -> str:
    """The first position in words: chain, segment, how sure, core and level."""
    first = next((item for item in items if item.segment), None)
    if first is None or first.segment is None:
        return message("position_none", lang)
    sure = message(
        f"position_{first.basis}_sure",
        lang,
        share="-" if first.probability is None else f"{first.probability:.1%}",
    )
    core = (
        message("position_core", lang, core=first.core.name, level=first.level_text)
        if first.core
        else message("position_no_core", lang)
    )
    where = message("position_in", lang, chain=first.chain.name, segment=first.segment.name)
    return message("position_sentence", lang, where=where, sure=sure, core=core)
