from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.vocabulary import ChangeKind, Form, Kind, Role
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Change, Fact, Location, Slot, Turn
from tests.parsing import PARSER

MONDAY = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)


def say(text: str, name: str | None = None, role: Role = Role.USER, number: int = 1) -> Turn:
    return Turn(UUID(int=number), "u", "s", number, role, text, MONDAY, name)


def facts(text: str, name: str | None = None) -> list[Fact]:
    return extract_facts([say(text, name)], PARSER)


def slots(text: str) -> list[tuple[str, str, int]]:
    return [(f.slot.attribute, f.slot.value, f.polarity) for f in facts(text) if f.slot]


def test_event_is_told_in_the_third_person_with_its_date() -> None:
    (fact,) = facts("I went to a LGBTQ support group yesterday and it was so powerful.", "Caroline")
    assert fact == Fact(
        turn_id=UUID(int=1),
        content="Caroline went to a LGBTQ support group on 7 May 2023 and it was so powerful",
        quote="I went to a LGBTQ support group yesterday and it was so powerful",
        kind=Kind.EVENT,
        form=Form.EVENT,
        event_from=datetime(2023, 5, 7, tzinfo=UTC),
        event_to=datetime(2023, 5, 8, tzinfo=UTC),
        event_precision="day",
        keywords=("went", "lgbtq", "support", "group", "powerful"),
        entities=("Caroline", "LGBTQ"),
        importance=0.5,
        confidence=0.8,
        subject="caroline",
    )


def test_speaker_without_a_name_is_the_user() -> None:
    (fact,) = facts("I live in Oslo with my two cats")
    assert fact.content == "The user lives in Oslo with the user's two cats"
    assert fact.slot == Slot("user", "residence", "oslo")
    assert fact.location == Location("Oslo")


def test_named_speaker_is_the_subject_in_lower_case() -> None:
    (fact,) = facts("I live in Oslo", "Caroline")
    assert (fact.content, fact.slot) == ("Caroline lives in Oslo", Slot("caroline", "residence", "oslo"))


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("I live in Oslo", ("residence", "oslo", 1)),
        ("i live in oslo", ("residence", "oslo", 1)),
        ("I live in Oslo and work at Acme", ("employer", "acme", 1)),
        ("I'm based in New York, near the park", ("residence", "new york", 1)),
        ("I moved from Oslo to Bergen", ("residence", "bergen", 1)),
        ("We live in the Netherlands", ("residence", "netherlands", 1)),
        ("I've been living in Rome for four years now", ("residence", "rome", 1)),
        ("Actually I live in Bergen now", ("residence", "bergen", 1)),
        ("I don't live in Oslo anymore", ("residence", "oslo", -1)),
        ("I no longer live in Oslo", ("residence", "oslo", -1)),
        ("I live in Oslo, can you recommend a cafe?", ("residence", "oslo", 1)),
        ("I'm from Sweden", ("origin", "sweden", 1)),
        ("I work at a hospital", ("employer", "hospital", 1)),
        ("I've worked for Acme since 2016", ("employer", "acme", 1)),
        ("I joined Acme last month", ("employer", "acme", 1)),
        ("I started a new job at Equinor", ("employer", "equinor", 1)),
        ("I no longer work at Acme", ("employer", "acme", -1)),
        ("I left my job at Acme", ("employer", "acme", -1)),
        ("I'm a nurse", ("occupation", "nurse", 1)),
        ("I'm a teacher in Rome", ("occupation", "teacher", 1)),
        ("I work as a flight attendant", ("occupation", "flight attendant", 1)),
        ("I'm not a nurse anymore", ("occupation", "nurse", -1)),
        ("My name is Giovanni", ("name", "giovanni", 1)),
        ("Please call me Gio", ("nickname", "gio", 1)),
        ("I'm 34 years old", ("age", "34", 1)),
        ("My birthday is on May 7th", ("birthday", "7 may", 1)),
        ("I'm married", ("relationship_status", "married", 1)),
        ("I'm divorced", ("relationship_status", "divorced", 1)),
        ("My email is a.b@c.com.", ("email", "a.b@c.com", 1)),
        ("My phone number is +47 123 45 678", ("phone", "+4712345678", 1)),
        ("My favourite color is blue", ("favourite:color", "blue", 1)),
        ("My dog's name is Luna", ("pet:dog", "luna", 1)),
        ("My wife Anna is great", ("relation:wife", "anna", 1)),
        ("I saw my friend Tom's house", ("relation:friend:tom", "yes", 1)),
        ("My timezone is CET", ("timezone", "cet", 1)),
        ("I'm vegetarian", ("diet", "vegetarian", 1)),
        ("I am no longer vegan", ("diet", "vegan", -1)),
        ("I'm allergic to nuts", ("allergy:nuts", "yes", 1)),
        ("I'm not allergic to nuts", ("allergy:nuts", "no", -1)),
        ("I have a severe peanut allergy", ("allergy:peanuts", "yes", 1)),
        ("I can't eat gluten", ("eats:gluten", "no", -1)),
        ("I really enjoy jazz", ("likes:jazz", "yes", 1)),
        ("I can't stand cilantro", ("likes:cilantro", "no", -1)),
        ("I don't like jazz anymore", ("likes:jazz", "no", -1)),
        ("I'm a big fan of jazz", ("likes:jazz", "yes", 1)),
        ("I don't speak Japanese", ("speaks:japanese", "no", -1)),
        ("I play the violin", ("plays:violin", "yes", 1)),
        ("I have two cats", ("owns:cats", "2", 1)),
        ("I don't have a car", ("owns:car", "no", -1)),
        ("I have asthma", ("has:asthma", "yes", 1)),
    ],
)
def test_statement_fills_its_slot(text: str, slot: tuple[str, str, int]) -> None:
    assert slot in slots(text)


