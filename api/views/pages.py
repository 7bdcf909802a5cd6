"""Pages of documents as pictures, and their sizes; drawn once and kept for a while."""

from pathlib import Path

from api.asking import Asking
from api.models_documents import DocumentPages, PageSize
from api.views.documents import committed
from extraction import page_picture
from extraction.page_picture import Picture
from extraction.photo.picture import is_picture
from ledger.errors import NotFound


def page_sizes(asked: Asking, sha256: str) -> DocumentPages:
    """The sizes of a PDF's pages, or of a photograph. Raises NotFound where it has none, FileUnreadable."""
    path, name = _paged(asked, sha256)
    snapshot = asked.snapshot_or_none
    found = asked.data.pictures.get((sha256, "sizes"), lambda: page_picture.sizes(path, name))
    return DocumentPages(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=[PageSize(number=i, width=w, height=h) for i, (w, h) in enumerate(found, 1)],
        total=len(found),
    )


def picture(asked: Asking, sha256: str, page: int, scale: float) -> Picture:
    """One page. Raises NotFound, FileUnreadable."""
    path, name = _paged(asked, sha256)
    steps = round(scale, 2)  # so that a caller cannot fill the memory with pictures that look the same
    return asked.data.pictures.get(
        (sha256, page, steps), lambda: page_picture.picture(path, name, page, steps)
    )


def _paged(asked: Asking, sha256: str) -> tuple[Path, str]:
    name = asked.called(sha256, committed(asked.ledger, sha256)["name"])
    path = asked.ledger.originals.path(sha256)
    if not path.is_file():
        raise NotFound("document_not_found", document=sha256)
    with path.open("rb") as file:
        start = file.read(1024)
        if b"%PDF-" not in start and not is_picture(start):
            raise NotFound("document_no_pages", file=name)
    return path, name
