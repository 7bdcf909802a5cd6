"""Papers and jobs of a caller who sees some firms only.

Theirs is what the same holder handed in under a key that was bound to no other firms. Of the rest they
see the papers that are about their firms alone: own books, and papers each fact of which names one of
their firms, with nobody else's books around them. A paper with one line about them among others' is not
theirs; what it says of them stands in the evidence of their links.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from api.principal import Principal
from ledger import jobs
from ledger.errors import NotFound
from ledger.jobs import Job
from ledger.ledger import FACT_TABLES, Ledger
from ledger.records import TABLES
from ledger.state import State

#: Tables whose every row names both sides of a deal.
_DEALS = ("invoices", "contracts")
#: Tables of values, names, rejected rows and lines: what they hold belongs to a fact of another table.
_BESIDE = frozenset(
    {"fields", "rejects", "parties", "aliases", "invoice_lines", "contract_lines", "contract_terms"}
)
#: Tables whose rows say something of a firm by themselves.
FACTS = tuple(table for table in FACT_TABLES if table not in _BESIDE)


def rows_of(who: Principal) -> dict[str, Any] | None:
    """What a job keeps of the rows of who handed it in; None for who sees every firm."""
    if not who.bound:
        return None
    if who.portfolio is not None:
        return {"portfolio": who.portfolio}
    return {"parties": list(who.parties or ())}


@dataclass(frozen=True)
class Handed:
    """The papers and jobs of one bound caller; `parties` are all that their firms are known by."""

    state: State
    ledger: Ledger
    who: Principal
    parties: frozenset[str]

    def owns(self, job: Job) -> bool:
        """Whether the caller handed in what the job reads."""
        return job.kind == "ingest" and job.owner == self.who.name and self._within(job.params.get("rows"))

    def job(self, id_: str) -> Job:
        """A job of the caller, or the build that came of one. Raises NotFound."""
        found = jobs.get(self.state, id_)
        if self.owns(found) or any((own.result or {}).get("build") == id_ for own in self.jobs):
            return found
        raise NotFound("job_not_found", job=id_)

    @cached_property
    def jobs(self) -> list[Job]:
        """The caller's uploads, newest first."""
        return [job for job in jobs.of_owner(self.state, self.who.name) if self.owns(job)]

    @cached_property
    def documents(self) -> frozenset[str]:
        """SHA-256 of every document that the caller handed in and that was read."""
        return jobs.documents_of(self.state, [job.id for job in self.jobs])

    def only(self, documents: pl.DataFrame) -> pl.DataFrame:
        """The rows of the ledger's documents that are the caller's."""
        handed = pl.col("sha256").is_in(sorted(self.documents))
        books = pl.col("owner").is_in(sorted(self.parties))
        bare = documents.filter(pl.col("owner").is_null(), pl.col("rejected") == 0, pl.col("facts") > 0)
        about = pl.col("reading").is_in(self._about(bare["reading"]))
        return documents.filter(handed | books | about)

    def _about(self, readings: pl.Series) -> list[int]:
        """Those of `readings` whose every fact is a deal of the caller's firms, in nobody else's books."""
        mine, found, others = sorted(self.parties), set[int](), set[int]()
        for table in FACTS:
            rows = self.ledger.tables.scan(table).filter(pl.col("reading").is_in(readings.implode()))
            own = pl.lit(value=False)
            if table in _DEALS:
                own = (pl.col("seller").is_in(mine) | pl.col("buyer").is_in(mine)).fill_null(value=False)
                if "owner" in TABLES[table]:
                    own &= (pl.col("owner").is_null() | pl.col("owner").is_in(mine)).fill_null(value=False)
            told = rows.group_by("reading").agg(own=own.all()).collect()
            found |= set(told.filter("own")["reading"])
            others |= set(told.filter(~pl.col("own"))["reading"])
        return sorted(found - others)

    def _within(self, rows: Mapping[str, Any] | None) -> bool:
        if rows is None:
            return False
        if self.who.portfolio is not None:
            return rows.get("portfolio") == self.who.portfolio
        return bool(rows.get("parties")) and set(rows["parties"]) <= self.parties
