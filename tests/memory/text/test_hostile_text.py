"""Texts made to cost much: no rule is super-linear on what it is given, and what is read is bounded."""

import itertools
import re
import re._compiler as sre_compiler  # pyright: ignore[reportMissingImports]
import re._parser as sre_parser  # pyright: ignore[reportMissingImports]
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from app.core.vocabulary import Role
from app.memory.extraction import labelled_examples, parsing
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.offline import extractor
from app.memory.sessions import goals, query_rewriting, session_state
from app.memory.text import analysis
from app.memory.text.dates import query_dates
from app.memory.text.limits import MAX_FACTS, MAX_SENTENCE_CHARS
from app.memory.text.parsed_text import ParsedSentence
from app.memory.types import Turn
from tests.hostile import REPEATS, UNITS, filled, parts, patterns, sample, texts, units_of
from tests.parsing import PARSER

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
FEW = 12  # repeats: with two ways to read each it is 4096 steps
ENOUGH_SECONDS = 5.0  # of CPU for what takes some hundredths: the 64 KiB of a turn took minutes
SIZE, QUERY_SIZE = 8_000, 4_000


def said(content: str, number: int = 1, name: str = "Ann") -> Turn:
    return Turn(UUID(int=number), "u", "s", number, Role.USER, content, NOW, name=name)


def slowest(todo: dict[str, str], work: Callable[[str], object]) -> tuple[float, str]:
    """Seconds of CPU of the text that takes most, and its name; the first that takes too long ends it."""
    worst = (0.0, "")
    for name, text in todo.items():
        started = time.process_time()
        work(text)
        worst = max(worst, (time.process_time() - started, name))
        if worst[0] > ENOUGH_SECONDS:
            break
    return worst


class _ParsedBefore:
    """A parser that has parsed these texts, and parses others when they come."""

    def __init__(self, texts: list[str]) -> None:
        self._parsed = dict(zip(texts, PARSER.parse_texts(texts), strict=True))

    def parse_texts(self, texts: Sequence[str]) -> list[list[ParsedSentence]]:
        return [
            self._parsed[text] if text in self._parsed else PARSER.parse_texts([text])[0] for text in texts
        ]

    def estimate_worth(self, before: str, clause: str) -> float:
        return PARSER.estimate_worth(before, clause)


