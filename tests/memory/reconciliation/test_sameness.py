"""Whether two statements say the same: by identity, in tables of pairs that cosine would merge."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from app.core.vocabulary import Form, Kind, Origin, Status
from app.memory.reconciliation.sameness import find_same, same_statement, same_words
from app.memory.types import Fact, Memory, Slot

MEMORY, OTHER = UUID(int=1), UUID(int=2)


def fact(content: str = "Ann plays chess", **values: Any) -> Fact:
    return Fact(UUID(int=9), content, content, **values)


def memory(content: str = "Ann plays chess", **values: Any) -> Memory:
    given: dict[str, Any] = {
        "id": MEMORY,
        "kind": Kind.FACT,
        "form": Form.STATE,
        "status": Status.ACTIVATED,
        "version": 1,
        "origin": Origin.USER,
    }
    return Memory(content=content, **given | values)


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestSameWords:
    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ("Ann plays chess", "ann plays CHESS."),
            ("Ann lives in Leeds", "Ann now lives in Leeds"),
            ("Ann lives in Leeds", "Ann currently lives in Leeds!"),
            ("On Monday Ann swims", "Ann swims on Monday"),
            ("Ann is working on a project", "Ann has been working on a project"),
            ("Ann has two cats", "Ann has 2 cats"),
            ("Ann is not here", "Ann isn't here"),
            ("Ann can not swim", "Ann can't swim"),
            ("Ann's dog is called Rex", "Ann’s dog is called Rex"),
            ("Ann really likes tea", "Ann likes tea"),
            ("Ann drives the Golf", "Ann drives a Golf"),
        ],
    )
    def test_what_says_nothing_makes_no_difference(self, left, right):
        assert same_words(left, right)
        assert same_words(right, left)

    @pytest.mark.parametrize(
        ("left", "right"),
        [
            ("Ann bought the house", "Ann sold the house"),
            ("Ann broke her left arm", "Ann broke her right arm"),
            ("Ann's mother lives in Cork", "Ann's grandmother lives in Cork"),
            ("Ann has a dentist appointment in January", "Ann has a dentist appointment in June"),
            ("Ann swims in the morning", "Ann swims in the evening"),
            ("Ann manages Bo", "Bo manages Ann"),
            ("Ann eats before the run", "Ann eats after the run"),
            ("Ann drinks more coffee", "Ann drinks less coffee"),
            ("Ann works at Acme", "Ann worked at Acme"),
            ("Ann is a nurse", "Ann was a nurse"),
            ("Ann is allergic to nuts", "Ann is not allergic to nuts"),
            ("Ann eats meat", "Ann never eats meat"),
            ("Ann has a dog", "Ann is a dog"),
            ("Ann has 2 cats", "Ann has 3 cats"),
            ("Ann has a cat", "Ann has cats"),
            ("Ann flew to Rome", "Ann flew from Rome"),
            ("Ann goes with Bo", "Ann goes without Bo"),
            ("Ann likes Bo", "Ann likes Bob"),
            ("Ann likes tea", "Ann liked tea"),
            ("Ann will run", "Ann might run"),
            ("Ann turned the heating up", "Ann turned the heating down"),
            ("Ann's sister is older", "Ann's sister is younger"),
            ("Only Ann sings", "Ann sings"),
            ("The dog bit the cat", "The cat bit the dog"),
            ("Ann moved in with Bo", "Ann moved out with Bo"),
            ("At 10:30", "At 10:45"),
            ("", ""),
        ],
    )
    def test_a_word_that_tells_makes_one(self, left, right):
        assert not same_words(left, right)
        assert not same_words(right, left)


class TestSameStatement:
    OSLO = Slot("user", "residence", "oslo")

    @pytest.mark.parametrize(
        ("said", "held"),
        [
            (
                {"content": "Ann has her home in Oslo", "slot": OSLO},
                {"content": "Ann lives in Oslo", "slot": OSLO},
            ),
            ({"subject": "user"}, {"subject": None}),
            ({"subject": "User"}, {"subject": "user"}),
            ({"event_from": day("2026-01-01")}, {}),
            (
                {"event_from": day("2026-01-01"), "event_to": day("2026-02-01")},
                {"event_from": day("2026-01-03"), "event_to": day("2026-01-04")},
            ),
            ({"slot": OSLO}, {}),
        ],
    )
    def test_the_same(self, said, held):
        assert same_statement(fact(**said), memory(**held))

    @pytest.mark.parametrize(
        ("said", "held"),
        [
            ({"slot": OSLO}, {"slot": Slot("user", "residence", "bergen")}),
            ({"slot": OSLO}, {"slot": Slot("bo", "residence", "oslo")}),
            ({"slot": OSLO}, {"slot": Slot("user", "origin", "oslo")}),
            ({"slot": OSLO, "polarity": -1}, {"slot": OSLO}),
            (
                {"slot": Slot("user", "allergy", "none"), "polarity": -1},
                {"slot": Slot("user", "pet", "none"), "polarity": -1},
            ),
            ({"subject": "bo"}, {"subject": "user"}),
            ({"event_from": day("2026-01-01")}, {"event_from": day("2026-06-01")}),
            ({"form": Form.EVENT}, {}),
            ({"kind": Kind.EXAMPLE}, {}),
            ({"content": "Ann plays chess well"}, {}),
        ],
    )
    def test_not_the_same_although_the_words_are(self, said, held):
        assert not same_statement(fact(**said), memory(**held))

    def test_of_several_the_one_with_the_same_words_is_taken(self):
        known = [memory("Ann now plays chess", id=MEMORY), memory("Ann plays chess", id=OTHER)]
        found = find_same(fact(), known)
        assert found is not None
        assert found.id == OTHER
        assert find_same(fact("Ann plays go"), known) is None
