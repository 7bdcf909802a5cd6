"""Reader of registry extracts: enterprises with their attributes, labels, names and lists, and their ties."""

from dataclasses import dataclass, replace

import polars as pl

from extraction.cells import tidy_cells
from extraction.findings import Findings
from extraction.people import covered_cells
from extraction.personal import masked_columns
from extraction.registry_layout import CODED, registry
from extraction.registry_reading import Read
from extraction.registry_standing import read_aliases, read_labels, read_listings
from extraction.registry_tables import read_enterprises, read_relations
from extraction.rows import Facts, facts_frame, no_facts
from extraction.sheet import names, titles
from extraction.source import Source
from extraction.tables import Found, follows, forget_workbook, recognised, sheets_of
from ledger.errors import FileUnreadable, Problem
from ledger.names import masked_number

_READ = {
    "relations": read_relations,
    "enterprises": read_enterprises,
    "listings": read_listings,
    "labels": read_labels,
    "aliases": read_aliases,
}
#: Tables whose rows are facts.
_FACTS = ("relations", "attributes", "listings", "aliases")


class RegistryReader:
    """Registry extracts as CSV or Excel files."""

    name = "registry"
    version = 2

    def __init__(self) -> None:
        #: Rises with the layout's: what was read by an older one is then read anew.
        self.version = type(self).version + registry().version - 1

    def recognises(self, source: Source) -> bool:
        """Whether some sheet has the columns of one of the tables."""
        return recognised(source, registry().tables)

    def facts(self, source: Source) -> Facts:
        """Parties with their attributes, and relations; people masked."""
        try:
            found = [follows(sheet, registry().tables) for sheet in sheets_of(source)]
            known = [f for f in found if f]
            if not known:
                raise FileUnreadable("file_unknown", file=source.name)
            return replace(_joined([_read(f, source) for f in known]), version=self.version)
        finally:
            forget_workbook()


@dataclass
class _Part:
    """What one sheet says, and what of it was rejected."""

    read: Read
    rejects: pl.DataFrame
    warnings: list[Problem]
    rows: int
    last_row: int


def _joined(parts: list[_Part]) -> Facts:
    """The sheets of one document; rows count on from sheet to sheet."""
    said: dict[str, list[pl.DataFrame]] = {name: [no_facts(name)] for name in _FACTS}
    rejects, offset = [no_facts("rejects")], 0
    for part in parts:
        shift = (pl.col("row") + offset).cast(pl.Int32)
        for name in _FACTS:
            if name in part.read.tables:
                said[name].append(part.read.tables[name].with_columns(shift))
        rejects.append(part.rejects.with_columns(shift))
        offset += part.last_row
    tables = {name: no_facts(name) for name in ("invoices", "invoice_lines", "links", "fields")}
    tables["parties"] = pl.concat([p.read.tables["parties"] for p in parts]).unique().sort(pl.all())
    for name, frames in said.items():
        tables[name] = pl.concat(frames).unique("fact", keep="first", maintain_order=True)
    tables["rejects"] = pl.concat(rejects)
    return Facts(
        tables=tables,
        rows=sum(p.rows for p in parts),
        duplicates=sum(p.read.duplicates for p in parts),
        rejected=tables["rejects"].height,
        format=registry().name,
        synthetic=any(p.read.synthetic for p in parts),
        warnings=[w for p in parts for w in p.warnings],
    )


def _read(found: Found, source: Source) -> _Part:
    header = found.sheet.head[found.header]
    width = max(i + 1 for i, cell in enumerate(header) if cell.strip())
    body = found.sheet.body(found.header, width)
    findings = Findings()
    broken = pl.Series([row for row, _, _ in body.broken], dtype=pl.Int32)
    whole = body.frame.filter(~pl.col("row").is_in(broken.implode()))
    findings.add([Problem(code, source.name, row, value=v) for row, code, v in body.broken], whole["row"])
    columns = [pl.col(f"c{i}").alias(name) for name, i in found.columns.items()]
    text = masked_columns(tidy_cells(whole.select("row", *columns), CODED))
    missing = [c for c in found.layout.columns if c not in text.columns]
    text = text.with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in missing)
    if found.layout.name == "labels":
        text = text.with_columns(label_said="label")  # a label nobody has a key for is kept as it is said
    read = _READ[found.layout.name](text, findings, source.sha256)
    own = body.frame.rename(dict(zip(names(width), titles(header[:width]), strict=True)))
    if (key := found.columns.get("person_key")) is not None:
        title = titles(header[:width])[key]
        own = own.with_columns(pl.col(title).map_elements(masked_number, pl.String))
    last = max([found.header + 1, *body.frame["row"].tail(1)])
    return _Part(read, _rejects(own, findings), _warnings(findings, source.name), body.frame.height, last)


def _warnings(findings: Findings, file: str) -> list[Problem]:
    """What is odd and costs no row, each once, with the first row it stands in."""
    odd = findings.by_row(fatal=False).explode("problems", empty_as_null=True, keep_nulls=False)
    once = odd.unnest("problems").unique(["code", "field", "value"], keep="first", maintain_order=True)
    columns = once.select("code", "row", "field", "value").iter_rows()
    return [Problem(code, file, row, field, value) for code, row, field, value in columns]


def _rejects(own: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    problems = findings.by_row(fatal=True)
    bad = own.join(problems.select("row"), on="row", how="semi")
    raw = covered_cells(bad).select("row", raw=pl.struct(pl.exclude("row")).struct.json_encode())
    return facts_frame("rejects", problems.join(raw, on="row", how="left").sort("row"))
