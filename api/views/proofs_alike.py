"""What likeness and suggested links were worked out from: partners in common, paths of observed links."""

import numpy as np

from api.asking import Asking
from api.models_proofs import ProofPart, ProofRow, WorkedProof
from api.views.amounts import amount_text
from api.views.proofs import firm, grounds, link, part, parts
from api.views.similar import similar
from api.views.suggested import suggested as links_suggested
from gnn.registry.folder import in_use
from ledger.errors import NotFound
from ledger.words import label, message

#: As many as the page can have asked for.
MOST = 200


def alike(asked: Asking, firm_: int, other: int) -> WorkedProof:
    """Customers and suppliers that two firms share. Raises NotFound where they are not told to be alike."""
    snapshot, lang = asked.snapshot, asked.lang
    found = [one for one in similar(snapshot, firm_, MOST, lang).items if one.id == snapshot.id_of(other)]
    if not found:
        raise NotFound("likeness_not_found")
    one = found[0]
    goods = [ProofRow(text=name) for name in one.shared_products]
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="alike",
        title=message("proof_alike_title", lang, other=one.name),
        about=firm(snapshot, firm_),
        value=f"{one.similarity:.0%}",
        text=message("proof_alike", lang, c=one.shared_customers, s=one.shared_suppliers),
        parts=parts(
            [
                _shared(asked, (firm_, other), "customers"),
                _shared(asked, (firm_, other), "suppliers"),
                part("goods", goods, lang),
            ]
        ),
        grounds=grounds(asked),
    )


def _shared(asked: Asking, firms: tuple[int, int], side: str) -> ProofPart:
    """Partners of both on one side; each row opens the first firm's link, its hint tells the other's."""
    snapshot, lang = asked.snapshot, asked.lang
    sells = side == "customers"
    ends = snapshot.column("edges", "dst" if sells else "src")
    fen = snapshot.column("edges", "amount_fen")
    links = [snapshot.customers(one) if sells else snapshot.suppliers(one) for one in firms]
    both, first, second = np.intersect1d(ends[links[0]], ends[links[1]], return_indices=True)
    amounts = [fen[edges][at] for edges, at in zip(links, (first, second), strict=True)]
    me, rows = snapshot.id_of(firms[0]), []
    for at in np.argsort(-amounts[0], kind="stable"):
        named = firm(snapshot, int(both[at]))
        rows.append(
            ProofRow(
                text=named.name,
                hint=message("proof_alike_other", lang, amount=amount_text(int(amounts[1][at]), lang)),
                amount_fen=int(amounts[0][at]),
                opens=link(me, named.id) if sells else link(named.id, me),
            )
        )
    return part(f"shared_{side}", rows, lang)


def suggested(asked: Asking, firm_: int, partner: int) -> WorkedProof:
    """Paths for and against a suggested link. Raises NotFound where none is suggested."""
    snapshot, lang = asked.snapshot, asked.lang
    me, them = snapshot.id_of(firm_), snapshot.id_of(partner)
    told = links_suggested(snapshot, firm_, MOST, lang)
    found = [one for one in told.items if one.partner.id == them]
    if not found:
        raise NotFound("suggestion_not_found")
    one = found[0]
    supplier, customer = (me, them) if one.direction == "customer" else (them, me)
    paths = []
    for path in one.paths:
        shared, rival = path.shared_customer, path.rival
        ends = ((supplier, shared.id), (rival.id, shared.id), (rival.id, customer))
        names = {supplier: None, customer: None, shared.id: shared.name, rival.id: rival.name}
        for seller, buyer in ends:
            told_names = [names[end] or _name(asked, end) for end in (seller, buyer)]
            paths.append(ProofRow(text=" → ".join(told_names), opens=link(seller, buyer)))
    against = [ProofRow(text=path.text) for path in one.against_paths] + [
        ProofRow(text=text) for text in one.against
    ]
    return WorkedProof(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        what="suggested",
        title=one.partner.name,
        about=firm(snapshot, firm_),
        value=f"{one.probability:.0%}",
        text=f"{one.way_text} {told.note}",
        parts=parts([part("paths", paths, lang), part("against", against, lang)]),
        grounds=grounds(
            asked,
            model=str(in_use(asked.data.folder, "links").about["version"]),
            basis=label("position_inferred", lang),
        ),
    )


def _name(asked: Asking, id_: str) -> str:
    row = asked.snapshot.index_of(id_)
    return id_ if row is None else firm(asked.snapshot, row).name
