"""Statements: the sentences of a segment, each in the frame in which its speaker puts it forward.

A sentence whose clauses stand in different frames ("I live in Oslo, can you suggest a café?") makes a
statement for each: read `tokens` of a statement, not its whole sentence.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from app.core.vocabulary import Frame, Role
from app.memory.extraction.offline.frames.clause_frames import KEPT_FRAMES, FramedUtterance
from app.memory.extraction.offline.frames.layout import Piece, find_pieces
from app.memory.extraction.offline.frames.quotations import find_quotations
from app.memory.extraction.offline.frames.takebacks import Retraction, find_retraction
from app.memory.extraction.offline.frames.turn_frames import TurnReader
from app.memory.extraction.offline.frames.utterances import Utterance, shift_sentence, text_from
from app.memory.extraction.offline.frames.words import VERB_TAGS
from app.memory.extraction.offline.repairs.parse_repairs import repair_parse
from app.memory.extraction.offline.repairs.plain_english import write_out
from app.memory.text.analysis_text import AnalysisText, analyse_original
from app.memory.text.limits import MAX_CLAUSES, MAX_LINE_CHARS
from app.memory.text.parsed_text import ParsedSentence, SentenceParser, Token
from app.memory.text.word_sets import word_set
from app.memory.types import Turn

_ENDS_UTTERANCE = re.compile(r"[.!?…]\W*$")
_MAX_MARKS = 12  # characters at the end of an utterance in which its mark stands
_MAX_TAKEN_BACK = 3  # sentences before "none of that is true" that it can mean
# What goes on from the sentence before: taken back together with it.
_GOES_ON = word_set("and also so then plus but it he she they there that this its his her their oh even")
_EDGE_TAGS = frozenset({",", ":", "CC", "_SP", "-LRB-", "-RRB-", "HYPH", "NFP"})


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a turn, or the clauses of it that share a frame; token offsets refer to `analysis.text`.

    sentence.tokens[start_token:end_token] are the words in this frame; the rest of the sentence is in other
    statements, or in none. `reporter` is who is said to have said a reported one ("my boss", "Anna"), in the
    words of the turn. `retraction` is set on a statement that takes back another. That one is framed
    `taken_back` if it stands in the segment (`is_resolved`); if not, it is what the speaker said before the
    segment that has all of `retraction.words`, or in the turn before if it names none. `corrected` is the
    statement in whose place a correction ("no, I meant Bergen") puts something else; it is taken back too.
    """

    turn: Turn
    analysis: AnalysisText
    sentence: ParsedSentence
    frame: Frame
    reporter: str | None = None
    start_token: int = 0
    end_token: int = 0
    retraction: Retraction | None = None
    is_resolved: bool = True
    corrected: "Statement | None" = None

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The words that are in this frame."""
        return self.sentence.tokens[self.start_token : self.end_token]

    @property
    def span(self) -> tuple[int, int]:
        """Where its words stand in `analysis.text`."""
        tokens = self.tokens
        return (tokens[0].start, tokens[-1].end) if tokens else (self.sentence.start, self.sentence.end)

    @property
    def is_whole_sentence(self) -> bool:
        """Whether no clause of the sentence is in another frame."""
        return self.end_token - self.start_token >= len(self.sentence.tokens)


@dataclass
class _ReadTurn:
    turn: Turn
    analysis: AnalysisText
    framed: list[FramedUtterance]
    retractions: dict[int, tuple[Retraction, bool, tuple[int, int] | None]] = field(
        default_factory=dict[int, tuple[Retraction, bool, "tuple[int, int] | None"]]
    )


@dataclass(frozen=True, slots=True)
class SplitTurns:
    """The users' turns of a segment, cut into pieces: (number of the turn, piece)."""

    turns: Sequence[Turn]
    analyses: Sequence[AnalysisText]
    pieces: Sequence[tuple[int, Piece]]

    def list_prose(self) -> list[str]:
        """The texts whose grammar is read, in order."""
        return [
            self.analyses[number].text[piece.start : piece.end]
            for number, piece in self.pieces
            if not piece.is_code
        ]


def split_turns(turns: Sequence[Turn]) -> SplitTurns:
    """Cut the users' turns of a segment into pieces."""
    spoken = [turn for turn in turns if turn.role is Role.USER]
    analyses = [write_out(analyse_original(turn.content)) for turn in spoken]
    pieces = [(number, piece) for number, a in enumerate(analyses) for piece in find_pieces(a)]
    return SplitTurns(spoken, analyses, pieces)


def find_statements(turns: Sequence[Turn], parser: SentenceParser) -> Iterator[Statement]:
    """Yield the statements of the users' turns of a segment, in order."""
    split = split_turns(turns)
    yield from read_statements(split, parser.parse_texts(split.list_prose()))


