"""The committed build of the pages belongs to the sources beside it, and leans on nobody else's host."""

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WEB, PAGES = ROOT / "web", ROOT / "api" / "pages"
LEFT_OUT = {"node_modules", "dist"}
HOW = "run `npm ci && npm run build` in web/ and commit api/pages/"

pytestmark = pytest.mark.skipif(not WEB.is_dir(), reason="the sources of the pages are not here")


def listing() -> dict[str, str]:
    """Path → SHA-256 of every source of the pages; tests are none."""
    files = {}
    for path in WEB.rglob("*"):
        inside = path.relative_to(WEB)
        if (
            path.is_file()
            and not LEFT_OUT & set(inside.parts)
            and not path.name.endswith((".test.ts", ".tsbuildinfo"))
        ):
            files[inside.as_posix()] = sha256(path.read_bytes()).hexdigest()
    return files


def test_build_is_as_new_as_its_sources() -> None:
    lines = (PAGES / "SOURCES.sha256").read_text("utf-8").splitlines()
    built = {path: digest for digest, path in (line.split("  ", 1) for line in lines)}
    now = listing()
    changed = sorted(path for path in built.keys() | now.keys() if built.get(path) != now.get(path))
    assert not changed, f"api/pages is older than web/ ({', '.join(changed)}): {HOW}"


def test_every_file_the_front_page_names_is_in_the_build() -> None:
    html = (PAGES / "index.html").read_text("utf-8")
    named = re.findall(r'(?:src|href)="([^"]+)"', html)
    assert named
    assert [name for name in named if not name.startswith("/")] == []
    assert [name for name in named if not (PAGES / name.lstrip("/")).is_file()] == []


def test_build_has_nothing_inline_and_no_style_from_outside() -> None:
    html = (PAGES / "index.html").read_text("utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", html) == []
    for sheet in PAGES.rglob("*.css"):
        assert re.findall(r"@import|url\(\s*['\"]?(?:https?:)?//", sheet.read_text("utf-8")) == []


def test_first_load_is_small() -> None:
    import gzip

    first = [PAGES / "index.html", *PAGES.glob("assets/index-*")]
    assert len(first) >= 3
    assert sum(len(gzip.compress(path.read_bytes())) for path in first) < 300_000


def test_lock_file_names_no_host() -> None:
    text = (WEB / "package-lock.json").read_text("utf-8")
    packages = json.loads(text)["packages"]
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert all("integrity" in entry for name, entry in packages.items() if name)


def test_pages_use_the_words_of_the_trade() -> None:
    """`trade` of web/src/words.ts says what ledger/words.yaml says, save for large first letters."""
    source = (WEB / "src" / "words.ts").read_text("utf-8")
    block = source[source.index("export const trade") : source.index("export const page")]
    pages = {
        key: (zh, en)
        for key, zh, en in re.findall(r'^  (\w+): \{ zh: "([^"]+)", en: "([^"]+)" \},$', block, re.M)
    }
    ledger = yaml.safe_load((ROOT / "ledger" / "words.yaml").read_text("utf-8"))["labels"]
    assert len(pages) > 10
    assert {key: (zh, en.lower()) for key, (zh, en) in pages.items()} == {
        key: (ledger[key]["zh"], ledger[key]["en"].lower()) for key in pages
    }
