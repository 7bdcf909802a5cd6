"""A copy of the CUMCM books under other names: firms and codes permuted, rows shuffled, pairs planted.

Planted pairs are invoices written into one firm's sales book and another's purchase book. Beside them
stand decoys that must not be taken for pairs: rows that agree in number and amounts but not in date,
and rows that agree in date and amounts but not in number.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

PAIRS, INVOICES, SEED = 12, 6, 20260101


@dataclass(frozen=True)
class Planted:
    """Where the copy lies, new names of the firms, and the pairs that were planted (new names)."""

    books: list[Path]
    firms: dict[str, str]
    pairs: set[tuple[str, str]]


def relabel(books: Sequence[Path], folder: Path, taken: set[tuple[str, str]]) -> Planted:
    """Write the copy into `folder`. `taken` pairs exist already and are not planted again."""
    frames = [pl.read_csv(book, infer_schema_length=0) for book in books]
    rng = random.Random(SEED)
    owners = sorted({o for f in frames for o in f.to_series(0).unique()})
    codes = sorted({c for f in frames for c in f.to_series(3).unique()})
    firms = dict(
        zip(owners, rng.sample([f"E{i}" for i in range(1000, 1000 + len(owners))], len(owners)), strict=True)
    )
    fresh = [f"{rng.choice('ABCD')}{i:06d}" for i in range(len(codes))]
    rng.shuffle(fresh)
    renamed = dict(zip(codes, fresh, strict=True))
    copies = [
        f.with_columns(
            pl.col(f.columns[0]).replace_strict(firms), pl.col(f.columns[3]).replace_strict(renamed)
        )
        for f in frames
    ]
    pairs = _plant(copies, rng, {(firms[a], firms[b]) for a, b in taken})
    written = []
    for number, copy in enumerate(copies):
        path = folder / f"book{number}.csv"
        copy.sample(fraction=1.0, shuffle=True, seed=SEED + number).write_csv(path)
        written.append(path)
    return Planted(written, firms, pairs)


def _plant(
    frames: list[pl.DataFrame], rng: random.Random, taken: set[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Add planted invoices and decoys to the first sales and the first purchase book."""
    sales = next(i for i, f in enumerate(frames) if "购方" in f.columns[3])
    purchases = next(i for i, f in enumerate(frames) if "销方" in f.columns[3])
    sellers, buyers = (sorted(frames[i].to_series(0).unique()) for i in (sales, purchases))
    pairs: set[tuple[str, str]] = set()
    out: list[tuple[str, ...]] = []
    into: list[tuple[str, ...]] = []
    while len(pairs) < PAIRS:
        pair = (rng.choice(sellers), rng.choice(buyers))
        if pair[0] == pair[1] or pair in taken or pair in pairs:
            continue
        pairs.add(pair)
        for n in range(INVOICES):
            sold, bought = _twice(rng, pair, f"Z{len(pairs):03d}", decoy=False)
            out.append(sold)
            into.append(bought)
            if n < 2:  # decoys for a pair that must not be found: the reverse direction
                sold, bought = _twice(
                    rng, (rng.choice(sellers), rng.choice(buyers)), f"Y{len(pairs)}{n}", decoy=True
                )
                out.append(sold)
                into.append(bought)
    frames[sales] = _extended(frames[sales], out)
    frames[purchases] = _extended(frames[purchases], into)
    return pairs


def _twice(
    rng: random.Random, pair: tuple[str, str], code: str, *, decoy: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One invoice as the seller's and as the buyer's row; a decoy differs in number or in date."""
    net = rng.randrange(1_000_00, 900_000_00)
    tax = round(net * 0.13)
    number, day = rng.randrange(10_000_000, 99_999_999), rng.randrange(1, 28)
    money = tuple(f"{fen // 100}.{fen % 100:02d}" for fen in (net, tax, net + tax))
    other_number, other_day = (number + 1, day) if rng.random() < 0.5 else (number, day + 1)
    second = (other_number, other_day) if decoy else (number, day)
    rows = [
        (firm, str(n), f"2018/6/{d}", code, *money, "有效发票")
        for firm, (n, d) in zip(pair, ((number, day), second), strict=True)
    ]
    return rows[0], rows[1]


def _extended(frame: pl.DataFrame, rows: list[tuple[str, ...]]) -> pl.DataFrame:
    return pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])
