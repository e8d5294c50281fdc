"""What a condition on metadata holds for."""

from typing import Any

import pytest

from app.memory.metadata_filters import AllOf, AnyOf, Comparison, Condition, Not, Operator, matches

EQ, IN, GT, GTE, LT, LTE, CONTAINS, EXISTS = Operator


def on(path: str, operator: Operator, value: Any = None) -> Comparison:
    return Comparison(tuple(path.split(".")), operator, value)


@pytest.mark.parametrize(
    ("condition", "metadata", "holds"),
    [
        (on("a", EQ, "x"), {"a": "x"}, True),
        (on("a", EQ, "x"), {"a": "X"}, False),
        (on("a", EQ, "x"), {}, False),
        (on("a", EQ, 1), {"a": 1.0}, True),
        (on("a", EQ, 1), {"a": True}, False),
        (on("a", EQ, True), {"a": 1}, False),
        (on("a", EQ, 0), {"a": False}, False),
        (on("a", EQ, "1"), {"a": 1}, False),
        (on("a", EQ, None), {"a": None}, True),
        (on("a", EQ, None), {}, False),
        (on("a", EQ, [1, "x"]), {"a": [1, "x"]}, True),
        (on("a", EQ, [1, "x"]), {"a": ["x", 1]}, False),
        (on("a", EQ, [True]), {"a": [1]}, False),
        (on("a", EQ, {"b": 1, "c": [2.0]}), {"a": {"c": [2], "b": 1}}, True),
        (on("a", EQ, {"b": 1}), {"a": {"b": 1, "c": 2}}, False),
        (on("a", EQ, 2**53 + 1), {"a": 2**53}, False),
        (on("a.b", EQ, 1), {"a": {"b": 1}}, True),
        (on("a.b", EQ, 1), {"a.b": 1}, False),
        (on("a.0", EQ, 1), {"a": [1]}, False),
        (on("a.b.c", EXISTS), {"a": {"b": {"c": None}}}, True),
        (on("a.b", EXISTS), {"a": "b"}, False),
        (on("a", EXISTS), {"a": None}, True),
        (on("a", IN, ["x", 1, None]), {"a": None}, True),
        (on("a", IN, ["x", 1]), {"a": 1.0}, True),
        (on("a", IN, ["x", 1]), {"a": True}, False),
        (on("a", GT, 9), {"a": 10}, True),
        (on("a", GT, "9"), {"a": "10"}, False),
        (on("a", GT, 9), {"a": "10"}, False),
        (on("a", GT, 0), {"a": True}, False),
        (on("a", GTE, 1.5), {"a": 1.5}, True),
        (on("a", LT, 2**63), {"a": 2**63 - 1}, True),
        (on("a", LTE, "2026-03-02"), {"a": "2026-02-28"}, True),
        (on("a", LTE, "Z"), {"a": "a"}, False),
        (on("a", LT, "\uffff"), {"a": "𝒳"}, False),
        (on("a", LT, 1), {"a": None}, False),
        (on("a", LT, 1), {"a": [0]}, False),
        (on("a", CONTAINS, "x"), {"a": ["x", "y"]}, True),
        (on("a", CONTAINS, "x"), {"a": ["xy"]}, False),
        (on("a", CONTAINS, "x"), {"a": "axb"}, True),
        (on("a", CONTAINS, ""), {"a": ""}, True),
        (on("a", CONTAINS, 1), {"a": "1"}, False),
        (on("a", CONTAINS, 1), {"a": [[1]]}, False),
        (on("a", CONTAINS, None), {"a": [None]}, True),
        (on("a", CONTAINS, "b"), {"a": {"b": 1}}, False),
        (Not(on("a", EQ, 1)), {}, True),
        (Not(on("a", EQ, 1)), {"a": 2}, True),
        (Not(Not(on("a", EQ, 1))), {"a": 1}, True),
        (AllOf((on("a", GT, 1), on("a", LT, 3))), {"a": 2}, True),
        (AllOf((on("a", GT, 1), on("b", EXISTS))), {"a": 2}, False),
        (AnyOf((on("a", EQ, 1), on("b", EQ, 1))), {"b": 1}, True),
        (AnyOf((on("a", EQ, 1),)), {"b": 1}, False),
    ],
)
def test_holds_for_a_row_of_its_own(condition: Condition, metadata: dict[str, Any], holds: bool):
    assert matches(condition, metadata) is holds
    assert matches(Not(condition), metadata) is not holds
    assert matches(condition, {}, [metadata]) is holds  # all of it inherited
    assert matches(condition, {}, [{}, metadata, {}]) is holds


@pytest.mark.parametrize(
    ("condition", "own", "inherited", "holds"),
    [
        (on("secret", EQ, True), {}, [{}, {"secret": True}], True),
        (Not(on("secret", EQ, True)), {}, [{}, {"secret": True}], False),
        (Not(on("secret", EQ, True)), {}, [{}, {}], True),
        (on("secret", EQ, True), {"secret": False}, [{"secret": True}], False),
        (on("secret", EXISTS), {"secret": None}, [], True),
        (on("team", IN, ["a"]), {}, [{"team": "b"}, {"team": "a"}], True),
        # One of the turns is of project a and another of level 3: the memory is of both.
        (AllOf((on("project", EQ, "a"), on("level", EQ, 3))), {}, [{"project": "a"}, {"level": 3}], True),
        (
            AllOf((on("project", EQ, "a"), on("project", EQ, "b"))),
            {},
            [{"project": "a"}, {"project": "b"}],
            True,
        ),
        (on("where.city", EQ, "Oslo"), {"where": {}}, [{"where": {"city": "Oslo"}}], False),
    ],
)
def test_a_row_inherits_the_keys_that_it_does_not_have(
    condition: Condition, own: dict[str, Any], inherited: list[dict[str, Any]], holds: bool
):
    assert matches(condition, own, inherited) is holds
