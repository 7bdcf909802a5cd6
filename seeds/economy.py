"""The generator of a synthetic economy: firms, links, two years of invoices, and the papers of it.

Same arguments, same bytes: every part draws from its own named stream (`seeds.streams`). Work goes
agency by agency, so that memory does not grow with the number of invoices. A folder holds

    documents/**        what `dayan ingest` reads
    labels.parquet      chain, segment and tier of a seeded 30 % of firms, for everybody
    loan_labels.parquet loans and their outcomes of another seeded 30 %
    truth/**            the rest, and what is behind the documents; only `bench/` reads it
    economy.json        sizes, seed, story; written last

Everything in it is invented and says so: codes of region 990000, 发票来源 and remarks 合成数据.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from ledger.errors import InputError
from seeds.books import Agencies, agencies_of
from seeds.chains import load_chains
from seeds.firms import STORY, Firms, plan_firms
from seeds.goods import Ints, World, world_of
from seeds.groups import Groups, guarantee_table, plan_groups, write_registry
from seeds.invoices import RETAIL, Flows, invoices_of
from seeds.links import HUB, KIND_NAMES, Links, plan_links
from seeds.loans import loans_of
from seeds.payments import orders_of, payments_of, story_order
from seeds.seasons import FIRST, LAST, profiles_of, seasons_of
from seeds.story import FACTS, ORDER_FEN, ORDER_SIGNED, write_papers, write_portal_export
from seeds.story_books import Books, write_story_books
from seeds.streams import stream
from seeds.trade import SIZES, Trade, plan_trade

Progress = Callable[[str, int, int], None]
LABELLED = 0.3
LEAST, LEAST_LINKS = 1000, 4
RETAIL_SHARE = 0.15  # of a shop's sales that is invoiced, to nobody by name


@dataclass(frozen=True)
class Manifest:
    """What stands in the folder. `links` excludes the utilities', which are `utility_links`."""

    enterprises: int
    links: int
    utility_links: int
    invoices: int
    rows: int  # rows of ledgers, lines of papers, rows of registry tables
    documents: int
    seed: int
    first: str
    last: str
    story: dict[str, Any]
    cores: dict[str, list[dict[str, str]]]
    synthetic: bool = True
    complete: bool = True
    format: int = 1
    links_asked: int = 0  # what was asked for; a small economy needs some more


@dataclass(frozen=True)
class _Plan:
    """Everything decided before the first invoice."""

    world: World
    firms: Firms
    links: Links
    trade: Trade
    groups: Groups
    flows: Flows
    agency: Ints


def generate(
    folder: Path, enterprises: int, links: int, seed: int = 1, progress: Progress | None = None
) -> Manifest:
    """Write an economy of that size into `folder`, over one that stood there before.

    `progress(word, done, total)` is called with a label of `ledger/words_seeds.yaml`.
    InputError when the size is too small for every segment to have its firms.
    """
    if enterprises < LEAST or links < LEAST_LINKS * enterprises:
        raise InputError("economy_too_small", enterprises=LEAST, links=LEAST_LINKS)
    tell = progress or (lambda *_: None)
    _clear(folder)
    plan = _plan(enterprises, links, seed, tell)
    _write_labels(folder, plan, seed)
    written, invoices = _write_books(folder, plan, seed, tell)
    tell("economy_registry", 0, 1)
    written += write_registry(folder / "documents", plan.world, plan.firms, plan.trade, plan.groups, seed)
    tell("economy_registry", 1, 1)
    manifest = _manifest(plan, seed, written, invoices, links)
    (folder / "economy.json").write_text(
        json.dumps(asdict(manifest), ensure_ascii=False, indent=1) + "\n", "utf-8"
    )
    return manifest


