"""`python -m api` prints the API's description, from which clients are generated."""

import json
import sys

from api.app import create_app
from api.settings import load_settings


def main() -> None:
    """Print the description as JSON, the same bytes for the same code."""
    described = create_app(load_settings()).openapi()
    sys.stdout.write(json.dumps(described, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