@pytest.mark.parametrize(
    "text",
    [
        "I'm in love",
        "I'm in the middle of a move",
        "I live in fear",
        "I live in a small flat",
        "I used to live in Oslo",
        "I lived in Rome for four years",
        "I moved from Oslo",
        "I moved to Linux last year",
        "I'm moving to Bergen next month",
        "I'm from the future",
        "I work at night",
        "I work for myself",
        "I joined a gym",
        "I joined Facebook",
        "I used to work at IBM",
        "I'm a big help",
        "I'm a good cook",
        "I'm a pretty cautious driver",
        "I'm 30 minutes away",
        "I'm engaged in politics",
        "I'm single-minded",
        "I'm married to my job",
        "My favorite part is the end",
        "My name is on the list",
        "I love it",
        "I love the idea",
        "I love you",
        "I'd love jazz",
        "I have a question",
    ],
)
def test_what_only_looks_like_a_state_fills_no_slot(text: str) -> None:
    assert slots(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Do I live in Oslo?",
        "Did you know I live in Oslo?",
        "Hey Mel! Good to see you!",
        "Wow, that's cool!",
        "Thanks a lot",
        "if I lived in Oslo I'd be happy",
        "I wish I lived in Oslo",
        "I would live in Oslo",
        "I am not sure if I live in Oslo",
        "Tell me about Oslo",
        "I want you to act as a teacher",
        "I need help with my essay",
        "I'm looking for a recipe",
        "You live in Oslo",
        'He said "I live in Oslo." yesterday',
        "```\nI live in Oslo\n```",
        "> I live in Oslo",
        "    I live in Oslo",
        "",
    ],
)
def test_gives_nothing(text: str) -> None:
    assert facts(text) == []


@pytest.mark.parametrize("role", [Role.SYSTEM, Role.TOOL, Role.ASSISTANT])
def test_only_users_are_heard(role: Role) -> None:
    assert extract_facts([say("I live in Oslo", "Ann", role)], PARSER) == []


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("I don't live in Oslo anymore", "Ann does not live in Oslo any more"),
        ("I no longer work at Acme", "Ann no longer works at Acme"),
        ("I've finished my thesis", "Ann has finished Ann's thesis"),
        ("I study chemistry in Rome", "Ann studies chemistry in Rome"),
        (
            "We went camping in Yosemite two weeks ago",
            "Ann and others went camping in Yosemite in the week of 24 April 2023",
        ),
        ("Last Saturday I ran a charity race", "On 6 May 2023 Ann ran a charity race"),
        ("I spent last weekend painting my flat", "Ann spent the weekend of 6 May 2023 painting Ann's flat"),
        ("My mom passed away last year", "Ann's mom passed away in 2022"),
        ("Just got back from Tokyo yesterday", "Ann just got back from Tokyo on 7 May 2023"),
        ("I'm going to visit Tokyo next month", "Ann is going to visit Tokyo in June 2023"),
        ("I woke up at 7:30 in Rome on Friday", "Ann woke up at 7:30 in Rome on 5 May 2023"),
    ],
)
def test_wording(text: str, content: str) -> None:
    assert [fact.content for fact in facts(text, "Ann")] == [content]


