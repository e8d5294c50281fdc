"""The names that generated clients import."""

from typing import Any

import pytest

from app.api.contract import component_names
from app.api.contract.document import build_openapi
from app.main import create_app

# Words that say nothing without their module, and what a client has by the same name already.
MEANINGLESS = (
    *("Check", "Form", "Item", "Kind", "Layer", "Near", "Op", "Order", "Origin", "Part", "Place", "Progress"),
    *(
        "Reason",
        "Reembed",
        "Right",
        "Role",
        "Scope",
        "Source",
        "Span",
        "Stage",
        "Status",
        "Subject",
        "Training",
    ),
    *("Context", "Error", "Key", "Request", "Response", "Configuration", "Client", "Body", "History", "Link"),
)


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    return build_openapi(create_app())["components"]["schemas"]


@pytest.mark.parametrize("name", MEANINGLESS)
def test_no_component_has_a_name_without_a_meaning(schemas: dict[str, Any], name: str):
    assert name not in schemas


def test_no_component_tells_the_direction_by_a_suffix(schemas: dict[str, Any]):
    # A generator of TypeScript or Go makes `…Request` and `…Response` of the operations itself.
    assert [name for name in schemas if name.endswith(("In", "Out", "Request", "Response"))] == []


def test_each_title_is_the_name(schemas: dict[str, Any]):
    assert {name: schema["title"] for name, schema in schemas.items()} == {name: name for name in schemas}


def test_every_name_is_in_use(schemas: dict[str, Any]):
    assert set(component_names.NAMES.values()) <= set(schemas)


def test_two_of_one_name_are_refused():
    document = {"components": {"schemas": {"GrantOut": {}, "Grant": {}}}}
    with pytest.raises(ValueError, match="two components would be named Grant"):
        component_names.rename_components(document)


def test_a_body_is_named_like_its_operation():
    document = build_openapi(create_app())
    lifecycle = {"freeze", "unfreeze", "pin", "unpin", "archive", "restore", "rollback"}
    for path in document["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None or operation["operationId"].split("_")[0] in lifecycle:
                continue
            name = "".join(word.capitalize() for word in operation["operationId"].split("_"))
            assert content["schema"] == {"$ref": f"#/components/schemas/{name}"}, name
