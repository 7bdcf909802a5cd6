"""The firms that are known, ready to be searched: their names as arrays, an index of rare tokens, what
else they are known by. Built once a state of the ledger; a million names take some 500 MB."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from extraction.who import weights as w
from extraction.who.align import Float32, Rarity
from extraction.who.codes import plain_code
from extraction.who.encoded import Int32, Names, Sounds, UInt64, encoded, words
from extraction.who.joins import exact_joins, grouped, judged, stated_names
from extraction.who.letters import alike_pairs, alike_sieve, kinds_of_letters
from extraction.who.parts import parted
from extraction.who.tokens import Index, built
from ledger.ids import SCHEMES

#: Evidence beside names: what one firm shares with few others.
EVIDENCE = ("code", "account", "phone", "address", "region")


@dataclass(frozen=True)
class Known:
    """`firms`: party (the best of those that are one firm), name, code, by number. `rows`: firm, name,
    kind (own | former | short …), from, until, by row of `names`. `evidence`: firm, kind, value.
    `apart`: firm → hashes of full names that people said are not its."""

    firms: pl.DataFrame
    rows: pl.DataFrame
    names: Names
    index: Index
    rarity: Rarity
    sounds: Sounds
    evidence: pl.DataFrame
    apart: dict[int, frozenset[int]]
    shared: Int32  # how many firms bear the brand of each row

    @classmethod
    def of(cls, parties: pl.DataFrame, aliases: pl.DataFrame, judgements: pl.DataFrame) -> "Known":
        """The firms of the tables `parties` and `aliases`, with what people judged."""
        stated = stated_names(parties)
        pairs, _ = exact_joins(stated, aliases, judgements)
        firm_of = _firms(stated, [pairs.select("a", "b"), judged(judgements, "same")])
        rows = _rows(stated, aliases, firm_of)
        firms = _faces(stated, firm_of)
        sounds = Sounds()
        parts = parted(rows["name"])
        names = encoded(parts, sounds)
        firm = np.ascontiguousarray(rows["firm"].to_numpy(), np.int32)
        evidence = _evidence(parties, firm_of)
        shared = _shared(parts["brand"], rows["firm"])
        return cls(
            firms=firms,
            rows=rows,
            names=names,
            index=built(names, _extra(evidence, firm)),
            rarity=_rarity(parts, shared, firms.height),
            sounds=sounds,
            evidence=evidence,
            apart=_apart(stated, judgements, firm_of),
            shared=shared,
        )

    @cached_property
    def firm(self) -> Int32:
        """Row → firm."""
        return np.ascontiguousarray(self.rows["firm"].to_numpy(), np.int32)


def evidence_words(kind: str, values: pl.Series) -> UInt64:
    """The token of a code, an account or a telephone; 0 where there is none."""
    plain = plain_evidence(kind, values)
    return words(pl.select(pl.when(plain != "").then(pl.format("{}\x1f{}", pl.lit(kind), plain))).to_series())


def plain_evidence(kind: str, values: pl.Series) -> pl.Series:
    """Codes, accounts and telephones as they are compared; empty where masked or too short to say much."""
    texts = values.cast(pl.String).fill_null("")
    if kind == "code":
        distinct = texts.unique()
        plain = pl.Series([plain_code(text) for text in distinct], dtype=pl.String)
        return texts.replace_strict(distinct, plain, return_dtype=pl.String)
    masked = texts.str.contains("*", literal=True)
    if kind == "account":  # 工商银行平湖支行 1204 0800…: the longest run of digits, blanks aside
        digits = texts.str.replace_all(r"[\s-]", "").str.extract(r"(\d{8,})", 1).fill_null("")
    elif kind == "phone":
        digits = texts.str.replace_all(r"[\s()（）-]", "").str.extract(r"(\d{7,})", 1).fill_null("")
    else:
        return texts.str.strip_chars()
    return pl.select(pl.when(masked).then(pl.lit("")).otherwise(digits)).to_series()


def _firms(stated: pl.DataFrame, pairs: list[pl.DataFrame]) -> pl.DataFrame:
    """party → firm (a number): joined parties have one; in the order of their best party's id."""
    group = grouped(pairs)
    rank = pl.col("scheme").replace_strict(list(SCHEMES), list(range(len(SCHEMES))), default=9)
    one = stated.select("party", rank=rank).unique("party", keep="first", maintain_order=True)
    joined = one.join(group, on="party", how="left").with_columns(pl.col("group").fill_null(pl.col("party")))
    best = joined.sort("group", "rank", "party").with_columns(face=pl.col("party").first().over("group"))
    return best.select("party", "face", firm=pl.col("face").rank("dense").cast(pl.Int32) - 1)


def _faces(stated: pl.DataFrame, firm_of: pl.DataFrame) -> pl.DataFrame:
    """firm, party, name, code: what each firm is called, its best party's commonest name."""
    named = stated.sort(pl.col("name") == "", "party", maintain_order=True).unique(
        "party", keep="first", maintain_order=True
    )
    faces = firm_of.filter(pl.col("party") == pl.col("face")).join(named, on="party", how="left")
    return faces.select("firm", "party", "name", "code", "scheme").sort("firm")


