"""Reader of account statements as CSV, Excel, HTML tables or PDF, and of merchant bills and bill lists."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import starmap

import polars as pl

from extraction.rows import Facts
from extraction.sheet import Sheet
from extraction.source import Source
from extraction.statements import bills, merchants
from extraction.statements.cells import days
from extraction.statements.facts import Part, joined, part_of
from extraction.statements.flows import CUT, Movements, movements_of
from extraction.statements.guess import guess_header
from extraction.statements.headings import find_header
from extraction.statements.netting import scaled
from extraction.statements.preamble import Preamble, read_preamble
from extraction.statements.sections import Section, sections_of
from extraction.statements.sheets import sheets_of
from extraction.statements.values import fields_of
from extraction.tables import forget_workbook
from ledger.errors import FileUnreadable, InputError


class StatementReader:
    """Statements, told by the columns of their tables."""

    name = "statement"
    version = 1
    #: An export that does not name its holder is read again when somebody says whose it is.
    ledgers = True
    #: How values came about, as in the ledger's table `fields`.
    method = "table"

    def recognises(self, source: Source) -> bool:
        """Whether some table has the columns of a statement, a merchant's bill or a list of bills."""
        try:
            return any(find_header(s) or guess_header(s) for s in sheets_of(source))
        except InputError:
            return False

    def facts(self, source: Source) -> Facts:
        """What the document says. FileUnreadable when no table of it is a statement."""
        try:
            return self.facts_of(sheets_of(source), source)
        finally:
            forget_workbook()

    def facts_of(self, sheets: tuple[Sheet, ...], source: Source) -> Facts:
        """`facts` of tables that were found already."""
        sections = sections_of(sheets, source.name)
        if not sections:
            raise FileUnreadable("file_unknown", file=source.name)
        lists = [s for s in sections if s.header.kind == "bills"]
        if lists:
            return bills.facts(lists, source, self.name, self.version)
        accounts: list[Movements] = []
        parts: list[Part] = []
        told = [(s, _preamble(s)) for s in sections]
        for section, preamble in starmap(scaled, _merged(_by_account(told))):
            read = merchants.movements_of if section.header.kind == "merchant" else movements_of
            own = frozenset(p.account for _, p in told if p.account and p.holder == preamble.holder)
            accounts.append(read(section, preamble, source.name))
            parts.append(part_of(accounts[-1], source.sha256, own, source.name))
        facts = joined(parts, self.name, self.version)
        facts.tables["fields"] = fields_of(accounts, self.method)
        return facts


def _preamble(section: Section) -> Preamble:
    return read_preamble(section.above, section.below, section.sheet, " ".join(section.header.cells))


def _by_account(told: list[tuple[Section, Preamble]]) -> list[tuple[Section, Preamble]]:
    """Sections with what columns say of their account; several accounts in one table are parted."""
    made: list[tuple[Section, Preamble]] = []
    for whole, preamble in told:
        section = _with_either(whole, preamble)
        keys = [c for c in ("own_account", "currency") if c in section.text.columns]
        groups = (
            section.text.partition_by(keys, maintain_order=True)
            if _several(section, keys)
            else [section.text]
        )
        for group in groups:
            made.append((replace(section, text=group), _from_columns(group, preamble)))
    return made


def _merged(told: list[tuple[Section, Preamble]]) -> list[tuple[Section, Preamble]]:
    """Tables of one account as one (a sheet a month, exports pasted together): its balances must run
    through from one to the next."""
    groups: dict[tuple[object, ...], list[tuple[Section, Preamble]]] = {}
    for number, (section, preamble) in enumerate(told):
        currency = section.column("currency").head(1).to_list()
        known = (preamble.account, *currency) if preamble.account else (number,)
        groups.setdefault((*known, section.header.kind, *section.text.columns), []).append(
            (section, preamble)
        )
    return [group[0] if len(group) == 1 else _one(group) for group in groups.values()]


def _one(group: list[tuple[Section, Preamble]]) -> tuple[Section, Preamble]:
    in_time = sorted(group, key=lambda item: _first_day(item[0]))
    sections, first, last = [s for s, _ in group], in_time[0][1], in_time[-1][1]
    merged = replace(
        sections[0],
        text=pl.concat([s.text for s in sections]),
        own=pl.concat([s.own for s in sections], how="diagonal"),
        places=pl.concat([s.places for s in sections]).unique(maintain_order=True),
        broken=[p for s in sections for p in s.broken],
        doubtful=[p for s in sections for p in s.doubtful],
    )
    return merged, replace(first, closing=last.closing, end=last.end)


def _first_day(section: Section) -> date:
    first = days(section.column("date")).drop_nulls().sort().head(1).to_list()
    return first[0] if first else date.max


def _several(section: Section, keys: Sequence[str]) -> bool:
    return any(section.text[k].drop_nulls().n_unique() > 1 for k in keys) and not any(
        section.text[k].null_count() for k in keys
    )


def _from_columns(text: pl.DataFrame, preamble: Preamble) -> Preamble:
    """The preamble with what the columns of the owner's own account and name say."""
    said = {}
    for role, name in (("own_account", "account"), ("own_name", "holder")):
        if role in text.columns:
            values = text[role].drop_nulls()
            if (
                len(values)
                and values.n_unique() == 1
                and any(map(str.isalnum, values[0]))
                and not re.search(CUT, values[0])
            ):
                said[name] = values[0]
    return replace(preamble, **said)


def _with_either(section: Section, preamble: Preamble) -> Section:
    """Columns that are headed 账号 or 户名 only: the owner's where they stand left of the day, never change
    or say what the preamble says, else the other side's."""
    text = section.text
    for role, own in (("account", "own_account"), ("name", "own_name")):
        said = preamble.account if role == "account" else preamble.holder
        for column in [c for c in text.columns if c.startswith(f"either_{role}_")]:
            values = text[column].drop_nulls()
            constant = values.n_unique() <= 1 and values.len() >= 0.9 * text.height
            other_there = role in text.columns
            before = int(column.rpartition("_")[2]) < min(section.header.roles.get("date", [0]))
            is_own = (
                other_there
                or before
                or (constant and (text.height > 2 or (values.len() > 0 and values[0] == said)))
            )
            target = own if is_own else role
            text = text.drop(column) if target in text.columns else text.rename({column: target})
    if "account" in text.columns and "name" not in text.columns:
        values = text["account"].drop_nulls()
        if len(values) and int(values.str.contains(r"[\u4e00-\u9fff]{2}").sum()) > 0.5 * len(values):
            text = text.rename({"account": "name"})  # some list names under this heading
    return replace(section, text=text)
