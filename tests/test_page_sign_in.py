"""Signing in on the page: a wrong key, a right one, what a role sees, a session that ended."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.access_keys import key_for
from tests.page_axe import violations
from tests.page_server import LANGS, Visit, api, copied, serving

pytest_plugins = ("tests.page_browser",)
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def keyed(
    small_demo: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """A server with keys, its folder, and a firm of it."""
    folder = copied(small_demo, tmp_path_factory.mktemp("keyed"))
    with serving("serve", "--data", str(folder), "--port", "18766") as local:
        firm = api(local, "lists/screen?own_books=true&limit=1")["items"][0]
    key_for(folder)
    with serving("serve", "--data", str(folder), "--port", "18767") as address:
        yield address, folder, firm


@pytest.fixture(scope="module")
def base(keyed: tuple[str, Path, dict[str, Any]]) -> str:
    return keyed[0]


def enter(page: Any, key: str) -> None:
    page.locator("input[type=password]").fill(key)
    page.locator("form .button.main").click()


@pytest.mark.parametrize("lang", LANGS)
def test_a_wrong_key_is_refused_in_words(visit: Visit, lang: str) -> None:
    page = visit("/sign-in", lang=lang)
    assert violations(page) == []
    enter(page, "dy_0123456789ab_nothing")
    page.locator(".wrong").wait_for()
    assert page.locator(".wrong").inner_text()
    assert "/sign-in" in page.url
    assert violations(page) == []


@pytest.mark.parametrize("lang", LANGS)
def test_a_page_asks_for_the_sign_in_and_is_shown_after_it(
    visit: Visit, keyed: tuple[str, Path, dict[str, Any]], lang: str
) -> None:
    page = visit("/lists?size=small", lang=lang)
    page.wait_for_function("() => location.pathname === '/sign-in'")
    enter(page, key_for(keyed[1], "analyst", holder=f"an.{lang}"))
    page.wait_for_selector(".grid tbody tr a")
    assert "/lists?" in page.url
    assert "size=small" in page.url
    page.locator("header .button.quiet", has_text=f"an.{lang}").click()
    page.locator("[role=menuitem]").click()
    page.locator("input[type=password]").wait_for()
    assert page.locator(".ways a").count() == 0


def test_another_site_is_never_where_one_lands(
    visit: Visit, keyed: tuple[str, Path, dict[str, Any]], base: str
) -> None:
    page = visit("/sign-in?next=//example.org/x")
    enter(page, key_for(keyed[1], "analyst", holder="an.next"))
    page.wait_for_selector(".home .chains")
    assert page.url.startswith(f"{base}/?")


def test_a_role_sees_its_own_ways_alone(visit: Visit, keyed: tuple[str, Path, dict[str, Any]]) -> None:
    _, folder, firm = keyed
    shown = {}
    for role, bound in (("analyst", {}), ("owner", {"parties": (firm["id"],)})):
        page = visit("/sign-in")
        enter(page, key_for(folder, role, holder=f"{role}.ways", **bound))
        page.wait_for_function("() => location.pathname === '/'")
        page.wait_for_selector(".ways a")
        shown[role] = [
            href.split("?")[0]
            for href in page.locator(".ways a").evaluate_all(
                "all => all.map(one => one.getAttribute('href'))"
            )
        ]
        page.context.close()
    assert shown["owner"] == ["/owner"]
    assert "/owner" not in shown["analyst"]
    assert {"/chains", "/explore", "/lists"} <= set(shown["analyst"])


def test_the_server_refuses_an_owner_what_the_page_hides(
    visit: Visit, keyed: tuple[str, Path, dict[str, Any]]
) -> None:
    _, folder, firm = keyed
    page = visit("/sign-in?next=/lists")
    enter(page, key_for(folder, "owner", holder="owner.lists", parties=(firm["id"],)))
    page.locator(".state.hint").first.wait_for()
    assert page.locator(".grid tbody tr").count() == 0


def test_a_session_that_ended_leaves_the_page_and_offers_the_way_back(
    visit: Visit, keyed: tuple[str, Path, dict[str, Any]]
) -> None:
    page = visit("/sign-in?next=/lists")
    enter(page, key_for(keyed[1], "analyst", holder="an.ended"))
    page.wait_for_selector(".grid tbody tr a")
    page.context.clear_cookies()
    page.locator("th .sorter").nth(1).click()
    page.locator("[role=alert]").wait_for()
    link = page.locator("a.whois")
    link.wait_for()
    assert "next=%2Flists" in link.get_attribute("href")
