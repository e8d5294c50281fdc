from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import Role
from app.memory.extraction.guard import filter_facts, has_secret
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.types import Fact, Slot, Turn
from tests.parsing import PARSER

MONDAY = datetime(2023, 5, 8, 13, 56, tzinfo=UTC)
MEMORY = "The user lives in Oslo with two cats"
SHOWN = {UUID(int=9): MEMORY}


def say(content: str, role: Role = Role.USER, number: int = 1) -> Turn:
    return Turn(UUID(int=number), "u", "s", number, role, content, MONDAY, shown_memory_ids=tuple(SHOWN))


def fact(content: str, quote: str, number: int = 1) -> Fact:
    return Fact(turn_id=UUID(int=number), content=content, quote=quote)


def reasons(facts: Sequence[Fact], turns: Sequence[Turn], shown: dict[UUID, str] | None = None) -> list[str]:
    admitted, rejected = filter_facts(facts, turns, shown or {})
    assert len(admitted) + len(rejected) == len(facts)
    return [refusal.reason for refusal in rejected]


GOOD = fact("The user bought a boat", "I bought a boat")
TURN = say("Guess what: I bought a boat!")


def test_good_fact_goes_through_unchanged() -> None:
    assert filter_facts([GOOD], [TURN], SHOWN) == ([GOOD], [])


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (replace(GOOD, turn_id=UUID(int=7)), "turn"),
        (replace(GOOD, quote="I bought a ship"), "quote"),
        (replace(GOOD, quote=" "), "quote"),
        (replace(GOOD, content=" \n"), "empty"),
        (replace(GOOD, content="boat " * 201), "long"),
        (replace(GOOD, slot=Slot("user", "owns:boat", " ")), "slot"),
        (replace(GOOD, slot=Slot("user", "", "yes")), "slot"),
        (replace(GOOD, content="The user's password is hunter2"), "secret"),
        (replace(GOOD, slot=Slot("user", "card", "4111 1111 1111 1111")), "secret"),
    ],
)
def test_refused_with_its_reason(bad: Fact, reason: str) -> None:
    assert reasons([bad], [TURN]) == [reason]


def test_system_turns_make_no_memories() -> None:
    assert reasons([GOOD], [say("I bought a boat", Role.SYSTEM)]) == ["system"]


@pytest.mark.parametrize(
    ("said", "quote"),
    [
        ("I\n  bought\ta boat", "I bought a boat"),
        ("I BOUGHT a boat", "i bought A boat"),
        ("I\u2019ve a \u201cboat\u201d", 'I\'ve a "boat"'),
        ("a boat \u2014 mine", "a boat - mine"),
        ("\uff29 bought \u2460 boat", "I bought 1 boat"),
    ],
)
def test_quote_counts_whatever_its_typography(said: str, quote: str) -> None:
    assert reasons([fact("The user has a boat", quote)], [say(said)]) == []


@pytest.mark.parametrize("role", [Role.ASSISTANT, Role.TOOL])
@pytest.mark.parametrize(
    "said",
    [
        "The user lives in Oslo with two cats",
        "the user lives in Oslo",
        "As the user lives in Oslo with two cats",
    ],
)
def test_machine_repeating_a_shown_memory_is_refused(role: Role, said: str) -> None:
    assert reasons([fact("The user lives in Oslo", said)], [say(said, role)], SHOWN) == ["echo"]


def test_machine_in_other_words_is_refused_by_the_content() -> None:
    turn = say("You have your home there, with the two of them", Role.ASSISTANT)
    assert reasons([fact(f"{MEMORY}.", "You have your home there")], [turn], SHOWN) == ["echo"]


def test_machine_saying_something_new_is_admitted() -> None:
    turn = say("I booked the flight to Rome for 3 June", Role.ASSISTANT)
    assert (
        reasons([fact("The assistant booked a flight to Rome", "I booked the flight to Rome")], [turn], SHOWN)
        == []
    )


def test_machine_saying_another_number_is_no_echo() -> None:
    shown = {UUID(int=9): "The parcel of the user arrives at the post office on the 5 June"}
    said = "The parcel of the user arrives at the post office on the 6 June"
    assert reasons([fact(said, said)], [say(said, Role.TOOL)], shown) == []


def test_user_saying_a_known_thing_again_in_own_words_is_a_mention() -> None:
    again = fact(MEMORY, "I live in Oslo with two cats")
    assert filter_facts([again], [say("As I said, I live in Oslo with two cats")], SHOWN) == ([again], [])


def test_pasted_memory_gives_nothing_but_the_words_beside_it_do() -> None:
    turn = say(f"Known about me:\n- {MEMORY}.\n\nAlso, I bought a boat.")
    pasted = fact(MEMORY, f"{MEMORY}.")
    part = fact("The user has two cats", "with two cats")
    assert filter_facts([pasted, part, GOOD], [turn], SHOWN) == (
        [GOOD],
        filter_facts([pasted, part], [turn], SHOWN)[1],
    )
    assert reasons([pasted, part], [turn], SHOWN) == ["echo", "echo"]


def test_quote_that_spans_the_paste_and_own_words_stands_on_the_own_words() -> None:
    turn = say(f"{MEMORY}. I bought a boat.")
    across = fact("The user bought a boat", f"{MEMORY}. I bought a boat")
    assert reasons([across], [turn], SHOWN) == []
    assert reasons([replace(across, content=MEMORY)], [turn], SHOWN) == ["echo"]


