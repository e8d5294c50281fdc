"""What is shown for a turn: the memory that covers it, the turn beside it, or what is true instead."""

# ruff: noqa: E501 (the tables are read more easily in long lines)

from typing import Any
from uuid import UUID

import numpy as np
import pytest

from app.core.vocabulary import AbstainReason, Status
from app.memory.index.documents import SourceRow
from app.memory.ranking.abstention import choose_abstain_reason
from app.memory.ranking.documents import Documents
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.query_plan import plan_query
from app.memory.ranking.results.turn_representation import BESIDE_PENALTY
from app.memory.ranking.search_index import search_index
from tests.memory.ranking.test_search_index import START, Log, day, item_id

SUPERSEDED = {"status": Status.SUPERSEDED}


def turn_id(number: int) -> UUID:
    return UUID(int=number)


def memory_id(number: int) -> UUID:
    return UUID(int=1_000 + number)


@pytest.fixture
def log() -> Log:
    made = Log()
    for number in range(20, 32):
        at = made.turn(number, "Rain and wind again.", session_id=f"s{number}")
        made.memory(number, f"It rained on day {number}", at)
    return made


# What an old turn says, what its memory says, what replaced it, and a question about it.
CHANGES = [
    ("I live in Oslo.", "Ann lives in Oslo", "Ann lives in Bergen", "Where does Ann live?"),
    ("My car is a Golf.", "Ann's car is a Golf", "Ann drives a Mazda", "Which car is Ann's?"),
    ("I work for Acme.", "Ann works for Acme", "Ann was laid off by Acme", "Does Ann work for Acme?"),
    ("My rent is 700 euros.", "Ann's rent is 700 euros", "Ann's rent is 900 euros", "How much is the rent?"),
    ("Bo is my boyfriend.", "Bo is Ann's boyfriend", "Ann and Bo broke up", "Who is Ann's boyfriend?"),
    ("I play the cello.", "Ann plays the cello", "Ann gave the cello up", "Does Ann play the cello?"),
    ("My boss is Eva.", "Ann's boss is Eva", "Ann's boss is Ida now", "Who is the boss?"),
    ("I am vegetarian.", "Ann is vegetarian", "Ann eats meat again", "Is Ann vegetarian?"),
    ("We meet on Sundays.", "Ann's group meets Sundays", "Ann's group meets Fridays", "When do they meet?"),
    ("I have two cats.", "Ann has two cats", "Ann has one cat", "How many cats has Ann?"),
]  # fmt: skip


# What was told, the end of it, what is so now, and a question about now.
ENDS = [
    ("I ride a Trek bike to work.", "Somebody stole my Trek.", "The Cube is the bike I ride now.", "Which bike does Ann ride now?"),
    ("I am knitting a jumper.", "Jumper done.", "I am knitting a quilt now.", "What is Ann knitting now?"),
    ("I stay at the hostel on Kirk Street.", "Kirk Street is over.", "I stay at my flat again.", "Where does Ann stay?"),
    ("I take iron tablets.", "The doctor stopped them.", "I take zinc tablets now.", "Which tablets does Ann take?"),
    ("I work for Acme as a clerk.", "Acme let everybody go.", "I work for Borel as a clerk.", "Who does Ann work for?"),
    ("I play the oboe on Mondays.", "No more oboe.", "On Mondays I play chess.", "What does Ann play on Mondays?"),
    ("My dentist is Dr Lund.", "Lund retired.", "My dentist is Dr Berg.", "Who is my dentist?"),
    ("I drive a blue Golf.", "The Golf went to the scrapyard.", "I drive a red Fiat.", "What does Ann drive?"),
    ("I eat a vegan diet.", "Vegan is history.", "I eat a keto diet.", "Which diet does Ann eat?"),
    ("I bank with Nordea.", "Nordea closed my account.", "I bank with Wise.", "Who does Ann bank with?"),
]  # fmt: skip


