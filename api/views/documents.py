"""Documents as answers: what the ledger counts of one, and a safe name for handing it out."""

import polars as pl

from api.models import DocumentInfo
from graph.snapshot import Snapshot
from ledger.errors import NotFound
from ledger.ledger import Ledger


def document(ledger: Ledger, sha256: str, snapshot: Snapshot | None) -> DocumentInfo:
    """The document `sha256`. Raises NotFound where none is committed, or it was withdrawn."""
    rows = ledger.documents().filter(pl.col("sha256") == sha256)
    if rows.is_empty():
        raise NotFound("document_not_found", document=sha256)
    row = rows.row(0, named=True)
    return DocumentInfo(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        id=sha256,
        **{
            name: row[name] for name in ("name", "format", "bytes", "rows", "facts", "rejected", "duplicates")
        },
        synthetic=bool(row["synthetic"]),
    )


def download_name(name: str) -> str:
    """The file's own name, without the archives and folders around it."""
    return name.replace("\\", "/").rsplit("/", 1)[-1] or "document"
