"""The settings table: what it reads, what it refuses, what it prints."""

import re
from pathlib import Path

import pytest

from api.settings import Settings, load_settings, settings_markdown, settings_table
from ledger.errors import InputError


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """No DAYAN_* of whoever runs the tests reaches them."""
    for name, _, _ in settings_table():
        monkeypatch.delenv(name, raising=False)


def refused(**values):
    with pytest.raises(InputError) as caught:
        load_settings(**values)
    return caught.value


def test_a_newcomer_needs_no_setting():
    settings = load_settings()
    assert str(settings.data) == "dayan-data"
    assert (settings.host, settings.port, settings.lang, settings.store) == ("127.0.0.1", 8000, "en", "")


def test_the_environment_is_read_and_arguments_win(monkeypatch, tmp_path):
    monkeypatch.setenv("DAYAN_PORT", "9000")
    monkeypatch.setenv("DAYAN_DATA", str(tmp_path))
    monkeypatch.setenv("DAYAN_ALLOWED_HOSTS", "dayan.local, Box")
    monkeypatch.setenv("DAYAN_STORE", "")
    settings = load_settings(port=9001, data=None)
    assert (settings.port, settings.data) == (9001, tmp_path)
    assert settings.allowed_hosts == ("dayan.local", "box")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_is_served(host):
    assert load_settings(host=host).host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "example.com", ""])
def test_any_other_address_is_refused(host):
    error = refused(host=host)
    assert error.problems[0].code == "setting_host_not_loopback"
    assert "DAYAN_HOST" in str(error)


@pytest.mark.parametrize(
    "values",
    [
        {"port": 0},
        {"port": 70000},
        {"lang": "fr"},
        {"store": "http://db"},
        {"store": "neo4j://"},
        {"store": "bolt://db:99999"},
        {"allowed_hosts": "*"},
        {"allowed_hosts": "*.example.com"},
        {"max_file_bytes": 0},
        {"chains": "/no/such/folder"},
    ],
)
def test_unusable_values_are_named(values):
    (name,) = values
    assert f"DAYAN_{name.upper()}" in str(refused(**values))


def test_every_refusal_is_told_in_both_languages():
    error = refused(host="0.0.0.0", port=0)
    assert [problem.field for problem in error.problems] == ["DAYAN_HOST", "DAYAN_PORT"]
    assert "{" not in error.text("zh") + error.text("en")


def test_secrets_are_never_shown():
    settings = load_settings(store="neo4j://me:hush@db:7687", store_password="hush")
    assert "hush" not in repr(settings) + str(settings)
    assert "hush" not in str(refused(store="ftp://me:hush@db"))
    assert "hush" not in str(refused(store_password=["hush"]))


def test_the_table_has_every_setting_with_a_sentence_in_both_languages():
    for lang in ("zh", "en"):
        rows = settings_table(lang)
        assert [name for name, _, _ in rows] == [f"DAYAN_{name.upper()}" for name in Settings.model_fields]
        assert all(sentence.endswith(("。", ".", "`.")) for _, _, sentence in rows)
        assert all(bool(re.search("[一-鿿]", sentence)) == (lang == "zh") for _, _, sentence in rows)
    assert "| `DAYAN_DATA` | `./dayan-data` |" in settings_markdown()
    assert settings_markdown("zh").count("\n") == len(Settings.model_fields) + 2


@pytest.mark.parametrize(("readme", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_readmes_print_exactly_this_table(readme, lang):
    path = Path(__file__).parents[1] / readme
    if not path.exists():
        pytest.skip(f"there is no {readme} yet")
    assert settings_markdown(lang) in path.read_text("utf-8")
