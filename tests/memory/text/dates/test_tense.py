"""The tense of a sentence says which of two dates is meant: the last one or the next."""

from datetime import UTC, datetime

import pytest

from app.memory.text.dates.date_spans import find_dates
from app.memory.text.dates.tense import Tense

# Wednesdays: 10 June, 11 November and 8 April 2026.
JUNE, NOVEMBER, APRIL = (datetime(2026, m, d, 15, tzinfo=UTC) for m, d in ((6, 10), (11, 11), (4, 8)))
FEBRUARY = datetime(2027, 2, 10, 9, tzinfo=UTC)  # a Wednesday


def days(text: str, said: datetime) -> list[str]:
    return [f"{span.from_:%Y-%m-%d}" for span in find_dates(text, said)]


@pytest.mark.parametrize(
    ("text", "said", "day"),
    [
        ("I booked a table at Lola's for December 3rd.", APRIL, "2026-12-03"),
        ("I've booked a table for December 3rd.", NOVEMBER, "2026-12-03"),
        ("We're flying to Crete on 14 February.", NOVEMBER, "2027-02-14"),
        ("The christening is on 5 September.", NOVEMBER, "2027-09-05"),
        ("My swimming exam is on Monday.", JUNE, "2026-06-15"),
        ("The interview was rescheduled to Friday.", JUNE, "2026-06-12"),
        ("Surgery scheduled Friday.", JUNE, "2026-06-12"),
        ("Surgery scheduled on the 28th.", JUNE, "2026-06-28"),
        ("Dinner booked this Friday.", JUNE, "2026-06-12"),
        ("The clinic booked me in for Friday.", JUNE, "2026-06-12"),
        ("The interview has been moved to Friday.", JUNE, "2026-06-12"),
        ("They moved my scan to Friday because of the strike.", JUNE, "2026-06-12"),
        ("The meeting is now on Friday.", JUNE, "2026-06-12"),
        ("Dinner is now Friday, not Thursday.", JUNE, "2026-06-12"),
        ("The concert got pushed back to the 28th.", JUNE, "2026-06-28"),
        ("They postponed the hearing until 3 May.", JUNE, "2027-05-03"),
        ("I start on Monday.", JUNE, "2026-06-15"),
        ("The rent is due on the 5th.", JUNE, "2026-07-05"),
        ("My godson turns five on the 9th of December.", FEBRUARY, "2027-12-09"),
        ("I have a dentist appointment on Tuesday.", JUNE, "2026-06-16"),
        ("I've got an eye test on Tuesday.", JUNE, "2026-06-16"),
        ("We've got tickets for the derby on Sunday.", JUNE, "2026-06-14"),
        ("We got tickets to the derby on Sunday!", JUNE, "2026-06-14"),
        ("We decided to leave on 2 May.", JUNE, "2027-05-02"),
        ("She promised to call on Thursday.", JUNE, "2026-06-11"),
        ("They invited us to stay on 1 March.", JUNE, "2027-03-01"),
        ("Flying to Porto on 3 March!", NOVEMBER, "2027-03-03"),
        ("Getting married on June 5.", NOVEMBER, "2027-06-05"),
        ("My parents arrive on Saturday.", JUNE, "2026-06-13"),
        ("The course starts in March.", NOVEMBER, "2027-03-01"),
        ("I need to hand in the essay by the 9th.", JUNE, "2026-07-09"),
        ("We can't wait for the gig on 1 May.", JUNE, "2027-05-01"),
        ("I was ill, but on Monday I'm seeing the doctor.", JUNE, "2026-06-15"),
        ("Dentist on the 2nd at 3 pm.", JUNE, "2026-07-02"),
        ("Surgery scheduled for March 2.", JUNE, "2027-03-02"),
        ("The baby's due on 20 January.", NOVEMBER, "2027-01-20"),
        ("The wedding's on 5 March.", NOVEMBER, "2027-03-05"),
        ("I told you that the exam is on Friday.", JUNE, "2026-06-12"),
        ("I'll be promoted on 1 May.", JUNE, "2027-05-01"),
        ("My appointment with Dr. Lee is on Monday.", JUNE, "2026-06-15"),
        ("The shop closes on the 1st.", JUNE, "2026-07-01"),
        ("On 7 March we will sign the lease.", NOVEMBER, "2027-03-07"),
        ("My visa expires on 30 May.", JUNE, "2027-05-30"),
        ("We're going skiing at the weekend.", JUNE, "2026-06-13"),
        ("We're off in the summer, I'm driving to Nice in the summer.", NOVEMBER, "2027-06-01"),
        ("I'm flying home for Christmas.", JUNE, "2026-12-25"),
        ("I'm seeing her on Wednesday.", JUNE, "2026-06-17"),
        ("The test is on Saturday 13 June.", JUNE, "2026-06-13"),
        ("We are away from the 3rd.", JUNE, "2026-07-03"),
    ],
)
def test_a_plan_lies_ahead(text: str, said: datetime, day: str) -> None:
    assert day in days(text, said)


