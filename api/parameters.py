"""Parameters that several routes take, declared once."""

from typing import Annotated, Literal

from fastapi import Path, Query

ChainId = Annotated[str, Path(pattern="^[a-z0-9-]{1,60}$", description="Id of an industry chain")]
EnterpriseId = Annotated[
    str, Path(pattern="^[0-9a-f]{16}$", description="Id of an enterprise, or of any party that belongs to it")
]
PartnerId = Annotated[str, Query(pattern="^[0-9a-f]{16}$", description="Id of the partner")]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the document")]
Side = Annotated[
    Literal["suppliers", "customers"], Query(description="Who the partners are to the enterprise")
]
Limit = Annotated[int, Query(ge=1, le=200, description="Most items in the answer")]
NextPage = Annotated[
    str | None, Query(max_length=400, description="`next` of the page before; stays with its snapshot")
]
