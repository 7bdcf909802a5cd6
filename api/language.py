"""The language of an answer: zh or en, from the Accept-Language header (RFC 9110, section 12.5.4)."""

from ledger.words import Lang

#: A header longer than this is not read: nobody's browser sends one.
LONGEST = 1000


def preferred(header: str | None, default: Lang = "en") -> Lang:
    """The better liked of zh and en; `default` where the header names neither. Equal weights: the first."""
    best, best_weight = default, 0.0
    for part in (header or "")[:LONGEST].split(","):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().lower().split("-")[0]
        weight = _weight(parameters)
        if weight <= best_weight:
            continue
        if primary in ("zh", "en"):
            best, best_weight = ("zh" if primary == "zh" else "en"), weight
        elif primary == "*":
            best, best_weight = default, weight
    return best


def _weight(parameters: str) -> float:
    """The `q` of one entry: 1 where it has none, 0 where it makes no sense."""
    name, _, value = parameters.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