@pytest.mark.parametrize(
    ("text", "said", "day"),
    [
        ("I fell off my scooter on October 3rd.", NOVEMBER, "2026-10-03"),
        ("I fell off my scooter on October 3rd.", FEBRUARY, "2026-10-03"),
        ("I fell off my scooter on December 3rd.", NOVEMBER, "2025-12-03"),
        ("We handed back the keys on Saturday.", JUNE, "2026-06-06"),
        ("Physio signed me off on thursday.", JUNE, "2026-06-04"),
        ("The vet signed Maria off on Monday.", JUNE, "2026-06-08"),
        ("The bank set the account up on Friday.", JUNE, "2026-06-05"),
        ("My landlord registered us on Tuesday.", JUNE, "2026-06-09"),
        ("Granddad put a deposit down on Saturday.", JUNE, "2026-06-06"),
        ("The school accepted her on Monday.", JUNE, "2026-06-08"),
        ("Aunt Ida organised everyone on Sunday.", JUNE, "2026-06-07"),
        ("The hospital applied a new cast on Friday.", JUNE, "2026-06-05"),
        ("I've lived here since March.", FEBRUARY, "2026-03-01"),
        ("She has been ill since Monday.", JUNE, "2026-06-08"),
        ("My aunt died on 30 November.", NOVEMBER, "2025-11-30"),
        ("Booked the hotel on Sunday.", JUNE, "2026-06-07"),
        ("I booked it on Monday.", JUNE, "2026-06-08"),
        ("On Friday we broke up and I'm flying home.", JUNE, "2026-06-05"),
        ("Went to the dentist on the 12th.", JUNE, "2026-05-12"),
        ("I saw Dr. Lee on Monday.", JUNE, "2026-06-08"),
        ("I'm so happy that I met Bob on Friday.", JUNE, "2026-06-05"),
        ("We got engaged on 5 July.", JUNE, "2025-07-05"),
        ("He was promoted on 1 July.", JUNE, "2025-07-01"),
        ("I had to leave on Friday.", JUNE, "2026-06-05"),
        ("I went to see my gran on Friday.", JUNE, "2026-06-05"),
        ("Didn't sleep at all on Sunday night.", JUNE, "2026-06-07"),
        ("The party that we went to on Friday was great.", JUNE, "2026-06-05"),
        ("It's been raining since Saturday.", JUNE, "2026-06-06"),
        ("Ran 10k on Sunday.", JUNE, "2026-06-07"),
        ("My contract ended in September.", JUNE, "2025-09-01"),
        ("I worked there until October.", JUNE, "2025-10-01"),
        ("We were in Rome in December.", JUNE, "2025-12-01"),
        ("We hiked all day at the weekend.", JUNE, "2026-06-06"),
        ("She gave me a ring for Christmas.", JUNE, "2025-12-25"),
        ("I quit smoking on New Year's Day.", JUNE, "2026-01-01"),
        ("I passed on the 31st.", JUNE, "2026-05-31"),
        ("Dad came home on Wednesday.", JUNE, "2026-06-03"),
        ("I'm tired: on Thursday I flew to Oslo.", JUNE, "2026-06-04"),
        ("In the summer we sailed to Corsica.", NOVEMBER, "2026-06-01"),
        ("I sold you my Golf in December.", JUNE, "2025-12-01"),
        ("She gave you a ring in December.", JUNE, "2025-12-01"),
        ("I told you the news on Friday.", JUNE, "2026-06-05"),
        ("We showed it your way in October.", JUNE, "2025-10-01"),
        ("I lent her our car in August.", JUNE, "2025-08-01"),
        ("Bo paid me my share on Monday.", JUNE, "2026-06-08"),
        ("They sent us their keys on the 12th.", JUNE, "2026-05-12"),
        ("I showed him your flat on Thursday.", JUNE, "2026-06-04"),
        ("You told me his name on Sunday.", JUNE, "2026-06-07"),
        ("My aunt left you her ring in November.", JUNE, "2025-11-01"),
        ("We gave them the dog in July.", JUNE, "2025-07-01"),
        ("I brought your mum her shawl on Friday.", JUNE, "2026-06-05"),
        ("She taught me my first song in December.", JUNE, "2025-12-01"),
        ("He told us the price on 5 July.", JUNE, "2025-07-05"),
        ("I got you a lamp in September.", JUNE, "2025-09-01"),
        ("I wrote you my new address on Tuesday.", JUNE, "2026-06-09"),
        ("We found you the key on Wednesday.", JUNE, "2026-06-03"),
        ("Eva drove me home her way on the 20th.", JUNE, "2026-05-20"),
        ("The boss gave me your desk in October.", JUNE, "2025-10-01"),
        ("I kept him my seat on Sunday.", JUNE, "2026-06-07"),
    ],
)
def test_what_happened_lies_behind(text: str, said: datetime, day: str) -> None:
    assert day in days(text, said)


