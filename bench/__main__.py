"""One entry for all benchmarks: `python -m bench NAME [--json] [--data DIR]`; `all` runs every one."""

import argparse
import json
from importlib import import_module
from pathlib import Path

NAMES = (
    "cumcm",
    "tiers",
    "analytics",
    "http",
    "einvoices",
    "resolve",
    "contracts",
    "statements",
    "payments",
    "bulk",
    "ner",
    "load",
    "demo",
)


def main() -> None:
    """Run what was asked for; with --json the last line of stdout is one object of figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=(*NAMES, "all"))
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--data", type=Path, help="another data set of the same form")
    asked = parser.parse_args()
    names = NAMES if asked.name == "all" else (asked.name,)
    figures = {name: import_module(f"bench.{name}").run(asked.data) for name in names}
    if asked.json:
        print(json.dumps(figures if asked.name == "all" else figures[asked.name], ensure_ascii=False))


if __name__ == "__main__":
    main()
