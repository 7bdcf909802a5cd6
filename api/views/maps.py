"""Industry maps at a time and in a colour, and a chain at two dates."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from api.asking import Asking
from api.models import ChainMap, MapScale, Named, Place
from api.models_map import CellCompared, FlowCompared, MapCompared, MonthsOf
from api.views.chains import chain_map, chain_named, places
from api.views.tables import Tables
from extraction.dates import beijing_today
from graph.csr import Int64
from graph.snapshot import Snapshot
from ledger.errors import InputError
from ledger.words import label, message, messages
from seeds.regions import region_name
from services.desk.colours import coloured
from services.desk.dated import Span, span, traded

_UNITS = {"count": "count", "amount": "fen", "risk": "share", "growth": "change", "region": "category"}


@dataclass(frozen=True)
class Wanted:
    """A map: of a chain, in a colour, of the last `months` full months up to `as_of`; None: of all."""

    chain: str
    color: str
    as_of: date | None = None
    months: int | None = None


def day_of(color: str) -> date | None:
    """The day that a colour depends on: rules of risk hold on a day. None where it depends on none."""
    return beijing_today() if color == "risk" else None


def coloured_map(asked: Asking, wanted: Wanted) -> ChainMap:
    """The map. Raises NotFound, InputError where no full month lies in that time."""
    snapshot, lang = asked.snapshot, asked.lang
    within = None
    if wanted.as_of is not None or wanted.months is not None:
        within = _span(snapshot, wanted.as_of or snapshot.as_of, wanted.months)
    rows, amounts = _rows(asked, wanted.chain, within)
    made = (
        _made(asked, wanted.chain)
        if within is None
        else chain_map(snapshot, wanted.chain, lang, rows, amounts, asked.met)
    )
    firms = Tables(asked).whole() if wanted.color in ("growth", "risk") else pl.DataFrame()
    told = coloured(snapshot, rows, firms, wanted.color)
    values = {(s, c): (v, of, k) for s, c, v, of, k in told.iter_rows()}
    cells = []
    for cell in made.cells:
        value, of, category = values.get((cell.segment, cell.depth), (None, 0, None))
        text = region_name(category, lang)
        update = {"value": value, "of": of, "category": category, "category_text": text}
        cells.append(cell.model_copy(update=update))
    shown = [cell.value for cell in cells if cell.value is not None]
    note = f"colour_note_{wanted.color}"
    scale = MapScale(
        color=wanted.color,
        name=label(f"colour_{wanted.color}", lang),
        unit=_UNITS[wanted.color],  # type: ignore[arg-type]
        least=min(shown, default=None),
        most=max(shown, default=None),
        note=message(note, lang) if note in messages() else None,
    )
    since, until = (None, None) if within is None else _ends(snapshot, within)
    return made.model_copy(update={"cells": cells, "scale": scale, "since": since, "until": until})


def _made(asked: Asking, chain: str) -> ChainMap:
    """The map of all time, added up once for every colour."""
    snapshot, lang = asked.snapshot, asked.lang
    rows, _ = _rows(asked, chain, None)
    if asked.visible is not None:
        return chain_map(snapshot, chain, lang, rows, met=asked.met)
    key = ("added up", snapshot.id, lang, chain)
    return asked.data.worked_out.get(key, lambda: chain_map(snapshot, chain, lang, rows))


def compared(asked: Asking, chain: str, before: date, after: date | None, months: int) -> MapCompared:
    """The chain at two dates. Raises NotFound, InputError."""
    snapshot, lang = asked.snapshot, asked.lang
    declared = chain_named(snapshot, chain)
    spans = [_span(snapshot, day, months) for day in (before, after or snapshot.as_of)]
    maps = [chain_map(snapshot, chain, lang, *_rows(asked, chain, within), asked.met) for within in spans]
    cells = [{(c.segment, c.depth): (c.enterprises, c.amount_fen) for c in one.cells} for one in maps]
    flows = [
        {
            ((f.from_.segment, f.from_.depth), (f.to.segment, f.to.depth)): (f.amount_fen, f.links)
            for f in one.flows
        }
        for one in maps
    ]
    first, second = (
        MonthsOf(since=low, until=high, months=within.high - within.low)
        for within in spans
        for low, high in [_ends(snapshot, within)]
    )
    return MapCompared(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        chain=Named(id=chain, name=declared["name"][lang]),
        before=first,
        after=second,
        cells=[
            _cell(place, cells[0].get(place, (0, 0)), cells[1].get(place, (0, 0)))
            for place in dict.fromkeys([*cells[1], *cells[0]])
        ],
        flows=[
            _flow(ends, flows[0].get(ends, (0, 0)), flows[1].get(ends, (0, 0)))
            for ends in dict.fromkeys([*flows[1], *flows[0]])
        ],
        note=message("map_places", lang),
    )


def _span(snapshot: Snapshot, day: date, months: int | None) -> Span:
    within = span(snapshot, day, months)
    if within.high <= within.low:
        raise InputError("map_no_months", day=day.isoformat())
    return within


def _ends(snapshot: Snapshot, within: Span) -> tuple[str, str]:
    return snapshot.months[within.low], snapshot.months[within.high - 1]


def _rows(asked: Asking, chain: str, within: Span | None) -> tuple[pl.DataFrame, Int64 | None]:
    """Who counts, of those that the caller may see, and what went over each edge; all of it where no time is
    set. Raises NotFound."""
    snapshot = asked.snapshot
    chain_named(snapshot, chain)
    every = asked.data.worked_out.get(("places", snapshot.id, chain), lambda: places(snapshot, chain))
    rows = asked.only(every)
    if within is None:
        return rows, None
    seen, amounts = traded(snapshot, within)
    return rows.drop("sales_fen").join(seen, on="enterprise"), amounts


def _cell(place: tuple[str, int], before: tuple[int, int], after: tuple[int, int]) -> CellCompared:
    return CellCompared(
        segment=place[0],
        depth=place[1],
        enterprises_before=before[0],
        enterprises_after=after[0],
        amount_before_fen=before[1],
        amount_after_fen=after[1],
        change=after[1] / before[1] - 1 if before[1] > 0 else None,
    )


def _flow(
    ends: tuple[tuple[str, int], tuple[str, int]], before: tuple[int, int], after: tuple[int, int]
) -> FlowCompared:
    start, end = (Place(segment=segment, depth=depth) for segment, depth in ends)
    return FlowCompared(
        from_=start,
        to=end,
        amount_before_fen=before[0],
        amount_after_fen=after[0],
        links_before=before[1],
        links_after=after[1],
    )
