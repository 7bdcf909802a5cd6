"""The names of what a limit is about: enterprises, groups, persons, chains, industries, provinces."""

from dataclasses import dataclass

import polars as pl

from graph.snapshot import Snapshot
from ledger.words import label, labels

#: The dimension under which loans stand whose borrowers the snapshot does not know; it has one subject.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Subject:
    """What a subject is called. `enterprise`: id of the enterprise that the name is taken from, None where
    it is no enterprise's."""

    zh: str
    en: str
    enterprise: str | None = None

    def text(self, lang: str) -> str:
        """The name in the reader's language."""
        return self.zh if lang == "zh" else self.en

    def texts(self) -> dict[str, str]:
        """The name in both, for a sentence whose reader is not known yet."""
        return {"zh": self.zh, "en": self.en}


def subject_of(source: Snapshot, dimension: str, subject: str) -> Subject:
    """The name of a subject of `services.lending.ties`; its id where the snapshot knows it no longer."""
    if dimension == UNKNOWN:
        return _labelled("exposure_unknown", subject)
    if dimension == "chain":
        named = {chain["id"]: chain["name"] for chain in source.chains}.get(subject, {})
        return Subject(named.get("zh", subject), named.get("en", subject))
    if dimension in ("industry", "region"):
        return _labelled(f"{'division' if dimension == 'industry' else 'province'}_{subject}", subject)
    row = source.index_of(subject)
    return _group(source, subject) if row is None else _firm(source, row, subject)


def _labelled(key: str, otherwise: str) -> Subject:
    if key not in labels():
        return Subject(otherwise, otherwise)
    return Subject(label(key, "zh"), label(key, "en"))


def _firm(source: Snapshot, row: int, otherwise: str) -> Subject:
    name = str(source.enterprises["name"][row] or otherwise)
    return Subject(name, name, source.id_of(row))


def _group(source: Snapshot, id_: str) -> Subject:
    """A group by its kind and its controller or head; a person by the masked name."""
    found = source.groups.filter(pl.col("id") == id_)
    if found.is_empty():
        told = source.relations.filter((pl.col("src") == id_) & pl.col("src_label").is_not_null())
        name = str(told["src_label"][0]) if told.height else id_
        return Subject(name, name)
    row = found.row(0, named=True)
    kind = _labelled(f"group_{row['kind']}", str(row["kind"]))
    head = Subject(str(row["controller_label"]), str(row["controller_label"]))
    if row["controller_label"] is None:
        head = Subject(id_, id_) if row["head"] is None else _firm(source, int(row["head"]), id_)
    return Subject(f"{kind.zh} {head.zh}", f"{kind.en} {head.en}", head.enterprise)
