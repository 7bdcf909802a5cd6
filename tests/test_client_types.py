"""The types that the pages know the API by are those of the routes there are."""

import hashlib
import json
import re
from pathlib import Path

from api.app import create_app
from api.settings import load_settings

TYPES = Path(__file__).parents[1] / "web" / "src" / "api" / "schema.d.ts"


def test_types_of_the_pages_are_as_new_as_the_routes() -> None:
    described = create_app(load_settings()).openapi()
    text = json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    named = re.search(r"sha256 ([0-9a-f]{64})", TYPES.read_text("utf-8").partition("\n")[0])
    assert named, "schema.d.ts does not say what it was made from"
    assert named[1] == hashlib.sha256(text.encode()).hexdigest(), "run `make client`"
