import json
from datetime import UTC, datetime

import pytest

from app.memory.reconciliation.verdicts import (
    VERDICT_SCHEMA,
    FactMemoryPair,
    Verdict,
    build_verdict_messages,
    parse_verdicts,
)
from tests.fakes import pairs_of

MAY, JUNE = datetime(2023, 5, 1, tzinfo=UTC), datetime(2023, 6, 1, tzinfo=UTC)


class TestBuildVerdictMessages:
    def test_numbers_the_pairs_and_dates_both_sides(self):
        pairs = [
            FactMemoryPair("Anna vive a Torino.", JUNE, "Anna vive a Roma.", MAY),
            FactMemoryPair("b", JUNE, "a"),
        ]
        messages = build_verdict_messages(pairs)
        assert pairs_of({"messages": messages}) == [
            {
                "pair": 1,
                "new": "Anna vive a Torino.",
                "new_date": "2023-06-01",
                "stored": "Anna vive a Roma.",
                "stored_date": "2023-05-01",
            },
            {"pair": 2, "new": "b", "new_date": "2023-06-01", "stored": "a", "stored_date": None},
        ]

    def test_every_verdict_is_explained_and_allowed(self):
        words = VERDICT_SCHEMA["properties"]["verdicts"]["items"]["properties"]["verdict"]["enum"]
        assert set(words) == set(Verdict)
        assert all(f"\n{word}: " in build_verdict_messages([])[0]["content"] for word in words)
        json.dumps(VERDICT_SCHEMA)


class TestParseVerdicts:
    def test_puts_each_in_its_place(self):
        entries = [{"pair": 3, "verdict": "same"}, {"pair": "1", "verdict": " Supersedes "}]
        assert parse_verdicts({"verdicts": entries}, 3) == [Verdict.SUPERSEDES, None, Verdict.SAME]

    def test_two_opinions_are_none(self):
        entries = [{"pair": 1, "verdict": "same"}, {"pair": 1, "verdict": "unrelated"}]
        assert parse_verdicts({"verdicts": entries}, 1) == [None]

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
        assert parse_verdicts({"verdicts": entries}, 1) == [None]
        assert parse_verdicts({}, 2) == [None, None]
