import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.memory.reconciliation.judgement.verdicts import (
    VERDICT_SCHEMA,
    FactMemoryPair,
    JudgedStatement,
    PairJudgement,
    Verdict,
    build_verdict_messages,
    parse_pair_judgements,
)
from tests.fakes import pairs_of

MAY, JUNE = datetime(2023, 5, 1, tzinfo=UTC), datetime(2023, 6, 1, tzinfo=UTC)


class TestBuildVerdictMessages:
    def test_numbers_the_pairs_and_dates_both_sides(self):
        pairs = [
            FactMemoryPair(
                JudgedStatement("Anna vive a Torino.", JUNE, "user", "residence", "torino"),
                JudgedStatement("Anna vive a Roma.", MAY, status="superseded"),
            ),
            FactMemoryPair(JudgedStatement("b", JUNE), JudgedStatement("a", None)),
        ]
        messages = build_verdict_messages(pairs)
        assert pairs_of({"messages": messages}) == [
            {
                "pair": 1,
                "new": {
                    "text": "Anna vive a Torino.",
                    "date": "2023-06-01",
                    "subject": "user",
                    "attribute": "residence",
                    "value": "torino",
                },
                "stored": {"text": "Anna vive a Roma.", "date": "2023-05-01", "status": "superseded"},
            },
            {"pair": 2, "new": {"text": "b", "date": "2023-06-01"}, "stored": {"text": "a"}},
        ]

    def test_every_verdict_is_explained_and_allowed(self):
        words = VERDICT_SCHEMA["properties"]["verdicts"]["items"]["properties"]["verdict"]["enum"]
        assert set(words) == set(Verdict)
        assert all(f"\n{word}: " in build_verdict_messages([])[0]["content"] for word in words)
        json.dumps(VERDICT_SCHEMA)


def verdicts_of(entries: Any, pair_count: int) -> list[Verdict]:
    return [judgement.verdict for judgement in parse_pair_judgements({"verdicts": entries}, pair_count)]


class TestParsePairJudgements:
    def test_puts_each_in_its_place(self):
        entries = [{"pair": 3, "verdict": "same"}, {"pair": "1", "verdict": " Supersedes "}]
        assert verdicts_of(entries, 3) == [Verdict.SUPERSEDES, Verdict.UNRELATED, Verdict.SAME]

    def test_two_opinions_are_no_verdict(self):
        entries = [{"pair": 1, "verdict": "same"}, {"pair": 1, "verdict": "unrelated"}]
        assert verdicts_of(entries, 1) == [Verdict.UNRELATED]

    @pytest.mark.parametrize(
        "entries",
        [
            None,
            "same",
            ["same"],
            [{"pair": 0, "verdict": "same"}],
            [{"pair": 2, "verdict": "same"}],
            [{"pair": 1, "verdict": "equal"}],
            [{"verdict": "same"}],
            [{"pair": None, "verdict": None}],
        ],
    )
    def test_nothing_is_guessed(self, entries):
        assert verdicts_of(entries, 1) == [Verdict.UNRELATED]

    def test_no_answer_is_no_verdict(self):
        assert parse_pair_judgements({}, 2) == [PairJudgement(Verdict.UNRELATED)] * 2

    def test_index_words_are_those_of_the_last_entry_without_what_is_no_word(self):
        entries = [
            {"pair": 1, "verdict": "refines", "keywords": ["first"], "tags": ["first"]},
            {"pair": 1, "verdict": None, "keywords": [" Oslo ", "", 7, None, "x" * 61], "tags": "home"},
        ]
        judged = parse_pair_judgements({"verdicts": entries}, 1)
        assert judged == [PairJudgement(Verdict.REFINES, ("Oslo",), ())]
