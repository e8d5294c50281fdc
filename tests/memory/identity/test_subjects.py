from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.vocabulary import AliasSource, Role
from app.memory.identity.links import find_links
from app.memory.identity.subjects import EntityAlias, Identities, are_compatible, fold_subject
from app.memory.types import Fact, Slot, Turn

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def turn(name: str | None = None, role: Role = Role.USER) -> Turn:
    return Turn(UUID(int=1), "u", "s", 0, role, "", NOON, name=name)


def known(*pairs: tuple[str, str], speakers: tuple[str, ...] = ()) -> Identities:
    identities = Identities.of_rows(EntityAlias(alias, name) for alias, name in pairs)
    identities.learn_speakers({name: NOON + timedelta(days=at) for at, name in enumerate(speakers)})
    return identities


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ann", "ann"), ("ann", "ann lee"), ("ann lee", "ann"), ("a. lee", "ann lee"),
        ("a lee", "ann lee"), ("ann l.", "ann lee"),
        ("ann lee", "ann marie lee"), ("tom a. smith", "tom smith"), ("zoë", "zoë brandt"),
        ("jean-luc", "jean-luc roy"),
        ("ann", "ann van der berg"),
    ],
)  # fmt: skip
def test_names_of_one_person_fit(left, right):
    assert are_compatible(left, right)
    assert are_compatible(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ann", "anna"), ("ann lee", "ann park"), ("york", "new york"), ("lee", "ann lee"), ("a", "ann"),
        ("a.", "ann lee"),
        ("tom smith", "tim smith"), ("b. lee", "ann lee"), ("", "ann"), ("mother", "mother theresa"),
        ("sister", "sister act"),
        ("ann lee", "lee ann"), ("ann b", "a berg"),
    ],
)  # fmt: skip
def test_names_of_two_persons_do_not_fit(left, right):
    assert not are_compatible(left, right)
    assert not are_compatible(right, left)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Ann  Lee", "ann lee"), (" ANN LEE ", "ann lee"), ("Dr. Ann Lee", "ann lee"), ("Mum", "mother"),
        ("grandad", "grandfather"),
        ("Grandpa", "grandfather"), ("the garden", "garden"), ("**Ann**", "ann"), ("Zoe\u0308", "zoë"),
        ("little sister", "sister"),
        ("kids", "children"), ("“Ann”", "ann"), ("late grandmother", "grandmother"), ("Mr", "mr"),
        ("the", "the"),
        ("Ann\u200b Lee", "ann lee"), ("Ann\u00a0Lee", "ann lee"), ("ＡＮＮ", "ann"), ("Dad", "father"),
        ("Old Trafford", "old trafford"),
    ],
)  # fmt: skip
def test_a_name_is_folded(name, folded):
    assert fold_subject(name) == folded


@pytest.mark.parametrize(
    "name", [None, "Ann", "ann", " Ann  Lee", "ANN LEE", "A. Lee", "Ann Marie Lee", "user", "Ann\u00a0Lee"]
)
@pytest.mark.parametrize(
    "subject", [None, "", "user", "the user", "I", "me", "Ann", "ann lee", "Ann Lee", "The User"]
)
def test_the_accounts_person_is_the_user_by_any_name(name, subject):
    identities = known(speakers=("Ann Lee",))
    identities.learn_speakers({name: NOON + timedelta(days=5)} if name else {})
    assert identities.resolve_subject(subject, turn(name)) == "user"


@pytest.mark.parametrize("subject", ["user", "the user", "Ann", "ann lee", "account holder"])
def test_an_assistant_speaks_of_the_user(subject):
    assert known(speakers=("Ann Lee",)).resolve_subject(subject, turn("Nova", Role.ASSISTANT)) == "user"