def test_list_gives_one_fact_each_with_words_of_its_own() -> None:
    contents = [fact.content for fact in facts("I'm allergic to nuts, shellfish and cats")]
    assert contents == [f"The user is allergic to {thing}" for thing in ("nuts", "shellfish", "cats")]


def test_two_slots_of_one_clause_get_two_contents() -> None:
    found = facts("I work at Google as a software engineer")
    assert {f.slot.attribute for f in found if f.slot} == {"employer", "occupation"}
    assert len({f.content for f in found}) == 2


def test_denied_allergy_can_not_pass_for_the_allergy() -> None:
    (yes,), (no,) = facts("I'm allergic to nuts"), facts("I'm not allergic to nuts")
    assert yes.slot
    assert no.slot
    assert yes.slot.attribute == no.slot.attribute
    assert (yes.slot.value, yes.polarity, yes.content) != (no.slot.value, no.polarity, no.content)
    assert yes.importance == no.importance == 0.9


def test_a_move_says_since_when_one_lives_there() -> None:
    (state,) = facts("I moved to Bergen last May")
    assert (state.content, state.form) == ("The user moved to Bergen in May 2022", Form.STATE)
    assert (state.slot, state.asserted_at) == (
        Slot("user", "residence", "bergen"),
        datetime(2022, 5, 1, tzinfo=UTC),
    )


def test_statement_without_a_start_has_no_asserted_at() -> None:
    assert [fact.asserted_at for fact in facts("I live in Bergen")] == [None]


def test_plan_is_tagged() -> None:
    (fact,) = facts("I'm going to visit Tokyo next month")
    assert (fact.kind, fact.tags, fact.event_precision) == (Kind.EVENT, ("plan",), "month")


def test_preference_is_one() -> None:
    (fact,) = facts("I love hiking")
    assert (fact.kind, fact.form, fact.importance) == ((Kind.PREFERENCE, Form.STATE, 0.5))


def test_hedged_statement_is_less_certain() -> None:
    assert [fact.confidence for fact in facts("I think I left my keys at Central Station")] == [0.6]


def test_aside_in_a_request_is_heard() -> None:
    (fact,) = facts("I'm looking for a good recipe. By the way, I recently bought a Fitbit")
    assert (fact.content, fact.quote) == ("The user recently bought a Fitbit", "I recently bought a Fitbit")


def test_you_is_the_other_speaker_where_there_is_one_other() -> None:
    turns = [say("I painted a portrait for you yesterday", "Ann"), say("Wow!", "Bob", number=2)]
    assert [fact.content for fact in extract_facts(turns, PARSER)] == [
        "Ann painted a portrait for Bob on 7 May 2023"
    ]
    assert facts("I painted a portrait for you yesterday", "Ann") == []


def test_text_to_work_on_is_not_the_speakers_own() -> None:
    assert facts("Please proofread this text:\n" + "I live in Oslo. The sea is blue there.\n" * 40) == []


SENTENCES = [
    "I live in Oslo", "I moved to Bergen last May", "I'm allergic to nuts", "my wife Anna", "I've",
    "yesterday", "We went to Rome", "``` x", '"I am', "? ", ". ", ", and ", "\n> ", "I'm going to", "\u2019",
    "İ", "I have two cats",
]  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.sampled_from(SENTENCES)).map(" ".join) | st.text(), st.sampled_from([None, "Ann", "(?"]))
def test_never_raises_quotes_its_turn_and_says_the_same_twice(text: str, name: str | None) -> None:
    found = facts(text, name)
    assert found == facts(text, name)
    for fact in found:
        assert fact.quote in text
        assert fact.content.strip()
        assert fact.slot is None or (fact.slot.attribute and fact.slot.value)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("No, I was only joking.", ()),
        ("Haha, just kidding!", ()),
        ("I made that all up.", ()),
        ("Just kidding about the yacht.", ("yacht",)),
    ],
)
def test_what_takes_back_an_earlier_segment_corrects_it_and_repeats_nothing(
    said: str, words: tuple[str, ...]
) -> None:
    (fact,) = facts(said)
    assert fact.changes == (Change(ChangeKind.CORRECT, words=words),)
    assert fact.content == fact.quote
    assert fact.content in said
    assert "yacht" not in fact.content
