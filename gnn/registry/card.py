"""The card of a model: what it is for, what it saw, how good it is, and what it must not be used for.

Written from codes and figures alone, Chinese first and English after it, so that both say the same.
"""

from typing import TYPE_CHECKING

from ledger.words import label, message

if TYPE_CHECKING:
    from gnn.registry.folder import Trained


def card(name: str, trained: "Trained") -> str:
    """CARD.md. KeyError when a figure, rival, feature or purpose has no words."""
    return "\n\n".join(_in(lang, name, trained) for lang in ("zh", "en")) + "\n"


def _in(lang: str, name: str, trained: "Trained") -> str:
    sections = {
        "card_purpose": message(trained.purpose, lang),
        "card_saw": _saw(lang, trained),
        "card_good": _good(lang, trained),
        "card_never": "\n".join(f"- {message(code, lang)}" for code in trained.never),
        "card_features": _features(lang, trained),
    }
    parts = [f"# {label('card_title', lang)} {name}"]
    parts += [f"## {label(title, lang)}\n\n{text}" for title, text in sections.items()]
    return "\n\n".join(parts)


def _saw(lang: str, trained: "Trained") -> str:
    seen = trained.seen
    text = message(
        "card_saw_text",
        lang,
        kind=trained.kind,
        snapshot=seen.snapshot,
        as_of=seen.as_of.isoformat(),
        firms=f"{seen.firms:,}",
        links=f"{seen.links:,}",
        seed=trained.seed,
    )
    return text + "\n\n" + message("card_synthetic" if seen.synthetic else "card_real", lang)


def _good(lang: str, trained: "Trained") -> str:
    """A verdict against the simplest rival, then all figures, one row a rival."""
    head, rival = trained.headline, trained.ablations[trained.rival]
    verdict = message(
        "card_better" if trained.better else "card_not_better",
        lang,
        figure=label(f"figure_{head}", lang),
        value=f"{trained.metrics[head]:.4f}",
        samples=f"{trained.samples:,}",
        rival=label(f"ablation_{trained.rival}", lang),
        rival_value=f"{rival[head]:.4f}",
    )
    figures = list(trained.metrics)
    lines = ["| " + " | ".join(["", *(label(f"figure_{f}", lang) for f in figures)]) + " |"]
    lines.append("|---" * (1 + len(figures)) + "|")
    for key, row in {"learned": trained.metrics, **trained.ablations}.items():
        shown = (f"{row[f]:.4f}" if f in row else "" for f in figures)
        lines.append("| " + " | ".join([label(f"ablation_{key}", lang), *shown]) + " |")
    return verdict + "\n\n" + "\n".join(lines)


def _features(lang: str, trained: "Trained") -> str:
    rows = (f"- {label(key, lang)} ({columns})" for key, columns in trained.features.items())
    return "\n".join(rows)