@pytest.mark.parametrize(
    ("role", "name", "subject", "resolved"),
    [
        (Role.ASSISTANT, None, "I", "assistant"),
        (Role.ASSISTANT, "Nova", "me", "nova"),
        (Role.ASSISTANT, None, "the assistant", "assistant"),
        (Role.USER, "Ann", "assistant", "assistant"),
        (Role.USER, "Bo", "user", "bo"),
        (Role.USER, "Bo", "I", "bo"),
        (Role.USER, "Bo", None, "bo"),
        (Role.USER, "Bo", "Ann", "user"),
        (Role.USER, "Bo", "my sister", "bo's sister"),
        (Role.USER, "Bo", "user's dog", "bo's dog"),
        (Role.USER, "Ann", "Bo", "bo"),
        (Role.USER, "Ann", "my sister", "sister"),
        (Role.USER, "Ann", "Ann's mum", "mother"),
        (Role.USER, "Ann", "Ann Lee's parents", "parents"),
        (Role.USER, "Ann", "the user's grandad", "grandfather"),
        (Role.USER, "Ann", "sister of the user", "sister"),
        (Role.USER, "Ann", "Bo's wife", "bo's wife"),
        (Role.USER, "Ann", "Bo Berg's wife", "bo's wife"),
        (Role.USER, "Ann", "Bo Berg", "bo"),
        (Role.USER, "Ann", "the garden", "garden"),
        (Role.USER, "Ann", "Dr. Osei", "osei"),
        (Role.TOOL, None, "user", "user"),
    ],
)
def test_other_speakers_and_third_persons_stay_themselves(role, name, subject, resolved):
    identities = known(speakers=("Ann Lee", "Bo"))
    assert identities.resolve_subject(subject, turn(name, role)) == resolved


def test_a_speaker_who_marries_is_the_same_person_and_a_stranger_of_that_name_is_not():
    assert known(speakers=("Ann Lee", "Ann Park")).resolve_speaker(turn("Ann Park")) == "user"
    stranger = known(("ann park", "ann park"), speakers=("Ann Lee", "Ann Park"))
    assert stranger.resolve_speaker(turn("Ann Park")) == "ann park"
    assert known(speakers=("Ann Lee",)).resolve("Ann Park") == "ann park"


def test_who_speaks_first_is_the_accounts_person_in_any_order():
    names = {
        "Ann": NOON,
        "Ann Lee": NOON + timedelta(days=1),
        "Bo": NOON + timedelta(hours=1),
        "Bo Berg": NOON + timedelta(days=3),
    }
    for order in permutations(names.items()):
        identities = Identities()
        identities.learn_speakers(dict(order))
        found = [identities.resolve_speaker(turn(name)) for name in names]
        assert found == ["user", "user", "bo", "bo"]


@pytest.mark.parametrize(
    ("rows", "name", "canonical"),
    [
        ([("tom smith", "tom")], "Tom Smith", "tom"),
        ([("tom", "tom")], "Tom Smith", "tom"),
        ([("tom smith", "tom smith")], "Tom", "tom smith"),
        ([("tom smith", "tom smith"), ("tom jones", "tom jones")], "Tom", "tom"),
        ([("tom", "tom"), ("tom smith", "tom")], "Tom Jones", "tom jones"),
        ([("tom smith", "tom smith"), ("tom", "tom smith")], "tom", "tom smith"),
        ([("sister", "eva")], "my sister", "eva"),
        ([("sister", "eva"), ("eva lind", "eva")], "Eva Lind", "eva"),
        ([("sister", "eva"), ("sister", "mia")], "my sister", "sister"),
        ([("brother", "ben")], "brothers", "brothers"),
        ([("a", "b"), ("b", "c")], "a", "c"),
        ([("mother", "ruth")], "Mum", "ruth"),
        ([("grandfather", "albert")], "grandpa", "albert"),
        ([("new york", "new york")], "York", "york"),
        ([("project merlin", "project merlin")], "merlin", "merlin"),
    ],
)
def test_aliases_lead_to_one_name_or_to_none(rows, name, canonical):
    assert known(*rows).resolve(name) == canonical


def test_what_a_client_has_split_stays_apart():
    rows = [EntityAlias("tom", "tom"), EntityAlias("tom smith", "tom", AliasSource.CLIENT, is_split=True)]
    identities = Identities.of_rows(rows)
    assert identities.resolve("Tom Smith") == "tom smith"
    assert not identities.learn("tom smith", "tom")


def test_links_never_run_in_a_circle():
    identities = known(("a", "b"), ("b", "c"))
    assert not identities.learn("c", "a")
    assert identities.follow("a") == "c"


