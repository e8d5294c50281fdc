"""Whom a question is about, and the question as that speaker would put it."""

import pytest

from app.memory.ranking.asked_speaker import MAX_CHARS, find_asked_speaker, put_as_speaker
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from tests.memory.ranking.test_search_index import Log

NAMES = ["Ann", "Bob Miller", "Zoë", "Will", "April"]

PUT = [
    ("What has Ann painted?", "What have I painted?"),
    ("What does Ann do to relax?", "What do I do to relax?"),
    ("Where did Ann go in May?", "Where did I go in May?"),
    ("What is Ann's dog called?", "What is my dog called?"),
    ("What is Ann\u2019s dog called?", "What is my dog called?"),
    ("Is Ann allergic to nuts?", "am I allergic to nuts?"),
    ("Isn't Ann allergic to nuts?", "am not I allergic to nuts?"),
    ("Has Ann seen the harbour?", "have I seen the harbour?"),
    ("Hasn't Ann seen the harbour?", "haven't I seen the harbour?"),
    ("Why doesn't Ann drink coffee?", "Why don't I drink coffee?"),
    ("Which boats that Ann has are red?", "Which boats that I have are red?"),
    ("When was Ann in Rome?", "When was I in Rome?"),
    ("Who gave Ann the guitar?", "Who gave me the guitar?"),
    ("What inspired Ann to start running?", "What inspired me to start running?"),
    ("What did the doctor say to Ann about running?", "What did the doctor say to me about running?"),
    ("According to Ann, what makes a good soup?", "According to me, what makes a good soup?"),
    ("What did Ann give Bob Miller for the party?", "What did I give you for the party?"),
    ("What did Ann think of Bob's soup?", "What did I think of your soup?"),
    ("How does Ann like the studio that Bob has opened?", "How do I like the studio that you have opened?"),
    ("What sports does Bob play?", "What sports do I play?"),
    ("What sports does Miller play?", "What sports do I play?"),
    ("What sports does Bob Miller play?", "What sports do I play?"),
    ("What has Zoë baked?", "What have I baked?"),
    ("When will Will move to Oslo?", "When will I move to Oslo?"),
    ("Tell what Ann and the children built", "Tell what I and the children built"),
]
AS_IT_IS = [
    "What did Karla paint?",  # no speaker
    "What did ann paint?",  # not written as a name, so that it may be a word
    "What have Ann and Bob in common?",
    "What did Ann & Bob Miller cook?",
    "What did Bob or Ann cook?",
    "Which boats do both Ann and Zoë like?",
    "What did Ann tell me about the boat?",  # who asks is somebody else
    "I met Ann: what did she paint?",
    "What did Ann say of our boat?",
    "Who is Ann?",  # nothing but the name
    "Ann?",
    "Was hat Ann gestern gemalt?",
    "Où est-ce qu'Ann a habité avant ?",
    "¿Dónde ha vivido Ann antes de ahora?",
    "Ann の犬の名前は何ですか",
    "Anna's annual boat: what colour?",
    "What did the Annex cost?",
    "What happened in April?",  # a month
    "Will it rain on the boat?",  # a verb
    "Will the harbour be closed?",
    "Ann painted boats",  # no question word
    "",
    " ",
    "?",
    "\u0000Ann\u0000",
    "What did Ann \ue000 paint?",  # a character that stands for a name while it is put
    "What did Ann paint? " + "boat " * MAX_CHARS,
]


@pytest.mark.parametrize(("question", "expected"), PUT)
def test_a_question_about_a_speaker_is_put_as_the_speaker_would(question: str, expected: str):
    assert put_as_speaker(question, NAMES) == expected


@pytest.mark.parametrize("question", AS_IT_IS)
def test_any_other_question_is_as_it_is(question: str):
    assert put_as_speaker(question, NAMES) == question


@pytest.mark.parametrize(
    "name", ["(", "A+", "[a-z]*", "\\1", ".*", "Ann|Bob", "$", "{0}", "\\", "?:", "ANN (work)"]
)
def test_a_name_is_no_pattern(name: str):
    assert put_as_speaker(f"What has {name} painted?", [name]) in (
        f"What has {name} painted?",
        "What have I painted?",
    )
    assert put_as_speaker("What has Karla painted?", [name]) == "What has Karla painted?"


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("What has Ann painted?", "Ann"),
        ("what has ann painted?", "Ann"),
        ("What has MILLER painted?", "Bob Miller"),
        ("What did Ann give Bob?", "Ann"),
        ("What did Bob give Ann?", "Bob Miller"),
        ("What did Ann get from Zoë's brother?", "Ann"),
        ("What did Bob Miller say of Ann's boat?", "Bob Miller"),
        ("What did Ann say to Bob and Zoë?", "Ann"),
        ("According to Zoë, what makes Ann a good cook?", "Zoë"),
        ("What do Ann and Bob share?", None),
        ("What do both Bob and Ann share?", None),
        ("What do Ann & Bob share?", None),
        ("What do Ann, Bob and Zoë share?", None),
        ("What is Ann and Zoë's boat called?", None),
        ("What is Ann's and Zoë's boat called?", None),
        ("Was haben Ann und Zoë gekocht?", None),
        ("Qu'ont fait Ann et Zoë ?", None),
        ("What did ann give bob?", None),  # which of them is unknown without capitals
        ("What did Karla paint?", None),
        ("", None),
        ("Annex", None),
    ],
)
def test_of_several_speakers_the_first_is_asked_about_unless_they_are_together(
    question: str, asked: str | None
):
    assert find_asked_speaker(question, NAMES) == asked


@pytest.mark.parametrize(
    ("question", "speaker"),
    [
        ("What did Ann give Bob?", "Ann"),
        ("What did Bob give Ann?", "Bob"),
        ("What do Ann and Bob share?", None),
        ("Anything of Bob?", "Bob"),
        ("Anything?", None),
    ],
)
def test_the_plan_names_the_speaker_whom_the_question_is_about(question: str, speaker: str | None):
    log = Log()
    log.turn(1, "The boat is red.", name="Ann")
    log.turn(2, "The boat is blue.", name="Bob")
    assert plan_query(log.scope, SearchQuery(question, None, 5)).speaker == speaker
    assert log.scope.turns.speaker_names == ["Ann", "Bob"]


def test_a_role_is_no_name():
    log = Log()
    log.turn(1, "The boat is red.", name=None, role="user")
    log.turn(2, "The boat is blue.", name="Ann", role="user")
    assert log.scope.turns.speaker_names == ["Ann"]
