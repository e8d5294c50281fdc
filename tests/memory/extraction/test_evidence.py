"""A fact stands on its quote: what may follow from it is admitted, what was put in is not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Role
from app.memory.extraction.evidence import Background
from app.memory.extraction.guard import filter_facts
from app.memory.types import Fact, Slot, Turn

FRIDAY = datetime(2026, 5, 8, 14, 0, tzinfo=UTC)


def turn(content: str, number: int = 1, *, role: Role = Role.USER, name: str | None = "Ada") -> Turn:
    return Turn(
        UUID(int=number), "u", "s", number, role, content, FRIDAY + timedelta(minutes=number), name=name
    )


def judge(
    fact: Fact, turns: Sequence[Turn], background: Background | None = None
) -> tuple[Fact | None, str | None]:
    admitted, refused = filter_facts([fact], turns, {}, background or Background())
    return (admitted[0], None) if admitted else (None, refused[0].reason)


def reason(said: str, content: str, quote: str | None = None, value: str | None = None) -> str | None:
    slot = Slot("user", "state", value) if value else None
    return judge(Fact(UUID(int=1), content, said if quote is None else quote, slot=slot), [turn(said)])[1]


@pytest.mark.parametrize(
    ("said", "quote", "stored"),
    [
        ("Well, I sold my boat, sadly.", "I sold my boat", "I sold my boat"),
        ("Well, I sold my boat, sadly.", "I SOLD my boat sadly!", "I sold my boat, sadly"),
        ("Well, I sold my **boat** today.", "I sold my boat today", "I sold my **boat** today"),
        ("I sold my old blue boat.", "I sold my boat", "I sold my old blue boat"),
        ("I sold my boat to him on Monday.", "I sold my boat … on Monday", "I sold my boat to him on Monday"),
        ("I sold my boat to a man from Hull.", "I sold my boat... Hull", "I sold my boat to a man from Hull"),
        ("I’ve sold “my boat”", 'I\'ve sold "my boat"', "I’ve sold “my boat"),
        ("I\u00a0sold\n my  boat", "I sold my boat", "I\u00a0sold\n my  boat"),
        ("I left my accomodation", "I left my accommodation", "I left my accomodation"),
        ("I've sold my boat", "I have sold my boat", "I've sold my boat"),
        ("I don't sail any more", "I do not sail any more", "I don't sail any more"),
        ("my cafe\u0301 in Bath", "my café in Bath", "my cafe\u0301 in Bath"),
        ("I sold~~ never~~ my boat", "I sold my boat", "I sold~~ never~~ my boat"),
        ("I sold my boatyard", "I sold my boat", "I sold my boat"),
        ("- I sold it\n- I ski", "I sold it\nI ski", "I sold it\n- I ski"),
        ("I s\u200bold my boat", "I sold my boat", "I s\u200bold my boat"),
        ("我在南京工作,我很忙。", "我在南京工作", "我在南京工作"),
    ],
)  # fmt: skip
def test_a_quote_becomes_the_words_of_its_turn(said: str, quote: str, stored: str) -> None:
    fact, refused = judge(Fact(UUID(int=1), quote, quote), [turn(said)])
    assert refused is None
    assert fact is not None
    assert fact.quote == stored
    assert fact.quote in said


@pytest.mark.parametrize(
    "quote",
    [
        "I sold my car",
        "I bought my boat",
        "She sold a boat",
        "I sold my boat to Anna",
        "sold sold sold",
        "I own three boats and a car",
        "… and … or",
        "boat my sold I",
        "I sold my boat for 300",
        "Hull",
        "I never wanted the boat that I sold",
        "completely different words",
    ],
)
def test_a_quote_that_the_turn_does_not_have_is_refused(quote: str) -> None:
    assert reason("Yesterday I sold my boat, the old one.", "Ada sold a boat.", quote) == "quote"


@pytest.mark.parametrize(
    ("said", "content", "value"),
    [
        ("I'm forty-one and I ski.", "Ada is 41 years old.", "41"),
        ("We have two kids.", "Ada has 2 children.", "2"),
        ("Tom is our third child.", "Ada has 3 children.", "3"),
        ("My kids are Tim, Bea and Lou.", "Ada has three children.", "3"),
        ("The lesson starts at half past nine.", "Ada's lesson starts at 9:30.", "09:30"),
        ("It's at quarter to six in the evening.", "It is at 17:45.", None),
        ("Dinner at 7pm works.", "Ada has dinner at 19:00.", "19:00"),
        ("Rent is £1,250 a month.", "Ada's rent is 1250 pounds a month.", "1250 GBP"),
        ("They offered me 60k.", "Ada was offered 60,000.", "60000"),
        ("A dozen people came to my talk.", "12 people came to Ada's talk.", "12"),
        ("My new number is 555 01 99.", "Ada's phone number is 555-0199.", "5550199"),
        ("Yesterday I ran my first marathon.", "Ada ran a marathon on 7 May 2026.", None),
        ("I fly to Oslo next Friday.", "Ada flies to Oslo on 15 May 2026.", "2026-05-15"),
        ("I moved here three years ago.", "Ada moved in 2023.", "2023"),
        ("My exam is on June 3rd.", "Ada's exam is on 3 June 2026.", "2026-06-03"),
        ("I sat the bar exam today.", "Ada sat a bar exam on 8 May 2026.", None),
        ("I just got married!", "Ada is married.", "married"),
        ("They let me go on Monday.", "Ada was laid off.", "laid off"),
        ("I've retired.", "Ada no longer works.", "retired"),
        ("I'm vegetarian.", "Ada does not eat meat.", "vegetarian"),
        ("I quit smoking.", "Ada does not smoke any more.", "none"),
        ("I've never been to Peru.", "Ada has not been to Peru.", "none"),
        ("I can't stand olives.", "Ada dislikes olives.", "olives"),
        ("I can't wait for my trip to Rome.", "Ada is looking forward to a trip to Rome.", "Rome"),
        ("I don't like olives but I love figs.", "Ada loves figs.", "figs"),
        ("No, I live in York.", "Ada lives in York.", "York"),
        ("I'm not in Leeds, I'm in York.", "Ada lives in York.", "York"),
        ("I never go anywhere without my inhaler.", "Ada carries an inhaler everywhere.", "inhaler"),
        ("My sister's called Noor.", "Noor is Ada's sister.", "Noor"),
        ("I was born in Poland.", "Ada is Polish.", "Polish"),
        ("I work for the BBC.", "Ada works for the British Broadcasting Corporation.", "BBC"),
        ("I'm off to New York City.", "Ada is going to NYC.", "NYC"),
        ("i moved to krakow", "Ada moved to Kraków.", "Kraków"),
        ("We finally moved, boxes everywhere, the new place is in York.", "Ada lives in York.", "York"),
        ("Ich wohne seit zwei Jahren in Ulm.", "Ada has lived in Ulm for 2 years.", "Ulm"),
        ("我住在南京。", "Ada lives in Nanjing.", "Nanjing"),
        ("I play the cello. **Every** day!", "Ada plays the cello every day.", "cello"),
    ],
)
def test_what_follows_from_a_sentence_is_admitted(said: str, content: str, value: str | None) -> None:
    assert reason(said, content, value=value) is None


@pytest.mark.parametrize(
    ("said", "content", "value"),
    [
        ("I live in York.", "Ada lives in Leeds.", None),
        ("I live in York.", "Ada lives in York.", "Leeds"),
        ("I live in York.", "Bob lives in York.", None),
        ("I live in York.", "Ada lives in York with Tom.", None),
        ("I live in York.", "Ada has lived in York since 2019.", None),
        ("I live in York.", "Ada is 41 and lives in York.", None),
        ("I live in York.", "Ada lives in York.", "41 Mill Road"),
        ("I have two cats.", "Ada has three cats.", "3"),
        ("I have two cats.", "Ada has two cats.", "3"),
        ("My rent is £1,250.", "Ada's rent is 1520 pounds.", "1520"),
        ("The lesson starts at half past nine.", "The lesson starts at 10:30.", None),
        ("Yesterday I ran a marathon.", "Ada ran a marathon on 3 April 2026.", None),
        ("My exam is on June 3rd.", "Ada's exam is on 13 July 2026.", None),
        ("I ran a marathon.", "Ada ran a marathon in 1998.", None),
        ("I'm not allergic to nuts.", "Ada is allergic to nuts.", "nuts"),
        ("I don't eat meat.", "Ada eats meat.", "meat"),
        ("I have no siblings.", "Ada has siblings.", None),
        ("I never smoked.", "Ada smoked.", None),
        ("I don't live in York.", "Ada lives in York.", "York"),
        ("I love figs.", "Ada does not love figs.", None),
        ("I play the cello.", "Ada never plays the cello.", None),
        ("I like nuts but not olives.", "Ada does not like nuts.", None),
        ("I live in York.", "Ada works as a vet.", "vet"),
        ("I bake bread on Sundays.", "Ada is diabetic.", "diabetic"),
        ("My brother is in Hull. I live in York.", "Ada lives in Hull.", "Hull"),
        ("I ride a bicycle.", "Ada rides a Brompton.", "Brompton"),
        ("I told my boss.", "Ada's boss is called Maggie.", "Maggie"),
    ],
)
def test_what_was_put_in_is_refused(said: str, content: str, value: str | None) -> None:
    quote = said.rpartition(". ")[2]
    assert reason(said, content, quote, value) == "evidence"


@pytest.mark.parametrize(
    "quote", ["I", "a", ".", "…", "of the", "and it is", "I'm", "to", "-", "!!", "the a I"]
)
def test_a_quote_without_a_telling_word_proves_nothing(quote: str) -> None:
    said = "I'm a friend of the baker, and it is fun… to me - the a I!! of the."
    assert reason(said, "Ada knows the baker.", quote) == "evidence"


@pytest.mark.parametrize(
    ("before", "said", "content", "value"),
    [
        ("Are you vegetarian?", "Yes, I am.", "Ada is vegetarian.", "vegetarian"),
        ("What is your sister called?", "Noor.", "Ada's sister is called Noor.", "Noor"),
        ("Have you been to Peru?", "No.", "Ada has not been to Peru.", None),
        ("How was Lisbon?", "It was lovely, we stayed a week.", "Ada stayed in Lisbon for a week.", "Lisbon"),
        ("How many are coming?", "Six.", "Six people are coming.", "6"),
        ("So you met Tom and Bea there?", "I did, and they were kind.", "Ada met Tom and Bea.", None),
        ("Is the exam on 3 June?", "That's right.", "Ada's exam is on 3 June 2026.", "2026-06-03"),
    ],
)
def test_an_answer_or_a_pronoun_points_to_what_was_said_before(
    before: str, said: str, content: str, value: str | None
) -> None:
    said_by_the_answer = ("Ada's sister is called Noor.", "Six people are coming.")
    turns = [turn(before, 1, role=Role.ASSISTANT, name=None), turn(said, 2)]
    fact = Fact(UUID(int=2), content, said, slot=Slot("user", "state", value) if value else None)
    assert judge(fact, turns)[1] is None
    assert judge(fact, turns[1:], Background(previous=[before]))[1] is None
    if content not in said_by_the_answer:
        assert judge(fact, turns[1:])[1] == "evidence"


@pytest.mark.parametrize(
    ("said", "content", "quote"),
    [
        ("My sister Noor came. She's a nurse in Graz.", "Noor is a nurse in Graz.", "She's a nurse in Graz."),
        ("On Saturday we had guests. I burnt it.", "Ada burnt a cake on 2 May 2026.", "I burnt it."),
        ("We got a puppy! He's called Rex.", "Ada got a puppy called Rex.", "We got a puppy!"),
        ("I saw Oslo. The museum there was fun.", "Ada liked a museum in Oslo.", "The museum there was fun."),
    ],
)  # fmt: skip
def test_a_sentence_beside_gives_what_the_quoted_one_points_to(said: str, content: str, quote: str) -> None:
    assert reason(said, content, quote) is None


def test_names_of_related_memories_may_stand_in_a_content_but_be_no_value() -> None:
    said, known = (
        turn("My sister moved to York."),
        Background(related=["Ada's sister is called Noor.", "Ada is a vet."]),
    )
    named = Fact(said.id, "Noor moved to York.", said.content, slot=Slot("noor", "residence", "York"))
    assert judge(named, [said], known)[1] is None
    assert judge(named, [said])[1] == "evidence"
    for value in ("Noor", "vet"):
        assert judge(replace(named, slot=Slot("noor", "state", value)), [said], known)[1] == "evidence"


def test_a_fact_may_rest_on_several_turns() -> None:
    turns = [turn("I met Noor.", 1), turn("We sailed all day.", 2)]
    fact = Fact(turns[1].id, "Ada sailed with Noor.", "We sailed all day.")
    assert judge(replace(fact, other_turn_ids=(turns[0].id,)), turns)[1] is None
    assert judge(replace(fact, content="Ada sailed with Bob."), turns)[1] == "evidence"


def test_the_first_occurrence_that_proves_the_fact_is_taken() -> None:
    said = turn("I love it here. In York, I mean: I love it here, in York.")
    fact = Fact(said.id, "Ada loves York.", "I love it here")
    assert judge(fact, [said])[1] is None


@given(st.text(max_size=80), st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_an_admitted_fact_quotes_its_turn(said: str, content: str, quote: str, value: str) -> None:
    fact, _ = judge(Fact(UUID(int=1), content, quote, slot=Slot("user", "state", value)), [turn(said)])
    assert fact is None or fact.quote in said


@pytest.mark.parametrize("unit", ["a ", "1:2 ", "not a ", "… ", "A of ", "é ", "漢", "half past "])
def test_a_hostile_turn_and_quote_are_judged_in_bounded_time(unit: str) -> None:
    # Anything quadratic in the turn's length would take minutes, which the time limit of a test would end.
    said = unit * (20_000 // len(unit))
    assert judge(Fact(UUID(int=1), (unit * 400)[:900] + "x", said[1:-3] + " z"), [turn(said)])[1] in {
        "quote",
        "evidence",
        None,
    }
