"""Whatever a model answers is read: what is wrong is refused, and nothing raises."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.vocabulary import Role
from app.llm.chat import parse_json_object
from app.memory.consolidation import condensation, insights
from app.memory.extraction import parsing, prompt
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.reply import MAX_ENTRIES_READ, ExtractedFact
from app.memory.reconciliation.judgement import verdicts
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
NAMES = list(ExtractedFact.model_fields)
FACT = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, VALUES))
NEARLY = st.fixed_dictionaries(
    {"turn": st.just(1), "content": st.just("Ann lives in Oslo."), "quote": st.just("I live in Oslo")},
    optional={name: VALUES for name in NAMES if name not in {"turn", "content", "quote"}},
)
OTHER = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ["pair", "verdict", "keywords", "tags", "n", "action", "reason", "id", "how"], VALUES
    ),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(FACT | NEARLY | VALUES, max_size=3) | VALUES)
def test_facts(entries: Any):
    facts, reasons = parsing.parse_facts({"facts": entries}, TURNS)
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


SCHEMAS = {
    "extraction": prompt.EXTRACTION_SCHEMA,
    "verdicts": verdicts.VERDICT_SCHEMA,
    "retention": condensation.RETENTION_SCHEMA,
    "summary": condensation.SUMMARY_SCHEMA,
    "insight": insights.INSIGHT_SCHEMA,
    "portrait": insights.PORTRAIT_SCHEMA,
}


class TestSchemas:
    """Servers compile what they are sent; a change of a reply model is one of the contract with them."""

    @pytest.mark.parametrize("name", SCHEMAS)
    def test_is_the_document_that_servers_were_tried_with(self, name: str):
        documents = json.loads((Path(__file__).parent / "reply_schemas.json").read_text())
        # As text, since the order of properties is the order in which a grammar makes a model write them.
        assert json.dumps(SCHEMAS[name]) == json.dumps(documents[name])

    @pytest.mark.parametrize("name", SCHEMAS)
    def test_is_strict_and_simple_at_every_level(self, name: str):
        def check(part: dict[str, Any]) -> None:
            assert set(part) <= {"type", "additionalProperties", "required", "properties", "items", "enum"}
            if part["type"] == "object":
                assert part["additionalProperties"] is False
                assert part["required"] == list(part["properties"])
            for child in [*part.get("properties", {}).values(), *filter(None, [part.get("items")])]:
                check(child)

        check(SCHEMAS[name])


GOOD = {"turn": 1, "content": "Ann lives in Oslo.", "quote": "I live in Oslo"}
# Each stands as text in an answer between two good entries, which must be kept.
BAD_FACTS = {
    "null": "null",
    "true": "true",
    "a number": "1",
    "a fraction": "-1.5",
    "a number without measure": "9" * 5_000,
    "infinity": "1e999",
    "a text": '"Ann lives in Oslo."',
    "an empty text": '""',
    "the word null": '"null"',
    "NUL": '"\\u0000"',
    "a lone surrogate": '"\\ud800"',
    "an entry as text": json.dumps(json.dumps(GOOD)),
    "an empty list": "[]",
    "an entry in a list": f"[{json.dumps(GOOD)}]",
    "lists in lists": "[" * 30 + "]" * 30,
    "an empty object": "{}",
    "another object": '{"fact": "Ann lives in Oslo."}',
    "an entry in an object": json.dumps({"fact": GOOD}),
    "the schema itself": json.dumps(prompt.EXTRACTION_SCHEMA),
    "no turn": json.dumps(GOOD | {"turn": None}),
    "a turn that is none": json.dumps(GOOD | {"turn": "first"}),
    "a turn that is a list": json.dumps(GOOD | {"turn": [1]}),
    "a turn beyond the last": json.dumps(GOOD | {"turn": 3}),
    "content that is a list": json.dumps(GOOD | {"content": ["Ann lives in Oslo."]}),
    "content that is an object": json.dumps(GOOD | {"content": {"text": "Ann lives in Oslo."}}),
    "content that is empty": json.dumps(GOOD | {"content": " "}),
    "content that is endless": json.dumps(GOOD | {"content": "x" * 10_000}),
    "no quote": json.dumps({"turn": 1, "content": "Ann lives in Oslo."}),
    "a quote that is true": json.dumps(GOOD | {"quote": True}),
    "fields of what stands for it": '{"fields": ["turn"]}',
}


class TestWrongEntries:
    @pytest.mark.parametrize("name", BAD_FACTS)
    def test_a_wrong_fact_is_left_out_and_counted(self, name: str):
        good = json.dumps(GOOD)
        answer = f'{{"facts": [{good}, {BAD_FACTS[name]}, {good}]}}'
        reply, problem = parse_json_object(answer, prompt.EXTRACTION_SCHEMA)
        assert reply is not None, problem
        facts, reasons = parsing.parse_facts(reply, TURNS)
        assert [fact.content for fact in facts] == [GOOD["content"]] * 2
        assert len(reasons) == 1
        assert reasons[0].startswith("entry 2: ")
        assert "Ann" not in reasons[0]

    @pytest.mark.parametrize("name", BAD_FACTS)
    def test_a_wrong_verdict_or_decision_is_left_out(self, name: str):
        verdict, decision = '{"pair": 2, "verdict": "same"}', '{"n": 2, "action": "keep"}'
        for entry, schema in ((verdict, verdicts.VERDICT_SCHEMA), (decision, condensation.RETENTION_SCHEMA)):
            (key,) = schema["properties"]
            reply, problem = parse_json_object(f'{{"{key}": [{BAD_FACTS[name]}, {entry}]}}', schema)
            assert reply is not None, problem
            judged = [judgement.verdict for judgement in verdicts.parse_pair_judgements(reply, 2)]
            kept = condensation.parse_retention_actions(reply, 2)
            assert (judged[1] == "same") is (key == "verdicts")
            assert kept == [None, ("keep", "") if key == "decisions" else None]

    def test_of_endless_entries_so_many_are_read(self):
        entries = [{}] * (MAX_ENTRIES_READ + 1_000) + [GOOD]
        facts, reasons = parsing.parse_facts({"facts": entries}, TURNS)
        assert facts == []
        assert reasons[-1].startswith(f"entries from {MAX_ENTRIES_READ + 1} on")