def test_words_that_occur_in_the_paste_and_outside_it_are_the_users() -> None:
    shown = {UUID(int=9): "Bob's wedding is on 5 June"}
    turn = say(
        "Memory: Bob's wedding is on 5 June\nI told you that Bob's wedding, my brother's, is on 5 June"
    )
    mention = fact("Bob's wedding is on 5 June", "I told you that Bob's wedding, my brother's, is on 5 June")
    assert reasons([mention], [turn], shown) == []


def test_context_posted_back_a_hundred_times_makes_no_memory() -> None:
    shown = {UUID(int=n): f"The user owns boat number {n} and lives in Oslo" for n in range(20, 30)}
    block = "What is known:\n" + "\n".join(f"{n}. {text}." for n, text in enumerate(shown.values()))
    turns = [say(f"{block}\n\nWhat should I cook?", number=n) for n in range(100, 200)]
    echoes = [fact(text, text, number=turn.id.int) for turn in turns for text in shown.values()]
    admitted, rejected = filter_facts(echoes + extract_facts(turns, PARSER), turns, shown)
    assert admitted == []
    assert {refusal.reason for refusal in rejected} == {"echo"}


def test_dates_the_wrong_way_round_are_swapped() -> None:
    early, late = datetime(2023, 5, 1, tzinfo=UTC), datetime(2023, 5, 2, tzinfo=UTC)
    ((swapped,), _) = filter_facts([replace(GOOD, event_from=late, event_to=early)], [TURN], {})
    assert (swapped.event_from, swapped.event_to) == (early, late)


def test_dates_without_a_zone_get_the_turns() -> None:
    naive = datetime(2023, 5, 1)  # noqa: DTZ001
    ((zoned,), _) = filter_facts(
        [replace(GOOD, event_from=naive, event_to=datetime(2023, 5, 2, tzinfo=UTC))], [TURN], {}
    )
    assert zoned.event_from == datetime(2023, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "sk-" + "a1B2" * 6,
        "AKIA" + "ABCD1234" * 2,
        "ghp_" + "a1" * 12,
        "my API key is 8f14e45fceea167a",
        "Authorization: Bearer 8f14e45fceea167a",
        "my password: hunter2",
        "la password è pippo123",
        "-----BEGIN RSA PRIVATE KEY-----",
        "postgres://me:hunter2@host/db",
        "card 4111 1111 1111 1111",
        "5500-0000-0000-0004",
    ],
)
def test_secret_is_seen(text: str) -> None:
    assert has_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "I forgot my password",
        "My phone number is +47 123 45 678",
        "order 4111 1111 1111 1112",
        "The user has 1000000000000 reasons",
        "the key is under the mat",
        "a@b.com",
        "I moved on 2023-05-07 at 13:56",
        "0000 0000 0000 0000",
    ],
)
def test_no_secret_is_seen(text: str) -> None:
    assert not has_secret(text)


@given(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3), st.sampled_from(list(Role)))
def test_every_fact_is_admitted_or_refused(
    said: str, content: str, quote: str, memories: list[str], role: Role
) -> None:
    shown = dict(enumerate(memories))
    given_fact = fact(content, quote)
    admitted, rejected = filter_facts(
        [given_fact], [say(said, role)], {UUID(int=k): v for k, v in shown.items()}
    )
    # The quote of an admitted fact is snapped to the words of the turn, which may differ in case.
    kept = [replace(one, quote=quote) for one in admitted] == [given_fact]
    assert kept or [one.fact for one in rejected] == [given_fact]
    assert not (admitted and role is Role.SYSTEM)


@given(st.text(alphabet="abc ,.'\u2019-\u2014\n", min_size=1), st.integers(0, 20), st.integers(1, 20))
def test_a_cut_of_the_turn_is_always_a_quote(said: str, start: int, length: int) -> None:
    quote = said[start : start + length]
    assert ("quote" in reasons([fact("x", quote)], [say(said)])) == (not quote.strip())


@pytest.mark.parametrize(
    "line",
    [
        "- Tue 30 November 2026 Ann: I walked Rex at dawn yesterday (29 November 2026).",
        "- Tue 30 November 2026 Ann: I walked Rex at dawn yesterday.",
        "- Tue 30 November 2026 [0a1b2c] I walked Rex at dawn yesterday",
        "Sun 1 May 2022 Ann: I walked Rex at dawn yesterday (30 April 2022).",
        "What is known:\n- Tue 30 November 2026 Ann: I walked Rex at dawn yesterday (29 November 2026).",
        "- Tue 30 November 2026 Ann: I walked Rex at dawn yesterday. (also said on 2026-03-01, 2026-05-01)",
        "- Tue 30 November 2026 [0a1b2c] I walked Rex at dawn yesterday. (until 3 June 2026)",
        "- Tue 30 November 2026 Ann: I walked Rex at dawn yesterday. (in part no longer true)",
        "- Tue 30 November 2026 [0a1b2c] I walked Rex at dawn yesterday. (shared by bob)",
    ],
)
def test_a_line_of_a_context_is_an_echo_of_its_turn_with_and_without_the_added_date(line: str) -> None:
    quote = line.splitlines()[-1]
    shown = {UUID(int=9): "I walked Rex at dawn yesterday."}
    assert reasons([fact(quote, quote)], [say(line)], shown) == ["echo"]
