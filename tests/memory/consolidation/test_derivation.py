"""What is derived from what, and the texts by rules."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from app.core.vocabulary import Basis, Form, Kind
from app.memory.consolidation.derivation import (
    Utterance,
    draft_summaries,
    inference_confidence,
    join_most_important,
    makes_derived_stale,
)
from app.memory.consolidation.insights import (
    ExistingInsight,
    SourceMemory,
    draft_attribute_insights,
    draft_cluster_insights,
    draft_portrait,
    parse_insight,
    parse_portrait,
)

SINCE = datetime(2026, 3, 1, tzinfo=UTC)


def said(n: int, day: int = 1, session: str = "s1", importance: float = 0.3, quote: str = "") -> Utterance:
    at = datetime(2026, 3, day, 10, n, tzinfo=UTC)
    words = quote or f"words {n}"
    return Utterance(UUID(int=n), f"fact {n}", importance, UUID(int=100 + n), session, at, n, "Ann", words)


def known(
    n: int, importance: float = 0.3, attribute: str | None = None, kind: Kind = Kind.FACT
) -> SourceMemory:
    return SourceMemory(UUID(int=n), kind, Form.STATE, f"fact {n}", importance, 0, "ann", attribute, 1, SINCE)


class TestRecaps:
    def test_one_session_of_one_day_gives_one(self):
        (only,) = draft_summaries([said(1), said(2)], ["s1"], [date(2026, 3, 1)])
        assert (only.basis, only.tags) == (Basis.SESSION, ("session", "day"))

    def test_one_memory_is_no_summary(self):
        assert draft_summaries([said(1), said(1)], ["s1"], [date(2026, 3, 1)]) == []

    def test_only_what_is_asked_for_is_drafted(self):
        told = [said(1), said(2), said(3, session="open"), said(4, session="open")]
        drafts = draft_summaries(told, ["s1"], [date(2026, 3, 1)])
        assert [(draft.basis, len(draft.sources)) for draft in drafts] == [(Basis.SESSION, 2), (Basis.DAY, 4)]

    def test_the_forty_most_important_are_its_sources(self):
        told = [said(n, importance=n / 100) for n in range(1, 51)]
        (draft,) = draft_summaries(told, ["s1"], [])
        assert [memory_id.int for memory_id, _ in draft.sources] == list(range(11, 51))

    def test_the_fingerprint_is_that_of_what_was_said_in_whatever_order(self):
        one, other = (
            draft_summaries(told, ["s1"], [])[0] for told in ([said(1), said(2)], [said(1), said(2)][::-1])
        )
        assert sorted(one.sources) == sorted(other.sources)
        assert draft_summaries([said(1), said(2)], ["s1"], [])[0].fingerprint == one.fingerprint
        assert draft_summaries([said(1), said(3)], ["s1"], [])[0].fingerprint != one.fingerprint

    def test_the_most_important_memories_that_fit_are_told_in_their_order(self):
        told = [said(n, importance=n / 100) for n in (1, 9, 2, 8, 7, 6, 5, 4, 3, 10)]
        text = join_most_important(told)
        assert text == " ".join(f"fact {n}." for n in (9, 8, 7, 6, 5, 4, 3, 10))


class TestFamilies:
    LIKED = tuple(known(n, attribute=f"likes:{it}") for n, it in enumerate(("jazz", "blues", "rock"), 1))

    def test_three_values_make_a_list(self):
        (draft,) = draft_attribute_insights(self.LIKED, {})
        assert draft.extractive_text == "Ann — likes: blues, jazz, rock"

    def test_two_keep_one_that_is_there_and_make_no_new_one(self):
        before = ExistingInsight("ann/likes", 3, frozenset(), stale=True)
        assert draft_attribute_insights(self.LIKED[:2], {}) == []
        assert len(draft_attribute_insights(self.LIKED[:2], {"ann/likes": before})) == 1


class TestClusters:
    MEMORIES = tuple(known(n) for n in range(1, 8))

    def links(self, *pairs: tuple[int, int]) -> list[tuple[UUID, UUID]]:
        return [(UUID(int=left), UUID(int=right)) for left, right in pairs]

    def test_what_hangs_together_is_one(self):
        drafts = draft_cluster_insights(self.MEMORIES, self.links((1, 3), (3, 5), (2, 4)), [])
        assert [[i.int for i, _ in draft.sources] for draft in drafts] == [[1, 3, 5]]

    def test_conclusions_are_not_concluded_from(self):
        members = [known(1), known(2), known(3, kind=Kind.INSIGHT)]
        assert draft_cluster_insights(members, self.links((1, 2), (2, 3)), []) == []

    @pytest.mark.parametrize(("looked_at", "asked"), [(3, True), (4, False)])
    def test_one_is_asked_about_again_when_it_has_three_more(self, looked_at: int, asked: bool):
        chain = self.links((1, 2), (2, 3), (3, 4), (4, 5), (5, 6))
        before = [ExistingInsight(str(UUID(int=1)), looked_at, frozenset(), stale=False)]
        assert bool(draft_cluster_insights(self.MEMORIES, chain, before)) is asked

    def test_the_twenty_weightiest_speak_for_a_large_one(self):
        many = [known(n, importance=n / 100) for n in range(1, 31)]
        (draft,) = draft_cluster_insights(many, self.links(*((n, n + 1) for n in range(1, 30))), [])
        assert [i.int for i, _ in draft.sources] == list(range(11, 31))


def test_a_portrait_needs_two_days():
    members = [known(1), known(2)]
    one, two = date(2026, 3, 1), date(2026, 3, 2)
    assert draft_portrait(members, {UUID(int=1): {one}, UUID(int=2): {one}}) is None
    assert draft_portrait(members, {UUID(int=1): {one}, UUID(int=2): {two}}) is not None


@pytest.mark.parametrize(
    ("reply", "parsed"),
    [
        ({"insight": " It. ", "sources": [2, 1, 2]}, ("It.", [1, 2])),
        ({"insight": "It.", "sources": [1, 4]}, None),
        ({"insight": "It.", "sources": [1, "2"]}, None),
        ({"insight": "It."}, None),
        ({"insight": 5, "sources": [1, 2]}, None),
        ({"insight": "", "sources": [1, 2]}, None),
    ],
)
def test_an_insight_names_two_sources(reply, parsed):
    assert parse_insight(reply, 3) == parsed


def test_a_portrait_is_a_text():
    assert parse_portrait({"portrait": " Ann. "}) == "Ann."
    assert parse_portrait({"portrait": ["Ann"]}) is None


def test_what_makes_dependents_doubtful():
    assert makes_derived_stale({"status": "superseded"})
    assert makes_derived_stale({"content": "else"})
    assert not makes_derived_stale({"status": "archived"})
    assert not makes_derived_stale({"keywords": ["a"], "confidence": 0.2})


def test_a_conclusion_is_half_as_sure_as_its_weakest_source():
    assert inference_confidence([0.9, 0.6]) == 0.3
