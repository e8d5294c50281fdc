"""Filters by metadata: what passes in searches, contexts and lists, now and before, of large users too."""

import json
from typing import Any
from uuid import uuid4

import pytest

from app.core.vocabulary import Kind
from app.resources import Resources
from app.services.ingestion import embed_turns, extraction
from app.services.search import user_indexes
from tests.conftest import app_of, client_of, make_key, post, turn
from tests.services.conftest import add

# (words of the turn, metadata): what the offline extractor makes of it inherits them.
SAID: list[tuple[str, dict[str, Any]]] = [
    ("My boat is called Petrel.", {"project": "sea", "level": 1, "labels": ["boat", "name"]}),
    ("My boat was painted green.", {"project": "sea", "level": 2.5, "labels": []}),
    ("My boat club is in Bergen.", {"project": "land", "level": 10, "open": True}),
    ("My boat engine is a Volvo.", {"project": None, "by": {"team": "ops", "tier": 2}}),
    ("My boat costs 900 euros a year.", {"secret": True, "at": "2026-03-02"}),
    ("My boat sails on Sundays.", {}),
]
READY: list[tuple[str, dict[str, Any]]] = [
    ("Ann's boat has two masts", {"project": "sea", "secret": True}),
    ("Ann's boat was built in 1974", {"ключ": "é", "": 0, "a.b": "x", "0": "zero"}),
]
C = "field", "op", "value"
MEMORIES = [kind.value for kind in Kind]


def where(field: Any, op: str, *value: Any) -> dict[str, Any]:
    return dict(zip(C, (field, op, *value), strict=False))


SECRET = where("secret", "eq", True)
# Which of `SAID`, by number, and of `READY`, by letter, pass.
PASSES: list[tuple[dict[str, Any], str]] = [
    (where("project", "eq", "sea"), "01a"),
    (where("project", "ne", "sea"), "2345b"),
    (where("project", "eq", None), "3"),
    (where("project", "in", ["land", None]), "23"),
    (where("project", "nin", ["land", None]), "0145ab"),
    (where("project", "exists"), "0123a"),
    (where("project", "exists", False), "45b"),
    (where("level", "gt", 1), "12"),
    (where("level", "gte", 1.0), "012"),
    (where("level", "lt", 2.6), "01"),
    (where("level", "lte", 1), "0"),
    (where("level", "gt", "1"), ""),
    (where("at", "gte", "2026-03"), "4"),
    (where("labels", "contains", "boat"), "0"),
    (where("labels", "eq", []), "1"),
    (where("project", "contains", "an"), "2"),
    (where("open", "eq", True), "2"),
    (where("open", "eq", 1), ""),
    (where(["by", "team"], "eq", "ops"), "3"),
    (where(["by", "tier"], "gt", 1.5), "3"),
    (where("by", "eq", {"tier": 2, "team": "ops"}), "3"),
    (where("by.team", "exists"), ""),
    (where("a.b", "eq", "x"), "b"),
    (where("ключ", "eq", "é"), "b"),
    (where("ключ", "eq", "e\u0301"), ""),
    (where("0", "exists"), "b"),
    (where("secret", "ne", True), "01235b"),
    ({"not": SECRET}, "01235b"),
    ({"and": [where("project", "eq", "sea"), where("secret", "ne", True)]}, "01"),
    ({"or": [where("level", "eq", 10), where("secret", "exists")]}, "24a"),
    ({"and": [{"or": [where("project", "eq", "sea"), where("open", "exists")]}, {"not": SECRET}]}, "012"),
    (where("'; DROP TABLE turns; --", "eq", "%s"), ""),
]  # fmt: skip