def _rows(stated: pl.DataFrame, aliases: pl.DataFrame, firm_of: pl.DataFrame) -> pl.DataFrame:
    """firm, name, kind, from, until: every name a firm bears or bore, its own first."""
    own = stated.select(
        "party", "name", kind=pl.lit("own"), **{"from": pl.lit(None, pl.Date), "until": pl.lit(None, pl.Date)}
    )
    other = aliases.filter(pl.col("name").is_not_null()).select(
        "party",
        "name",
        kind=pl.col("kind").fill_null("former"),
        **{"from": pl.col("happened_on"), "until": pl.col("until")},
    )
    every = pl.concat([own, other]).join(firm_of.select("party", "firm"), on="party", how="inner")
    return (
        every.with_columns(later=pl.col("kind") != "own")
        .sort("firm", "later", "name", "kind", "from", "until", nulls_last=True)
        .unique(["firm", "name"], keep="first", maintain_order=True)
        .select("firm", "name", "kind", "from", "until")
    )


def _evidence(parties: pl.DataFrame, firm_of: pl.DataFrame) -> pl.DataFrame:
    """firm, kind, value: codes, accounts, telephones, addresses and regions, each once a firm."""
    parts = []
    coded = pl.col("scheme").is_in(["uscc", "tax"]) | pl.col("scope").fill_null("").str.starts_with(
        "unverified/"
    )
    for kind in EVIDENCE:
        if kind not in parties.columns:
            continue
        told = parties.filter(pl.col(kind).is_not_null() & (coded if kind == "code" else pl.lit(True)))
        value = plain_evidence(kind, told[kind])
        parts.append(told.select("party", kind=pl.lit(kind)).with_columns(value.alias("value")))
    return (
        pl.concat(parts)
        .filter(pl.col("value") != "")
        .join(firm_of.select("party", "firm"), on="party", how="inner")
        .select("firm", "kind", "value")
        .unique()
        .sort("firm", "kind", "value")
    )


def _extra(evidence: pl.DataFrame, firm: Int32) -> list[tuple[Int32, UInt64]]:
    """(row, token) of what else finds a firm: its first row stands for it."""
    found = []
    for kind in ("code", "account", "phone"):
        rows = evidence.filter(pl.col("kind") == kind)
        first = np.searchsorted(firm, rows["firm"].to_numpy()).astype(np.int32)
        found.append((first, evidence_words(kind, rows["value"])))
    return found


def _shared(brand: pl.Series, firm: pl.Series) -> Int32:
    """How many firms bear the brand of each row."""
    frame = pl.DataFrame({"brand": brand, "firm": firm})
    counted = frame.select(pl.col("firm").n_unique().over("brand").cast(pl.Int32))
    return np.ascontiguousarray(counted.to_series().to_numpy(), np.int32)


def _rarity(parts: pl.DataFrame, shared: Int32, firms: int) -> Rarity:
    """What agreement says among these names (`extraction.who.weights`)."""
    n = max(float(firms), w.WORLD)
    length = parts["brand"].str.len_chars().to_numpy().clip(1, len(w.USUAL))
    usual = np.array(w.USUAL)[length - 1]
    brand = np.log(n / (shared + (n - min(firms, n)) * usual)).clip(0)
    rows = parts.height
    trade = parts.select(-(((pl.len().over("trade") + 1) / (rows + 100)).log())).to_series().to_numpy()
    place = parts["place"].to_numpy()
    return Rarity(
        start=-float(np.log(n)),
        letter=_letters(parts["brand"]),
        brand=brand.astype(np.float32),
        trade=trade.clip(0, w.WEIGHTS.trade_most).astype(np.float32),
        place2=_places(place // 10_000, 100, rows, 1 / 30),
        place4=_places(np.where(place % 10_000 > 0, place // 100, 0), 10_000, rows, 1 / 300),
        place6=_places(np.where(place % 100 > 0, place, 0), 1_000_000, rows, 1 / 600),
        alike=alike_pairs(),
        sieve=alike_sieve(alike_pairs()),
        kind=kinds_of_letters(),
        w=w.WEIGHTS,
    )


def _places(codes: Int32, size: int, rows: int, usual: float) -> Float32:
    """Two hundred firms spread as `usual` stand beside those counted, for small lists lie in one town."""
    counted = np.bincount(codes, minlength=size)[:size]
    share = (counted + 200 * usual) / (rows + 200)
    return -np.log(share).clip(-w.WEIGHTS.place_most, 0).astype(np.float32)


def _letters(brands: pl.Series) -> Float32:
    """How rare each letter is in brands, each brand counted once."""
    letters = np.frombuffer("".join(brands.unique().sort().to_list()).encode("utf-32-le"), np.uint32)
    counted = np.bincount(letters, minlength=0x110000)
    return -np.log((counted + 1) / (len(letters) + 2000)).clip(-7.5, 0).astype(np.float32)


def _apart(
    stated: pl.DataFrame, judgements: pl.DataFrame, firm_of: pl.DataFrame
) -> dict[int, frozenset[int]]:
    """firm → full names of those whom people called different from it, unless it bears the name too."""
    pairs = judged(judgements, "different")
    if pairs.is_empty():
        return {}
    turned = pl.concat([pairs, pairs.select(a="b", b="a")])
    named = stated.join(firm_of.select("party", "firm"), on="party").filter(pl.col("why").is_null())
    own = named.select("firm", "whole").unique()
    told = (
        turned.join(named.select(a="party", whole="whole"), on="a")
        .join(firm_of.select(b="party", firm="firm"), on="b")
        .select("firm", "whole")
        .unique()
        .join(own, on=["firm", "whole"], how="anti")
    )
    table = told.with_columns(pl.Series("word", words(told["whole"]))).group_by("firm").agg("word")
    return {firm: frozenset(word) for firm, word in table.iter_rows()}
