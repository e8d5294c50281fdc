"""Filters: what passes them, in lists and in searches, and what of them is refused."""

from typing import Any

import pytest

from app.core.errors import InvalidInput
from app.doors.mem0.filters import (
    find_named,
    find_named_users,
    names_an_entity,
    parse_filters,
    resolve_for_user,
)
from tests.doors.mem0.conftest import Door

TEA, ROWS, BICYCLE, IBSEN = (
    "Ann drinks tea",
    "Ann rows on Sundays",
    "Ann owns a red bicycle",
    "Ann reads Ibsen",
)
BASS, BOATS = "Bo sings bass", "Bo paints boats"
NORWEGIAN, SHOP, RUN = "The bot speaks Norwegian", "The shop opens at nine", "The run began at noon"
ANN = [TEA, ROWS, BICYCLE, IBSEN]
BO = [BASS, BOATS]
EVERYBODY = [*ANN, *BO]
ANN_ONLY = {"user_id": "ann"}

PASSING: list[tuple[dict[str, Any], list[str]]] = [
    ({"user_id": "ann"}, ANN),
    ({"user_id": {"eq": "bo"}}, BO),
    ({"user_id": {"in": ["ann", "bo"]}}, EVERYBODY),
    ({"user_id": ["ann", "bo"]}, EVERYBODY),
    ({"user_id": "*"}, EVERYBODY),
    ({"user_id": {"ne": "ann"}}, [*BO, NORWEGIAN, SHOP, RUN]),
    ({"user_id": "nobody"}, []),
    ({"OR": [{"user_id": "ann"}, {"user_id": "bo"}]}, EVERYBODY),
    ({"AND": [{"user_id": "ann"}, {"user_id": "bo"}]}, []),
    ({"AND": [{"user_id": {"in": ["ann", "bo"]}}, {"NOT": {"user_id": "ann"}}]}, BO),
    ({"agent_id": "bot"}, [BICYCLE, IBSEN, NORWEGIAN]),
    ({"agent_id": "*"}, [BICYCLE, IBSEN, NORWEGIAN]),
    ({"user_id": "ann", "agent_id": "bot"}, [BICYCLE, IBSEN]),
    ({"AND": [{"user_id": "ann"}, {"agent_id": {"ne": "bot"}}]}, [TEA, ROWS]),
    ({"app_id": "web"}, [BICYCLE, SHOP]),
    ({"app_id": {"in": ["web", "phone"]}}, [BICYCLE, SHOP, BASS]),
    ({"run_id": "r1"}, [ROWS, BASS]),
    ({"run_id": "r3"}, [RUN]),
    ({"AND": [{"user_id": "ann"}, {"run_id": "*"}]}, [ROWS, IBSEN]),
    ({"OR": [{"user_id": "bo"}, {"run_id": "r2"}]}, [*BO, IBSEN]),
    ({"AND": [{"user_id": "ann"}, {"NOT": [{"run_id": "r1"}, {"agent_id": "bot"}]}]}, [TEA]),
    (ANN_ONLY | {"metadata": {"project": "apollo"}}, [TEA]),
    (ANN_ONLY | {"metadata": {"project": {"eq": "zeus"}}}, [ROWS]),
    (ANN_ONLY | {"metadata": {"project": {"ne": "apollo"}}}, [ROWS, BICYCLE, IBSEN]),
    (ANN_ONLY | {"metadata": {"project": {"in": ["apollo", "zeus"]}}}, [TEA, ROWS]),
    (ANN_ONLY | {"metadata": {"project": {"nin": ["apollo"]}}}, [ROWS, BICYCLE, IBSEN]),
    (ANN_ONLY | {"metadata": {"project": "*"}}, [TEA, ROWS]),
    (ANN_ONLY | {"metadata": {"level": {"gte": 1, "lt": 2.5}}}, [TEA]),
    (ANN_ONLY | {"metadata": {"level": {"gt": 1}}}, [ROWS]),
    (ANN_ONLY | {"metadata": {"level": {"lte": "2"}}}, [BICYCLE]),
    (ANN_ONLY | {"metadata": {"level": 1.0}}, [TEA]),
    (ANN_ONLY | {"metadata": {"labels": {"contains": "a"}}}, [TEA]),
    (ANN_ONLY | {"metadata": {"project": {"contains": "eus"}}}, [ROWS]),
    (ANN_ONLY | {"metadata": {"project": "zeus", "level": 2.5}}, [ROWS]),
    ({"user_id": "bo", "metadata": {"done": True}}, [BOATS]),
    ({"user_id": "bo", "metadata": {"nested": {"deep": 1}}}, [BOATS]),
    ({"user_id": "bo", "metadata": {"none": None}}, [BOATS]),
    ({"user_id": "bo", "NOT": {"metadata": {"done": True}}}, [BASS]),
    ({"user_id": "*", "OR": [{"metadata": {"project": "apollo"}}, {"app_id": "web"}]}, [TEA, BASS, BICYCLE]),
    (ANN_ONLY | {"keywords": {"contains": "Ibsen"}}, [IBSEN]),
    (ANN_ONLY | {"keywords": {"contains": "ibsen"}}, []),
    (ANN_ONLY | {"keywords": {"icontains": "IBSEN"}}, [IBSEN]),
    (ANN_ONLY | {"keywords": "BICYCLE"}, [BICYCLE]),
    (ANN_ONLY | {"keywords": {"contains": "%"}}, []),
    (ANN_ONLY | {"created_at": {"gte": "2020-01-01"}}, ANN),
    (ANN_ONLY | {"created_at": {"gte": "2020-01-01T00:00:00Z", "lt": "2021-01-01"}}, []),
    (ANN_ONLY | {"updated_at": {"gt": 0}}, ANN),
    (ANN_ONLY | {"created_at": {"ne": "2020-01-01"}}, ANN),
    (ANN_ONLY | {"created_at": {"in": ["2020-01-01", "2020-01-02"]}}, []),
    (ANN_ONLY | {"created_at": "2020-01-01"}, []),
    (ANN_ONLY | {"expiration_date": "2030-06-30"}, [IBSEN]),
    (ANN_ONLY | {"expiration_date": {"lt": "2030-06-30"}}, []),
    (ANN_ONLY | {"expiration_date": {"lte": "2030-06-30"}}, [IBSEN]),
    (ANN_ONLY | {"expiration_date": {"gt": "2030-06-30"}}, []),
    (ANN_ONLY | {"expiration_date": {"gte": "2030-06-30"}}, [IBSEN]),
    (ANN_ONLY | {"categories": {"in": ["finance"]}}, []),
    (ANN_ONLY | {"NOT": {"categories": {"contains": "FIN"}}}, ANN),
    (ANN_ONLY | {"memory_ids": ["0192f3a4-0000-7000-8000-000000000001"]}, []),
]
REFUSED: list[tuple[Any, int, str]] = [
    ({"user_id": "ann", "bogus": 1}, 400, "bogus"),
    ({"user_id": ""}, 400, "user_id"),
    ({"user_id": {"like": "a"}}, 400, "like"),
    ({"user_id": {"in": []}}, 400, "list"),
    ({"user_id": {"in": ["a"] * 101}}, 400, "list"),
    ({"user_id": {}}, 400, "user_id"),
    ({"user_id": {"eq": "a", "ne": "b"}}, 400, "one operator"),
    ({"user_id": ["a", ["b"]]}, 400, "user_id"),
    ({"user_id": "a\u200bb"}, 400, "U+200B"),
    ({"user_id": "agent:x"}, 400, "agent:"),
    ({"user_id": "a" * 201}, 400, "user_id"),
    ({"user_id": True}, 400, "user_id"),
    ({"run_id": "mem0-day:2026-01-01"}, 400, "run_id"),
    ({"AND": {"user_id": "ann"}}, 400, "list"),
    ({"AND": {}, "user_id": "a"}, 400, "list"),
    ({"AND": [], "user_id": "a"}, 400, "list"),
    ({"OR": ["user_id"], "user_id": "ann"}, 400, "object"),
    ({"and": [{"user_id": "ann"}], "user_id": "a"}, 400, "and"),
    (ANN_ONLY | {"metadata": "project"}, 400, "object"),
    (ANN_ONLY | {"metadata": {}}, 400, "object"),
    (ANN_ONLY | {"metadata": {"mem0": 1}}, 400, "key"),
    (ANN_ONLY | {"metadata": {"": 1}}, 400, "key"),
    (ANN_ONLY | {"metadata": {"a\0b": 1}}, 400, "U+0000"),
    (ANN_ONLY | {"metadata": {"a" * 201: 1}}, 400, "key"),
    (ANN_ONLY | {"metadata": {"a": "x\0y"}}, 400, "U+0000"),
    (ANN_ONLY | {"metadata": {"a": {"gt": [1]}}}, 400, "number or a text"),
    (ANN_ONLY | {"metadata": {"a": {"gt": None}}}, 400, "number or a text"),
    (ANN_ONLY | {"metadata": {"a": {"gt": 1, "other": 2}}}, 400, "mixes"),
    (ANN_ONLY | {"metadata": {"a": {"icontains": "x"}}}, 501, "case"),
    (ANN_ONLY | {"metadata": {"a": 2**70}}, 400, "metadata"),
    (ANN_ONLY | {"created_at": {"gte": "yesterday"}}, 400, "created_at"),
    (ANN_ONLY | {"created_at": {"gte": 1e300}}, 400, "created_at"),
    (ANN_ONLY | {"created_at": {"eq": "2020-01-01"}}, 400, "eq"),
    (ANN_ONLY | {"created_at": {"gte": "9999-12-31"}}, 400, "created_at"),
    (ANN_ONLY | {"created_at": {"gte": True}}, 400, "created_at"),
    (ANN_ONLY | {"categories": {"eq": "x"}}, 400, "eq"),
    (ANN_ONLY | {"categories": {"in": [1]}}, 400, "text"),
    (ANN_ONLY | {"keywords": {"contains": ""}}, 400, "text"),
    (ANN_ONLY | {"keywords": {"contains": "x" * 1_001}}, 400, "text"),
    (ANN_ONLY | {"memory_ids": ["x"]}, 400, "UUID"),
    (ANN_ONLY | {"memory_ids": {"in": [None]}}, 400, "UUID"),
    (ANN_ONLY | {"timestamp": {"gte": 1}}, 501, "created_at"),
    (ANN_ONLY | {"text": "x"}, 501, "keywords"),
    ("user_id", 400, "dictionary"),
    ([ANN_ONLY], 400, "dictionary"),
    ({}, 400, "user_id"),
    ({"metadata": {"a": 1}}, 400, "user_id"),
]


