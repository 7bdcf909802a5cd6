"""The lending policy and its words: every figure states its source, every code shown has a sentence."""

from datetime import date
from typing import get_args

import pytest
import yaml

from api import models_lending, models_receivables
from ledger import lending, watch
from ledger.errors import InputError
from ledger.words import labels, messages
from services.lending import account, due, eligibility, export, policy, schedule, summary, ties
from services.lending.exposure import OVER
from services.lending.policy import policy_on
from services.lending.subjects import UNKNOWN

RULES = policy_on(date(2025, 12, 31))


def leaves(value, path=()):
    """Every dictionary that states a figure or a rule."""
    if isinstance(value, dict):
        if "source" in value:
            yield path, value
        else:
            for name, inner in value.items():
                yield from leaves(inner, (*path, name))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from leaves(inner, (*path, n))


def test_every_figure_of_the_policy_states_its_source():
    told = list(leaves(RULES.body))
    assert len(told) > 30
    for path, row in told:
        assert row["source"], path
        assert row.get("reread") or row.get("assumed"), path  # law to be read again, or a choice that says so
        if row.get("reread"):
            assert any(mark in row["source"] for mark in ("办法", "条例", "号")), path


def test_versions_do_not_overlap_and_the_first_holds_before_it(tmp_path):
    assert policy_on(date(1999, 1, 1)).version == RULES.version
    file = tmp_path / "policy.yaml"
    body = [
        {"version": "1", "in_force": date(2024, 1, 1), "until": date(2024, 12, 31), "limits": [1]},
        {"version": "2", "in_force": date(2025, 1, 1), "until": date(2025, 6, 30), "limits": [2]},
    ]
    file.write_text(yaml.safe_dump(body), "utf-8")
    days = {date(2024, 5, 1): "1", date(2025, 5, 1): "2", date(2023, 1, 1): "1"}
    assert {day: policy_on(day, file).version for day in days} == days
    with pytest.raises(InputError):
        policy_on(date(2026, 1, 1), file)


def test_the_policy_speaks_of_what_there_is():
    assert {row["dimension"] for row in RULES.rows("limits")} == set(ties.DIMENSIONS)
    assert tuple(RULES.body["loan"]["allocation"]) == account.PARTS
    assert len(RULES.body["receivables"]["ageing_days"]) + 1 == len(due.BUCKETS)
    assert {row["action"] for row in RULES.rows("warnings")} <= set(watch.ACTIONS)
    ends = [row["up_to_fen"] for row in RULES.rows("authority")]
    assert ends[-1] is None and ends[:-1] == sorted(ends[:-1])


def shown():
    """Every key of a label that lending shows."""
    yield from (f"excluded_{name}" for name in eligibility.EXCLUSIONS)
    yield from due.BUCKETS
    yield from get_args(models_receivables.Standing)
    yield from (f"unpaid_{name}" for name in get_args(models_receivables.Unpaid))
    yield from ("due_printed", "due_contract", "due_law", "due_assumed", "pledge", "purchase")
    yield from (f"figure_{name}" for name in summary.FIGURES)
    yield from (f"exposure_{name}" for name in (*ties.DIMENSIONS, UNKNOWN))
    yield from (f"over_{name}" for name in OVER)
    yield from schedule.METHODS
    yield from (f"loan_{name}" for name in get_args(models_lending.LoanState))
    yield from (f"class_{row['class']}" for row in RULES.body["loan"]["classes"])
    yield from (f"entry_{name}" for name in lending.KINDS)
    yield from (f"account_{name}" for name in lending.ACCOUNTS)
    yield from (f"action_{name}" for name in watch.ACTIONS)
    yield from (f"warning_{row['code']}" for row in RULES.rows("warnings"))
    yield from (f"receivable_{name}" for name in export.COLUMNS)
    for reason in ("own_books_missing", "no_sales", "nothing_open", "unpaid_not_proven", "no_payments_seen"):
        yield f"reason_{reason}"


def test_every_label_that_is_shown_is_there():
    assert [key for key in shown() if key not in labels()] == []
    for row in RULES.rows("warnings"):
        assert f"warning_text_{row['code']}" in messages()


def test_models_and_rooms_name_the_same():
    assert set(get_args(models_receivables.Excluded)) == set(eligibility.EXCLUSIONS)
    assert get_args(models_receivables.Bucket) == due.BUCKETS
    assert get_args(models_lending.Dimension) == (*ties.DIMENSIONS, UNKNOWN)
    assert get_args(models_lending.Over) == OVER
    assert get_args(models_lending.Method) == schedule.METHODS
    assert get_args(models_lending.Action) == watch.ACTIONS
    classes = tuple(row["class"] for row in RULES.body["loan"]["classes"])
    assert get_args(models_lending.Classed) == classes
    assert policy.policy_on(date(2026, 1, 1)).body is RULES.body
