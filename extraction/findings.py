"""What is wrong with rows: gathered column by column while reading, handed out row by row at the end."""

from dataclasses import dataclass, field

import polars as pl

from extraction.personal import masked
from ledger.errors import Problem
from ledger.records import PROBLEM

FINDING = pl.Schema(
    {"row": pl.Int32, "code": pl.String, "field": pl.String, "value": pl.String, "fatal": pl.Boolean}
)


@dataclass(frozen=True)
class Check:
    """One thing that can be wrong: `when` it is, in which `field`, with which `value` to show.

    `code` names the sentence in the words of the trade. A fatal one rejects the row.
    """

    code: str
    field: str
    when: pl.Expr
    value: pl.Expr | None = None
    fatal: bool = True


@dataclass
class Findings:
    """All findings of one document."""

    parts: list[pl.DataFrame] = field(default_factory=list)

    def run(self, frame: pl.DataFrame, checks: list[Check]) -> None:
        """Note the rows of `frame` (with `row`) for which a check holds. One pass when nothing does."""
        if frame.is_empty() or not checks:
            return
        hits = frame.select(c.when.fill_null(False).any().alias(str(i)) for i, c in enumerate(checks)).row(0)
        for check, hit in zip(checks, hits, strict=True):
            if hit:
                self.note(frame.filter(check.when), check)

    def note(self, frame: pl.DataFrame, check: Check) -> None:
        """Note every row of `frame` for `check`."""
        value = pl.lit("") if check.value is None else check.value.cast(pl.String).fill_null("")
        self.parts.append(
            frame.select(
                pl.col("row").cast(pl.Int32),
                pl.lit(check.code).alias("code"),
                pl.lit(check.field).alias("field"),
                value.alias("value"),
                pl.lit(check.fatal).alias("fatal"),
            )
        )

    def add(self, problems: list[Problem], present: pl.Series) -> None:
        """Note a reader's problems: fatal unless their row is `present` among the rows it could read."""
        rows = [(p.row, p.code, p.field, p.value) for p in problems if p.row > 0]
        if rows:
            frame = pl.DataFrame(rows, schema=["row", "code", "field", "value"], orient="row")
            frame = frame.with_columns(pl.col("row").cast(pl.Int32))
            frame = frame.with_columns(fatal=~pl.col("row").is_in(present.implode()))
            self.parts.append(frame.select(FINDING.names()).cast(FINDING))

    def fatal_rows(self) -> pl.Series:
        """Rows to be rejected, ascending."""
        return self._all().filter("fatal")["row"].unique().sort()

    def by_row(self, fatal: bool) -> pl.DataFrame:
        """`row`, `problems` (list of PROBLEM, in the order of the checks), for rejects or for warnings."""
        return _listed(self._all().filter(pl.col("fatal") == fatal), "row")

    def warnings_of(self, belongs: pl.DataFrame) -> pl.DataFrame:
        """`invoice`, `problems`: the warnings of an invoice and all its rows, by `belongs` (row, invoice)."""
        warned = self._all().filter(~pl.col("fatal")).join(belongs, on="row", how="inner")
        return _listed(warned.unique(["invoice", "code", "field", "value"], maintain_order=True), "invoice")

    def _all(self) -> pl.DataFrame:
        return pl.concat(self.parts) if self.parts else pl.DataFrame(schema=FINDING)


def _listed(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    plain = masked(frame["value"])
    coded = pl.when(pl.col("field").str.ends_with("_code")).then(masked(plain, taxpayers=True))
    frame = frame.with_columns(value=coded.otherwise(plain))
    problem = pl.struct("code", "field", "value").cast(PROBLEM)
    return frame.group_by(by, maintain_order=True).agg(problem.alias("problems"))
