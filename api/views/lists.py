"""Lists as answers: what pasted lines mean, which enterprises fit a question, and either as a file."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import polars as pl
from fastapi.responses import Response

from api.asking import Asking
from api.data import Data
from api.models_lists import (
    MOST_LINES,
    ListAsked,
    ListCandidate,
    ListMatch,
    ListMatches,
    Screened,
)
from api.paging import Cursor
from api.views.desk import readable_list
from api.views.match import known, known_of
from api.views.notes import shown_of
from api.views.tables import Tables, Told, sheet
from extraction.who import Known, Query
from graph.snapshot import Snapshot
from ledger.errors import DayanError, InputError
from ledger.records import empty
from ledger.words import label
from services.desk.meant import Index, Meant, index_of, meant, query_of
from services.desk.screen import Choice, after, ordered, screened
from services.lending.ties import rows_of
from services.sheets import as_csv, as_xlsx

Format = Literal["csv", "xlsx"]
#: Rows of one file.
MOST = {"csv": 1_000_000, "xlsx": 50_000}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_STATUS = ("matched", "ambiguous", "unmatched")


@dataclass(frozen=True)
class Wanted:
    """A screen: which enterprises, in which order."""

    choice: Choice
    sort: str
    descending: bool


def listing_of(*question: object) -> str:
    """The name of a list in cursors: a cursor of another question does not fit."""
    return "screen:" + sha256(repr(question).encode()).hexdigest()[:12]


def members_of(asked: Asking, watchlist: str) -> tuple[int, ...]:
    """Rows of the enterprises on a watchlist that the caller may read. Raises NotFound."""
    with asked.data.state.reading() as connection:
        found = readable_list(asked, connection, watchlist)
    return tuple(sorted(set(rows_of(asked.snapshot, list(found.parties)).values())))


def fitting(asked: Asking, wanted: Wanted) -> tuple[Tables, pl.DataFrame, pl.DataFrame]:
    """The tables, all of their rows, and of those that fit, in order: row, enterprise, rank."""
    tables = Tables(asked)
    whole = tables.rows()

    def order() -> pl.DataFrame:
        fits = screened(whole.with_row_index("row"), wanted.choice)
        return ordered(fits, wanted.sort, wanted.descending).select("row", "enterprise", "rank")

    if asked.visible is not None:
        return tables, whole, order()
    return tables, whole, asked.data.orders.get((tables.state, wanted), order)


def screen(
    asked: Asking, wanted: Wanted, listing: str, limit: int, cursor: Cursor | None, offset: int = 0
) -> Screened:
    """The page that follows `cursor`; without one, the page after the first `offset` rows."""
    tables, whole, rows = fitting(asked, wanted)
    rest = (
        rows.slice(offset)
        if cursor is None
        else after(rows, wanted.descending, (cursor.key[0], cursor.key[1]))
    )
    page = rest.head(limit)
    more = rest.height > limit
    last = page.select("rank", "enterprise").row(-1) if more else None
    snapshot = asked.snapshot
    items = Told(snapshot, whole, asked.lang, asked.met).firms(whole[page["row"]])
    asked.listed(item.id for item in items)
    return Screened(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        hidden=tables.hidden,
        items=items,
        total=rows.height,
        next=Cursor(listing, snapshot.id, last).text() if last else None,
        note=shown_of(page.height, rows.height, asked.lang) if page.height < rows.height else None,
        day=tables.day.isoformat(),
    )


def screen_file(asked: Asking, wanted: Wanted, format_: Format) -> Response:
    """All that fit as a file. Raises InputError where they are more than it takes."""
    tables, whole, order = fitting(asked, wanted)
    rows = whole[order["row"]]
    said = {name: value for name, value in vars(wanted.choice).items() if value not in (None, (), False)}
    return _file(asked, tables, sheet(asked.snapshot, rows, asked.lang, asked.met), rows, format_, said)


def matches(asked: Asking, pasted: ListAsked) -> ListMatches:
    """What each line means. Raises InputError for an empty or an overlong list."""
    tables, whole, queries, found = _meant(asked, pasted)
    rows = _first_places(whole, found)
    told = {item.id: item for item in Told(asked.snapshot, whole, asked.lang, asked.met).firms(rows)}
    snapshot = asked.snapshot
    names = snapshot.enterprises["name"], snapshot.enterprises["code"]
    seen: set[int] = set()
    items = []
    for row, query, one in _lines(queries, found):
        id_ = None if one.enterprise is None else snapshot.id_of(one.enterprise)
        items.append(
            ListMatch(
                row=row,
                name=query.name,
                code=query.code,
                status=_status(one),
                way=one.way,  # type: ignore[arg-type]
                way_text=label(f"meant_{one.way}", asked.lang) if one.way else None,
                score=one.score,
                enterprise=told.get(id_) if id_ else None,
                candidates=[
                    ListCandidate(
                        id=snapshot.id_of(firm), name=names[0][firm], code=names[1][firm], score=score
                    )
                    for firm, score in (one.candidates if one.ambiguous else ())
                ],
                again=one.enterprise in seen,
            )
        )
        seen |= set() if one.enterprise is None else {one.enterprise}
    asked.listed(sorted(told))
    counts = {name: sum(item.status == name for item in items) for name in _STATUS}
    return ListMatches(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        hidden=tables.hidden,
        items=items,
        total=len(items),
        **counts,
        again=sum(item.again for item in items),
        day=tables.day.isoformat(),
    )


def matches_file(asked: Asking, pasted: ListAsked, format_: Format) -> Response:
    """The lines with what they mean beside them, as a file."""
    tables, whole, queries, found = _meant(asked, pasted)
    lines = pl.DataFrame(
        [
            (
                row, query.name, query.code, label(f"match_{_status(one)}", asked.lang),
                label(f"meant_{one.way}", asked.lang) if one.way else None, one.score, one.enterprise,
            )
            for row, query, one in _lines(queries, found)
        ],
        schema={
            "row": pl.Int64, "query": pl.String, "query_code": pl.String, "status": pl.String,
            "way": pl.String, "score": pl.Float64, "enterprise": pl.Int32,
        },
        orient="row",
    )  # fmt: skip
    rows = _first_places(whole, found)
    firms = sheet(asked.snapshot, rows, asked.lang, asked.met).with_columns(rows["enterprise"])
    joined = lines.join(firms, on="enterprise", how="left", maintain_order="left").drop("enterprise")
    return _file(asked, tables, joined, rows, format_, {"lines": len(queries)})


def _meant(asked: Asking, pasted: ListAsked) -> tuple[Tables, pl.DataFrame, list[Query], list[Meant]]:
    queries = _queries(pasted)
    snapshot = asked.snapshot
    index = indexed(asked.data, snapshot)
    tables = Tables(asked)
    whole = tables.rows()
    if asked.visible is not None:  # as if firms outside the caller's rows did not exist
        index = Index(asked.only(index.keys))
    found = meant(snapshot, index, lambda: _known(asked), queries)
    found = [_chosen(asked, one) or said for one, said in _beside(pasted, found)]
    return tables, whole, queries, found


def _beside(pasted: ListAsked, found: list[Meant]) -> Iterator[tuple[str | None, Meant]]:
    """Beside each answer, whom a person chose."""
    chosen = [one.enterprise for one in pasted.queries] if pasted.queries else [None] * len(found)
    return zip(chosen, found, strict=True)


def _chosen(asked: Asking, id_: str | None) -> Meant | None:
    """What a person chose; None where nobody did. Raises NotFound for a firm that there is not."""
    return None if id_ is None else Meant("chosen", 1.0, False, asked.partner(id_))


def warm(data: Data, snapshot: Snapshot) -> None:
    """Make what pasted lines are looked up in, and put one through that only the matcher can tell."""
    index = indexed(data, snapshot)
    with suppress(DayanError):
        meant(snapshot, index, lambda: known(data), [Query(name="大衍示例预热有限公司")])


def indexed(data: Data, snapshot: Snapshot) -> Index:
    """The keys of a snapshot, made once."""
    return data.worked_out.get(("meant", snapshot.id), lambda: index_of(snapshot))


def _known(asked: Asking) -> Known:
    """Who is known; nobody where the ledger holds no parties yet."""
    with suppress(DayanError):
        return known(asked.data) if asked.parties is None else known_of(asked.data, asked.parties)
    return Known.of(empty("parties"), empty("aliases"), empty("judgements"))


def _queries(pasted: ListAsked) -> list[Query]:
    if pasted.queries:
        queries = [Query(name=one.name, code=one.code) for one in pasted.queries]
    else:
        queries = [query_of(line[:400]) for line in pasted.text.splitlines() if line.strip()]
    if not any(one.name.strip() or one.code.strip() for one in queries):
        raise InputError("list_empty")
    if len(queries) > MOST_LINES:
        raise InputError("list_too_many_lines", count=f"{len(queries):,}", most=f"{MOST_LINES:,}")
    return queries


def _lines(queries: list[Query], found: list[Meant]) -> Iterator[tuple[int, Query, Meant]]:
    return zip(range(1, len(queries) + 1), queries, found, strict=True)


def _status(one: Meant) -> Literal["matched", "ambiguous", "unmatched"]:
    if one.enterprise is None:
        return "unmatched"
    return "ambiguous" if one.ambiguous else "matched"


def _first_places(whole: pl.DataFrame, found: list[Meant]) -> pl.DataFrame:
    """The first row of each enterprise that is meant."""
    firms = sorted({one.enterprise for one in found if one.enterprise is not None})
    rows = whole.filter(pl.col("enterprise").is_in(firms))
    return rows.unique("enterprise", keep="first", maintain_order=True)


def _file(
    asked: Asking,
    tables: Tables,
    frame: pl.DataFrame,
    rows: pl.DataFrame,
    format_: Format,
    said: dict[str, object],
) -> Response:
    """`frame` as a file, noted in the audit chain with a fingerprint of who is in it."""
    if frame.height > MOST[format_]:
        raise InputError(
            "list_export_large", count=f"{frame.height:,}", format=format_.upper(), most=f"{MOST[format_]:,}"
        )
    ids = "\n".join(rows["id"].to_list())
    asked.noted(
        "list_exported", str(rows.height), snapshot=asked.snapshot.id, format=format_,
        sha256=sha256(ids.encode()).hexdigest(), question={k: str(v)[:200] for k, v in said.items()},
    )  # fmt: skip
    shown = frame.drop([name for name in tables.hidden if name in frame.columns])
    heads = {name: label(f"list_{name}", asked.lang) for name in shown.columns}
    money = frozenset({"sales"})
    made = (
        as_csv(shown, heads, money)
        if format_ == "csv"
        else as_xlsx(shown, heads, label("listing", asked.lang), money)
    )
    headers = {
        "Content-Disposition": f'attachment; filename="enterprises-{asked.snapshot.id}.{format_}"',
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Language",
        "Content-Language": asked.lang,
    }
    return Response(made, media_type=TYPES[format_], headers=headers)