class TestPatterns:
    """Each regular expression of the app, by what it is made of."""

    @staticmethod
    def bodies(tree: Any) -> Iterator[Any]:
        """The bodies of the repeats that may go on for long."""
        for op, args in tree:
            if op in REPEATS:
                if args[1] > FEW:
                    yield args[2]
                yield from TestPatterns.bodies(args[2])
            for part in parts(op, args):
                yield from TestPatterns.bodies(part)

    @staticmethod
    def two_ways(tree: Any) -> str | None:
        """What one repeat can read in two ways, so that a text of n of them has 2 ** n readings."""
        for body in TestPatterns.bodies(tree):
            once = sample(body)
            if once and sre_compiler.compile(body, body.state.flags).fullmatch(once + once):
                return once + once
            for args in [args for op, args in _flat(body) if op.name == "BRANCH"]:
                for at, one in enumerate(args[1]):
                    others = args[1][:at] + args[1][at + 1 :]
                    text = sample(one)
                    if any(sre_compiler.compile(other, body.state.flags).fullmatch(text) for other in others):
                        return text
        return None

    def test_all_are_looked_at(self):
        assert len(patterns()) > 150

    def test_no_repeat_reads_a_text_in_two_ways(self):
        found = {}
        for name, pattern in patterns().items():
            doubt = self.two_ways(sre_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
            if doubt is not None:
                found[name] = doubt
        assert found == {}

    @pytest.mark.parametrize(
        "pattern",
        [
            r"(?:a+)+b",
            r"(?:\w+ly |really )*x",
            r"(?:a|a)*b",
            r"(?:\s+)*$",
            r"(?:[ab]x|bx)+c",
            r"(?:(?:ab)*)*c",
        ],
    )
    def test_one_that_does_is_seen(self, pattern: str):
        assert self.two_ways(sre_parser.parse(pattern)) is not None

    def test_near_misses_of_each_in_a_sentence_cost_little(self):
        units = dict(UNITS) | {
            f"{name} #{number}": unit
            for name, pattern in patterns().items()
            for number, unit in enumerate(units_of(pattern))
        }
        distinct = {unit: name for name, unit in units.items() if unit}
        todo = {
            name: start + filled(unit, MAX_SENTENCE_CHARS - 2 - len(start))
            for (unit, name), start in zip(distinct.items(), itertools.cycle(("I ", "I am ")))
        }
        # What is looked at is the rules; the parser is faster with many texts at once.
        parser = _ParsedBefore(list(todo.values()))

        def work(text: str) -> None:
            extractor.extract_facts([said(text)], parser)

        seconds, name = slowest(todo, work)
        assert seconds < ENOUGH_SECONDS / 5, name


def _flat(tree: Any) -> Iterator[tuple[Any, Any]]:
    for op, args in tree:
        yield op, args
        for part in parts(op, args):
            yield from _flat(part)


def extract_and_guard(text: str) -> None:
    """Both in one, as the parser takes most of the time and they need the same."""
    turns = [said(text), said("Hi.", 2, "Bo")]
    filter_facts(extractor.extract_facts(turns, PARSER), turns, {uuid4(): text[:2_000], uuid4(): text})


RULES: dict[str, Callable[[str], object]] = {
    "extract and guard": extract_and_guard,
    "examples": lambda text: list(labelled_examples.find_labelled_examples(said(text))),
    "goals": lambda text: goals.find_goal_mentions([said(text[: goals.MAX_TURN_CHARS])]),
    "words": analysis.analyze_detecting_language,
    "topics": lambda text: session_state.extract_topics([said(text)]),
}
QUERY_RULES: dict[str, Callable[[str], object]] = {
    "period": lambda text: query_dates.resolve_query_range(text, NOW),
    "undated": lambda text: query_dates.remove_relative_dates(text, NOW),
    "alone": query_rewriting.is_self_contained,
    "terms": lambda text: analysis.analyze_query(text, analysis.SUPPORTED_LANGUAGES),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_turn_of_any_hostile_text_costs_little(rule: str):
    seconds, name = slowest(texts(SIZE), RULES[rule])
    assert seconds < ENOUGH_SECONDS, name


@pytest.mark.parametrize("rule", QUERY_RULES)
def test_a_question_of_any_hostile_text_costs_little(rule: str):
    seconds, name = slowest(texts(QUERY_SIZE), QUERY_RULES[rule])
    assert seconds < ENOUGH_SECONDS, name


class TestBounds:
    MANY = "".join(f"I like thing{number}. " for number in range(200))

    def test_a_segment_gives_so_many_facts_and_says_so(self):
        facts, left_out = extractor.extract_with_omissions(
            [said(self.MANY), said("I live in Oslo.", 2)], PARSER
        )
        assert len(facts) == MAX_FACTS
        assert left_out == {UUID(int=1): extractor.TOO_MANY_FACTS, UUID(int=2): extractor.TOO_MANY_FACTS}

    def test_examples_count_as_facts(self):
        lines = "\n".join(f"text {number} label: x" for number in range(MAX_FACTS + 1))
        facts, left_out = extractor.extract_with_omissions([said(lines)], PARSER)
        assert (len(facts), list(left_out)) == (MAX_FACTS, [UUID(int=1)])

    def test_what_fits_is_not_said_to_be_left_out(self):
        facts, left_out = extractor.extract_with_omissions([said("I live in Oslo. I work at Acme.")], PARSER)
        assert (len(facts), left_out) == (2, {})

    def test_of_a_long_turn_the_first_statements_are_read(self):
        turn = said("I agree with that. " * 3_000 + "I live in Oslo.")
        assert extractor.extract_with_omissions([turn], PARSER) == ([], {turn.id: extractor.TURN_TOO_LONG})

    def test_a_model_gives_no_more_either(self):
        entry = {"turn": 1, "content": "Ann.", "quote": "Ann"}
        facts, reasons = parsing.parse_facts({"facts": [entry] * (MAX_FACTS + 1)}, [said("Ann")])
        assert len(facts) == MAX_FACTS
        assert reasons == [f"entries from {MAX_FACTS + 1} on: a segment has at most {MAX_FACTS} facts"]

    def test_reasons_are_few_however_many_entries_are_wrong(self):
        facts, reasons = parsing.parse_facts({"facts": [5] * 100_000}, [said("Ann")])
        assert facts == []
        assert len(reasons) <= parsing.MAX_REASONS_REPORTED + 2

    @pytest.mark.parametrize("name", ["Bo\\q", "\\1", "Bo\\g<0>", "{}", "{0.x}", "Bo"])
    def test_a_name_is_no_template(self, name: str):
        turns = [said("Your cat is lovely and you are kind."), said("I like you.", 2, name)]
        assert isinstance(extractor.extract_facts(turns, PARSER), list)

    @pytest.mark.parametrize(
        "text",
        ["I have l\u0131ved in Oslo since 2019.", "on 3 \u017feptember", "5 ago\u017fto", "\u017funday."],
    )
    def test_letters_that_only_look_alike_raise_nothing(self, text: str):
        assert isinstance(extractor.extract_facts([said(text)], PARSER), list)
        query_dates.resolve_query_range(text, NOW)
