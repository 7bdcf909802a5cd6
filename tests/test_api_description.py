"""The API's own description: complete, with good names, and true to what generated requests get."""

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from ledger.errors import StoreUnavailable
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, firm, tiny

#: Generated requests an operation, so that the run stays under half a minute.
EXAMPLES = 100


@pytest.fixture(scope="module")
def economy(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def client(economy):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(economy.folder, store=nobody) as client:
        yield client


@pytest.fixture(scope="module")
def description(client):
    return client.get("/v1/openapi.json").json()


def operations(description):
    return {o["operationId"]: (path, o) for path, item in description["paths"].items() for o in item.values()}


def test_operation_ids_make_method_names(description):
    ids = list(operations(description))
    assert len(ids) == len(set(ids)) >= 13
    assert all(re.fullmatch("[a-z]+(_[a-z]+)*", id_) for id_ in ids)


def test_every_operation_says_what_it_does_its_scope_and_its_errors(description):
    for path, operation in operations(description).values():
        assert operation["description"], path
        assert operation["x-scope"], path
        assert "default" in operation["responses"], path
        assert "422" not in operation["responses"], path
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (path, parameter["name"])


def test_every_answer_under_v1_declares_its_snapshot(description):
    schemas = description["components"]["schemas"]
    for path, operation in operations(description).values():
        content = next(r for code, r in operation["responses"].items() if code[0] == "2")["content"]
        if path.startswith("/v1") and "application/json" in content:
            schema = schemas[content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]
            assert {"snapshot", "as_of"} <= set(schema["properties"]), path


def test_no_reference_in_the_description_is_loose(description):
    names = set(description["components"]["schemas"])
    assert set(re.findall(r"#/components/schemas/(\w+)", str(description))) <= names


def test_the_reference_page_lists_every_error_code(client):
    page = client.get("/docs").text
    assert 'id="enterprise_not_found"' in page
    assert "没有这家企业" in client.get("/docs", headers={"Accept-Language": "zh"}).text


@pytest.mark.slow
def test_generated_requests_find_no_contradiction(client, description, economy):
    """schemathesis over every operation: no 500, declared statuses, types and schemas only.

    Ids come from the economy and a few beside it, or nearly every request would end in "not found".
    """
    known = {
        "enterprise": [*map(firm, FIRMS), OTHER_PARTY_OF_C, "0" * 16, "not-an-id"],
        "partner": [firm(x) for x in "ACDG"],
        "chain": ["toy-car", "watch", "none", "NONE"],
        "sha256": [*economy.documents.values(), "0" * 64, "x"],
    }
    for path in description["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in known and parameter["required"]:
                    parameter["schema"] = {"type": "string", "enum": known[parameter["name"]]}
    schema = schemathesis.openapi.from_dict(description, config=SchemathesisConfig())
    schema.config.update(base_url=str(client.base_url))
    wanted = (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    )
    checks = CHECKS.get_by_names(list(wanted))
    called = set()
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @schemathesis_given(operation)
        def call(case):
            answer = case.call()
            called.add((case.path, answer.status_code))
            if answer.status_code == 503:  # said so, for there is no store here
                assert answer.headers["content-type"][0] in ("application/problem+json", "application/json")
                return
            case.validate_response(answer, checks=checks)

        call()
    assert {path for path, status in called if status == 200} >= {
        "/v1/chains/{chain}/map",
        "/v1/chains/{chain}/enterprises",
        "/v1/enterprises/{enterprise}",
        "/v1/documents/{sha256}",
    }


def schemathesis_given(operation):
    """Hypothesis' `given` over the requests of one operation, those that fit its declaration."""
    from hypothesis import given

    return given(case=operation.as_strategy())
