"""What can't be matched is refused by name, and what is hostile never gets further than a refusal."""

from typing import Any

import pytest

from app.core.vocabulary import KeyScope
from app.resources import Resources
from tests.doors.mem0.conftest import DOOR, Door, open_door

NOT_OFFERED: list[tuple[str, Any]] = [
    ("custom_instructions", "only food"),
    ("agent_custom_instructions", "only food"),
    ("custom_categories", [{"food": "what one eats"}]),
    ("includes", "food"),
    ("excludes", "sport"),
    ("prompt", "extract"),
    ("prompt_profile_id", "p1"),
    ("structured_data_schema", {"type": "object"}),
    ("memory_type", "procedural_memory"),
    ("immutable", True),
    ("enable_graph", True),
    ("temporal_reasoning", True),
    ("timezone", "Europe/Oslo"),
    ("observation_date", "2026-01-01"),
    ("observation_datetime", "2026-01-01T00:00:00Z"),
    ("expiration_date", "2030-01-01"),
]
NO_ROUTES: list[tuple[str, str]] = [
    ("POST", "/v1/exports/"),
    ("POST", "/v1/exports/get/"),
    ("POST", "/v1/summary/"),
    ("GET", "/v2/entities/user/ann/profile/"),
    ("POST", "/v2/profiles/jobs/"),
    ("GET", "/v2/profiles/settings/"),
    ("GET", "/api/v1/orgs/organizations/"),
    ("GET", "/api/v1/orgs/organizations/a/projects/b/"),
    ("PATCH", "/api/v1/orgs/organizations/a/projects/b/"),
    ("DELETE", "/api/v1/orgs/organizations/a/projects/b/members/"),
    ("GET", "/api/v1/webhooks/projects/p/"),
    ("PUT", "/api/v1/webhooks/w/"),
    ("POST", "/v1/agents/"),
    ("POST", "/v1/apps/"),
    ("GET", "/v1/entities/filters/"),
    ("GET", "/configure"),
    ("POST", "/configure"),
    ("GET", "/configure/providers"),
    ("POST", "/generate-instructions"),
    ("POST", "/auth/login"),
    ("GET", "/api-keys"),
    ("GET", "/requests"),
]
ADD = {"messages": [{"role": "user", "content": "I like tea"}], "user_id": "ann"}
INVALID_ADDS: list[dict[str, Any]] = [
    {"messages": []},
    {"messages": None},
    {"messages": 7},
    {"messages": [7]},
    {"messages": [{"role": "user"}]},
    {"messages": [{"role": "king", "content": "x"}]},
    {"messages": [{"role": "user", "content": ""}]},
    {"messages": [{"role": "user", "content": "x\0y"}]},
    {"messages": [{"role": "user", "content": " \n"}]},
    {"messages": [{"role": "user", "content": "x", "extra": 1}]},
    {"messages": [{"role": "user", "content": "x", "name": "a\nb"}]},
    {"messages": [{"role": "user", "content": [{"type": "text"}]}]},
    {"messages": [{"role": "user", "content": ["x"]}]},
    {"messages": [{"role": "user", "content": "x"}] * 501},
    {"messages": [{"role": "user", "content": "é" * 40_000}]},
    {"user_id": None},
    {"user_id": "a\u202eb"},
    {"user_id": ".."},
    {"user_id": "x" * 201},
    {"user_id": {"a": 1}},
    {"user_id": "app:x"},
    {"run_id": "mem0-day:x"},
    {"agent_id": "a\nb"},
    {"metadata": {"mem0": {"run_id": "r"}}},
    {"metadata": {"a": "x" * 17_000}},
    {"metadata": {"a": 2**70}},
    {"metadata": [1]},
    {"timestamp": "now"},
    {"timestamp": 1e30},
    {"timestamp": -1e15},
    {"infer": "yes"},
    {"filters": {"user_id": "bo"}},
    {"filters": {"colour": "red"}},
    {"filters": "user_id"},
    {"org_id": "my-org"},
    {"project_id": "my-project"},
    {"output_format": "v9"},
    {"mesages": []},
]


