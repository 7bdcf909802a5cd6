"""Nothing but the benchmarks reads what the generator planted."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("api", "cypher", "dayan", "extraction", "gnn", "graph", "ledger", "seeds", "services")
#: The one place that writes the files; it reads none of them (see below).
WRITER = "seeds/economy.py"
_PATH = re.compile(r"(^|[^A-Za-z_])truth($|[^A-Za-z_])")


def _docstrings(tree: ast.AST) -> set[int]:
    """Ids of the constants that are documentation."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                found.add(id(first.value))
    return found


def _mentions(source: str) -> list[str]:
    """Texts in `source`, documentation left out, that name the folder `truth`."""
    tree = ast.parse(source)
    documentation = _docstrings(tree)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and id(node) not in documentation and _PATH.search(node.value)
    ]  # fmt: skip


@pytest.mark.parametrize("package", PACKAGES)
def test_no_source_names_the_folder(package):
    found = {
        str(path.relative_to(ROOT)): texts
        for path in (ROOT / package).rglob("*.py")
        if (texts := _mentions(path.read_text("utf-8")))
    }
    found.pop(WRITER, None)
    assert not found


def test_other_files_of_the_packages_do_not_name_it_either():
    suffixes = {".cypher", ".yaml", ".ts", ".tsx"}
    folders = [ROOT / name for name in (*PACKAGES, "web/src")]
    for path in (p for folder in folders for p in folder.rglob("*") if p.suffix in suffixes):
        assert "truth/" not in path.read_text("utf-8"), path


def test_the_generator_writes_and_never_reads():
    reading = re.compile(r"\b(read_parquet|scan_parquet|read_table|ParquetFile)\b")
    for path in (ROOT / "seeds").rglob("*.py"):
        assert not reading.search(path.read_text("utf-8")), path
    assert _mentions((ROOT / WRITER).read_text("utf-8"))  # else this test looks for the wrong thing


def test_the_search_finds_what_it_looks_for():
    assert _mentions('open(folder / "truth" / "links.parquet")') == ["truth"]
    assert _mentions('"""The truth."""\nx = f"{folder}/truth/links.parquet"') == ["/truth/links.parquet"]
    assert _mentions('ground_truth = "groundtruth"') == []