def nested(depth: int) -> dict[str, Any]:
    node: dict[str, Any] = {"user_id": "ann"}
    for _ in range(depth):
        node = {"AND": [node]}
    return node


@pytest.mark.parametrize(("filters", "expected"), PASSING, ids=[str(case[0])[:70] for case in PASSING])
class TestPassing:
    def test_in_a_list(self, library: Door, filters: dict[str, Any], expected: list[str]):
        assert library.listed(filters=filters) == sorted(expected)

    def test_in_a_search(self, library: Door, filters: dict[str, Any], expected: list[str]):
        found = library.searched("what does everybody do on Sundays?", filters=filters, top_k=50)
        assert found == sorted(expected)


class TestRefused:
    @pytest.mark.parametrize(
        ("filters", "status", "said"), REFUSED, ids=[str(case[0])[:70] for case in REFUSED]
    )
    @pytest.mark.parametrize("path", ["/v3/memories/", "/v3/memories/search/"])
    def test_by_name(self, library: Door, path: str, filters: Any, status: int, said: str):
        body = {"filters": filters} | ({"query": "x"} if "search" in path else {})
        refusal = library.refused(status, "POST", path, json=body)
        assert said in refusal["detail"]

    @pytest.mark.parametrize("depth", [8, 50, 300])
    def test_too_deep(self, library: Door, depth: int):
        refusal = library.refused(400, "POST", "/v3/memories/", json={"filters": nested(depth)})
        assert "deep" in refusal["detail"] or "user_id" in refusal["detail"]

    def test_too_many_conditions(self, library: Door):
        many = {"AND": [{"metadata": {"a": at}} for at in range(64)], "user_id": "ann"}
        assert "64" in library.refused(400, "POST", "/v3/memories/", json={"filters": many})["detail"]


