"""What the document says: of every operation, parameter, property and body, and of every problem."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.api.contract.examples import BODIES
from app.api.contract.messages import find_requested

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[3] / "openapi" / "openapi.json").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
TAKE_JSON = sorted(
    name
    for name, (_, _, operation) in OPERATIONS.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
)
OPENAI_FORMS = {"ToolCall.type", "TurnInput.content", "TextPart.type", "ContentPart.type"}
UNKNOWN = "0198c5a0-0000-7000-8000-000000000009"


def properties() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, schema in SCHEMAS.items():
        for own, part in schema.get("properties", {}).items():
            yield f"{name}.{own}", part


class TestWords:
    def test_it_says_whose_it_is_and_where_it_runs(self):
        assert DOCUMENT["info"]["license"]["identifier"] == "Apache-2.0"
        assert DOCUMENT["info"]["contact"]
        assert "search_memory" in DOCUMENT["info"]["description"]
        assert DOCUMENT["servers"]

    def test_each_operation_has_one_tag_which_is_described(self):
        tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
        assert all(tags.values())
        used = [operation["tags"] for _, _, operation in OPERATIONS.values()]
        assert {len(one) for one in used} == {1}
        assert {one[0] for one in used} == set(tags)

    @pytest.mark.parametrize("name", sorted(OPERATIONS))
    def test_a_summary_says_more_than_the_name(self, name: str):
        assert OPERATIONS[name][2]["summary"] != name.replace("_", " ").title()

    def test_every_parameter_is_described(self):
        bare = [
            f"{name}.{parameter['name']}"
            for name, (_, _, operation) in OPERATIONS.items()
            for parameter in operation.get("parameters", ())
            if not parameter.get("description")
        ]
        assert bare == [], "say in app/api/contract/texts.py or at the parameter what it means"

    def test_every_property_is_described(self):
        bare = [name for name, part in properties() if not part.get("description")]
        assert bare == [], "say in app/api/contract/texts.py or at the field what it means"

    def test_every_component_is_described(self):
        assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []


class TestForms:
    def test_no_enumeration_is_without_a_name(self):
        def find(part: Any) -> bool:
            if isinstance(part, list):
                return any(map(find, part))
            return isinstance(part, dict) and ("enum" in part or any(map(find, part.values())))

        found = [name for name, part in properties() if find(part)]
        assert [name for name in found if name not in OPENAI_FORMS] == []

    def test_no_field_of_a_request_has_a_default(self):
        requested = find_requested(DOCUMENT)
        assert {"SearchMemory", "SearchFilters", "SessionGoal"} <= requested
        assert [
            name for name, part in properties() if "default" in part and name.split(".")[0] in requested
        ] == []

    def test_the_default_is_in_words(self):
        assert "default: `10`" in SCHEMAS["SearchMemory"]["properties"]["k"]["description"]

    def test_what_an_answer_always_has_is_required(self):
        assert SCHEMAS["Memory"]["required"] == list(SCHEMAS["Memory"]["properties"])
        assert SCHEMAS["SearchItem"]["required"] == ["content", "score", "sources", "type", "id"]

    def test_a_content_of_any_type_has_none(self):
        assert set(SCHEMAS["PutArtifact"]["properties"]["content"]) == {"description"}

    def test_bundles_are_bytes(self):
        content = OPERATIONS["export_user"][2]["responses"]["200"]["content"]
        assert {one["schema"]["format"] for one in content.values()} == {"binary"}
        assert set(content) == {"application/x-ndjson", "application/octet-stream"}

    @pytest.mark.parametrize(
        ("name", "is_required"),
        [
            ("update_memory", True),
            ("put_session_state", True),
            ("put_artifact", False),
            ("delete_artifact", False),
        ],
    )
    def test_if_match_is_required_where_its_absence_is_a_fault(self, name: str, is_required: bool):
        operation = OPERATIONS[name][2]
        header = next(one for one in operation["parameters"] if one["name"] == "If-Match")
        assert header["required"] is is_required
        assert ("428" in operation["responses"]) is is_required
        assert "412" in operation["responses"]


class TestAnswers:
    @pytest.mark.parametrize("name", sorted(OPERATIONS))
    def test_any_other_answer_is_a_problem(self, name: str):
        operation = OPERATIONS[name][2]
        if operation.get("security"):
            assert operation["responses"]["default"] == {"$ref": "#/components/responses/OtherProblem"}

    def test_every_problem_is_one_of_the_schema(self):
        for name, response in DOCUMENT["components"]["responses"].items():
            schema = response["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Problem"}, name
            assert "X-Request-ID" in response["headers"], name

    def test_who_is_to_try_again_is_told_when(self):
        for name in ("TooManyRequests", "Unavailable"):
            assert "Retry-After" in DOCUMENT["components"]["responses"][name]["headers"]


class TestExamples:
    def test_every_body_has_one(self):
        assert sorted(BODIES) == TAKE_JSON

    @pytest.mark.parametrize("name", TAKE_JSON)
    def test_it_is_valid(self, client: TestClient, name: str):
        method, path, operation = OPERATIONS[name]
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                is_id = parameter["schema"].get("format") == "uuid"
                path = path.replace("{" + parameter["name"] + "}", UNKNOWN if is_id else "monday")
        example = operation["requestBody"]["content"]["application/json"]["example"]
        answer = client.request(method, path, json=example, headers={"If-Match": '"0"'})
        # What it names is not there, there is no LLM, and the key is not the operator's.
        assert answer.status_code in {200, 201, 202, 403, 404, 409, 412}, answer.text
