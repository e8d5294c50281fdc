"""What belongs to one topic, what it is called, and which topic it continues."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import numpy as np
import pytest

from app.core.vocabulary import Basis, Form, Kind
from app.memory.consolidation import topics as module
from app.memory.consolidation.condensation import MAX_SUMMARY_CHARS
from app.memory.consolidation.derivation import MAX_SOURCES, MemoryDraft
from app.memory.consolidation.topics import ExistingTopic, TopicMember, cluster_members, draft_topics

RUNS = ("Ann runs in the park", "Ann likes running by the river", "Ann ran a marathon")
BOATS = ("Ann sails a boat", "Ann sails to Bergen", "The sails of the boat are red")
SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def vector(angle: float, plane: int = 0) -> np.ndarray:
    """A unit vector at an angle (degrees) in one of eight planes that have nothing in common."""
    found = np.zeros(16, np.float32)
    found[2 * plane : 2 * plane + 2] = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return found


def member(n: int, content: str = "", angle: float = 0.0, plane: int = 0, **values: object) -> TopicMember:
    given = {"importance": 0.3, "since": SINCE + timedelta(days=n), "words": frozenset()}
    given |= {"sessions": frozenset([f"s{n}"])} | values
    return TopicMember(UUID(int=n), content or f"fact {n}", vector=vector(angle, plane), **given)  # type: ignore[arg-type]


def about(contents: Sequence[str], first: int = 1, plane: int = 0) -> list[TopicMember]:
    return [member(n, content, 10.0 * n, plane) for n, content in enumerate(contents, start=first)]


def drafted(members: Sequence[TopicMember], before: Sequence[ExistingTopic] = ()) -> list[MemoryDraft]:
    keys: Iterator[int] = count()
    return draft_topics(members, ["Ann"], before, lambda: f"new-{next(keys)}")


def noted(draft: MemoryDraft) -> ExistingTopic:
    return ExistingTopic(draft.key, draft.fingerprint, frozenset(memory_id for memory_id, _ in draft.sources))


class TestGroups:
    def test_what_is_near_is_one_topic_and_what_is_not_is_another(self):
        run, sail = drafted([*about(RUNS), *about(BOATS, 11, plane=1)])
        assert [content for _, content in run.sources] == list(RUNS)
        assert (run.basis, run.kind, run.form) == (Basis.TOPIC, Kind.SUMMARY, Form.STATE)
        assert (
            run.extractive_text == "Ann runs in the park. Ann likes running by the river. Ann ran a marathon."
        )
        assert sail.tags == ("topic", "sails")

    def test_two_memories_or_one_session_are_no_topic(self):
        assert drafted(about(RUNS[:2])) == []
        assert drafted([member(n, text, sessions=frozenset(["s1"])) for n, text in enumerate(RUNS)]) == []

    def test_what_is_said_in_two_sessions_counts_for_both(self):
        told = [member(n, text, sessions=frozenset(["s1"])) for n, text in enumerate(RUNS)]
        again = member(9, "Ann runs", sessions=frozenset(["s1", "s2"]))
        assert len(drafted([*told, again])) == 1

    def test_without_a_session_nothing_is_a_topic(self):
        assert drafted([member(n, text, sessions=frozenset()) for n, text in enumerate(RUNS)]) == []

    def test_the_mean_decides_so_a_chain_is_not_one_topic(self):
        # Each step is 30 degrees: neighbours have a cosine of .87, the ends one of 0.
        chain = [member(n, angle=30.0 * n) for n in range(4)]
        assert cluster_members(chain) == [[0, 1], [2, 3]]

    @pytest.mark.parametrize(("words", "together"), [((), False), (("rex",), True)])
    def test_an_entity_in_common_brings_nearer(self, words, together):
        # At 60 degrees the cosine is .5, and another twenty memories make the word rare.
        near = [member(n, angle=60.0 * n, words=frozenset(words)) for n in range(2)]
        others = [member(n, angle=float(n), plane=1) for n in range(10, 30)]
        assert ([0, 1] in cluster_members([*near, *others])) is together

    def test_a_word_that_all_have_brings_nothing_nearer(self):
        near = [member(n, angle=60.0 * n, words=frozenset(["ann"])) for n in range(2)]
        assert cluster_members(near) == []

    def test_a_vector_that_is_not_of_length_one_counts_as_one(self):
        long = [
            TopicMember(m.id, m.content, 0.3, m.since, m.words, m.sessions, 5 * m.vector) for m in about(RUNS)
        ]
        apart = member(9, angle=80.0, plane=0)
        assert cluster_members([*long, apart]) == cluster_members([*about(RUNS), apart])

    def test_the_order_in_which_they_come_changes_nothing(self):
        chance = random.Random(1)
        members = [
            member(n, f"Ann {chance.choice('abcdef')} {n}", chance.uniform(0, 90), chance.randrange(4))
            for n in range(60)
        ]
        expected = drafted(members)
        assert len(expected) > 3
        for _ in range(3):
            chance.shuffle(members)
            assert drafted(members) == expected

    def test_blocks_change_nothing(self, monkeypatch):
        members = [member(n, angle=7.0 * n, plane=n % 3) for n in range(40)]
        whole = cluster_members(members)
        monkeypatch.setattr(module, "_BLOCK_ROWS", 7)
        assert cluster_members(members) == whole


class TestTexts:
    def test_the_weightiest_forty_are_told_in_order_of_time(self):
        members = [member(n, importance=n % 2 / 2) for n in range(100)]
        (draft,) = drafted(members)
        numbers = [memory_id.int for memory_id, _ in draft.sources]
        assert numbers == list(range(21, 100, 2))
        assert len(numbers) == MAX_SOURCES

    def test_by_rules_it_has_what_fits_the_newest_first(self):
        (draft,) = drafted([member(n, f"{n} {'x' * 300}") for n in range(5)])
        assert [sentence[0] for sentence in draft.extractive_text.split(". ")] == ["2", "3", "4"]
        (draft,) = drafted([member(n, f"{n} {'x' * 2_000}") for n in range(3)])
        assert len(draft.extractive_text) == MAX_SUMMARY_CHARS

    def test_it_is_called_by_what_its_memories_share_and_no_others_do(self):
        others = [member(n, f"Ann likes colour {n}", plane=5) for n in range(20, 30)]
        (run, _) = drafted([*about(("Ann likes runs", "Ann likes a run", "Ann likes a run at 7")), *others])
        assert run.tags == ("topic", "run")

    @pytest.mark.parametrize(
        ("contents", "tags"),
        [
            (("Ann", "Ann", "Ann 12"), ("topic",)),
            (("安去东京", "安爱东京", "东京很大"), ("topic", "东京")),
            (("Der Hund bellt", "Die Hunde sind alt", "Der Hund schläft nicht"), ("topic", "hund")),
        ],
    )
    def test_names_and_numbers_are_no_names_of_topics_and_any_language_is(self, contents, tags):
        (draft,) = drafted(about(contents))
        assert draft.tags == tags


class TestKeys:
    def test_a_topic_that_grows_keeps_its_key(self):
        (before,) = drafted(about(RUNS))
        (after,) = drafted([*about(RUNS), member(9, "Ann runs home", 25.0)], [noted(before)])
        assert after.key == before.key
        assert after.fingerprint != before.fingerprint

    def test_the_same_memories_are_the_same_topic_whatever_it_shared(self):
        (before,) = drafted(about(RUNS))
        other = ExistingTopic("other", b"", frozenset(m.id for m in about(RUNS)))
        (after,) = drafted(about(RUNS), [other, noted(before)])
        assert (after.key, after.fingerprint) == (before.key, before.fingerprint)

    def test_of_two_parts_the_larger_one_goes_on(self):
        before = ExistingTopic("old", b"", frozenset(UUID(int=n) for n in (1, 2, 3, 11, 12)))
        run, sail = drafted([*about(RUNS), *about(BOATS, 11, plane=1)], [before])
        assert (run.key, sail.key) == ("old", "new-0")

    def test_one_memory_in_common_is_another_topic(self):
        (draft,) = drafted(about(RUNS), [ExistingTopic("old", b"", frozenset([UUID(int=1)]))])
        assert draft.key == "new-0"