def fact(content: str, **values) -> Fact:
    return Fact(UUID(int=1), content, content, **values)


@pytest.mark.parametrize(
    ("content", "pair"),
    [
        ("My sister Eva lives in Oslo.", ("sister", "eva")),
        ("Eva is my sister.", ("sister", "eva")),
        ("My sister is called Eva.", ("sister", "eva")),
        ("My sister's name is Eva.", ("sister", "eva")),
        ("Ann's sister, Eva, lives in Oslo.", ("sister", "eva")),
        ("Ann Lee's sister Eva Lind lives in Oslo.", ("sister", "eva lind")),
        ("The user's little brother Ben plays chess.", ("brother", "ben")),
        ("Yesterday my mum Ruth called.", ("mother", "ruth")),
        ("Ann's grandpa Albert is 88.", ("grandfather", "albert")),
        ("My dog Rex is old.", ("dog", "rex")),
        ("Ann's cat, called Luna, sleeps.", ("cat", "luna")),
        ("My best friend Zoë moved.", ("best friend", "zoë")),
        ("Bo's wife Mia is a nurse.", ("bo's wife", "mia")),
        ("Bo, Ann's boyfriend, cooks.", ("boyfriend", "bo")),
        ("My husband Åke sails.", ("husband", "åke")),
        ("My dentist is named Osei.", ("dentist", "osei")),
        ("My mother-in-law Ingrid knits.", ("mother-in-law", "ingrid")),
        ("I visited my niece Ida in May.", ("niece", "ida")),
        ("My son, Theo, is five.", ("son", "theo")),
        ("My fiancé Jon snores.", ("fiancée", "jon")),
    ],
)
def test_a_sentence_may_say_who_somebody_is(content, pair):
    assert pair in set(find_links(fact(content), None, known(speakers=("Ann Lee",))))


@pytest.mark.parametrize(
    "content",
    [
        "My sister lives in Oslo.", "My sister March plans a trip."[:18], "My friend Tom called.",
        "Eva is my sister's friend.",
        "My sister, I think, is late.", "My brother and Eva met.", "My mother He said.",
        "Ann is my sister.", "My sister Ann called.",
        "Is my sister well?", "My sisterhood Eva.", "She is my sister.", "My boss Monday is hard.",
        "Eva likes my sister.",
    ],
)  # fmt: skip
def test_a_sentence_that_names_nobody_links_nothing(content):
    assert set(find_links(fact(content), None, known(speakers=("Ann Lee",)))) == set()


def test_a_slot_may_say_a_name_and_a_denial_says_nothing():
    identities = known(speakers=("Ann",))
    assert ("mother", "ruth") in set(find_links(fact("x"), Slot("mother", "name", "ruth"), identities))
    assert ("kit", "user") in set(find_links(fact("x"), Slot("user", "nickname", "kit"), identities))
    assert set(find_links(fact("My sister Eva.", polarity=-1), None, identities)) == set()


NAMES = st.sampled_from(
    [
        "ann",
        "ann lee",
        "bo",
        "bo berg",
        "a. lee",
        "eva",
        "sister",
        "mother",
        "tom",
        "tom smith",
        "york",
        "user",
    ]
)


@given(st.lists(st.tuples(NAMES, NAMES), max_size=8), NAMES)
def test_resolving_twice_changes_nothing(pairs, name):
    identities = known(*[(alias, target) for alias, target in pairs if alias != "user"])
    once = identities.resolve(name)
    assert identities.resolve(once) == once


@given(st.permutations(["Ann", "Ann Lee", "A. Lee", "ann", "ANN  LEE"]))
def test_the_names_of_one_person_are_one_in_any_order(names):
    identities = Identities()
    for at, name in enumerate(names):
        identities.learn_speakers({name: NOON + timedelta(days=at)})
    assert {identities.resolve_speaker(turn(name)) for name in names} == {"user"}


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_are_read(name, speaker):
    identities = known(speakers=(speaker,))
    assert isinstance(identities.resolve_subject(name, turn(speaker)), str)
    assert fold_subject(fold_subject(name)) == fold_subject(name)