class TestNotOffered:
    @pytest.mark.parametrize(("name", "value"), NOT_OFFERED, ids=[case[0] for case in NOT_OFFERED])
    def test_fields_of_an_add(self, door: Door, name: str, value: Any):
        refusal = door.refused(501, "POST", "/v3/memories/add/", json=ADD | {name: value})
        assert name in refusal["detail"]
        assert refusal["field"] == name
        assert door.client.get("/v1/turns", params={"user_id": "ann"}).json()["items"] == []

    @pytest.mark.parametrize(
        ("name", "value"),
        [(name, empty) for name, _ in NOT_OFFERED[:13] for empty in (None, False, "", [], {})],
    )
    def test_an_empty_one_asks_for_nothing(self, door: Door, name: str, value: Any):
        assert door.ok("POST", "/v3/memories/add/", json=ADD | {name: value})["event_id"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("show_expired", True),
            ("only_metadata_based_search", True),
            ("filter_memories", True),
            ("explain", True),
        ],
    )
    def test_fields_of_a_search(self, door: Door, name: str, value: Any):
        body = {"query": "x", "filters": {"user_id": "ann"}, name: value}
        assert name in door.refused(501, "POST", "/v3/memories/search/", json=body)["detail"]

    def test_when_a_memory_was_said_is_no_edit(self, door: Door):
        memory_id = door.store("Ann drinks tea", user_id="ann")
        door.refused(501, "PUT", f"/v1/memories/{memory_id}/", json={"timestamp": 1})

    def test_pictures(self, door: Door):
        picture = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
        body = ADD | {"messages": [{"role": "user", "content": [picture]}]}
        assert "image_url" in door.refused(501, "POST", "/v3/memories/add/", json=body)["detail"]

    @pytest.mark.parametrize(("method", "path"), NO_ROUTES)
    def test_routes(self, door: Door, method: str, path: str):
        assert len(door.refused(501, method, path)["detail"]) > 40
        door.refused(501, method, path, content=b"{broken")

    @pytest.mark.parametrize(("method", "path"), [*NO_ROUTES[:5], ("GET", "/v1/ping/"), ("POST", "/search")])
    def test_nothing_is_told_without_a_key(self, door: Door, method: str, path: str):
        door.client.headers.pop("Authorization")
        answer = door.client.request(method, f"{DOOR}{path}", json={})
        assert answer.status_code == 401
        assert answer.json().keys() == {"detail", "error", "code", "request_id"}

    @pytest.mark.parametrize(
        "path", ["/", "/v4/memories/", "/v1/memory/", "/v1/", "/compat/mem0/v1/ping/", "/%2e%2e/"]
    )
    def test_other_paths_are_not_there(self, door: Door, path: str):
        door.refused(404, "GET", path)