def read_statements(
    split: SplitTurns,
    parsed: Sequence[list[ParsedSentence]],
    in_role_play: dict[str | None, bool] | None = None,
) -> Iterator[Statement]:
    """Yield the statements of a segment; `parsed` has the sentences of each of its texts of prose.

    `in_role_play` tells of each speaker whether their turn before was played, and is kept.
    """
    utterances = _make_all_utterances(split, parsed)
    in_role_play = {} if in_role_play is None else in_role_play
    before: dict[str | None, _ReadTurn] = {}
    read: list[_ReadTurn] = []
    for turn, analysis, found in zip(split.turns, split.analyses, utterances, strict=True):
        breaks = [utterance.end for utterance in found]
        quotations = find_quotations(analysis.text[: found[-1].end] if found else "", breaks)
        reader = TurnReader(found, quotations, turn.name, in_role_play.get(turn.name, False))
        current = _ReadTurn(turn, analysis, reader.read())
        in_role_play[turn.name] = reader.in_role_play
        _apply_retractions(current, before.get(turn.name))
        before[turn.name] = current
        read.append(current)
    for current in read:
        yield from _make_statements(current)


def _make_all_utterances(split: SplitTurns, parsed: Sequence[list[ParsedSentence]]) -> list[list[Utterance]]:
    following = iter(parsed)
    found: list[list[Utterance]] = [[] for _ in split.analyses]
    for number, piece in split.pieces:
        sentences = [] if piece.is_code else [repair_parse(sentence) for sentence in next(following)]
        found[number].extend(_make_utterances(split.analyses[number].text, piece, sentences))
    return [utterances[:MAX_CLAUSES] for utterances in found]


def _make_utterances(text: str, piece: Piece, sentences: Sequence[ParsedSentence]) -> Iterator[Utterance]:
    if piece.is_code:
        yield _make_opaque(text, piece, ParsedSentence(piece.start, piece.end, ()))
    pending: list[ParsedSentence] = []
    for sentence in (shift_sentence(sentence, piece.start) for sentence in sentences):
        is_long = sentence.end - sentence.start > MAX_LINE_CHARS
        if pending and (is_long or sentence.end - pending[0].start > MAX_LINE_CHARS):
            yield _make_utterance(text, piece, pending)
            pending = []
        if is_long:
            yield _make_opaque(text, piece, replace(sentence, tokens=()))
            continue
        pending.append(sentence)
        if _ENDS_UTTERANCE.search(text[max(sentence.start, sentence.end - _MAX_MARKS) : sentence.end]):
            yield _make_utterance(text, piece, pending)
            pending = []
    if pending:
        yield _make_utterance(text, piece, pending)


def _make_utterance(text: str, piece: Piece, sentences: Sequence[ParsedSentence]) -> Utterance:
    start, end = sentences[0].start, sentences[-1].end
    return Utterance(text[start:end], start, end, piece.paragraph, piece.line, tuple(sentences))


def _make_opaque(text: str, piece: Piece, sentence: ParsedSentence) -> Utterance:
    """Code, or a sentence so long that no memory can hold it: its grammar is not read."""
    start, end = sentence.start, sentence.end
    return Utterance(text[start:end], start, end, piece.paragraph, piece.line, (sentence,), is_code=True)


def _apply_retractions(current: _ReadTurn, before: _ReadTurn | None) -> None:
    """Take back what later utterances take back, in this turn or in the one before of the same speaker."""
    for number, framed in enumerate(current.framed):
        if not framed.is_kept:
            continue
        utterance = framed.utterance
        for first in (0, *(clause.start for clause in utterance.clauses if clause.start)):
            retraction = find_retraction(utterance, first)
            if retraction is not None and framed.frames[first] in KEPT_FRAMES | {
                Frame.HYPOTHETICAL,
                Frame.REPORTED,
            }:
                _apply_retraction(current, before, number, first, retraction)
                break


def _apply_retraction(
    current: _ReadTurn, before: _ReadTurn | None, number: int, first: int, retraction: Retraction
) -> None:
    framed = current.framed[number]
    if retraction.is_trailing:
        framed.set_frame(range(len(framed.frames)), Frame.TAKEN_BACK)
        return
    resolved: tuple[int, int] | None = None
    if first and not retraction.words:
        resolved = (number, _take_back_clause(framed, first))
    else:
        resolved = _take_back_utterances(current.framed[:number], retraction)
    is_resolved = resolved is not None
    if not is_resolved and retraction.reaches_back and before is not None:
        is_resolved = _take_back_utterances(before.framed, retraction) is not None
        resolved = None
    if not is_resolved and not retraction.reaches_back:
        return
    if not retraction.is_correction:
        framed.set_frame(_words_of(framed.utterance, first, retraction.length), Frame.TAKEN_BACK)
    current.retractions[number] = (retraction, is_resolved, resolved)


def _words_of(utterance: Utterance, first: int, length: int) -> list[int]:
    """The tokens that take back, from `first` on; the rest of their clause too if no mark parts them."""
    index = first
    while index < len(utterance.tokens) and len(text_from(utterance, first, index)) < length:
        index += 1
    while index < len(utterance.tokens) and utterance.words[index] not in ",.!;:—–-…":
        index += 1
    while index < len(utterance.tokens) and not any(c.isalnum() for c in utterance.words[index]):
        index += 1
    return list(range(first, index))


