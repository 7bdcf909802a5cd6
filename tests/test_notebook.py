"""The notebook of the examples: its cells run in a fresh interpreter, and it is kept without outputs."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.page_server import serving

NOTEBOOK = Path(__file__).parents[1] / "examples" / "explore.ipynb"
#: Shows the value of a cell's last expression, as a notebook does.
RUN = """
import ast, json, sys
space = {"__name__": "__main__"}
for cell in json.load(sys.stdin):
    *body, last = ast.parse(cell).body
    exec(compile(ast.Module(body, []), "cell", "exec"), space)
    if isinstance(last, ast.Expr):
        print(">>", repr(eval(compile(ast.Expression(last.value), "cell", "eval"), space)))
    else:
        exec(compile(ast.Module([last], []), "cell", "exec"), space)
"""


def cells() -> list[dict]:
    return json.loads(NOTEBOOK.read_text("utf-8"))["cells"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder, here = tmp_path_factory.mktemp("notebook"), tmp_path_factory.mktemp("cwd")
    size = ("--enterprises", "1000", "--links", "4000")
    code = ["".join(cell["source"]) for cell in cells() if cell["cell_type"] == "code"]
    with serving("demo", "--data", str(folder), "--port", "18751", *size) as address:
        done = subprocess.run(
            [sys.executable, "-c", RUN],
            input=json.dumps(code),
            cwd=here,
            env=os.environ | {"DAYAN_URL": address, "PYTHONPATH": str(NOTEBOOK.parents[1])},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    yield done.stdout, here


def test_it_is_kept_without_outputs() -> None:
    code = [cell for cell in cells() if cell["cell_type"] == "code"]
    assert code
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in code)
    assert len({cell["id"] for cell in cells()}) == len(cells())


@pytest.mark.slow
def test_it_finds_a_firm_and_scores_it(told: tuple[str, Path]) -> None:
    out, _ = told
    assert re.search(r"suppliers: \d+ of \d+, by amount", out)
    assert re.search(r"\d+ of \d+ firms in around.html", out)
    assert "amount_fen" in out, "the invoice behind a link"
    assert "Empty DataFrame" not in out


@pytest.mark.slow
def test_its_picture_asks_nobody_for_anything(told: tuple[str, Path]) -> None:
    page = (told[1] / "around.html").read_text("utf-8")
    tags = re.findall(r"<(?:script|link|img|iframe|source|object|embed)\b[^>]*>", page)
    assert [tag for tag in tags if re.search(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", tag)] == []
    assert "有限公司" in page or "\\u6709\\u9650\\u516c\\u53f8" in page
