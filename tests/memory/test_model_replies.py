"""Whatever a model answers is read: what is wrong is refused, and nothing raises."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.vocabulary import Role
from app.memory.consolidation import condensation, insights
from app.memory.extraction import prompt
from app.memory.extraction.guard import filter_facts
from app.memory.reconciliation import verdicts
from app.memory.types import Turn

TURNS = [
    Turn(UUID(int=n), "u", "s", n, Role.USER, "I live in Oslo.", datetime(2023, 5, 8, tzinfo=UTC), "Ann")
    for n in (1, 2)
]
WORDS = ["fact", "state", "open", "day", "same", "1", "2", "Oslo", "I live in Oslo", "0001-01-01T00:00+14:00"]
WORDS += ["9999-12-31", "9999-12-31T23:59:59-12:00", "9" * 5_000, "١", "²", "\x00", "\ud800", "relation:boss"]
NUMBERS = [1, 2, -1, 0, 2**63, float("nan"), float("inf"), 1e308, True, False, None]
VALUES = st.recursive(
    st.sampled_from([*WORDS, *NUMBERS])
    | st.sampled_from([5_000, 200]).map(lambda digits: 10**digits)  # too long to be written out
    | st.text(max_size=5)
    | st.integers()
    | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
NAMES = list(prompt._FACT_PROPERTIES)  # pyright: ignore[reportPrivateUsage]
FACT = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, VALUES))
NEARLY = st.fixed_dictionaries(
    {"turn": st.just(1), "content": st.just("Ann lives in Oslo."), "quote": st.just("I live in Oslo")},
    optional={name: VALUES for name in NAMES if name not in {"turn", "content", "quote"}},
)
OTHER = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["pair", "verdict", "keywords", "tags", "n", "action", "reason"], VALUES)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FACT | NEARLY | VALUES, max_size=3) | VALUES)
def test_facts(entries: Any):
    facts, reasons = prompt.parse_facts({"facts": entries}, TURNS)
    filter_facts(facts, TURNS, {})
    for text in [part for fact in facts for part in (fact.content, *fact.tags, *fact.keywords)] + reasons:
        assert "\x00" not in text
        text.encode()


@settings(max_examples=100, deadline=None)
@given(st.lists(OTHER | VALUES, max_size=3) | VALUES)
def test_verdicts_and_decisions(entries: Any):
    assert len(verdicts.parse_pair_judgements({"verdicts": entries}, 2)) == 2
    assert len(condensation.parse_retention_actions({"decisions": entries}, 2)) == 2


@settings(max_examples=100, deadline=None)
@given(VALUES, VALUES)
def test_texts(one: Any, other: Any):
    found = insights.parse_insight({"insight": one, "sources": other}, 2)
    texts = [found[0] if found else None, insights.parse_portrait({"portrait": one})]
    for text in [*texts, condensation.parse_summary({"summary": one})]:
        assert text is None or "\x00" not in text
