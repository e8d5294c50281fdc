"""What a clause without a slot tells: something that happened, a plan, a state, or nothing."""

import pytest

from app.core.vocabulary import Form, Kind
from app.memory.extraction.offline.events import EventClass, classify_event

HAPPENED = EventClass(Kind.EVENT, Form.EVENT)
PLANNED = EventClass(Kind.EVENT, Form.EVENT, is_plan=True)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I visited the museum", HAPPENED),
        ("I bought a new car", HAPPENED),
        ("I was born in Oslo", HAPPENED),
        ("I was hired", HAPPENED),
        ("I am going to visit Oslo", PLANNED),
        ("I plan to visit Oslo", PLANNED),
        ("I liked it", None),
        ("I was tired", None),
        ("I did it", None),
        ("I visited a page with tips", None),
        ("I need help with a report", None),
        ("They visited the museum", None),
        ("", None),
    ],
)
def test_a_clause_of_a_talk_between_people_is_classified(text: str, expected: EventClass | None):
    assert classify_event(text, None, is_dialogue=True) == expected