def _clear(folder: Path) -> None:
    """An empty place for the documents; only what an earlier run wrote here is taken away."""
    marker = folder / "economy.json"
    if marker.exists():
        for name in ("documents", "truth"):
            shutil.rmtree(folder / name, ignore_errors=True)
    for name in ("documents", "truth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    marker.write_text('{"synthetic": true, "complete": false}\n', "utf-8")


def _plan(enterprises: int, count: int, seed: int, tell: Progress) -> _Plan:
    tell("economy_firms", 0, 1)
    world = world_of(load_chains())
    firms = plan_firms(world, enterprises, seed)
    tell("economy_firms", 1, 1)
    tell("economy_links", 0, 1)
    links = plan_links(world, firms, count, seed)
    trade = plan_trade(firms, links, seed)
    tell("economy_links", 1, 1)
    order = stream(seed, "agencies").permutation(enterprises)
    flows = _flows(world, firms, links, trade)
    return _Plan(world, firms, links, trade, plan_groups(firms, seed), flows, agencies_of(firms, order))


def _flows(world: World, firms: Firms, links: Links, trade: Trade) -> Flows:
    """The links and, numbered after them, what shops sell to consumers."""
    seasons = seasons_of(world)
    profile = profiles_of(seasons, world, firms, links)
    shops = np.flatnonzero(trade.retail > 0)
    chain = world.chain_of[np.maximum(firms.segment[shops], 0)]
    return Flows(
        number=np.arange(len(links.src) + len(shops)),
        src=np.concatenate([links.src, shops]),
        dst=np.concatenate([links.dst, np.full(len(shops), -1)]),
        kind=np.concatenate([links.kind, np.full(len(shops), RETAIL)]),
        via=np.concatenate([links.via, firms.segment[shops]]),
        amount=np.concatenate([trade.amount, trade.retail[shops] * 2 * RETAIL_SHARE]),
        profile=np.concatenate([profile, chain * 3 + 1]),
    )


def _write_books(folder: Path, plan: _Plan, seed: int, tell: Progress) -> tuple[list[tuple[Path, int]], int]:
    """All ledgers and papers, and orders and payments under truth/. Returns documents and invoices."""
    firms, goods, seasons = plan.firms, plan.world.goods, seasons_of(plan.world)
    books = Agencies(folder / "documents", plan.agency, firms, goods)
    served = plan.agency[plan.flows.src]
    order = np.argsort(served, kind="stable")
    count = int(plan.agency.max()) + 1
    bounds = np.searchsorted(served[order], np.arange(-1, count + 1))
    partners, story = _partners(plan), firms.code[STORY]
    kept: list[pl.DataFrame] = []
    paid: list[pl.DataFrame] = []
    invoices = 0
    with (
        _Table(folder / "truth/payments.parquet") as payments,
        _Table(folder / "truth/orders.parquet") as orders,
    ):
        for part in range(count + 1):  # part 0 is the story firm, part n + 1 agency n
            tell("economy_books", part, count + 1)
            flows = plan.flows.take(order[bounds[part] : bounds[part + 1]])
            if not len(flows.src):
                continue
            lines = invoices_of(flows, firms, plan.trade, goods, seasons, seed, part)
            invoices += lines["inv"].n_unique()
            if part:
                books.write_sales(part - 1, lines)
            books.keep_purchases(lines)
            settled = payments_of(lines, firms, seed, part)
            payments.add(settled)
            paid.append(settled.filter((pl.col("payer") == story) | (pl.col("payee") == story)))
            orders.add(orders_of(lines, firms, seed, part))
            kept.append(lines.filter(pl.col("src").is_in(partners) | (pl.col("dst") == STORY)))
        customer = plan.links.story_order[1]
        orders.add(story_order(firms, customer, ORDER_SIGNED, ORDER_FEN))
    books.write_purchases()
    tell("economy_books", count + 1, count + 1)
    near = _Near(pl.concat(kept), pl.concat(paid))
    return books.written + _write_story(folder / "documents", near, plan, seed, tell), invoices


@dataclass(frozen=True)
class _Near:
    """Invoice lines of the story firm and its partners, and the payments between them."""

    lines: pl.DataFrame
    paid: pl.DataFrame


def _partners(plan: _Plan) -> list[int]:
    """The story firm and who trades with it, utilities left out."""
    links = plan.links
    near = (links.kind != HUB) & ((links.src == STORY) | (links.dst == STORY))
    return [int(n) for n in np.unique(np.concatenate([links.src[near], links.dst[near]]))]


def _write_story(folder: Path, near: _Near, plan: _Plan, seed: int, tell: Progress) -> list[tuple[Path, int]]:
    tell("economy_papers", 0, 1)
    lines = near.lines
    own = lines.filter((pl.col("src") == STORY) | (pl.col("dst") == STORY)).sort("day", "inv", "line")
    path = folder / f"{plan.firms.name[STORY]}_全量发票查询导出结果.xlsx"
    rows = write_portal_export(path, own, plan.firms, plan.world.goods)
    papers = write_papers(
        folder / "票据", lines.sort("day", "inv", "line"), plan.firms, plan.world.goods, seed
    )
    order = (plan.links.story_order[1], ORDER_SIGNED, ORDER_FEN)
    books = Books(plan.firms, plan.world.goods, lines, near.paid, order, seed)
    more = write_story_books(folder / plan.firms.name[STORY], books)
    tell("economy_papers", 1, 1)
    return [(path, rows), *papers, *more]


def _write_labels(folder: Path, plan: _Plan, seed: int) -> None:
    """Planted positions, a seeded 30 % of firms for everybody, and what is behind the documents."""
    world, firms, links, trade = plan.world, plan.firms, plan.links, plan.trade
    ids = pl.Series([s.id for s in world.segments])
    roles = pl.Series([s.role for s in world.segments])
    chains = pl.Series([chain.id for chain in world.chains])
    seats = []
    for primary, seat in ((True, firms.segment), (False, firms.second)):
        who = np.flatnonzero(seat >= 0)
        there = seat[who]
        role = pl.select(
            pl.when(pl.Series(firms.trader[who])).then(pl.lit("trade")).otherwise(roles.gather(there))
        )
        seats.append(
            pl.DataFrame(
                {
                    "firm": who,
                    "code": firms.code.gather(who),
                    "chain": chains.gather(world.chain_of[there]),
                    "segment": ids.gather(there),
                    "tier": world.tier_of[there],
                    "primary": np.full(len(who), primary),
                    "role": role.to_series(),
                }
            )
        )
    positions = pl.concat(seats).sort("firm", "primary", descending=[False, True])
    open_ones = pl.Series(stream(seed, "labels").random(firms.count) < LABELLED).gather(positions["firm"])
    positions = positions.drop("firm")
    positions.filter(open_ones).write_parquet(folder / "labels.parquet")
    positions.filter(~open_ones).write_parquet(folder / "truth/positions.parquet")
    _firm_table(firms, trade, plan.groups).write_parquet(folder / "truth/firms.parquet")
    _link_table(firms, links, trade).write_parquet(folder / "truth/links.parquet")
    guarantee_table(firms, plan.groups).write_parquet(folder / "truth/guarantees.parquet")
    _write_loans(folder, plan, seed)


def plant_loans(folder: Path) -> None:
    """Loans and their outcomes beside an economy that an older version made.

    The economy is planned anew from its size and seed, for nothing that lies in the folder is read but
    `economy.json`. InputError where that is no whole economy of this generator.
    """
    try:
        said = json.loads((folder / "economy.json").read_text("utf-8"))
        whole, seed, code = bool(said["complete"]), int(said["seed"]), str(said["story"]["code"])
        size = int(said["enterprises"]), int(said.get("links_asked", said["links"]))
        count = int(said["links"]) + int(said["utility_links"])
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("economy_unreadable", folder=folder.name) from None
    plan = _plan(*size, seed, lambda *_: None)
    if not whole or plan.firms.code[STORY] != code or len(plan.links.src) != count:
        raise InputError("economy_unreadable", folder=folder.name)
    (folder / "truth").mkdir(exist_ok=True)
    _write_loans(folder, plan, seed)


def _write_loans(folder: Path, plan: _Plan, seed: int) -> None:
    loans = loans_of(plan.firms, plan.links, plan.trade, seed)
    shown = plan.firms.code.filter(pl.Series(stream(seed, "loan_labels").random(plan.firms.count) < LABELLED))
    loans.join(pl.DataFrame({"code": shown}), on="code", how="semi", maintain_order="left").write_parquet(
        folder / "loan_labels.parquet"
    )
    loans.join(pl.DataFrame({"code": shown}), on="code", how="anti", maintain_order="left").write_parquet(
        folder / "truth/loans.parquet"
    )


def _firm_table(firms: Firms, trade: Trade, groups: Groups) -> pl.DataFrame:
    heads = pl.Series(np.where(groups.head >= 0, groups.head, 0))
    return pl.DataFrame(
        {
            "code": firms.code,
            "name": firms.name,
            "size": pl.Series(SIZES).gather(trade.size),
            "sales_fen": (trade.sales * 100).astype(np.int64),
            "trader": firms.trader,
            "utility": firms.utility >= 0,
            "sales_books": ~firms.small,
            "purchase_books": firms.big,
            "group": firms.code.gather(heads),
            "grouped": groups.head >= 0,
        }
    ).select(pl.exclude("group", "grouped"), pl.when("grouped").then("group").alias("group_head"))


def _link_table(firms: Firms, links: Links, trade: Trade) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "seller": firms.code.gather(links.src),
            "buyer": firms.code.gather(links.dst),
            "kind": pl.Series(KIND_NAMES).gather(links.kind),
            "amount_fen": (trade.amount * 100).astype(np.int64),
            "by_seller": ~firms.small[links.src],
            "by_buyer": firms.big[links.dst],
        }
    )


