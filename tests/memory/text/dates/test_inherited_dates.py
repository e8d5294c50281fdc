"""A sentence without a date of its own has that of the sentence before, where it says so."""

from datetime import datetime, timedelta, timezone

import pytest

from app.memory.text.dates.date_spans import find_dates
from app.memory.text.dates.inherited_dates import inherit_date

SAID = datetime(2026, 6, 10, 9, tzinfo=timezone(timedelta(hours=-5)))


@pytest.mark.parametrize(
    ("before", "text", "first", "after", "words"),
    [
        (
            "On 3 May we drove to Siena.",
            "That evening we got engaged.",
            "05-03",
            "05-04",
            "on the evening of 3 May 2026",
        ),
        (
            "On 3 May we drove to Siena.",
            "We got engaged there that night.",
            "05-03",
            "05-04",
            "on the night of 3 May 2026",
        ),
        ("On 3 May we drove to Siena.", "The next day we swam.", "05-04", "05-05", "on 4 May 2026"),
        (
            "On 3 May we drove to Siena.",
            "We swam the following morning.",
            "05-04",
            "05-05",
            "on the morning of 4 May 2026",
        ),
        ("On 3 May we drove to Siena.", "My ring came the day before.", "05-02", "05-03", "on 2 May 2026"),
        ("On 3 May we drove to Siena.", "The day after I lost it.", "05-04", "05-05", "on 4 May 2026"),
        ("On 3 May we drove to Siena.", "Two days later we left.", "05-05", "05-06", "on 5 May 2026"),
        ("On 3 May we drove to Siena.", "I had packed 3 days earlier.", "04-30", "05-01", "on 30 April 2026"),
        (
            "On 3 May we drove to Siena.",
            "A week later I was ill.",
            "05-04",
            "05-11",
            "in the week of 4 May 2026",
        ),
        (
            "On 3 May we drove to Siena.",
            "That same week Bo called.",
            "04-27",
            "05-04",
            "in the week of 27 April 2026",
        ),
        ("On 3 May we drove to Siena.", "That month we also saw Rome.", "05-01", "06-01", "in May 2026"),
        ("On 3 May we drove to Siena.", "The following month Bo came.", "06-01", "07-01", "in June 2026"),
        (
            "On 3 May we drove to Siena.",
            "That weekend it rained.",
            "05-02",
            "05-04",
            "on the weekend of 2 May 2026",
        ),
        ("I fell on 31 May.", "The next day I could not walk.", "06-01", "06-02", "on 1 June 2026"),
        ("I fell yesterday.", "Later that day I saw a doctor.", "06-09", "06-10", "on 9 June 2026"),
        ("I flew in last week.", "The same week I moved.", "06-01", "06-08", "in the week of 1 June 2026"),
        ("We met in May.", "That month I was in Oslo.", "05-01", "06-01", "in May 2026"),
        ("From 3 to 7 May we hiked.", "The next day we slept.", "05-08", "05-09", "on 8 May 2026"),
        ("On 3 May we drove to Siena.", "We ate at Da Vito there.", "05-03", "05-04", " on 3 May 2026"),
        ("On 3 May we drove to Siena.", "Then we ate.", "05-03", "05-04", " on 3 May 2026"),
        (
            "On 2 May we left. On 3 May we arrived.",
            "That evening we swam.",
            "05-03",
            "05-04",
            "on the evening of 3 May 2026",
        ),
        (
            "We arrive on Friday at 3 pm.",
            "That evening we eat out.",
            "06-12",
            "06-13",
            "on the evening of 12 June 2026",
        ),
    ],
)
def test_the_date_before_counts(before: str, text: str, first: str, after: str, words: str) -> None:
    span = inherit_date(find_dates(before, SAID), text, find_dates(text, SAID))
    assert span is not None
    assert (f"{span.from_:%m-%d}", f"{span.to:%m-%d}", span.absolute_text) == (first, after, words)
    assert span.from_.tzinfo is SAID.tzinfo
    assert text[span.start_char : span.end_char] == span.text


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("We met in May.", "That evening we swam."),
        ("We met in 2019.", "We ate there."),
        ("I have lived here since 3 May.", "That evening we swam."),
        ("We drove to Siena.", "That evening we swam."),
        ("On 3 May we drove to Siena.", "I like cheese."),
        ("On 3 May we drove to Siena.", "There is a bridge."),
        ("On 3 May we drove to Siena.", "Then on 9 June we left."),
        ("On 9998-12-30 we drove.", "The next year we swam."),
    ],
)
def test_nothing_is_inherited_without_a_word_for_it(before: str, text: str) -> None:
    assert inherit_date(find_dates(before, SAID), text, find_dates(text, SAID)) is None
