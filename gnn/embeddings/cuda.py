"""The embedding step in torch, on a GPU where there is one: the same hops and the same mixing.

    hop_cw = M_c hop_w,  M_c: float32 CSR [n, n], rows of shares that sum to 1;  likewise s
    value  = unit( sum_h share_h · unit(hop_h) · R_h )

Sums are float32 and every hop is rounded to bf16, as in `gnn.embeddings.hops`; only the order within a sum
may differ. Needs the extra `learn`.
"""

import warnings
from typing import Any

import numpy as np

from gnn.embeddings.hops import by_tail
from gnn.embeddings.inputs import Hashes, Spec, signed_orders, with_identity
from gnn.embeddings.propagation import Bits
from gnn.extra import needed
from graph.csr import Rows


def devices() -> list[str]:
    """What torch can compute on here: `cuda` where there is a GPU, and `cpu`. MissingExtra without torch."""
    torch = needed("torch")
    return ["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"]


def embed_on(device: str, own: Bits, keys: Hashes, links: dict[str, Rows], spec: Spec) -> Bits:
    """Embeddings bf16[n, d] of firms with `own` inputs bf16[n, d] over the `links` of
    `gnn.embeddings.update.sides`, computed on `device`. MissingExtra without torch."""
    torch = needed("torch")
    held = {"": _there(torch, with_identity(own, keys, spec), device)}
    means = {letter: _means(torch, rows, device) for letter, rows in links.items()}
    for word in by_tail(spec.hops):
        hop = means[word[0]] @ held[word[1:]].float()
        held[word] = hop.bfloat16()
    held[""] = _there(torch, own, device)
    order, sign = signed_orders(spec, len(spec.hops) + 1, 11)
    total = torch.zeros(own.shape, device=device)
    for at, word in enumerate(("", *spec.hops)):
        turned = torch.from_numpy(np.argsort(order[at])).to(device)
        flip = torch.from_numpy(sign[at]).to(device)
        total += spec.share[at] * (_unit(held.pop(word).float()) * flip)[:, turned]
    bits = _unit(total).bfloat16().view(torch.uint16)
    return np.asarray(bits.cpu().numpy(), np.uint16)


def _means(torch: Any, rows: Rows, device: str) -> Any:
    """The rows as a sparse matrix of shares."""
    counts = np.diff(rows.indptr)
    weight = rows.weight if len(rows.weight) else np.ones(len(rows.column), np.float32)
    row = np.repeat(np.arange(len(counts)), counts)
    total = np.bincount(row, weight, len(counts))
    share = (weight / np.maximum(total, 1e-30)[row]).astype(np.float32)
    shape = (len(counts), len(counts))
    parts = (rows.indptr.astype(np.int32), rows.column.copy(), share)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that sparse rows are young in torch
        return torch.sparse_csr_tensor(*(torch.from_numpy(p).to(device) for p in parts), size=shape)


def _there(torch: Any, bits: Bits, device: str) -> Any:
    return torch.from_numpy(np.ascontiguousarray(bits)).view(torch.bfloat16).to(device)


def _unit(rows: Any) -> Any:
    return rows / rows.norm(dim=1, keepdim=True).clamp_min(1e-30)
