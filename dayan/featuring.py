"""`dayan features`: what is known of an enterprise as of a day, or a table of all of them for other tools."""

from datetime import date
from pathlib import Path

import polars as pl

from api.settings import Settings
from dayan.console import out, table
from dayan.exporting import enterprise_named
from dayan.target import target_of
from graph.snapshot import open_snapshot
from ledger.errors import InputError
from ledger.words import label, message
from services.features import CATALOGUE, FEATURE_SET_VERSION, backfill, features

#: Endings of a file that all enterprises are written to.
FORMATS = (".parquet", ".csv")


def run(
    settings: Settings, firm: str | None, as_of: str | None, names: str | None, path: Path | None
) -> None:
    """Print the features of the enterprise named by id, code or name, or write those of all into `path`."""
    lang, day = settings.lang, _day(as_of)
    wanted = [name.strip() for name in (names or "").split(",") if name.strip()] or list(CATALOGUE)
    snapshot = open_snapshot(settings.data)
    if path is not None:
        rows = backfill(snapshot, None, [day or snapshot.as_of], wanted)
        ids = snapshot.enterprises.select("id", "code", "name")
        told = pl.concat([ids[rows["enterprise"].to_numpy()], rows.drop("enterprise")], how="horizontal")
        _write(told, path)
        note = f"{told.height:,} × {len(wanted):,}"
        out.print(message("exported", lang, path=path, note=note), markup=False, soft_wrap=True)
        return
    if firm is None:
        raise InputError("feature_firm_missing")
    row = snapshot.index_of(enterprise_named(target_of(settings), snapshot, firm))
    assert row is not None
    found = features(snapshot, row, day, wanted)
    shown = []
    for name in wanted:
        kept, value = CATALOGUE[name], found.value(row, name)
        why = found.reason(row, name)
        said = message(f"feature_missing_{why}", lang) if why else _text(value)
        basis = found.basis(row, name)
        shown.append(
            (
                kept.label(lang),
                said,
                label(f"feature_unit_{kept.unit}", lang),
                label(f"feature_basis_{basis}", lang),
            )
        )
    heads = [label(f"feature{part}_head", lang) for part in ("", "_value", "_unit", "_basis")]
    out.print(snapshot.enterprises["name"][row], markup=False)
    out.print(message("feature_set", lang, version=FEATURE_SET_VERSION, as_of=found.as_of), markup=False)
    out.print(table(heads, shown))


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InputError("feature_day", value=text) from None


def _text(value: float | str | None) -> str:
    return value if isinstance(value, str) else f"{value:,.4g}" if value is not None else ""


def _write(rows: pl.DataFrame, path: Path) -> None:
    if path.suffix not in FORMATS:
        raise InputError("export_format", format=path.suffix, known=", ".join(FORMATS))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        rows.write_csv(path, include_bom=True)  # as a spreadsheet needs it for Chinese
    else:
        rows.write_parquet(path)
