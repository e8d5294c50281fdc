"""From a scope to the items of an answer."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from app.core.vocabulary import Status
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.memory.index.user_index import UserIndex
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.search_index import search_index
from app.memory.ranking.weights import RankingWeights

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


class Log:
    """A scope with a few turns and memories, named by short numbers."""

    def __init__(self) -> None:
        self.scope = UserIndex(4)

    def turn(self, number: int, content: str, **values: Any) -> UUID:
        row = {
            "session_id": "s1",
            "agent_id": None,
            "role": "user",
            "name": "Ann",
            "ref": None,
            "observed_at": day(number),
            "pending": False,
        }
        self.scope.upsert_turn(TurnRow(id=UUID(int=number), content=content, **row | values))
        return UUID(int=number)

    def memory(self, number: int, content: str, *turns: UUID, **values: Any) -> UUID:
        quote = values.pop("quote", content)
        row = {
            "kind": "fact",
            "form": "state",
            "status": Status.ACTIVATED,
            "subject": None,
            "attribute": None,
            "tags": [],
            "agent_id": None,
            "valid_from": START,
            "valid_to": None,
            "event_from": None,
            "event_to": None,
            "recorded_at": START,
            "confidence": 0.8,
            "volatility": "temporal",
            "value": None,
            "polarity": 1,
            "anchor_at": START,
            "version": 1,
        }
        sources = [SourceRow(turn_id, quote, START) for turn_id in turns]
        self.scope.upsert_memory(
            MemoryRow(id=UUID(int=1_000 + number), content=content, sources=sources, **row | values)
        )
        return UUID(int=1_000 + number)

    def ask(self, query: str, **values: Any) -> list[SearchResult]:
        return search_index(self.scope, SearchQuery(query, None, values.pop("count", 10), **values))

    def ids(self, query: str, **values: Any) -> list[UUID]:
        return [item_id(found) for found in self.ask(query, **values)]


def item_id(found: SearchResult) -> UUID:
    item = found.memory or found.turn
    assert item is not None
    return item.id


@pytest.fixture
def log() -> Log:
    return Log()


class TestFilters:
    @pytest.fixture
    def three(self, log: Log) -> Log:
        log.turn(1, "The boat is red.", session_id="s1", agent_id="a1", name="Ann", role="user")
        log.turn(2, "The boat is blue.", session_id="s2", agent_id="a2", name="Bob", role="user")
        log.turn(3, "The boat is green.", session_id="s2", agent_id=None, name=None, role="assistant")
        return log

    @pytest.mark.parametrize(
        ("given_filter", "expected"),
        [
            ({}, {1, 2, 3}),
            ({"session_id": "s2"}, {2, 3}),
            ({"agent_id": "a1"}, {1}),
            ({"roles": frozenset(["assistant"])}, {3}),
            ({"roles": frozenset()}, set()),
            ({"speaker": "BOB"}, {2}),
            ({"since": day(2)}, {2, 3}),
            ({"until": day(2)}, {1}),
            ({"since": day(2), "until": day(3)}, {2}),
            ({"session_id": "none"}, set()),
            ({"kinds": frozenset(["fact"])}, set()),
            ({"kinds": frozenset(["turn"])}, {1, 2, 3}),
            ({"tags": frozenset(["x"])}, set()),
        ],
    )
    def test_only_what_passes_is_found(self, three, given_filter, expected):
        assert {one.int for one in three.ids("boat", **given_filter)} == expected

    def test_tags_must_all_be_there(self, log):
        at = log.turn(1, "The boat is red.")
        both = log.memory(1, "Ann's boat is red", at, tags=["boats", "colours"])
        log.memory(2, "Ann has a boat", at, tags=["boats"])
        assert log.ids("boat", tags=frozenset(["boats", "colours"])) == [both]

    def test_a_kind_is_found_even_behind_many_better_turns(self, log):
        for number in range(1, 101):
            log.turn(number, "boat boat boat")
        at = log.turn(101, "something of another sort")
        wanted = log.memory(1, "Ann prefers quiet", at, kind="preference")
        assert log.ids("boat", count=1, kinds=frozenset(["preference"])) == [wanted]

    def test_no_more_than_asked_for(self, three):
        assert len(three.ask("boat", count=2)) == 2


class TestMemoriesAndTurns:
    def test_the_memory_that_matches_better_stands_for_its_turn(self, log):
        at = log.turn(1, "So we went and did it at last, as you know.")
        log.turn(2, "Nice weather.")
        memory = log.memory(1, "Ann sold the boat", at)
        log.memory(2, "Ann likes rain", UUID(int=2))
        assert log.ids("boat sold")[0] == memory

    def test_no_item_comes_twice(self, log):
        turns = [log.turn(n, f"The boat is red, said number {n}.") for n in range(1, 6)]
        log.memory(1, "The boat is red", *turns)
        ids = log.ids("red boat", count=50)
        assert len(ids) == len(set(ids))

    def test_a_memory_that_two_turns_bring_takes_the_place_of_both(self, log):
        turns = [log.turn(n, "it is so") for n in (1, 2)]
        memory = log.memory(1, "The boat is red", *turns)
        assert log.ids("red boat", kinds=frozenset(["fact"])) == [memory]

    def test_a_memory_without_a_turn_is_found_by_itself(self, log):
        log.turn(1, "Nice weather.")
        memory = log.memory(1, "Ann sold the boat")
        log.memory(2, "Ann likes rain")
        assert log.ids("boat sold")[0] == memory

    @pytest.mark.parametrize(
        "given_filter", [{"session_id": "s1"}, {"roles": frozenset(["user"])}, {"speaker": "Ann"}]
    )
    def test_it_is_not_in_a_session_and_nobody_said_it(self, log, given_filter):
        log.memory(1, "Ann sold the boat")
        assert log.ids("boat", **given_filter) == []

    def test_an_empty_log_gives_nothing(self, log):
        assert log.ask("boat") == []

    @pytest.mark.parametrize("status", [Status.ARCHIVED, Status.EXPIRED, Status.MERGED])
    def test_what_is_not_current_is_not_found(self, log, status):
        log.memory(1, "Ann sold the boat", status=status)
        assert log.ids("boat") == []
        assert log.ids("boat", include_superseded=True) == []


class TestPostedMemories:
    """Those without a turn, of which the best are looked at."""

    @pytest.fixture
    def many(self, log: Log) -> Log:
        log.turn(1, "Hello.", name="Ann")
        log.turn(2, "Hello.", name="Bob")
        for number in range(1, 200):
            about = "Ann" if number % 50 == 0 else "Somebody"
            log.memory(number, f"{about} has boat {number}" + " and so on" * number)
        return log

    def test_the_first_are_those_of_all(self, many):
        few, more = many.ids("Somebody has a boat", count=5), many.ids("Somebody has a boat", count=190)
        assert few == more[:5] == [UUID(int=1_000 + number) for number in range(1, 6)]

    def test_what_tells_of_the_speaker_is_found_behind_many_that_match_better(self, many):
        lucky = [many.memory(number, "Somebody: lucky winner of games") for number in range(201, 241)]
        for number in range(1, 241):
            near = [-1.0 if number % 50 == 0 else 1.0, 0, 0, 0]
            many.scope.set_vector(UUID(int=1_000 + number), False, np.asarray(near, np.float32))
        asked, kinds = np.asarray([1, 0, 0, 0], np.float32), frozenset(["fact"])
        query = "What lucky winner of games is Ann?"
        few = search_index(
            many.scope, SearchQuery(query, asked, 3, kinds=kinds, weights=RankingWeights(speaker=0.0))
        )
        assert {item_id(one) for one in few} < set(lucky)
        more = search_index(
            many.scope, SearchQuery(query, asked, 3, kinds=kinds, weights=RankingWeights(speaker=99.0))
        )
        assert {item_id(one) for one in more} == {UUID(int=1_000 + at) for at in (50, 100, 150)}

    def test_the_subject_tells_of_whom_a_memory_is(self, many):
        wanted = many.memory(200, "Loves chamber music", subject="Ann")
        assert many.ids("What does Ann like?", count=5)[:5].count(wanted) == 1

    def test_filters_hold(self, many):
        wanted = many.memory(200, "Nothing of that sort", kind="preference", tags=["x"])
        assert many.ids("boat", count=1, kinds=frozenset(["preference"])) == [wanted]
        assert many.ids("boat", count=1, tags=frozenset(["x"])) == [wanted]
        assert many.ids("boat", session_id="s1", kinds=frozenset(["fact"])) == []

    def test_the_holder_of_a_slot_comes_before_what_disputes_it(self, log):
        of = {"subject": "Ann", "attribute": "residence"}
        other = log.memory(1, "Ann lives in Oslo", value="oslo", volatility="disputable", **of)
        holder = log.memory(2, "Ann dwells in Bergen", value="bergen", **of)
        assert log.ids("lives in Oslo")[:2] == [holder, other]

    def test_the_holder_comes_before_what_disputed_it_and_is_over(self, log):
        of = {"subject": "Ann", "attribute": "residence"}
        values = {"status": Status.SUPERSEDED, "volatility": "disputable"}
        other = log.memory(1, "Ann lives in Oslo", value="oslo", **values, **of)
        holder = log.memory(2, "Ann dwells in Bergen", value="bergen", **of)
        assert log.ids("lives in Oslo", include_superseded=True)[:2] == [holder, other]


class TestSuperseded:
    @pytest.fixture
    def moved(self, log: Log) -> Log:
        slot = {"subject": "ann", "attribute": "residence"}
        first = log.turn(1, "I live in Oslo.")
        second = log.turn(60, "I moved to Bergen.", session_id="s2")
        log.turn(61, "Nice weather.", session_id="s3")
        log.memory(1, "Ann lives in Oslo", first, quote="I live in Oslo", status=Status.SUPERSEDED, **slot)
        log.memory(2, "Ann lives in Bergen", second, quote="I moved to Bergen", **slot)
        return log

    def test_the_current_value_stands_for_the_old_one(self, moved):
        found = moved.ask("Where does Ann live? Oslo?")
        ids = [item_id(one) for one in found]
        assert ids[0] == UUID(int=1_002)
        assert UUID(int=1_001) not in ids
        old = found[ids.index(UUID(int=1))]
        assert (old.superseded_by, old.stale) == ([UUID(int=1_002)], True)

    @pytest.mark.parametrize("held_first", [True, False])
    @pytest.mark.parametrize("query", ["Where does Ann live? Oslo?", "Did Ann move to Bergen?", "Ann"])
    def test_the_holder_comes_before_what_disputes_it(self, moved, held_first, query):
        slot = {"subject": "ann", "attribute": "residence"}
        again = moved.turn(70, "I moved to Bergen, it rains.", session_id="s4")
        disputed = {"volatility": "disputable", "quote": "I moved to Bergen"}
        for number in (3, 4) if held_first else (4, 3):
            if number == 3:
                moved.memory(3, "Ann lives in Paris", status=Status.ACTIVATED, **slot)
            else:
                moved.memory(2, "Ann lives in Bergen", UUID(int=60), again, **disputed, **slot)
        ids = moved.ids(query)
        saying_bergen = [ids.index(UUID(int=n)) for n in (60, 70, 1_002) if UUID(int=n) in ids]
        assert ids.index(UUID(int=1_003)) < min(saying_bergen)

    def test_the_old_one_comes_on_request(self, moved):
        assert UUID(int=1_001) in moved.ids(
            "Ann lives in Oslo", include_superseded=True, kinds=frozenset(["fact"])
        )

    def test_what_else_the_old_turn_says_can_still_be_found(self, log):
        slot = {"subject": "ann", "attribute": "residence"}
        text = "I live in Oslo, and my grandmother's violin was stolen from the attic last winter."
        first = log.turn(1, text)
        second = log.turn(2, "I moved to Bergen.", session_id="s2")
        log.memory(1, "Ann lives in Oslo", first, quote="I live in Oslo", status=Status.SUPERSEDED, **slot)
        log.memory(2, "Ann lives in Bergen", second, **slot)
        found = log.ask("grandmother's violin stolen")
        assert UUID(int=1) in [item_id(one) for one in found]
        of_turn = next(one for one in found if item_id(one) == UUID(int=1))
        assert of_turn.superseded_by == [UUID(int=1_002)]


class TestTime:
    @pytest.fixture
    def two(self, log: Log) -> Log:
        log.turn(10, "We went sailing with the boat, and it was the finest boat of all.")
        log.turn(100, "We sailed.")
        log.turn(101, "Nice weather.")
        return log

    def test_what_lies_in_the_time_asked_about_comes_first_and_the_rest_stays(self, two):
        ids = two.ids("Did we go sailing in April 2026?", reference_time=day(200))
        assert ids[0] == UUID(int=100)
        assert set(ids) == {UUID(int=10), UUID(int=100), UUID(int=101)}

    def test_it_is_told_from_the_reference_time(self, two):
        query = "Did we go sailing three months ago?"
        assert two.ids(query, reference_time=day(190))[0] == UUID(int=100)
        assert two.ids(query, reference_time=day(100))[0] == UUID(int=10)

    def test_the_words_of_the_time_are_looked_for_only_where_no_turn_was_said_in_it(self, two):
        two.turn(120, "The boat was away for three months, and three months is long.")

        def words(query: str, **values: Any) -> dict[UUID, float]:
            return {item_id(found): found.features["lexical"] for found in two.ask(query, **values)}

        asked, bare = "Which boat sailed three months ago?", words("Which boat sailed?")
        assert words(asked, reference_time=day(190)) == bare
        assert max(bare, key=bare.__getitem__) != UUID(int=120)
        told = words(asked, reference_time=day(2_000))
        assert max(told, key=told.__getitem__) == UUID(int=120)

    def test_an_event_told_later_fits_by_its_own_date(self, two):
        at = two.turn(150, "Oh, and we sailed.")
        two.memory(1, "They sailed", at, event_from=day(40), event_to=day(41))
        found = two.ask("Did we go sailing in February 2026?", reference_time=day(200))
        (told,) = [one for one in found if one.turn is not None and one.turn.id == at]
        (other,) = [one for one in found if one.turn is not None and one.turn.id == UUID(int=100)]
        assert told.features["time"] > 0.5 > other.features["time"] == 0

    def test_without_a_time_there_is_no_such_feature(self, two):
        assert all("time" not in found.features for found in two.ask("sailing", reference_time=day(200)))


class TestScriptsWithoutSpaces:
    """A word of such a script is found in a run of others."""

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("猫", "我养了一只猫叫小白"),
            ("茶", "我每天早上喝茶"),
            ("狗怎么了？", "我家的狗病了"),
            ("长城", "昨天去爬长城了"),
            ("我的車是什麼顏色", "我買了一輛藍色的車"),
            ("猫の名前は", "猫のタマを飼っています"),
            ("ラーメン", "昨日ラーメンを食べました"),
            ("犬", "隣の犬がうるさい"),
            ("本", "新しい本を買った"),
            ("차", "차를 샀다"),
            ("고양이 이름", "고양이가 아프다"),
            ("집", "집에 갔다"),
            ("서울", "서울에서 일한다"),
            ("แมว", "ฉันเลี้ยงแมวชื่อมะลิ"),
            ("ส้มตำ", "เมื่อวานกินส้มตำ"),
            ("หมา", "หมาป่วย"),
            ("กาแฟ", "ดื่มกาแฟทุกเช้า"),
            ("ກາເຟ", "ຂ້ອຍມັກກາເຟ"),
            ("ແມວ", "ຂ້ອຍມີແມວ"),
            ("កាហ្វេ", "ខ្ញុំចូលចិត្តកាហ្វេ"),
            ("ឆ្មា", "ខ្ញុំមានឆ្មា"),
            ("ဆရာမ", "အမေက ဆရာမ"),
            ("iPhone15", "新しいiPhone15を買った"),
            ("ＩＢＭ", "IBMで働いている"),
        ],
    )
    def test_it_is_first(self, log: Log, query: str, expected: str):
        others = ["今天天气很好", "明日は雨です", "오늘은 맑다", "วันนี้ฝนตก"]
        others += ["ມື້ນີ້ຝົນຕົກ", "ថ្ងៃនេះភ្លៀង", "ဒီနေ့ မိုးရွာတယ်", "Nice day."]
        for number, content in enumerate([*others, expected, *others]):
            log.turn(number, content, session_id=f"s{number}")
        first = log.ask(query)[0].turn
        assert first is not None
        assert first.content == expected


class TestChanges:
    """A scope that is asked between its changes answers as one that is asked after them all."""

    @staticmethod
    def change(log: Log) -> Iterator[None]:
        log.turn(1, "I moved to Oslo.")
        yield
        log.turn(3, "The cat sleeps.", session_id="s2")
        log.memory(1, "Ann lives in Oslo", UUID(int=1))
        yield
        log.memory(2, "Ann owns a cat")
        log.turn(2, "Oslo is cold.")
        yield
        log.turn(0, "Said before.", observed_at=day(0))
        log.memory(1, "Ann lives in Lima", UUID(int=1), UUID(int=2))
        yield
        log.memory(2, "Ann owns a cat", status=Status.SUPERSEDED)
        log.memory(3, "Ann likes the cold", UUID(int=2))
        yield
        log.turn(4, "A cold day was said to come.", session_id="s2")
        yield

    @pytest.mark.parametrize("query", ["Oslo", "Lima", "cat", "cold", "said"])
    def test_questions_between_them_change_nothing(self, query: str):
        asked = Log()
        for number, _ in enumerate(self.change(asked)):
            fresh = Log()
            for _ in islice(self.change(fresh), number + 1):
                pass
            assert asked.ask(query) == fresh.ask(query)


class TestLikeMemories:
    def like(self, log: Log, **values: Any) -> list[tuple[int, list[int]]]:
        """Two memories of like words, of which the second has other values."""
        for number, more in ((1, {}), (2, values)):
            added = log.memory(number, "Ann walks to work.", **more)
            log.scope.set_vector(added, False, np.asarray([1, 0, 0, 0], np.float32))
        wanted = SearchQuery(text="walk", vector=None, count=5)
        return [
            (one.id.int - 1_000, [twin.id.int - 1_000 for twin in one.duplicates])
            for one in search_index(log.scope, wanted)
        ]

    def test_are_one_item(self):
        assert self.like(Log()) == [(1, [2])]

    @pytest.mark.parametrize(
        "values",
        [
            {"kind": "preference"},
            {"polarity": -1},
            {"event_from": START},
            {"subject": "bo"},
            {"value": "yes"},
        ],
    )
    def test_are_two_when_they_are_about_something_else(self, values):
        assert len(self.like(Log(), **values)) == 2

    def test_are_two_when_they_are_in_conflict(self):
        log = Log()
        log.scope.conflicts = {UUID(int=1_002): [UUID(int=1_050)]}
        assert len(self.like(log)) == 2
