"""Segments of a session: complete, in order, within bounds, cut where the topic changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.vocabulary import Role
from app.memory.extraction.segmentation import (
    REQUEST_RULES,
    SegmentRules,
    estimate_tokens,
    find_boundaries,
    segment_turns,
)
from app.memory.types import Turn

START = datetime(2026, 1, 1, tzinfo=UTC)
RULES = SegmentRules()


def talk(minutes: list[int]) -> list[Turn]:
    """Turns at these minutes."""
    return [
        Turn(UUID(int=n + 1), "u", "s", n, Role.USER, f"turn {n}", START + timedelta(minutes=minute))
        for n, minute in enumerate(minutes)
    ]


def near(topic: int, count: int, seed: int = 0) -> np.ndarray:
    """Unit vectors (count, 16) about one axis."""
    rows = np.random.default_rng(seed + topic).normal(0, 0.08, (count, 16)).astype(np.float32)
    rows[:, topic] += 1.0
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def lengths(segments: list[list[Turn]]) -> list[int]:
    return [len(segment) for segment in segments]


class TestCut:
    def test_no_turns_give_no_segment(self):
        assert segment_turns([], None) == []

    @settings(max_examples=60)
    @given(
        steps=st.lists(st.sampled_from([0, 1, 5, 29, 30, 31, 600]), max_size=60),
        seed=st.integers(0, 1_000),
        vectors=st.booleans(),
    )
    def test_every_turn_is_in_one_segment_in_order_and_none_is_too_long(self, steps, seed, vectors):
        turns = talk([int(minute) for minute in np.cumsum(steps)])
        rows = np.random.default_rng(seed).normal(size=(len(turns), 16)).astype(np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        segments = segment_turns(turns, rows if vectors else None)
        assert [turn for segment in segments for turn in segment] == turns
        assert all(0 < len(segment) <= RULES.max_turns for segment in segments)

    def test_without_vectors_it_is_cut_by_length(self):
        assert lengths(segment_turns(talk(list(range(30))), None)) == [10, 10, 10]

    @given(st.integers(4, 100), st.booleans())
    def test_a_talk_without_pauses_has_no_segment_shorter_than_may_be(self, count, vectors):
        rows = np.random.default_rng(count).normal(size=(count, 8)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        sizes = lengths(segment_turns(talk(list(range(count))), rows if vectors else None))
        assert RULES.min_turns <= min(sizes) <= max(sizes) <= RULES.max_turns

    @pytest.mark.parametrize(("gap", "expected"), [(30, [6]), (31, [3, 3])])
    def test_a_pause_longer_than_the_gap_parts(self, gap, expected):
        assert lengths(segment_turns(talk([0, 1, 2, 2 + gap, 3 + gap, 4 + gap]), None)) == expected

    def test_a_pause_parts_however_alike_the_turns_are(self):
        turns = talk([0, 1, 2, 120, 121, 122])
        assert lengths(segment_turns(turns, near(0, 6))) == [3, 3]

    @pytest.mark.parametrize("first", [5, 6, 7])
    def test_two_topics_are_cut_where_the_topic_changes(self, first):
        turns = talk(list(range(12)))
        vectors = np.concatenate([near(0, first), near(1, 12 - first)])
        assert lengths(segment_turns(turns, vectors)) == [first, 12 - first]

    def test_a_first_turn_that_says_nothing_goes_where_its_talk_goes_on(self):
        said = np.concatenate([near(0, 6), near(1, 6)])
        said[6] = said[5] * 0.5 + said[7] * 0.6
        said[6] /= np.linalg.norm(said[6])
        assert lengths(segment_turns(talk(list(range(12))), said)) == [6, 6]

    def test_a_turn_of_unknown_meaning_parts_nothing(self):
        said = np.concatenate([near(0, 6), near(1, 6)])
        said[[0, 2, 9]] = 0.0
        assert lengths(segment_turns(talk(list(range(12))), said)) == [6, 6]

    def test_one_topic_is_one_segment_when_nothing_stands_out(self):
        turns = talk(list(range(10)))
        assert lengths(segment_turns(turns, np.repeat(near(0, 1), 10, axis=0))) == [10]

    def test_the_same_turns_are_cut_alike_each_time(self):
        turns, vectors = talk(list(range(24))), np.concatenate([near(n, 6) for n in range(4)])
        assert segment_turns(turns, vectors) == segment_turns(turns, vectors)


class TestTokens:
    """The requests to a model: as many turns as fit, cut where the topic changes."""

    TARGET = REQUEST_RULES.target_tokens or 0

    @staticmethod
    def long(turns: list[Turn], tokens: list[int]) -> list[Turn]:
        return [replace(turn, content="word" * count) for turn, count in zip(turns, tokens, strict=True)]

    @settings(max_examples=150, deadline=None)
    @given(
        tokens=st.lists(st.sampled_from([1, 10, 30, 80, 400, 1_979, 1_980, 1_981, 5_000]), max_size=90),
        pause=st.integers(1, 100),
        vectors=st.booleans(),
    )
    def test_requests_hold_every_turn_once_in_order_and_only_a_single_turn_is_too_long(
        self, tokens: list[int], pause: int, vectors: bool
    ):
        minutes = [n + 60 * (n // pause) for n in range(len(tokens))]
        turns = self.long(talk(minutes), tokens)
        rows = np.random.default_rng(len(tokens)).normal(size=(len(turns), 8)).astype(np.float32)
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
        segments = segment_turns(turns, rows if vectors else None, REQUEST_RULES)
        assert [turn for segment in segments for turn in segment] == turns
        for segment in segments:
            assert segment
            assert len(segment) <= REQUEST_RULES.max_joined_turns
            assert len(segment) == 1 or sum(map(estimate_tokens, segment)) <= self.TARGET
        for one, next_one in pairwise(segments):
            apart = next_one[0].observed_at - one[-1].observed_at > REQUEST_RULES.max_pause
            both = sum(map(estimate_tokens, [*one, *next_one]))
            few = len(one) + len(next_one) <= REQUEST_RULES.max_joined_turns
            assert apart or not few or both > self.TARGET / 2, "two requests where one would have done"

    def test_a_session_of_short_turns_is_one_request(self):
        turns = self.long(talk(list(range(24))), [30] * 24)
        assert lengths(segment_turns(turns, None, REQUEST_RULES)) == [24]

    def test_a_session_that_needs_two_requests_is_cut_once(self):
        turns = self.long(talk(list(range(44))), [30] * 44)
        assert lengths(segment_turns(turns, None, REQUEST_RULES)) == [22, 22]

    @pytest.mark.parametrize("first", [5, 6, 7])
    def test_the_cut_is_where_the_topic_changes(self, first: int):
        turns = self.long(talk(list(range(12))), [200] * 12)
        vectors = np.concatenate([near(0, first), near(1, 12 - first)])
        assert lengths(segment_turns(turns, vectors, REQUEST_RULES)) == [first, 12 - first]

    def test_a_huge_turn_is_alone(self):
        turns = self.long(talk([0, 1, 2]), [10, 16_000, 10])
        assert lengths(segment_turns(turns, None, REQUEST_RULES)) == [1, 1, 1]

    def test_scripts_without_spaces_count_by_their_bytes(self):
        (turn,) = talk([0])
        chinese, english = replace(turn, content="我住在上海" * 100), replace(turn, content="I live" * 100)
        assert estimate_tokens(chinese) > 2 * estimate_tokens(english)

    def test_without_a_model_length_alone_counts(self):
        turns = self.long(talk(list(range(12))), [5_000] * 12)
        assert lengths(segment_turns(turns, None)) == [12]


class TestBoundaries:
    @settings(max_examples=40)
    @given(count=st.integers(8, 15), seed=st.integers(0, 1_000))
    def test_no_other_segmentation_has_a_greater_modularity(self, count, seed):
        rows = np.random.default_rng(seed).normal(size=(count, 6)).astype(np.float32)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        best = max(modularity(rows, bounds) for bounds in segmentations(count))
        assert modularity(rows, find_boundaries(rows)) == pytest.approx(best, abs=1e-6)


def segmentations(count: int) -> list[list[int]]:
    """Every list of ends, from 0 to `count`, that the rules allow."""
    inner = [
        [0, *chosen, count] for size in range(count // 4) for chosen in combinations(range(1, count), size)
    ]
    allowed = range(RULES.min_turns, RULES.max_turns + 1)
    return [bounds for bounds in inner if all(b - a in allowed for a, b in pairwise(bounds))]


def modularity(rows: np.ndarray, bounds: list[int]) -> float:
    """By its definition: the sum of A_ij - k_i k_j / 2m over pairs of one segment, over 2m."""
    likeness = np.clip(rows @ rows.T, 0, None).astype(float)
    np.fill_diagonal(likeness, 0)
    degree, total = likeness.sum(axis=0), likeness.sum()
    part = np.repeat(range(len(bounds) - 1), np.diff(bounds))
    together = part[:, None] == part[None, :]
    return float(((likeness - np.outer(degree, degree) / total) * together).sum() / total)
