"""The API's own description: complete, with good names, and true to what generated requests get."""

import re
from copy import deepcopy

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from ledger.errors import StoreUnavailable
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, firm, tiny

#: Generated requests an operation, so that the run over all of them stays near a minute of CPU.
EXAMPLES, BOUND_EXAMPLES = 20, 5
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def economy(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def client(economy):
    # Keys are made on the way; the requests go on without.
    with serving_folder(economy.folder, store=nobody, values={"local_user": "always"}) as client:
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
        for status in ("401", "403", "422", "429"):
            assert operation["responses"][status]["$ref"].startswith("#/components/responses/"), path
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (path, parameter["name"])


def test_every_answer_under_v1_declares_its_snapshot(description):
    schemas = description["components"]["schemas"]
    for path, operation in operations(description).values():
        shown = [r for code, r in operation["responses"].items() if code[0] == "2"]
        if not shown:  # a route that only sends the browser on
            assert "303" in operation["responses"], path
            continue
        content = shown[0]["content"]
        if path.startswith("/v1") and "application/json" in content:
            schema = schemas[content["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]]
            assert {"snapshot", "as_of"} <= set(schema["properties"]), path


@pytest.mark.parametrize("kind", ["schemas", "responses"])
def test_no_reference_in_the_description_is_loose(description, kind):
    names = set(description["components"][kind])
    assert set(re.findall(rf"#/components/{kind}/(\w+)", str(description))) <= names


def test_every_operation_but_public_ones_asks_for_a_key(description):
    assert description["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    for path, operation in operations(description).values():
        assert ("security" in operation) == (operation["x-scope"] != "public"), path


def test_the_reference_page_lists_every_error_code(client):
    page = client.get("/docs").text
    assert 'id="enterprise_not_found"' in page
    assert "没有这家企业" in client.get("/docs", headers={"Accept-Language": "zh"}).text


@pytest.mark.slow
def test_generated_requests_find_no_contradiction(client, description, economy):
    """schemathesis over every operation: no 500, declared statuses, types and schemas only."""
    called = generated(description, economy, str(client.base_url), EXAMPLES)
    assert {path for path, status in called if status == 200} >= {
        "/v1/chains/{chain}/map",
        "/v1/chains/{chain}/enterprises",
        "/v1/enterprises/{enterprise}",
        "/v1/documents/{sha256}",
        "/v1/audit",
        "/v1/keys",
    }


@pytest.mark.slow
def test_generated_requests_of_a_bound_key_find_no_contradiction(description, tmp_path):
    """The same with the key of an owner: what is hidden and refused keeps to the schemas too."""
    economy = tiny(tmp_path / "tiny")
    headers = bearing(key_for(economy.folder, "owner", parties=(firm("C"), firm("E"))))
    with serving_folder(economy.folder, store=nobody, values={"rate": "0"}) as client:
        called = generated(description, economy, str(client.base_url), BOUND_EXAMPLES, headers)
    statuses = {status for path, status in called if path == "/v1/enterprises/{enterprise}"}
    assert statuses >= {200, 404}
    assert 403 in {status for _, status in called}
    assert 401 not in {status for path, status in called if path != "/v1/session"}  # made-up keys


def generated(description, economy, base_url, examples, headers=None):
    """Send generated requests for every operation; what was called with which status.

    Ids come from the economy and a few beside it, or nearly every request would end in "not found".
    Keys are not generated: what they do is tested by hand.
    """
    described = with_known_ids(deepcopy(description), economy)
    del described["components"]["securitySchemes"]
    schema = schemathesis.openapi.from_dict(described, config=SchemathesisConfig())
    schema.config.update(base_url=base_url)
    checks = CHECKS.get_by_names(list(CHECKED))
    called, wrong = set(), []
    for result in schema.get_all_operations():
        operation = result.ok()
        try:
            sent(operation, checks, examples, called, headers)
        except Exception as contradiction:  # noqa: BLE001 - all of them are told, not the first alone
            wrong.append(f"{operation.label}: {str(contradiction)[:600]}")
    assert not wrong, "\n\n".join(wrong)
    return called


def sent(operation, checks, examples, called, headers):
    """Send one operation's requests and check each answer; notes path and status in `called`."""
    declared = operation.definition.raw["responses"]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @schemathesis_given(operation)
    def call(case):
        answer = case.call(headers=headers, timeout=120)
        called.add((case.path, answer.status_code))
        assert str(answer.status_code) in declared, answer.text
        if answer.status_code == 503:  # said so, for there is no store here
            assert answer.headers["content-type"][0] in ("application/problem+json", "application/json")
            return
        case.validate_response(answer, checks=checks)

    call()


def with_known_ids(description, economy):
    """The description with ids that exist, and a few that do not, where requests name one."""
    known = {
        "enterprise": [*map(firm, FIRMS), OTHER_PARTY_OF_C, "0" * 16, "not-an-id"],
        "partner": [firm(x) for x in "ACDG"],
        "chain": ["toy-car", "watch", "none", "NONE"],
        "sha256": [*economy.documents.values(), "0" * 64, "x"],
    }
    asked = set()
    for path in description["paths"].values():
        for operation in path.values():
            operation.pop("security", None)
            asked |= set(re.findall(r"#/components/schemas/(\w+)", str(operation.get("requestBody"))))
            for parameter in operation.get("parameters", ()):
                if parameter["name"] in known and parameter["required"]:
                    parameter["schema"] = {"type": "string", "enum": known[parameter["name"]]}
    for name in asked:
        properties = description["components"]["schemas"][name].get("properties", {})
        if "enterprise" in properties:
            properties["enterprise"] = {"type": "string", "enum": known["enterprise"][:-1]}
    return description


def schemathesis_given(operation):
    """Hypothesis' `given` over the requests of one operation, those that fit its declaration."""
    from hypothesis import given

    return given(case=operation.as_strategy())