class TestTree:
    """What a filter says of users before any memory is looked at."""

    @pytest.mark.parametrize(
        ("filters", "users"),
        [
            ({"user_id": "a"}, {"a"}),
            ({"user_id": "*"}, None),
            ({"user_id": {"ne": "a"}}, None),
            ({"NOT": {"user_id": "a"}}, None),
            ({"OR": [{"user_id": "a"}, {"run_id": "r"}]}, None),
            ({"OR": [{"user_id": "a"}, {"user_id": "b", "run_id": "r"}]}, {"a", "b"}),
            ({"AND": [{"user_id": ["a", "b"]}, {"user_id": ["b", "c"]}]}, {"b"}),
            ({"agent_id": "x"}, None),
            ({}, None),
        ],
    )
    def test_names_users(self, filters: dict[str, Any], users: set[str] | None):
        assert find_named_users(parse_filters(filters)) == users

    @pytest.mark.parametrize(
        ("filters", "user", "left"),
        [
            ({"user_id": "a"}, "a", True),
            ({"user_id": "a"}, "b", False),
            ({"OR": [{"user_id": "a"}, {"run_id": "r"}]}, "a", True),
            ({"AND": [{"user_id": "a"}, {"run_id": "r"}]}, "b", False),
            ({"NOT": {"user_id": "a"}}, "a", False),
            ({"NOT": {"AND": [{"user_id": "a"}, {"run_id": "r"}]}}, "b", True),
            ({"user_id": "*"}, "a", True),
        ],
    )
    def test_is_decided_by_the_user_alone(self, filters: dict[str, Any], user: str, left: bool):
        assert resolve_for_user(parse_filters(filters), user, is_pseudo=False) is left

    @pytest.mark.parametrize(
        ("filters", "field", "names"),
        [
            ({"run_id": "r"}, "run_id", ("r",)),
            ({"AND": [{"agent_id": ["x", "y"]}, {"metadata": {"a": 1}}]}, "agent_id", ("x", "y")),
            ({"app_id": "w"}, "app_id", ["w"]),
            ({"OR": [{"run_id": "r"}, {"agent_id": "x"}]}, "run_id", None),
            ({"NOT": {"run_id": "r"}}, "run_id", None),
            ({"run_id": {"ne": "r"}}, "run_id", None),
        ],
    )
    def test_narrows_whom_to_look_for(self, filters: dict[str, Any], field: str, names: Any):
        assert find_named(parse_filters(filters), field) == names

    @pytest.mark.parametrize(
        ("filters", "says"),
        [
            ({"user_id": 1}, True),
            ({"AND": [{"OR": [{"run_id": "r"}]}]}, True),
            ({"NOT": {"agent_id": "x"}}, True),
            ({"metadata": {"user_id": "ann"}}, False),
            ({}, False),
            (None, False),
            ("user_id", False),
        ],
    )
    def test_names_an_entity(self, filters: Any, says: bool):
        assert names_an_entity(filters) is says

    def test_an_open_filter_takes_unknown_fields_as_metadata(self):
        assert parse_filters({"colour": "red"}, is_open=True) == parse_filters(
            {"metadata": {"colour": "red"}}
        )
        with pytest.raises(InvalidInput):
            parse_filters({"colour": "red"})
