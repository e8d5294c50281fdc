"""A property of one person does not answer a question about another."""

import numpy as np
import pytest

from app.memory.ranking.matching.subject_match import score_subjects
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from tests.memory.ranking.test_search_index import Log, item_id

# (number, subject, attribute, content); each is told by a turn of its own.
HELD = [
    (1, "user", "residence", "Ann lives in Oslo, a rather long way from the sea and from all that she knew"),
    (2, "karla", "residence", "Ann's sister Karla lives in Bergen"),
    (3, "anders", "residence", "Anders lives in Moss"),
    (4, "parents", "residence", "Ann's parents live in Hamar"),
    (5, "user", "employer", "Ann works at Corvane as one of the people who look after the machines there"),
    (6, "anders", "employer", "Anders works at Telmark"),
    (7, "anders's wife", "employer", "Anders's wife works at Halden"),
    (8, "mother", "age", "Ann's mother is 61 years old"),
    (9, "user", "age", "Ann is 33 years old since the day of the great party in the summer"),
    (10, "user", None, "Ann's parents visited Ann in Oslo"),
    (12, "user", "relation:sister:karla", "Ann's sister is called Karla"),
    (11, "biscuit", "age", "Ann's dog Biscuit is 4 years old"),
]


@pytest.fixture
def log() -> Log:
    made = Log()
    for number, subject, attribute, content in HELD:
        turn = made.turn(number, content)
        made.memory(number, content, turn, subject=subject, attribute=attribute, value="v")
    return made


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where does Ann live?", 1),
        ("Where do I live?", 1),
        ("Where do I live now?", 1),
        ("where does the user live", 1),
        ("Where does Karla live?", 2),
        ("Where does my sister Karla live?", 2),
        ("Where does Ann's sister live?", 2),
        ("Where does my sister live?", 2),
        ("Where does KARLA live???", 2),
        ("Where does Anders live?", 3),
        ("Where does Ann's brother Anders live?", 3),
        ("Where do Ann's parents live?", 4),
        ("Where do my parents live?", 4),
        ("Where do my folks live?", 4),
        ("Where do I work?", 5),
        ("Where does Ann work now?", 5),
        ("Where does Anders work?", 6),
        ("Where does Anders's wife work?", 7),
        ("Where does Anders' wife work?", 7),
        ("How old is my mum?", 8),
        ("How old is Ann's mother?", 8),
        ("How old am I?", 9),
        ("How old is Ann?", 9),
        ("What is Ann's age in years?", 9),
        ("How old is Biscuit?", 11),
        ("How old is my dog?", 11),
        ("What is my sister called?", 12),
        ("How old is Ann’s dog?", 11),
    ],
)
def test_who_is_asked_about_comes_first(log, question, expected):
    found = log.ask(question, kinds=frozenset(["fact"]))
    assert item_id(found[0]).int - 1_000 == expected, [one.memory.content for one in found if one.memory]


@pytest.mark.parametrize(
    "question",
    [
        "Who lives in Bergen?",
        "Who of my family works at Telmark?",
        "Whose house is 4 years old?",
        "Where does Zoe live?",  # nothing is known of her
        "Where does my cousin live?",
        "Which town is by the sea?",
        "¿Dónde vive Zoe?",
        "住在哪里",
        "'s 's 's",
        "…",
        "-",
        "Telmark",
    ],
)
def test_a_question_about_nobody_who_is_known_says_nothing(log, question):
    assert score_subjects(log.scope, plan_query(log.scope, SearchQuery(question, None, 10))) is None


def test_only_slots_of_others_count_less(log):
    plan = plan_query(log.scope, SearchQuery("Where does Ann live?", None, 10))
    scores = score_subjects(log.scope, plan)
    assert scores is not None
    others = [number for (number, *_), score in zip(HELD, scores.tolist(), strict=True) if score < 0]
    assert others == [2, 3, 4, 6, 7, 8, 11]
    assert np.isfinite(scores).all()


def test_what_mentions_the_one_who_is_asked_about_keeps_its_score(log):
    plan = plan_query(log.scope, SearchQuery("Where do my parents live?", None, 10))
    scores = score_subjects(log.scope, plan)
    assert scores is not None
    assert scores[3] == 0, "the parents' own"
    assert scores[9] == 0, "it mentions them"
    assert scores[0] < 0, "where Ann lives"
