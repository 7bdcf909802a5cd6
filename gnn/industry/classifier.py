"""The industry of an enterprise from what it sells and what it is called: probabilities, reasons, "unknown".

A linear model on character n-grams (`gnn.industry.text`) learnt by ridge regression (`gnn.industry.fit`):

    P(narrow industry) = softmax(x W + b)          P(broad) = sum of P over its narrow ones

Both are then moved onto a curve learnt from firms that were left out, each for itself: the greatest
probability of a row becomes what such answers proved to be worth, the order within the row stays.

Whom a firm deals with is not read here: on A-share firms neighbours add nothing to the words (bench
`placement` prints both). Needs numpy, scipy and polars only, to learn as well as to judge.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from safetensors.numpy import load_file, save
from scipy import sparse

from gnn.calibration import Curve, fit_curve, least_confidence
from gnn.industry.fit import SHARPEN, Blocks, Float64, Int64, Settings, gathered, learn, softmax
from gnn.industry.text import Firms, Float32, Grams, Held, held, learn_grams, named
from ledger.errors import InputError
from ledger.words import message

PRECISION = 0.9
MOST = 12_000  # training firms: the dual problem is dense
Level = Literal["fine", "broad"]


@dataclass(frozen=True)
class Said:
    """One thing that speaks for an industry. `kind`: sells or called; `text`: the item or the name; `part`:
    the characters in it that say most; `share` of all that speaks for the answer, 0 … 1."""

    kind: Literal["sells", "called"]
    text: str
    part: str
    share: float

    def sentence(self, lang: str = "en") -> str:
        """The reason as people read it."""
        percent = round(100 * self.share)
        return message(f"industry_{self.kind}", lang, text=self.text, part=self.part, percent=percent)


@dataclass(frozen=True)
class Industries:
    """`fine` float64[n, F], `broad` float64[n, B]: calibrated probabilities; best answers in columns `fine`,
    `fine_p`, `broad`, `broad_p` of `best`, a code null where its
    probability is below what is sure or no word is known."""

    fine: Float64
    broad: Float64
    best: pl.DataFrame


@dataclass(frozen=True)
class Industry:
    """A fitted model. `fine`, `broad`: codes; `parent`: the broad one of each narrow one; `weights`
    [S + N, F], sold n-grams first; `bias` [F]; `curves`: of the greatest probability at either level;
    `sure`: the least one at which an answer is given."""

    fine: tuple[str, ...]
    broad: tuple[str, ...]
    parent: Int64
    sold: Grams
    named: Grams
    weights: Float32
    bias: Float32
    curves: dict[Level, Curve]
    sure: dict[Level, float]
    about: dict[str, float]

    def predict(self, firms: Firms) -> Industries:
        """Probabilities and answers, one row per firm."""
        blocks = self._blocks(held(firms), named(firms))
        cut = len(self.sold.keys)
        scores = blocks.sold @ self.weights[:cut] + blocks.named @ self.weights[cut:] + self.bias
        fine = softmax(np.asarray(scores, np.float64))
        silent = np.diff(blocks.sold.indptr) + np.diff(blocks.named.indptr) == 0
        broad = calibrated(gathered(fine, self.parent), self.curves["broad"])
        fine = calibrated(fine, self.curves["fine"])
        return Industries(fine, broad, self._best(fine, broad, silent))

    def reasons(self, firms: Firms, row: int, code: str, most: int = 3) -> list[Said]:
        """What speaks for narrow or broad industry `code` of one firm, against the average industry; the
        strongest first, empty when nothing does. InputError for a code the model does not know."""
        lean = self._lean(code)
        one = firms.rows(np.array([row]))
        goods, name = held(one), named(one)
        blocks, cut = self._blocks(goods, name), len(self.sold.keys)
        said = _spoken("sells", goods, self.sold, blocks.sold, lean[:cut])
        said += _spoken("called", name, self.named, blocks.named, lean[cut:])
        whole = sum(s.share for s in said)
        ranked = sorted(said, key=lambda s: (-s.share, s.kind, s.text))[:most]
        return [Said(s.kind, s.text, s.part, s.share / whole) for s in ranked]

    def save(self, folder: Path) -> None:
        """`weights.safetensors` and `model.json` in `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays: dict[str, Any] = {"weights": self.weights, "bias": self.bias, "parent": self.parent}
        for block, grams in (("sold", self.sold), ("named", self.named)):
            arrays |= {f"{block}.alphabet": grams.alphabet, f"{block}.keys": grams.keys}
            arrays |= {f"{block}.idf": grams.idf}
        for level, curve in self.curves.items():
            arrays |= {f"{level}.raw": curve.raw, f"{level}.true": curve.true}
        (folder / "weights.safetensors").write_bytes(
            save({k: np.ascontiguousarray(v) for k, v in arrays.items()})
        )
        model = {"kind": "industry", "fine": self.fine, "broad": self.broad, "sure": self.sure}
        text = json.dumps(
            {"model": {**model, "about": self.about}}, ensure_ascii=False, indent=1, sort_keys=True
        )
        (folder / "model.json").write_text(text + "\n", "utf-8")

    def _blocks(self, goods: Held, name: Held) -> Blocks:
        return Blocks(self.sold.vectors(goods), self.named.vectors(name))

    def _best(self, fine: Float64, broad: Float64, silent: NDArray[np.bool_]) -> pl.DataFrame:
        columns: dict[str, object] = {}
        levels: tuple[tuple[Level, Float64, tuple[str, ...]], ...] = (
            ("fine", fine, self.fine),
            ("broad", broad, self.broad),
        )
        for level, told, codes in levels:
            chance = told.max(axis=1)
            sure = (chance >= self.sure[level]) & ~silent
            first = np.array(codes)[told.argmax(axis=1)]
            columns[level] = pl.Series(first, dtype=pl.String).set(pl.Series(~sure), None)
            columns[f"{level}_p"] = chance
        return pl.DataFrame(columns)

    def _lean(self, code: str) -> Float64:
        """float64[S + N]: how far each n-gram pulls towards `code` rather than the average industry."""
        if code in self.fine:
            members = [self.fine.index(code)]
        elif code in self.broad:
            members = [int(c) for c in np.flatnonzero(self.parent == self.broad.index(code))]
        else:
            raise InputError("industry_unknown_code", industry=code)
        mean = self.weights.mean(axis=1, dtype=np.float64)
        return np.asarray(self.weights[:, members].mean(axis=1, dtype=np.float64) - mean)


def fit(
    firms: Firms,
    codes: Sequence[str],
    broad_of: Mapping[str, str],
    others: Firms | None = None,
    settings: Settings | None = None,
) -> Industry:
    """Learn from `firms` whose narrow industries are `codes`; `broad_of` gives the broad one of each code.

    `others`: firms without a label whose words are read too, never judged; only with them are singular
    directions used, which gain nothing on training firms alone (bench `placement`). InputError when there are
    fewer than two industries, as many labels as firms are not given, or more than `MOST` firms.
    """
    fine = tuple(sorted(set(codes)))
    if len(codes) != firms.count or len(fine) < 2 or firms.count > MOST:
        raise InputError("industry_labels_unfit", firms=firms.count, labels=len(codes), most=MOST)
    broad = tuple(sorted({broad_of[c] for c in fine}))
    parent = np.array([broad.index(broad_of[c]) for c in fine], np.int64)
    label = np.searchsorted(np.array(fine), np.array(codes)).astype(np.int64)
    everyone = _together(firms, others) if others else firms
    goods, name = held(everyone), named(everyone)
    sold, called = learn_grams(goods), learn_grams(name)
    all_sold, all_named = sold.vectors(goods), called.vectors(name)
    known = Blocks(all_sold[: firms.count], all_named[: firms.count])
    learned = learn(known, all_sold, label, parent, settings or Settings(sharpen=SHARPEN if others else 0))
    about = {
        "firms": firms.count,
        "unlabelled": everyone.count - firms.count,
        "broad_part": learned.broad_part,
        "steepness": round(learned.steepness, 6),
    }
    weights = np.vstack([learned.sold, learned.named]).astype(np.float32)
    curves, sure = _trusted(learned.told, label, parent)
    bias = learned.bias.astype(np.float32)
    return Industry(fine, broad, parent, sold, called, weights, bias, curves, sure, about)


def load(folder: Path) -> Industry:
    """The model of a folder that `Industry.save` wrote."""
    model = json.loads((folder / "model.json").read_text("utf-8"))["model"]
    arrays = load_file(folder / "weights.safetensors")
    sold, called = (
        Grams(arrays[f"{b}.alphabet"], arrays[f"{b}.keys"], arrays[f"{b}.idf"]) for b in ("sold", "named")
    )
    fine, broad = tuple(model["fine"]), tuple(model["broad"])
    parent, weights, bias = arrays["parent"], arrays["weights"], arrays["bias"]
    curves: dict[Level, Curve] = {
        "fine": Curve(arrays["fine.raw"], arrays["fine.true"]),
        "broad": Curve(arrays["broad.raw"], arrays["broad.true"]),
    }
    sure, about = model["sure"], model["about"]
    return Industry(fine, broad, parent, sold, called, weights, bias, curves, sure, about)


def _together(first: Firms, second: Firms) -> Firms:
    moved = second.sold.select(
        pl.col("firm").cast(pl.Int64) + first.count, "item", pl.col("share").cast(pl.Float64)
    )
    kept = first.sold.select(pl.col("firm").cast(pl.Int64), "item", pl.col("share").cast(pl.Float64))
    names = pl.concat([first.names.cast(pl.String).alias("n"), second.names.cast(pl.String).alias("n")])
    return Firms(first.count + second.count, pl.concat([kept, moved]), names)


def calibrated(told: Float64, curve: Curve) -> Float64:
    """Rows whose greatest probability is moved onto `curve`, in the same order and with sum 1: mixed with
    equal chances where it falls, with certainty where it rises."""
    top, equal = told.max(axis=1), 1 / told.shape[1]
    aim = np.clip(curve(top), 1.01 * equal, 1)  # never all alike: the order stays
    down = np.clip((top - aim) / np.maximum(top - equal, 1e-12), 0, 1)[:, None]
    up = np.clip((aim - top) / np.maximum(1 - top, 1e-12), 0, 1)[:, None]
    certain = np.zeros_like(told)
    certain[np.arange(len(told)), told.argmax(axis=1)] = 1
    return np.asarray((1 - up) * ((1 - down) * told + down * equal) + up * certain)


def _trusted(told: Float64, label: Int64, parent: Int64) -> tuple[dict[Level, Curve], dict[Level, float]]:
    """Curves, and the least calibrated probability above which `PRECISION` of answers are right: both from
    the training firms, each left out."""
    curves: dict[Level, Curve] = {}
    sure: dict[Level, float] = {}
    levels: tuple[tuple[Level, Float64, Int64], ...] = (
        ("fine", told, label),
        ("broad", gathered(told, parent), parent[label]),
    )
    for level, p, truth in levels:
        top, right = p.max(axis=1), p.argmax(axis=1) == truth
        curve = fit_curve(top, right)
        curves[level] = Curve(np.append(0.0, curve.raw), np.append(0.0, curve.true))
        moved = calibrated(p, curves[level]).max(axis=1)
        # An answer likelier than that by itself needs no company.
        sure[level] = min(least_confidence(moved, right, PRECISION), PRECISION)
    return curves, sure


def _spoken(
    kind: Literal["sells", "called"], held: Held, grams: Grams, x: sparse.csr_matrix, lean: Float64
) -> list[Said]:
    """What each text of one firm adds: an n-gram's pull, split by weight among the texts that hold it."""
    seen = x.indices
    pull, weight = x.data * lean[seen], held.weight.toarray().ravel()
    holds = grams.of(held.items)[:, seen].toarray() * weight[:, None]
    said = holds / np.maximum(holds.sum(axis=0), 1e-12) * pull
    parts = [grams.text(int(gram)) for gram in seen]
    # One character is seldom a word: the part told is a longer run.
    told = said * np.array([len(part) > 1 for part in parts])
    return [
        Said(kind, text, parts[told[i].argmax()] if told[i].max(initial=0) > 0 else text, float(total))
        for i, (text, total) in enumerate(zip(held.items.to_list(), said.sum(axis=1), strict=True))
        if total > 0
    ]