class TestEnds:
    """What only ends something has the rank of what it ended, and leaves the first place to what is so now."""

    @pytest.mark.parametrize(("old", "end", "now", "query"), ENDS)
    @pytest.mark.parametrize("kinds", [None, frozenset(["fact"])])
    def test_what_is_so_now_comes_before_the_end(self, log, old, end, now, query, kinds):
        first, second = log.turn(1, old), log.turn(60, end, session_id="s2")
        third = log.turn(61, now, session_id="s3")
        log.memory(1, old, first, quote=old, valid_to=day(60), **SUPERSEDED)
        log.memory(2, end, second, quote=end)
        log.memory(3, now, third, quote=now)
        log.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(2))])
        ids = [item_id(one) for one in log.ask(query, kinds=kinds)]
        assert ids[0] == (memory_id(3) if memory_id(3) in ids else turn_id(61))
        if kinds is None and turn_id(1) in ids:
            assert ids.index(memory_id(2)) < ids.index(turn_id(1))

    def test_a_successor_that_answers_keeps_the_place(self, log):
        first, second = log.turn(1, "I live in Oslo."), log.turn(60, "I moved to Bergen.", session_id="s2")
        third = log.turn(61, "Ann has a cat.", session_id="s3")
        log.memory(1, "Ann lives in Oslo", first, valid_to=day(60), **SUPERSEDED)
        log.memory(2, "Ann lives in Bergen", second)
        log.memory(3, "Ann has a cat", third)
        log.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(2))])
        assert item_id(log.ask("Where does Ann live?")[0]) == memory_id(2)

    @pytest.mark.parametrize(
        "query", ["Where does Ann live?", "Ann live", "Where is Ann's home?", "live moved"]
    )
    @pytest.mark.parametrize(
        "said",  # o: the old one, n: what is so now; as in turns that are posted again
        ["on", "oonn", "onon", "nono", "noon", "ooonnn", "onnnn", "oooon"],
    )
    def test_however_often_both_were_said_what_is_so_now_comes_first(self, log, query, said):
        texts = {"o": "I live in Oslo.", "n": "I moved to Bergen."}
        turns = [(which, log.turn(n, texts[which], session_id=f"s{n}")) for n, which in enumerate(said, 1)]
        log.memory(1, "Ann lives in Oslo", *(t for which, t in turns if which == "o"), **SUPERSEDED)
        log.memory(2, "Ann moved to Bergen", *(t for which, t in turns if which == "n"))
        log.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(2))])
        found = log.ask(query)
        assert "Bergen" in found[0].document.content
        stale = [at for at, one in enumerate(found) if one.stale]
        successors = [at for at, one in enumerate(found) if item_id(one) == memory_id(2)]
        assert not stale or (successors and successors[0] < min(stale))


