"""`dayan build`: the pipeline with its steps told in words."""

from api.settings import Settings
from dayan.console import out, steps
from dayan.pipeline import Built, build
from dayan.target import target_of
from ledger.words import message


def build_and_tell(settings: Settings, *, force: bool = False) -> Built:
    """Build, then say what stands."""
    lang = settings.lang
    with steps(lang) as step:
        built = build(target_of(settings), step, force=force)
    snapshot = built.snapshot
    if not built.fresh:
        out.print(message("build_unchanged", lang, snapshot=snapshot.id))
        return built
    if built.evidence is not None and built.evidence.pairs.height:
        chance = sum(built.evidence.expected_by_chance.values())
        merged = built.evidence.same_party.select("a", "b").unique().height
        pairs = f"{built.evidence.pairs.height:,}"
        out.print(message("pairs_found", lang, pairs=pairs, merged=f"{merged:,}", chance=f"{chance:.2g}"))
    sizes = {"enterprises": f"{snapshot.enterprises.height:,}", "links": f"{snapshot.edges.height:,}"}
    out.print(message("build_done", lang, snapshot=snapshot.id, **sizes))
    return built