@pytest.mark.parametrize(
    ("text", "said", "day"),
    [
        ("Great concert in July.", JUNE, "2026-07-01"),
        ("Photo of 20 May.", JUNE, "2026-05-20"),
        ("We booked flights on 14 February.", NOVEMBER, "2027-02-14"),
        ("The gig on Friday has been cancelled.", JUNE, "2026-06-12"),
        ("I was supposed to fly on Friday.", JUNE, "2026-06-12"),
    ],
)
def test_where_the_tense_is_open_the_nearest_or_coming_date_counts(
    text: str, said: datetime, day: str
) -> None:
    assert days(text, said) == [day]


@pytest.mark.parametrize(
    "text",
    [
        "I usually swim on Monday.",
        "I work from Monday to Friday.",
        "We always eat out on Friday.",
        "I swim on Monday evenings.",
        "I relax at the weekend.",
        "We go skiing at Christmas.",
        "It is warm in the summer.",
        "I love Christmas.",
        "My office is on the 3rd floor.",
        "every Monday",
        "Black Friday",
        "I came in for the 3rd time.",
        "The shop is open on Mondays.",
        "Each Sunday we call our parents.",
        "I often play chess on Thursday.",
        "She teaches from Tuesday to Thursday.",
        "the 2nd attempt on the 2nd attempt",
        "at Christmas dinner",
        "We have pizza on Saturdays.",
        "Sometimes I run on Sunday.",
    ],
)
def test_what_happens_always_is_no_date(text: str) -> None:
    assert days(text, JUNE) == []


