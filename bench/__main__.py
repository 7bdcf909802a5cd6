"""One entry for all benchmarks: `python -m bench NAME [--json] [--data DIR]`; `all` runs every one."""

import argparse
import json
from importlib import import_module
from pathlib import Path

NAMES = (
    "cumcm",
    "tiers",
    "positions",
    "groups",
    "placement",
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
    "supplysim",
    "links",
    "nightly",
    "gpu",
    "wealth",
    "credit",
    "credit_offers",
    "cashflow",
    "services",
    "pages",
    "three_one_zero",
)


def main() -> None:
    """Run what was asked for; with --json the last line of stdout is one object of figures."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=(*NAMES, "all"))
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--data", type=Path, help="another data set of the same form")
    parser.add_argument("--edges", type=Path, help="links: an edge list, columns source,target")
    parser.add_argument("--nodes", type=Path, help="links: names of its nodes, columns id,name")
    asked = parser.parse_args()
    listed = {end: path for end in ("edges", "nodes") if (path := getattr(asked, end)) is not None}
    if listed and (asked.name != "links" or "edges" not in listed):
        parser.error("--edges, and --nodes beside it, are options of links")
    names = NAMES if asked.name == "all" else (asked.name,)
    figures = {name: import_module(f"bench.{name}").run(asked.data, **listed) for name in names}
    if asked.json:
        print(json.dumps(figures if asked.name == "all" else figures[asked.name], ensure_ascii=False))


if __name__ == "__main__":
    main()