class TestStaleTurns:
    def told(self, log: Log, change: tuple[str, ...], *, linked: bool = True, **values: Any) -> list[Any]:
        old, before, after, query = change
        first, second = log.turn(1, old), log.turn(60, f"Well: {after}", session_id="s2")
        log.memory(1, before, first, quote=old, valid_to=day(60), **SUPERSEDED, **values)
        log.memory(2, after, second, **values)
        if linked:
            log.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(2))])
        return log.ask(query)

    @pytest.mark.parametrize("change", CHANGES)
    def test_what_replaced_it_comes_first_and_the_old_turn_says_so(self, log, change):
        found = self.told(log, change)
        ids = [item_id(one) for one in found]
        assert memory_id(1) not in ids
        assert ids.index(memory_id(2)) < ids.index(turn_id(1))
        old = found[ids.index(turn_id(1))]
        assert (old.superseded_by, old.valid_to, old.stale) == ([memory_id(2)], day(60), True)

    @pytest.mark.parametrize("change", CHANGES)
    def test_an_end_without_anything_in_its_place_is_dated(self, log, change):
        found = self.told(log, change, linked=False)
        old = next(one for one in found if item_id(one) == turn_id(1))
        assert (old.superseded_by, old.valid_to, old.stale) == ([], day(60), True)

    @pytest.mark.parametrize("change", CHANGES)
    def test_memories_alone_show_what_replaced_it(self, log, change):
        self.told(log, change)
        ids = log.ids(change[3], kinds=frozenset(["fact"]))
        assert (memory_id(1) in ids, ids[0]) == (False, memory_id(2))

    @pytest.mark.parametrize("change", CHANGES)
    def test_with_superseded_ones_the_memory_names_its_successor(self, log, change):
        self.told(log, change)
        found = log.ask(change[3], kinds=frozenset(["fact"]), include_superseded=True)
        old = next(one for one in found if item_id(one) == memory_id(1))
        assert old.superseded_by == [memory_id(2)]

    def test_a_chain_leads_to_its_end(self, log):
        first = log.turn(1, "I live in Oslo.")
        for number, place in ((1, "Oslo"), (2, "Bergen"), (3, "Ghent")):
            of = SUPERSEDED if number < 3 else {}
            log.memory(number, f"Ann lives in {place}", *([first] if number == 1 else []), **of)
        pairs = [(memory_id(1), memory_id(2)), (memory_id(2), memory_id(3)), (memory_id(3), memory_id(1))]
        log.scope.replace_successions([old for old, _ in pairs], pairs)
        found = {item_id(one): one for one in log.ask("Does Ann live in Oslo?")}
        assert found[turn_id(1)].superseded_by == [memory_id(3)]

    def test_the_turn_that_ends_it_is_not_hidden_by_what_it_ends(self, log):
        first = log.turn(1, "I drive a Golf.")
        second = log.turn(60, "I don't drive the Golf any more.", session_id="s2")
        log.memory(1, "Ann drives a Golf", first, valid_to=day(60), **SUPERSEDED)
        row = log.scope.memories[log.scope.memories.id_map[memory_id(1)]]
        row.sources.append(SourceRow(second, "I don't drive the Golf any more", day(60), is_denial=True))
        log.scope.upsert_memory(row)
        found = {item_id(one): one for one in log.ask("Does Ann drive the Golf?")}
        assert found[turn_id(60)].stale is False
        assert found[turn_id(1)].valid_to == day(60)

    def test_of_two_statements_the_one_that_holds_is_not_doubted(self, log):
        first = log.turn(1, "I live in Oslo and my dog Rex sleeps on the sofa.")
        log.memory(1, "Ann lives in Oslo", first, quote="I live in Oslo", valid_to=day(9), **SUPERSEDED)
        log.memory(2, "Ann's dog Rex sleeps on the sofa", first)
        found = {item_id(one): one for one in log.ask("Where does the dog Rex sleep?")}
        assert (found[turn_id(1)].valid_to, found[turn_id(1)].stale) == (None, False)
        about_home = {item_id(one): one for one in log.ask("Is Oslo where Ann lives?")}
        assert about_home[turn_id(1)].valid_to == day(9)

    @pytest.mark.parametrize(
        ("query", "penalty"),
        [("Does Ann drive a Golf?", BESIDE_PENALTY), ("Which dentist in Malmo did she see?", 0.0)],
    )
    def test_an_old_turn_ranks_lower_only_behind_what_stands_in_its_place(self, log, query, penalty):
        said = "I drive a Golf, and in Malmo I saw a new dentist today."
        first = log.turn(1, said)
        for number in range(200, 240):
            log.memory(number, f"It was dry on day {number}")
        old = {"quote": "I drive a Golf", "valid_to": day(9)} | SUPERSEDED
        log.memory(1, "Ann drives a Golf", first, **old)
        log.memory(2, "The Mazda is hers")
        before = self.score_of(log, query, turn_id(1))
        log.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(2))])
        assert self.score_of(log, query, turn_id(1)) == pytest.approx(before - penalty)

    def score_of(self, log: Log, query: str, wanted: UUID) -> float:
        return next(one.score for one in log.ask(query) if item_id(one) == wanted)

    @pytest.mark.parametrize(
        ("after", "is_shown"), [("Ann drives a Mazda", True), ("Ann paid the electrician", False)]
    )
    def test_among_many_memories_a_successor_must_answer_too(self, log, after, is_shown):
        first, second = log.turn(1, "I drive a Golf."), log.turn(60, "A long day. See you.", session_id="s2")
        for number in range(200, 320):
            at = log.turn(number, "Sun and clouds.", session_id=f"s{number}")
            log.memory(number, f"It was dry on day {number}", at)
        log.memory(1, "Ann drives a Golf", first, valid_to=day(60), **SUPERSEDED)
        log.memory(2, after, second)
        log.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(2))])
        ids = [item_id(one) for one in log.ask("Does Ann drive a Golf?")]
        old = ids.index(turn_id(1))
        assert (memory_id(2) in ids[:old]) is is_shown

    def test_nothing_but_ended_turns_is_no_answer(self):
        log = Log()
        first = log.turn(1, "I drive a Golf.")
        log.memory(1, "Ann drives a Golf", first, valid_to=day(9), **SUPERSEDED)
        query = SearchQuery("Does Ann drive a Golf?", None, 5)
        found = log.ask(query.text)
        assert [one.stale for one in found] == [True]
        assert (
            choose_abstain_reason(plan_query(log.scope, query), Documents.of_index(log.scope), found, None)
            is AbstainReason.ONLY_SUPERSEDED
        )