@pytest.mark.parametrize(("tense", "day"), [(Tense.PAST, "2026-06-05"), (Tense.FUTURE, "2026-06-12")])
def test_a_caller_that_knows_the_tense_says_it(tense: Tense, day: str) -> None:
    (span,) = find_dates("on Friday", JUNE, tense)
    assert f"{span.from_:%Y-%m-%d}" == day


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("the day after tomorrow", "2026-06-12", "2026-06-13"),
        ("I leave Friday week.", "2026-06-19", "2026-06-20"),
        ("a week on Friday", "2026-06-19", "2026-06-20"),
        ("two weeks from Monday", "2026-06-29", "2026-06-30"),
        ("Friday after next", "2026-06-19", "2026-06-20"),
        ("a week today", "2026-06-17", "2026-06-18"),
        ("a week from tomorrow", "2026-06-18", "2026-06-19"),
        ("tomorrow week.", "2026-06-18", "2026-06-19"),
        ("the week after next", "2026-06-22", "2026-06-29"),
        ("a fortnight ago", "2026-05-25", "2026-06-01"),
        ("we leave in a fortnight", "2026-06-22", "2026-06-29"),
        ("this Friday", "2026-06-12", "2026-06-13"),
        ("next Friday", "2026-06-12", "2026-06-13"),
        ("last Friday", "2026-06-05", "2026-06-06"),
        ("at the end of the month", "2026-06-24", "2026-07-01"),
        ("by the end of May", "2026-05-25", "2026-06-01"),
        ("the start of next year", "2027-01-01", "2027-02-01"),
        ("the end of next week", "2026-06-20", "2026-06-22"),
        ("in the new year", "2027-01-01", "2027-02-01"),
        ("I'm off on Friday the 13th.", "2026-11-13", "2026-11-14"),
        ("I'm leaving on the 31st.", "2026-07-31", "2026-08-01"),
        ("on the 3rd of next month", "2026-07-03", "2026-07-04"),
        ("I am off on 25/12.", "2026-12-25", "2026-12-26"),
        ("on 25/12/25.", "2025-12-25", "2025-12-26"),
        ("from 3 to 7 July", "2026-07-03", "2026-07-08"),
        ("next Christmas", "2026-12-25", "2026-12-26"),
        ("on Tuesday, June 16th", "2026-06-16", "2026-06-17"),
        ("I'll see them on 29 February.", "2028-02-29", "2028-03-01"),
        ("tonight", "2026-06-10", "2026-06-11"),
        ("this morning", "2026-06-10", "2026-06-11"),
        ("on friday", "2026-06-12", "2026-06-13"),
    ],
)
def test_expressions(text: str, first: str, after: str) -> None:
    (span,) = find_dates(text, JUNE)
    assert (f"{span.from_:%Y-%m-%d}", f"{span.to:%Y-%m-%d}") == (first, after)


@pytest.mark.parametrize(
    "text",
    [
        "We fly on 14 February.",
        "We left in May.",
        "It was on 3 Dec.",
        "We met on the 3rd.",
        "We met on Friday.",
        "It starts tomorrow at 3 pm.",
        "We met in May 2020.",
        "I fell on May 7, 2020.",
    ],
)
def test_the_point_of_a_sentence_is_none_of_its_date(text: str) -> None:
    (span,) = find_dates(text, JUNE)
    assert span.end_char == len(text) - 1


@pytest.mark.parametrize(
    ("text", "found"), [("on Dec. 3", "on Dec. 3"), ("at noon on Oct. 3rd", "on Oct. 3rd")]
)
def test_the_point_of_an_abbreviation_is(text: str, found: str) -> None:
    assert [span.text for span in find_dates(text, JUNE)] == [found]


@pytest.mark.parametrize(
    ("text", "absolute"),
    [
        ("It was moved to Friday.", "on 12 June 2026"),
        ("I worked there until May.", "until May 2026"),
        ("I'm flying home for Christmas.", "for Christmas 2026"),
        ("We met at the end of May.", "the end of May 2026"),
        ("I'm free on Friday morning.", "on the morning of 12 June 2026"),
        ("I'm away from Friday 12 June.", "on 12 June 2026"),
    ],
)
def test_absolute_wording_keeps_what_it_says(text: str, absolute: str) -> None:
    assert [span.absolute_text for span in find_dates(text, JUNE)] == [absolute]