def _take_back_clause(framed: FramedUtterance, first: int) -> int:
    """Take back the clause before tokens[first] of the same utterance."""
    clauses = [clause for clause in framed.utterance.clauses if clause.start < first]
    clause = clauses[-1]
    framed.set_frame([i for i in clause.indexes if i < first], Frame.TAKEN_BACK)
    return clause.start


def _take_back_utterances(
    framed: Sequence[FramedUtterance], retraction: Retraction
) -> tuple[int, int] | None:
    """Take back the utterances before a retraction, or those that it names; None if there is none.

    A correction takes back the last clause only.
    """
    target: tuple[int, int] | None = None
    count = 0
    for number in range(len(framed) - 1, -1, -1):
        candidate = framed[number]
        if not candidate.is_kept:
            if candidate.utterance.is_code or count or not retraction.reaches_back:
                break
            continue
        if retraction.words and not _names_all(candidate.utterance, retraction.words):
            continue
        clauses = (
            candidate.utterance.clauses[-1:] if retraction.is_correction else candidate.utterance.clauses
        )
        for clause in clauses:
            kept = [i for i in clause.indexes if candidate.frames[i] in KEPT_FRAMES]
            candidate.set_frame(kept, Frame.TAKEN_BACK)
        target = target or (number, clauses[0].start)
        count += 1 if _tells_something(candidate.utterance) else 0
        goes_on = retraction.is_wide or not count or _goes_on(candidate.utterance)
        if retraction.is_correction or not retraction.reaches_back or count >= _MAX_TAKEN_BACK or not goes_on:
            break
    return target


def _goes_on(utterance: Utterance) -> bool:
    """Whether an utterance goes on from the one before: "And I own it", "She is a mermaid"."""
    return next((w for w in utterance.words if w[0].isalnum()), "") in _GOES_ON


def _tells_something(utterance: Utterance) -> bool:
    """Whether an utterance has a verb: "Gotcha!" has none."""
    return any(token.tag in VERB_TAGS for token in utterance.tokens)


def _names_all(utterance: Utterance, words: Sequence[str]) -> bool:
    lemmas = {token.lemma.lower() for token in utterance.tokens}
    return all(word in lemmas for word in words)


def _make_statements(current: _ReadTurn) -> Iterator[Statement]:
    made: dict[int, list[Statement]] = {}
    for number, framed in enumerate(current.framed):
        made[number] = list(_split_utterance(current, framed))
        noted = current.retractions.get(number)
        if noted is not None and made[number]:
            retraction, is_resolved, target = noted
            last = made[number][-1] if retraction.is_correction else made[number][0]
            corrected = _find_made(made, current, target) if retraction.is_correction else None
            made[number][made[number].index(last)] = replace(
                last, retraction=retraction, is_resolved=is_resolved, corrected=corrected
            )
        yield from made[number]


def _find_made(
    made: dict[int, list[Statement]], current: _ReadTurn, target: tuple[int, int] | None
) -> Statement | None:
    if target is None:
        return None
    start = current.framed[target[0]].utterance.tokens[target[1]].start
    return next((s for s in made[target[0]] if s.frame is Frame.TAKEN_BACK and s.span[1] > start), None)


def _split_utterance(current: _ReadTurn, framed: FramedUtterance) -> Iterator[Statement]:
    """Cut the sentences of an utterance where the frame changes."""
    if framed.utterance.is_code:
        yield Statement(current.turn, current.analysis, framed.utterance.sentences[0], Frame.MATERIAL)
        return
    base = 0
    for sentence in framed.utterance.sentences:
        count = len(sentence.tokens)
        keys = _smooth(
            sentence.tokens,
            list(zip(framed.frames[base : base + count], framed.reporters[base : base + count], strict=True)),
        )
        base += count
        start = 0
        for end in range(1, count + 1):
            if end == count or keys[end] != keys[start]:
                first, last = _trim(sentence.tokens, start, end) if end - start < count else (0, count)
                if any(any(c.isalnum() for c in t.text) for t in sentence.tokens[first:last]):
                    frame, reporter = keys[start]
                    yield Statement(current.turn, current.analysis, sentence, frame, reporter, first, last)
                start = end


def _smooth(tokens: Sequence[Token], keys: list[tuple[Frame, str | None]]) -> list[tuple[Frame, str | None]]:
    """Let marks go with the word before them and conjunctions with the word after them."""
    for index in range(len(tokens) - 2, -1, -1):
        if tokens[index].tag in ("CC", "``", "-LRB-"):
            keys[index] = keys[index + 1]
    for index in range(1, len(tokens)):
        if tokens[index].tag in (",", ".", ":", "''", "_SP", "-RRB-", "NFP"):
            keys[index] = keys[index - 1]
    return keys


def _trim(tokens: Sequence[Token], start: int, end: int) -> tuple[int, int]:
    while start < end and tokens[start].tag in _EDGE_TAGS:
        start += 1
    while end > start and tokens[end - 1].tag in _EDGE_TAGS:
        end -= 1
    return start, end