BAD: list[tuple[Any, str]] = [
    ("sea", "metadata"),
    ([], "metadata"),
    ({}, "metadata"),
    ({"project": "sea"}, "metadata.project"),
    ({"field": "project"}, "metadata"),
    (where("project", "eq"), "metadata"),
    (where("project", "like", "s%"), "metadata.op"),
    (where("", "eq", 1), "metadata.field"),
    (where([], "eq", 1), "metadata.field"),
    (where(["a", 1], "eq", 1), "metadata.field"),
    (where(["a"] * 9, "eq", 1), "metadata.field"),
    (where("a" * 201, "eq", 1), "metadata.field"),
    (where(7, "eq", 1), "metadata.field"),
    (where("a", "in", "x"), "metadata"),
    (where("a", "in", []), "metadata"),
    (where("a", "nin", [0] * 101), "metadata"),
    (where("a", "gt", None), "metadata"),
    (where("a", "lt", True), "metadata"),
    (where("a", "gte", [1]), "metadata"),
    (where("a", "contains", ["x"]), "metadata"),
    (where("a", "exists", "yes"), "metadata"),
    (where("a", "eq", "\x00"), "metadata"),
    (where("a\x00", "eq", 1), "metadata"),
    (where("a", "eq", 1e17), "metadata"),
    (where("a", "eq", "x" * 17_000), "metadata"),
    ({"and": []}, "metadata.and"),
    ({"and": where("a", "exists")}, "metadata.and"),
    ({"and": [where("a", "exists")], "or": [where("a", "exists")]}, "metadata"),
    ({"and": [where("a", "exists")], "op": "eq"}, "metadata"),
    ({"or": [where("a", "exists"), where("a", "gt", [])]}, "metadata.or[1]"),
    ({"not": [where("a", "exists")]}, "metadata.not"),
    ({"and": [where("a", "exists")] * 64}, "metadata"),
    (
        {"not": {"not": {"not": {"not": {"not": {"not": {"not": {"not": where("a", "exists")}}}}}}}},
        "metadata",
    ),
]


class Ann:
    """A user whose memories come of turns with metadata, and some ready-made."""

    def __init__(self, resources: Resources) -> None:
        self.resources, self.tenant = resources, f"t-{uuid4().hex[:12]}"
        self.api = client_of(app_of(resources), make_key(resources, self.tenant))
        for place, (text, metadata) in enumerate(SAID):
            said = turn(text, name="Ann", metadata=metadata, observed_at=f"2026-03-0{place + 1}T10:00:00Z")
            post(self.api, said, session=f"s{place % 2}", agent_id=f"bot{place % 2}")
        embed_turns.run_embedding(resources, self.tenant, "ann")
        extraction.run_extraction(resources, self.tenant, "ann")
        self.letters = {text: str(place) for place, (text, _) in enumerate(SAID)}
        for letter, (text, metadata) in zip("ab", READY, strict=True):
            add(self.api, text, metadata={name: value for name, value in metadata.items() if name})
            self.letters[text] = letter

    def letters_of(self, items: list[Any]) -> list[str]:
        """Of which of what was said each item is; a memory of a turn by its source."""
        return [
            self.letters.get(item["content"]) or self.letters[item["sources"][0]["quote"]]
            if item["content"] in self.letters or not item.get("sources")
            else next(self.letters[text] for text in self.letters if item["sources"][0]["quote"] in text)
            for item in items
        ]

    def search(self, metadata: Any, **more: Any) -> Any:
        filters = {"metadata": metadata} if metadata is not None else {}
        body = {"user_id": "ann", "query": "What about Ann's boat?", "k": 50, "filters": filters}
        return self.api.post("/v1/search", json=body | more)

    def found(self, metadata: Any, **more: Any) -> str:
        answer = self.search(metadata, **more)
        assert answer.status_code == 200, answer.text
        return "".join(sorted(set(self.letters_of(answer.json()["items"]))))

    def get(self, path: str, metadata: Any, **params: Any) -> Any:
        return self.api.get(path, params={"user_id": "ann", "metadata": json.dumps(metadata)} | params)


@pytest.fixture(scope="module")
def ann(without_llm: Resources) -> Ann:
    return Ann(without_llm)


def only(letters: str, kind: str) -> str:
    return "".join(letter for letter in letters if letter in kind)


