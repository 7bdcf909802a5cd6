"""The arithmetic of forms: what must add up; passed checks speak for a figure, failed ones warn."""

from extraction.declarations.figures import Figure
from ledger.errors import Problem

#: form → (code of the check, sum, its parts).
_SUMS: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "balance_sheet": (
        ("balance_sheet_balances", "assets.total", ("liabilities.total", "equity.total")),
        ("balance_sheet_balances", "assets.total", ("sources.total",)),
    ),
    "vat_schedule_1": (
        (
            "declared_adds_up",
            "sales.total",
            ("sales.special", "sales.other_invoices", "sales.uninvoiced", "sales.adjusted"),
        ),
    ),
}
#: Parts that count as nothing where they are not printed.
_OPTIONAL = frozenset({"sales.special", "sales.other_invoices", "sales.uninvoiced", "sales.adjusted"})


def check(form: str, figures: list[Figure]) -> None:
    """Note on the figures of a form which sums hold, column by column, and warn of those that do not."""
    for code, total, parts in _SUMS.get(form, ()):
        for column in sorted({f.column for f in figures}):
            _check_sum(code, total, parts, {f.item: f for f in figures if f.column == column})


def _check_sum(code: str, total: str, parts: tuple[str, ...], by_item: dict[str, Figure]) -> None:
    whole = by_item.get(total)
    given = [by_item[part] for part in parts if part in by_item]
    missing = [part for part in parts if part not in by_item and part not in _OPTIONAL]
    if whole is None or whole.fen is None or missing or not given:
        return
    fen = sum(f.fen or 0 for f in given)
    if fen == whole.fen:
        for figure in (whole, *given):
            if code not in figure.checks:
                figure.checks.append(code)
        return
    whole.warnings.append(Problem(f"not_{code}", row=whole.row, field=total, value=f"{fen} / {whole.fen}"))