# What a turn says, the memory that stands for it, and a question that the memory's words match best.
LEFT_OUT = [
    ("I changed banks, and my new branch code is 40-17.", "Ann changed banks", "Which banks did Ann change?"),
    ("We sold the boat. The buyer, Mr Okoro, pays in May.", "Ann sold the boat", "Was the boat sold?"),
    ("I had surgery; the stitches come out at Vale Clinic.", "Ann had surgery", "Had Ann surgery?"),
    ("I painted the fence. Ida still owes me 80 euros.", "Ann painted the fence", "Who painted the fence?"),
    ("I enrolled in college. My room is C 214.", "Ann enrolled in college", "Did Ann enroll in college?"),
]  # fmt: skip


def near(*close: float) -> np.ndarray:
    """A vector with this cosine to the question's, which is (1, 0, 0, 0)."""
    (cosine,) = close or (0.0,)
    return np.asarray([cosine, (1 - cosine**2) ** 0.5, 0, 0], np.float32)


def point(log: Log, number: int, *, memory: float = 0.9, turn: float = 0.5) -> None:
    """All turns mean a little of what is asked for, and memory `number` alone means it."""
    for row in range(20, 32):
        log.scope.set_vector(turn_id(row), True, near(turn))
        log.scope.set_vector(memory_id(row), False, near())
    log.scope.set_vector(turn_id(number), True, near(turn))
    log.scope.set_vector(memory_id(number), False, near(memory))


def ask(log: Log, query: str, **values: Any) -> list[UUID]:
    return [item_id(one) for one in search_index(log.scope, SearchQuery(query, near(1.0), 50, **values))]


