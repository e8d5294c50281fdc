"""What the node describes is what the contract has, and the service answers it.

n8n itself is not run: its declarative nodes are a description of requests, which is carried out here by the
documented rules: the operation's `routing.request`, and each shown field's `routing.send`.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import ROOT, node_environment

SOURCE = ROOT / "sdk" / "n8n"
OPERATIONS = ("add", "search", "context", "answer", "list", "delete")


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The descriptions of the node and of its credentials, compiled by tsc in strict mode."""
    environment = node_environment("n8n")
    package = tmp_path_factory.mktemp("n8n") / "package"
    shutil.copytree(SOURCE, package, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (package / "node_modules").symlink_to(environment / "node_modules")
    tsc = environment / "node_modules" / ".bin" / "tsc"
    compiled = subprocess.run(
        [str(tsc)], cwd=package, capture_output=True, text=True, timeout=300, check=False
    )
    assert compiled.returncode == 0, compiled.stdout
    script = Path(__file__).parent / "describe.mjs"
    told = subprocess.run(
        ["node", str(script), str(package / "dist")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(told.stdout)


def shown_fields(described: dict[str, Any], operation: str) -> list[dict[str, Any]]:
    """The fields that n8n shows for an operation."""
    _, *fields = described["node"]["properties"]
    return [one for one in fields if operation in one["displayOptions"]["show"]["operation"]]


def request_of(described: dict[str, Any], operation: str, values: dict[str, Any]) -> dict[str, Any]:
    """The request that n8n sends for an operation with these values of its fields."""
    options = {one["value"]: one for one in described["node"]["properties"][0]["options"]}
    asked = options[operation]["routing"]["request"]
    url = re.sub(r'{{\$parameter\["(\w+)"\]}}', lambda name: values[name[1]], asked["url"].removeprefix("="))
    query: dict[str, Any] = {}
    body: dict[str, Any] = {}
    for one in shown_fields(described, operation):
        send = (one.get("routing") or {}).get("send")
        if send is None:
            continue
        value = values.get(one["name"], one["default"])
        if send["type"] == "query":
            query[send["property"]] = value
        elif (inside := re.fullmatch(r"(\w+)\[0\]\.(\w+)", send["property"])) is not None:
            body.setdefault(inside[1], [{}])[0][inside[2]] = value
        else:
            body[send["property"]] = value
    return {"method": asked["method"], "url": url, "params": query} | ({"json": body} if body else {})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_has_a_route_and_fields_of_the_contract(described: dict[str, Any], operation: str):
    document = json.loads((ROOT / "openapi" / "openapi.json").read_text())
    request = request_of(described, operation, {"memoryId": "{memory_id}"})
    route = document["paths"][request["url"]][request["method"].lower()]
    parameters = {one["name"] for one in route.get("parameters", ()) if one.get("in") == "query"}
    assert set(request["params"]) <= parameters
    if "json" in request:
        name = route["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
        assert set(request["json"]) <= set(schema["properties"])
        assert set(schema["required"]) <= set(request["json"])


def test_what_it_describes_is_answered(described: dict[str, Any], service: Service):
    user = {"userId": "n8n-ann", "sessionId": "s1", "query": "Where does Ann live?"}
    with service.http() as http:
        added = http.request(
            **request_of(described, "add", user | {"role": "user", "content": "I live in Oslo."})
        )
        assert added.status_code == 202, added.text
        search = request_of(described, "search", user)
        search["json"] |= {"wait_for": added.json()["job_id"], "wait_seconds": 30}
        found = http.request(**search)
        assert "Oslo" in found.json()["items"][0]["content"]
        context = http.request(**request_of(described, "context", user))
        assert "Oslo" in context.json()["text"]
        assert http.request(**request_of(described, "answer", user)).status_code == 409  # there is no LLM
        (memory,) = http.request(**request_of(described, "list", user)).json()["items"]
        deleted = http.request(**request_of(described, "delete", {"memoryId": memory["id"]}))
        assert deleted.status_code == 204, deleted.text
        assert http.request(**request_of(described, "list", user)).json()["items"] == []


@pytest.mark.parametrize("operation", OPERATIONS)
def test_its_limits_are_those_of_the_service(described: dict[str, Any], operation: str, service: Service):
    """What a field without its required value sends is refused by the name of the field, and not ignored."""
    needed = [one for one in shown_fields(described, operation) if one.get("required") and one.get("routing")]
    with service.http() as http:
        for one in needed:
            filled = {other["name"]: "x" for other in needed} | {one["name"]: ""}
            answer = http.request(**request_of(described, operation, filled))
            assert answer.status_code == 422, (one["name"], answer.text)


def test_the_credentials_ask_who_the_key_is(described: dict[str, Any], service: Service):
    credentials = described["credentials"]
    header = credentials["authenticate"]["properties"]["headers"]["Authorization"]
    key = header.removeprefix("=").replace("{{$credentials.key}}", service.key)
    with service.http() as http:
        answer = http.get(credentials["test"]["request"]["url"], headers={"Authorization": key})
    assert answer.json()["tenant"]
    assert next(one for one in credentials["properties"] if one["name"] == "key")["typeOptions"]["password"]