class TestHostile:
    @pytest.mark.parametrize("change", INVALID_ADDS, ids=[str(case)[:50] for case in INVALID_ADDS])
    @pytest.mark.parametrize("infer", [True, False])
    def test_adds(self, door: Door, change: dict[str, Any], infer: bool):
        body = {"infer": infer} | ADD | change
        assert "detail" in door.refused(400, "POST", "/v3/memories/add/", json=body)
        assert door.client.get("/v1/memories", params={"user_id": "ann"}).json()["items"] == []
        assert door.client.get("/v1/turns", params={"user_id": "ann"}).json()["items"] == []

    @pytest.mark.parametrize(
        ("content", "kind", "status"),
        [
            (b"{", "application/json", 400),
            (b"", "application/json", 400),
            (b"[]", "application/json", 400),
            (b"null", "application/json", 400),
            (b'"x"', "application/json", 400),
            (b"\xff\xfe", "application/json", 400),
            (b'{"a": NaN}', "application/json", 400),
            (b"[" * 5_000, "application/json", 400),
            (b'{"messages": "x"}', "text/plain", 415),
            (b'{"messages": "x"}', "", 415),
            (b" " * (9 * 2**20), "application/json", 413),
        ],
    )
    def test_bodies(self, door: Door, content: bytes, kind: str, status: int):
        headers = {"Authorization": f"Token {door.key}"} | ({"Content-Type": kind} if kind else {})
        answer = door.client.post(f"{DOOR}/v3/memories/add/", content=content, headers=headers)
        assert answer.status_code == status
        assert answer.json()["detail"]

    @pytest.mark.parametrize(
        "body",
        [
            {"query": ""},
            {"query": " "},
            {"query": "x\0y"},
            {"query": 7},
            {"query": "x" * 4_001},
            {"query": "x", "top_k": 0},
            {"query": "x", "top_k": 201},
            {"query": "x", "top_k": 1.5},
            {"query": "x", "threshold": -0.1},
            {"query": "x", "threshold": 1.1},
            {"query": "x", "threshold": "low"},
            {"query": "x", "fields": ["colour"]},
            {"query": "x", "fields": [1]},
            {"query": "x", "rerank": "yes"},
            {"query": "x", "reference_date": "soon"},
            {"query": "x", "reference_date": 1e40},
            {"query": "x", "metadata": {"a": 2**80}},
            {"query": "x", "categories": [7]},
            {"query": "x", "categories": ["a"] * 101},
            {"query": "x", "limitt": 7},
        ],
        ids=str,
    )
    def test_searches(self, library: Door, body: dict[str, Any]):
        library.refused(400, "POST", "/v3/memories/search/", json={"filters": {"user_id": "ann"}} | body)

    @pytest.mark.parametrize(
        "query",
        [
            {"page": 0},
            {"page": -1},
            {"page": "x"},
            {"page": 10**30},
            {"page_size": 0},
            {"page_size": 501},
            {"page": 10_000, "page_size": 500},
            {"page": [1, 2]},
            {"user_id": "ann"},
            {"page_sise": 1},
        ],
        ids=str,
    )
    def test_pages(self, library: Door, query: dict[str, Any]):
        library.refused(400, "POST", "/v3/memories/", json={"filters": {"user_id": "ann"}}, params=query)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": " "},
            {"text": "x" * 4_001},
            {"text": "x\0"},
            {"text": 7},
            {"metadata": "x"},
            {"metadata": {"mem0": 1}},
            {"metadata": {"a": "x" * 17_000}},
            {"expiration_date": "soon"},
            {"expiration_date": "2020-01-01"},
            {"expiration_date": "9999-12-31"},
            {"expiration_date": "2030-01-01T00:00:00Z"},
            {"expires": "2030-01-01"},
        ],
        ids=str,
    )
    def test_edits(self, door: Door, body: dict[str, Any]):
        memory_id = door.store("Ann drinks tea", user_id="ann")
        door.refused(400, "PUT", f"/v1/memories/{memory_id}/", json=body)
        assert door.ok("GET", f"/v1/memories/{memory_id}/")["memory"] == "Ann drinks tea"

    @pytest.mark.parametrize(
        "members",
        [
            [],
            None,
            "x",
            [7],
            [{}],
            [{"memory_id": "x"}],
            [{"memory_id": 7, "text": "x"}],
            [{"memory_id": None}],
            [{"memory_id": "0192f3a4-0000-7000-8000-000000000001", "colour": 1}],
        ],
        ids=str,
    )
    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    def test_batches(self, door: Door, method: str, members: Any):
        door.refused(400, method, "/v1/batch/", json={"memories": members})