class TestBeside:
    @pytest.mark.parametrize(("said", "content", "query"), LEFT_OUT)
    def test_a_memory_does_not_hide_what_it_leaves_out(self, log, said, content, query):
        log.memory(1, content, log.turn(1, said))
        point(log, 1)
        ids = ask(log, query)
        assert ids[0] == memory_id(1)
        assert ids[-1] == turn_id(1)  # nothing of it was asked for, so it comes last

    @pytest.mark.parametrize(("said", "content", "query"), LEFT_OUT)
    def test_a_memory_that_says_it_all_stands_alone(self, log, said, content, query):
        log.memory(1, f"{content}: {said}", log.turn(1, said))
        point(log, 1)
        ids = ask(log, query)
        assert ids[0] == memory_id(1)
        assert turn_id(1) not in ids

    @pytest.mark.parametrize(("said", "content", "query"), LEFT_OUT)
    def test_a_turn_that_is_closer_to_the_question_follows_at_once(self, log, said, content, query):
        log.memory(1, content, log.turn(1, said))
        point(log, 1, memory=0.8, turn=0.81)
        assert ask(log, "Which?")[:2] == [memory_id(1), turn_id(1)]

    @pytest.mark.parametrize("word", ["code", "branch", "40-17"])
    def test_what_is_asked_for_by_its_words_follows_at_once(self, log, word):
        said = "I changed banks, and my new branch code is 40-17."
        log.memory(1, "Ann changed banks", log.turn(1, said))
        point(log, 1)
        assert ask(log, f"Which {word} did Ann get when she changed banks?")[:2] == [memory_id(1), turn_id(1)]

    def test_every_memory_of_a_turn_is_found_among_memories(self, log):
        at = log.turn(1, "I have a dog and a cat, and my sister has a horse.")
        for number, content in enumerate(("Ann has a dog", "Ann has a cat", "Ann's sister has a horse"), 1):
            log.memory(number, content, at)
        ids = log.ids("Has Ann a cat?", kinds=frozenset(["fact"]))
        assert ids[0] == memory_id(2)
        assert {memory_id(n) for n in (1, 2, 3)} <= set(ids)


class TestAgents:
    @pytest.fixture
    def told(self, log: Log) -> Log:
        one = log.turn(1, "I live in Oslo.", agent_id="a1")
        two = log.turn(2, "I live in Oslo, as I said.", agent_id="a2", session_id="s2")
        log.memory(1, "Ann lives in Oslo", one, two, agent_id="a1")
        log.memory(2, "Ann sings", log.turn(3, "I sing.", agent_id="a2", session_id="s3"), agent_id="a2")
        log.memory(3, "Ann hums", agent_id="a3")
        return log

    @pytest.mark.parametrize(
        ("agent", "expected"),
        [("a1", {1}), ("a2", {1, 2}), ("a3", {3}), ("a4", set()), (None, {1, 2, 3})],
    )
    def test_a_memory_is_found_by_all_agents_of_its_sources(self, told, agent, expected):
        ids = told.ids("Where does Ann live, sing and hum?", agent_id=agent, kinds=frozenset(["fact"]))
        assert {one.int - 1_000 for one in ids if one.int < 1_020} == expected

    @pytest.mark.parametrize("agent", ["a1", "a2"])
    def test_what_another_agent_was_told_since_stands_for_the_old_value(self, told, agent):
        newer = told.turn(9, "I moved to Bergen.", agent_id="a9", session_id="s9")
        row = told.scope.memories[told.scope.memories.id_map[memory_id(1)]]
        row.status, row.valid_to = Status.SUPERSEDED, day(9)
        told.scope.upsert_memory(row)
        told.memory(4, "Ann lives in Bergen", newer, agent_id="a9")
        told.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(4))])
        ids = told.ids("Where does Ann live?", agent_id=agent, kinds=frozenset(["fact"]))
        assert ids[0] == memory_id(4)
        assert memory_id(1) not in ids
        turns = [one for one in told.ask("Where does Ann live?", agent_id=agent) if one.memory is None]
        assert turns[0].superseded_by == [memory_id(4)]


def test_a_stored_index_keeps_the_successions(log):
    first = log.turn(1, "I live in Oslo.")
    log.memory(1, "Ann lives in Oslo", first, valid_to=START, **SUPERSEDED)
    log.memory(2, "Ann lives in Bergen")
    log.scope.replace_successions([memory_id(1)], [(memory_id(1), memory_id(2))])
    other = type(log.scope)(4)
    other.load_snapshot(*log.scope.save_snapshot())
    old, new = (log.scope.memories.id_map[memory_id(number)] for number in (1, 2))
    assert other.index_view.successors == log.scope.index_view.successors == {old: [new]}