@pytest.mark.parametrize(("metadata", "passes"), PASSES)
class TestPasses:
    def test_a_search(self, ann: Ann, metadata: Any, passes: str):
        assert ann.found(metadata) == passes
        assert ann.found(metadata, kinds=["turn"]) == only(passes, "012345")
        assert ann.found(metadata, k=1) in {*passes, ""}
        assert bool(passes) == bool(ann.found(metadata, k=1))

    def test_a_search_as_it_was(self, ann: Ann, metadata: Any, passes: str):
        assert ann.found(metadata, known_at="2100-01-01T00:00:00Z") == passes
        assert ann.found(metadata, as_of="2026-03-03T12:00:00Z") == only(passes, "012")

    def test_a_context(self, ann: Ann, metadata: Any, passes: str):
        body = {"user_id": "ann", "query": "What about Ann's boat?", "session_id": "s0", "neighbours": 0}
        answer = ann.api.post("/v1/context", json=body | {"filters": {"metadata": metadata}}).json()
        shown = {letter for text, letter in ann.letters.items() if text in answer["text"]}
        assert shown <= set(passes)
        assert set(only(passes, "ab")) <= shown

    def test_lists(self, ann: Ann, metadata: Any, passes: str):
        turns = ann.get("/v1/turns", metadata, include_total=True).json()
        assert "".join(ann.letters_of(turns["items"])) == only(passes, "012345")
        assert turns["total"] == len(turns["items"])
        memories = ann.get("/v1/memories", metadata, include_total=True, limit=1).json()
        found = ann.get("/v1/memories", metadata).json()["items"]
        assert memories["total"] == len(found)
        assert [one["id"] for one in memories["items"]] == [one["id"] for one in found[:1]]
        by_content = {item["content"]: item for item in found}
        assert {ann.letters[text] for text in by_content if text in dict(READY)} == set(only(passes, "ab"))
        then = ann.get("/v1/memories", metadata, known_at="2100-01-01T00:00:00Z", include_total=True).json()
        assert ({one["id"] for one in then["items"]}, then["total"]) == (
            {one["id"] for one in found},
            len(found),
        )
        dated = ann.get("/v1/timeline", metadata, include_total=True).json()
        assert {one["id"] for one in dated["items"]} <= {one["id"] for one in found}
        assert dated["total"] == len(dated["items"])


@pytest.mark.parametrize(("metadata", "field"), BAD)
def test_what_is_no_filter_is_refused_by_its_place(ann: Ann, metadata: Any, field: str):
    answer = ann.search(metadata)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"].startswith(f"filters.{field}"), answer.json()
    for path in ("/v1/memories", "/v1/turns", "/v1/timeline"):
        listed = ann.get(path, metadata)
        assert listed.status_code == 422, listed.text
        assert listed.json()["field"].startswith(field.partition("[")[0]) or len(json.dumps(metadata)) > 8_000


@pytest.mark.parametrize(
    "text", ["{", "NaN", '{"field": "a", "op": "eq", "value": NaN}', "[" * 3_000, '"\\ud800"']
)
def test_a_query_that_is_no_json_is_refused(ann: Ann, text: str):
    answer = ann.api.get("/v1/memories", params={"user_id": "ann", "metadata": text})
    assert (answer.status_code, answer.json()["field"]) == (422, "metadata")