def _manifest(
    plan: _Plan, seed: int, written: list[tuple[Path, int]], invoices: int, links_asked: int
) -> Manifest:
    firms, world = plan.firms, plan.world
    customer = plan.links.story_order[1]
    story = {
        "code": firms.code[STORY],
        "name": firms.name[STORY],
        "region": firms.region[STORY],
        "segments": [world.segments[s].id for s in (firms.segment[STORY], firms.second[STORY])],
        "tier": int(firms.tier[STORY]),
        "sales_fen_a_year": int(plan.trade.sales[STORY] * 100),
        **FACTS,
        "new_order": {
            "buyer": firms.code[customer],
            "buyer_name": firms.name[customer],
            "signed": ORDER_SIGNED.isoformat(),
            "amount_fen": ORDER_FEN,
        },
    }
    cores = {
        chain.id: [{"code": c.code, "name": c.name, "segment": c.segment} for c in chain.cores]
        for chain in world.chains
    }
    utility_links = int((plan.links.kind == HUB).sum())
    return Manifest(
        enterprises=firms.count,
        links=len(plan.links.src) - utility_links,
        utility_links=utility_links,
        invoices=invoices,
        rows=sum(rows for _, rows in written),
        documents=len(written),
        seed=seed,
        first=FIRST.isoformat(),
        last=LAST.isoformat(),
        story=story,
        cores=cores,
        links_asked=links_asked,
    )


class _Table:
    """A Parquet file written piece by piece."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def __enter__(self) -> "_Table":
        return self

    def add(self, frame: pl.DataFrame) -> None:
        """Append the rows of `frame`; the first piece fixes the columns."""
        table = frame.to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, table.schema, compression="zstd")
        self._writer.write_table(table)

    def __exit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()