class TestIsolation:
    """A tenant, and a user whom a key is bound to, see nothing of others and change nothing of theirs."""

    CALLS: tuple[tuple[str, str, Any], ...] = (
        ("GET", "/v1/memories/{id}/", None),
        ("GET", "/v1/memories/{id}/history/", None),
        ("PUT", "/v1/memories/{id}/", {"text": "stolen"}),
        ("DELETE", "/v1/memories/{id}/", None),
        ("DELETE", "/v1/memories/{id}/?delete_linked=true", None),
        ("PUT", "/v1/batch/", {"memories": [{"memory_id": "{id}", "text": "stolen"}]}),
        ("DELETE", "/v1/batch/", {"memories": [{"memory_id": "{id}"}]}),
        ("POST", "/v1/feedback/", {"memory_id": "{id}", "feedback": "POSITIVE"}),
        ("GET", "/memories/{id}", None),
        ("GET", "/memories/{id}/history", None),
        ("PUT", "/memories/{id}", {"text": "stolen"}),
        ("DELETE", "/memories/{id}", None),
        ("GET", "/v1/event/{event}/", None),
    )
    FILTERS: tuple[dict[str, Any], ...] = (
        {"user_id": "*"},
        {"agent_id": "bot"},
        {"run_id": "r1"},
        {"app_id": "web"},
        {"OR": [{"agent_id": "*"}, {"run_id": "*"}, {"app_id": "*"}]},
        {"NOT": {"user_id": "nobody"}},
        {"user_id": {"ne": "nobody"}},
        {"agent_id": "bot", "memory_ids": ["{id}"]},
    )

    @pytest.fixture
    def secret(self, door: Door) -> tuple[Door, dict[str, str]]:
        values = {"agent_id": "bot", "run_id": "r1", "app_id": "web"}
        memory_id = door.store("The secret of Ann", user_id="ann", **values)
        event = door.ok("POST", "/v3/memories/add/", json=ADD | values)["event_id"]
        return door, {"id": memory_id, "event": event}

    @pytest.fixture(params=["another tenant", "another user's key"])
    def stranger(self, request: pytest.FixtureRequest, resources: Resources, tenant: str) -> Door:
        if request.param == "another tenant":
            return open_door(resources, f"{tenant}-2")
        stranger = open_door(resources, tenant, KeyScope.WRITE, user_id="bo")
        stranger.store("Bo sings", run_id="other")
        return stranger

    def test_by_id(self, secret: tuple[Door, dict[str, str]], stranger: Door):
        owner, ids = secret
        for method, path, body in self.CALLS:
            values = {"json": _fill(body, ids)} if body is not None else {}
            stranger.refused(404, method, _fill(path, ids), **values)
        assert owner.ok("GET", f"/v1/memories/{ids['id']}/")["memory"] == "The secret of Ann"

    def test_by_filter(self, secret: tuple[Door, dict[str, str]], stranger: Door):
        _, ids = secret
        for filters in self.FILTERS:
            wanted = _fill(filters, ids)
            assert "The secret of Ann" not in stranger.listed(filters=wanted)
            assert "The secret of Ann" not in stranger.searched("secret", filters=wanted, top_k=50)

    def test_by_deleting_everything(self, secret: tuple[Door, dict[str, str]], stranger: Door):
        owner, _ = secret
        for entities in ({"agent_id": "bot"}, {"run_id": "r1"}, {"app_id": "web"}):
            stranger.ok("DELETE", "/v1/memories/", params=entities)
        stranger.call("DELETE", "/v1/memories/", params={"user_id": "ann"})
        stranger.call("POST", "/reset")
        assert owner.listed(filters={"user_id": "ann"}) == ["The secret of Ann"]

    def test_by_listing_entities(self, secret: tuple[Door, dict[str, str]], stranger: Door):
        names = {one["name"] for one in stranger.ok("GET", "/v1/entities/")["results"]}
        assert names <= {"bo", "other"}
        assert {one["id"] for one in stranger.ok("GET", "/v1/events/")["results"]} == set()

    def test_a_bound_key_names_no_other_user(self, door: Door, resources: Resources, tenant: str):
        door.store("The secret of Ann", user_id="ann")
        bound = open_door(resources, tenant, KeyScope.WRITE, user_id="bo")
        for filters in ({"user_id": "ann"}, {"user_id": ["ann", "bo"]}):
            bound.refused(403, "POST", "/v3/memories/", json={"filters": filters})
            bound.refused(403, "POST", "/v3/memories/search/", json={"query": "x", "filters": filters})
        bound.refused(403, "DELETE", "/v1/memories/", params={"user_id": "ann"})
        bound.refused(403, "POST", "/reset")


def _fill(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, str):
        return value.replace("{id}", ids["id"]).replace("{event}", ids["event"])
    if isinstance(value, list):
        return [_fill(one, ids) for one in value]
    if isinstance(value, dict):
        return {key: _fill(one, ids) for key, one in value.items()}
    return value