def test_a_deep_body_is_refused(ann: Ann):
    body = '{"user_id":"ann","query":"x","filters":{"metadata":' + '{"not":' * 900 + "{}" + "}" * 902
    answer = ann.api.post("/v1/search", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text


def test_items_say_metadata_agents_and_times(ann: Ann):
    items = ann.search(where("project", "exists")).json()["items"]
    turns = {item["content"]: item for item in items if item["type"] == "turn"}
    for place, (text, metadata) in enumerate(SAID):
        if text in turns:
            item = turns[text]
            assert (item["metadata"], item.get("updated_at")) == (metadata, None)
            agent = f"bot{place % 2}"
            assert (item["agent_id"], item["agent_ids"]) == (agent, [agent])
            stored = ann.api.get(f"/v1/turns/{item['id']}").json()
            assert item["recorded_at"] == stored["recorded_at"]
    memories = ann.search(where("level", "ne", -1), kinds=MEMORIES).json()["items"]
    assert len(memories) > 2
    for item in memories:
        stored = ann.api.get(f"/v1/memories/{item['id']}").json()
        for name in ("metadata", "agent_id", "agent_ids", "recorded_at", "updated_at"):
            assert item.get(name) == (stored[name] or None), name


def test_lists_of_a_session_and_their_totals(ann: Ann):
    everything = ann.api.get("/v1/memories", params={"user_id": "ann", "include_total": True}).json()
    assert everything["total"] == len(everything["items"])
    plain = ann.api.get("/v1/memories", params={"user_id": "ann"}).json()
    assert plain["total"] is None
    in_session: list[set[str]] = []
    for session in ("s0", "s1"):
        for more in ({}, {"known_at": "2100-01-01T00:00:00Z"}):
            page = ann.api.get(
                "/v1/memories",
                params={"user_id": "ann", "session_id": session, "include_total": True} | more,
            ).json()
            assert page["total"] == len(page["items"]) > 0
            in_session.append({one["id"] for one in page["items"]})
            for one in page["items"]:
                sources = ann.api.get(f"/v1/memories/{one['id']}/sources").json()["items"]
                assert session in {source["session_id"] for source in sources}
    assert in_session[0] == in_session[1]
    assert in_session[2] == in_session[3]
    assert not in_session[0] & in_session[2]
    turns = ann.api.get(
        "/v1/turns", params={"user_id": "ann", "session_id": "s0", "include_total": True}
    ).json()
    assert turns["total"] == 3
    none = ann.api.get("/v1/timeline", params={"user_id": "ann", "session_id": "none", "include_total": True})
    assert (none.json()["items"], none.json()["total"]) == ([], 0)


def test_an_edit_of_metadata_counts_at_once_and_overrides_the_turn(without_llm: Resources):
    ann = Ann(without_llm)
    sea, secret = where("project", "eq", "sea"), where("secret", "eq", True)
    before = ann.found(sea)
    memory = next(
        item for item in ann.search(secret, kinds=MEMORIES).json()["items"] if "metadata" not in item
    )
    edit = {"metadata": {"secret": False, "project": "sea"}}
    answer = ann.api.patch(f"/v1/memories/{memory['id']}", json=edit, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text
    ids = [item["id"] for item in ann.search(sea).json()["items"]]
    assert memory["id"] in ids
    assert memory["id"] not in [item["id"] for item in ann.search(secret).json()["items"]]
    assert set(before) < set(ann.found(sea))


def test_a_large_user_gets_the_same(without_llm: Resources):
    ann = Ann(without_llm)
    exact = [ann.found(metadata) for metadata, _ in PASSES]
    assert user_indexes.create_index_snapshot(ann.resources, ann.tenant, "ann", after=0, exact_rows=3)
    ann.resources.index_cache.drop_user(ann.tenant, "ann")
    assert [ann.found(metadata) for metadata, _ in PASSES] == exact
    assert exact == [passes for _, passes in PASSES]


def test_no_right_item_is_crowded_out(without_llm: Resources):
    """A filter that few rows pass finds all of them, though hundreds of others match better."""
    ann = Ann.__new__(Ann)
    ann.resources, ann.tenant = without_llm, f"t-{uuid4().hex[:12]}"
    ann.api = client_of(app_of(without_llm), make_key(without_llm, ann.tenant))
    better = [turn("What about Ann's boat? The boat is Ann's.", ref=f"r{n}") for n in range(300)]
    rare = [turn(f"Number {n} is tea.", metadata={"rare": n}) for n in range(5)]
    post(ann.api, *better, *rare)
    for k in (5, 50):
        items = ann.search(where("rare", "gte", 0), k=k).json()["items"]
        assert {item["metadata"]["rare"] for item in items} == {0, 1, 2, 3, 4}
    assert len(ann.search(where("rare", "lt", 2), k=1).json()["items"]) == 1
