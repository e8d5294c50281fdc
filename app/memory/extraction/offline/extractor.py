"""Extraction without a model: the sentences that are worth keeping, resolved, with slots if rules are sure.

A wrong value of a single-valued slot hides the true one, so that a slot needs a strict rule.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise, repeat
from uuid import UUID

from app.core.vocabulary import ChangeKind, Form, Kind, Role
from app.memory.extraction.labelled_examples import find_labelled_examples
from app.memory.extraction.offline.corrections import CORRECTION, CorrectedTurn, apply_corrections
from app.memory.extraction.offline.facts.clause_facts import ClauseReader
from app.memory.extraction.offline.presuppositions import (
    MAX_PRESUPPOSED,
    Presupposed,
    find_presupposed,
)
from app.memory.extraction.offline.statements import (
    SplitTurns,
    Statement,
    find_statements,
    read_statements,
    split_turns,
)
from app.memory.text.limits import MAX_CHARS_READ, MAX_CLAUSES, MAX_FACTS
from app.memory.text.parsed_text import ParsedSentence, SentenceReader
from app.memory.types import Change, Fact, Turn

TOO_MANY_FACTS = f"only the first {MAX_FACTS} facts of a segment are kept; the rest is left out"
TURN_TOO_LONG = "only the first statements of so long a turn are read; the rest is left out"

MAX_BATCH_CHARS = 20_000  # of the texts that are parsed together
_MAX_CONTEXT_CHARS = 1_500  # of an earlier turn that a segment may lean on: what is longer is an article
_LEANS = re.compile(r"\b(?:he|she|him|her|his|hers)\b", re.IGNORECASE)
_OPENS_PLAY = re.compile(
    r"\b(?:role[ -]?play|play|pretend|imagine|act as|you are|you're|character|scene|game)\b", re.IGNORECASE
)


def extract_facts(turns: Sequence[Turn], reader: SentenceReader) -> list[Fact]:
    """The facts that users state, in order; at most `MAX_FACTS`."""
    return extract_with_omissions(turns, reader)[0]


def extract_with_omissions(
    turns: Sequence[Turn], reader: SentenceReader
) -> tuple[list[Fact], dict[UUID, str]]:
    """The facts that users state, in order, and {turn id: what was left out of it}."""
    (found,) = extract_segments([turns], reader)
    return found


def extract_segments(
    segments: Sequence[Sequence[Turn]],
    reader: SentenceReader,
    previous: Sequence[Sequence[Turn]] | None = None,
) -> list[tuple[list[Fact], dict[UUID, str]]]:
    """The facts of each segment, in order, and {turn id: what was left out of it}.

    Only turns of the role `user` are read. A turn of labelled examples yields only these, as its "I" is not
    the speaker. `previous` are the turns before each segment, in order, which a segment may lean on: they
    yield no facts.
    """
    found: list[tuple[list[Fact], dict[UUID, str]]] = []
    opened = map(_open_segment, segments, repeat(()) if previous is None else previous)
    for batch in _batch_segments(opened):
        # Segments are short, and the parser takes half the time for many texts together.
        parsed = iter(reader.parse_texts([text for one in batch for text in one.prose]))
        found += [_read_segment(one, [*islice(parsed, len(one.prose))], reader) for one in batch]
    return found


@dataclass(frozen=True, slots=True)
class _OpenSegment:
    """A segment before its grammar is read: what is read of its turns, and the texts that are parsed.

    `before` are the users' turns before it, if it leans on them: their texts are the first of `prose`.
    """

    previous: Sequence[Turn]
    turns: Sequence[Turn]
    spoken: Sequence[Turn]
    before: SplitTurns
    examples: Mapping[UUID, list[Fact]]
    corrected: Sequence[CorrectedTurn]
    left_out: dict[UUID, str]
    split: SplitTurns
    prose: Sequence[str]


def _open_segment(turns: Sequence[Turn], previous: Sequence[Turn]) -> _OpenSegment:
    spoken = [turn for turn in turns if turn.role is Role.USER]
    left_out = {turn.id: TURN_TOO_LONG for turn in spoken if _cut_turn(turn) is not turn}
    examples = {turn.id: found for turn in spoken if (found := list(find_labelled_examples(turn)))}
    # The parser is given no more than it may read: its cost grows with the text, however it is written.
    readable = [_cut_turn(turn) for turn in spoken if turn.id not in examples]
    known = [turn for turn in previous if turn.role is Role.USER and len(turn.content) <= _MAX_CONTEXT_CHARS]
    read_before, corrected = apply_corrections([*known, *readable])
    readable = read_before[len(known) :]
    own = {turn.id for turn in readable}
    corrected = [one for one in corrected if one.turn.id in own]
    leans = any(_LEANS.search(turn.content) for turn in readable)
    is_played = any(_OPENS_PLAY.search(turn.content) for turn in known)
    before = split_turns(known if leans or is_played else [])
    split = split_turns(readable)
    prose = [*before.list_prose(), *split.list_prose()]
    return _OpenSegment(previous, turns, spoken, before, examples, corrected, left_out, split, prose)


def _batch_segments(segments: Iterable[_OpenSegment]) -> Iterator[list[_OpenSegment]]:
    """Yield the segments in groups that are parsed together, as the grammar of long texts fills memory."""
    batch: list[_OpenSegment] = []
    length = 0
    for segment in segments:
        own = sum(map(len, segment.prose))
        if batch and length + own > MAX_BATCH_CHARS:
            yield batch
            batch, length = [], 0
        batch.append(segment)
        length += own
    if batch:
        yield batch


def _read_segment(
    segment: _OpenSegment, parsed: Sequence[list[ParsedSentence]], reader: SentenceReader
) -> tuple[list[Fact], dict[UUID, str]]:
    left_out, spoken = dict(segment.left_out), segment.spoken
    earlier = len(segment.before.list_prose())
    in_role_play: dict[str | None, bool] = {}
    speakers = frozenset(
        turn.name for turn in (*segment.previous, *spoken) if turn.name and turn.role is Role.USER
    )
    clauses = ClauseReader(speakers, reader.estimate_worth)
    clauses.read_persons(read_statements(segment.before, parsed[:earlier], in_role_play))
    statements = _group_by_turn(read_statements(segment.split, parsed[earlier:], in_role_play))
    heard = texts_heard([*segment.previous[-1:], *segment.turns])
    told: dict[UUID, list[Fact]] = {}
    granted: list[Presupposed] = []
    for turn in spoken:
        of_turn = statements.get(turn.id, [])
        if len(of_turn) >= MAX_CLAUSES:
            left_out[turn.id] = TURN_TOO_LONG
        found = segment.examples.get(turn.id) or clauses.read_turn(
            turn, of_turn[:MAX_CLAUSES], heard.get(turn.id, "")
        )
        told[turn.id] = [*found, *_take_back(turn, of_turn[:MAX_CLAUSES])]
        granted += _find_untold(of_turn[:MAX_CLAUSES], told[turn.id])
        for one in segment.corrected:
            if one.turn.id == turn.id:
                told[turn.id] += _read_corrected(one, clauses, reader)
    if granted:
        for fact in _read_presupposed(granted[:MAX_PRESUPPOSED], clauses.speakers, reader):
            told[fact.turn_id].append(fact)
    return _limit_facts(told, left_out), left_out


def _limit_facts(told: Mapping[UUID, Sequence[Fact]], left_out: dict[UUID, str]) -> list[Fact]:
    """The facts of a segment, each once; `left_out` is told of which turns there are more."""
    facts: dict[tuple[UUID, str], Fact] = {}
    for turn_id, found in told.items():
        for fact in found:
            key = (turn_id, fact.content)
            if key not in facts and len(facts) >= MAX_FACTS:
                left_out[turn_id] = TOO_MANY_FACTS
                break
            facts.setdefault(key, fact)
    return list(facts.values())


def _read_corrected(one: CorrectedTurn, clauses: ClauseReader, reader: SentenceReader) -> Iterable[Fact]:
    """The facts of what was put right: they say that they correct, and are told by the words that do."""
    for fact in clauses.read_turn(one.turn, list(find_statements([one.turn], reader))):
        yield replace(
            fact, content=f"{CORRECTION}{fact.content}", quote=one.quote, other_turn_ids=one.wrong_turn_ids
        )


def _find_untold(statements: Sequence[Statement], told: Sequence[Fact]) -> list[Presupposed]:
    """What the statements of a turn take for granted, and no fact of it tells."""
    granted = chain.from_iterable(map(find_presupposed, statements))
    return [one for one in granted if not any(one.quote in fact.quote for fact in told)]


def _read_presupposed(
    granted: Sequence[Presupposed], speakers: frozenset[str], reader: SentenceReader
) -> Iterator[Fact]:
    """Yield the facts of what questions take for granted, in the words of the questions.

    No pronoun of the talk means anybody of these sentences, nor the other way round.
    """
    turns = [replace(one.statement.turn, content=one.sentence) for one in granted]
    statements: dict[tuple[UUID, str], list[Statement]] = {}
    for statement in find_statements(turns, reader):
        statements.setdefault((statement.turn.id, statement.turn.content), []).append(statement)
    for one, turn in zip(granted, turns, strict=True):
        clauses = ClauseReader(speakers, reader.estimate_worth)
        for fact in clauses.read_turn(turn, statements.get((turn.id, turn.content), [])):
            yield replace(fact, quote=one.quote)


def _take_back(turn: Turn, statements: Sequence[Statement]) -> Iterable[Fact]:
    """What takes back a statement of an earlier segment: that it was done is told, and changes the other.

    It is kept in the speaker's words, without what they name, and has the time at which it was said, so that
    each is one of its own.
    """
    for statement in statements:
        retraction = statement.retraction
        if retraction is None or retraction.is_correction or statement.is_resolved:
            continue
        start = statement.span[0]
        words = statement.analysis.quote(start, start + retraction.length)
        yield Fact(
            turn_id=turn.id,
            content=words,
            quote=words,
            form=Form.EVENT,
            kind=Kind.EVENT,
            event_from=turn.observed_at,
            importance=0.1,
            subject=turn.name.casefold() if turn.name else "user",
            changes=(Change(ChangeKind.CORRECT, words=retraction.words),),
        )
        return


def texts_heard(turns: Sequence[Turn]) -> dict[UUID, str]:
    """{turn id: the turn before it}, as far as it is read, where another speaker said that."""
    return {
        turn.id: before.content[:MAX_CHARS_READ]
        for before, turn in pairwise(turns)
        if not _is_of_one_speaker(before, turn)
    }


def _is_of_one_speaker(first: Turn, second: Turn) -> bool:
    return (first.role, first.name) == (second.role, second.name)


def _cut_turn(turn: Turn) -> Turn:
    """The part of a turn that is read; the turn itself if that is all of it."""
    if len(turn.content) <= MAX_CHARS_READ and turn.content.count("\n") < MAX_CLAUSES:
        return turn
    lines = turn.content[:MAX_CHARS_READ].split("\n", MAX_CLAUSES)
    return replace(turn, content="\n".join(lines[:MAX_CLAUSES]))


def _group_by_turn(statements: Iterable[Statement]) -> dict[UUID, list[Statement]]:
    groups: dict[UUID, list[Statement]] = {}
    for statement in statements:
        groups.setdefault(statement.turn.id, []).append(statement)
    return groups
