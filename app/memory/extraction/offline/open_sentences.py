"""A statement taken apart: its tree, dates, titles, persons, and the units that each may become a memory."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from app.memory.extraction.offline.grammar.addressing import cut_address
from app.memory.extraction.offline.grammar.asking import find_stated
from app.memory.extraction.offline.grammar.persons import Person, PersonMemory, find_persons
from app.memory.extraction.offline.grammar.sentence_tree import SUBJECTS, SentenceTree, is_verb
from app.memory.extraction.offline.grammar.splitting import ClauseSpan, split_clauses
from app.memory.extraction.offline.grammar.titles import find_title_tokens
from app.memory.extraction.offline.grammar.trimming import trim_clause
from app.memory.extraction.offline.repairs.elided_subjects import lacks_subject
from app.memory.extraction.offline.statements import Statement
from app.memory.extraction.offline.worth.clause_view import ClauseView
from app.memory.extraction.offline.worth.judging import EstimateClause, Worth, judge_clause
from app.memory.extraction.offline.writer import ClauseWriter, Voices
from app.memory.text.dates.date_spans import DateSpan, find_dates
from app.memory.text.dates.inherited_dates import inherit_date
from app.memory.text.parsed_text import Token


@dataclass(frozen=True, slots=True)
class Unit:
    """Words of a sentence that become one memory, if they are worth it: tokens[first:last + 1]."""

    clause: ClauseSpan
    first: int
    last: int
    worth: Worth


@dataclass(frozen=True, slots=True)
class OpenSentence:
    """A statement with what rules need of it; dates are offsets in `tree.text`.

    `is_unclear`: a "he" or "she" may mean several persons, or one that was not told of.
    """

    statement: Statement
    tree: SentenceTree
    voices: Voices
    dates: tuple[DateSpan, ...]
    titles: frozenset[int]
    persons: list[Person]
    references: Mapping[int, str]
    writer: ClauseWriter
    is_unclear: bool
    speaking: frozenset[str]
    heard: frozenset[str]
    estimate: EstimateClause

    def view(self, clause: ClauseSpan, first: int, last: int) -> ClauseView:
        """The clause as the gate looks at it."""
        start, end = self.tree.tokens[first].start, self.tree.tokens[last].end
        return ClauseView(
            tree=self.tree,
            clause=clause,
            first=first,
            last=last,
            has_date=any(start <= date.start_char and date.end_char <= end for date in self.dates),
            titles=self.titles,
            speaking=self.speaking,
            lacks_subject=lacks_subject(self.tree, clause.head, first),
            is_dialogue=self.voices.listener is not None,
            heard=self.heard,
        )


def open_sentence(
    statement: Statement,
    voices: Voices,
    speaking: frozenset[str],
    memory: PersonMemory,
    estimate: EstimateClause,
    told_dates: Sequence[DateSpan] = (),
    heard: frozenset[str] = frozenset(),
) -> OpenSentence:
    """Take a statement apart. `speaking` and `heard`: see `ClauseView`; `estimate` judges its clauses' worth.

    `told_dates` are the dates of the statements before it in its turn: "that evening" means one of them.
    """
    text = statement.analysis.text
    tree = SentenceTree(statement.sentence, text)
    start = statement.sentence.start
    found = find_dates(text[start : statement.sentence.end], statement.turn.observed_at)
    inherited = inherit_date(told_dates, text[start : statement.sentence.end], found)
    if inherited is not None:
        begin, end = inherited.start_char, inherited.end_char
        found = [own for own in found if own.end_char <= begin or end <= own.start_char]
        found = sorted([*found, inherited], key=lambda span: span.start_char)
    found = [date for date in found if not _names_a_kind(tree, date, start)]
    # "on 3 May.": the full stop ends the sentence as well, and is no part of the clause.
    dates = tuple(
        replace(
            date,
            start_char=date.start_char + start,
            end_char=date.start_char + start + len(date.text.rstrip(" .,")),
        )
        for date in found
    )
    titles = find_title_tokens(tree)
    persons = find_persons(tree, voices.speaker, speaking)
    references, is_unclear = memory.resolve(tree, persons, titles)
    writer = ClauseWriter(tree, voices, dates, titles, references)
    return OpenSentence(
        statement,
        tree,
        voices,
        dates,
        titles,
        persons,
        references,
        writer,
        is_unclear,
        speaking,
        heard,
        estimate,
    )


def _names_a_kind(tree: SentenceTree, date: DateSpan, start: int) -> bool:
    """Whether a day says which kind of thing a noun means: "our Friday night curry" is eaten each week."""
    words = [t for t in tree.tokens if start + date.start_char <= t.start < start + date.end_char]
    if not words or any(word.text[:1].isdigit() for word in words):
        return False
    noun = tree.tokens[words[-1].head]
    before = tree.tokens[words[0].index - 1] if words[0].index else None
    return (
        noun.index > words[-1].index
        and noun.tag.startswith("NN")
        and words[-1].relation in ("compound", "nmod", "npadvmod", "amod", "nsubj", "dep")
        and before is not None
        and before.tag in ("PRP$", "DT", "JJ", "POS")
        and before.text.lower() not in ("this", "that", "last", "next")
    )


def find_units(sentence: OpenSentence) -> Iterator[Unit]:
    """Yield the clauses of a sentence that are in its statement's frame."""
    tree, statement = sentence.tree, sentence.statement
    for clause in split_clauses(tree):
        first, last = max(clause.first, statement.start_token), min(clause.last, statement.end_token - 1)
        first, last = trim_clause(tree, first, last, sentence.speaking) if first <= last else (1, 0)
        if first > last:
            continue
        parts = [(first, last)]
        if sentence.voices.listener is None:
            parts = _find_told(sentence, first, last)
        for begin, end in parts:
            head = clause.head if begin <= clause.head.index <= end else _highest_word(tree, begin, end)
            own = replace(clause, first=begin, last=end, head=head)
            if head is not clause.head:
                own = replace(own, subject=_outer_subject(tree, head, begin))
            yield Unit(own, begin, end, judge_clause(sentence.view(own, begin, end), sentence.estimate))


def _find_told(sentence: OpenSentence, first: int, last: int) -> list[tuple[int, int]]:
    """The parts of tokens[first:last + 1] that an assistant is told, without what it is asked."""
    tree = sentence.tree
    told: list[tuple[int, int]] = []
    for stated in find_stated(tree, first, last):
        part = cut_address(tree, *stated, sentence.titles)
        if part != (first, last):
            part = trim_clause(tree, *part, sentence.speaking)
        if part[0] <= part[1]:
            told.append(part)
    return told


def _outer_subject(tree: SentenceTree, head: Token, first: int) -> tuple[int, int] | None:
    """The subject with the auxiliary that a bare verb shares with one before ("I will wash and iron it")."""
    if head.tag != "VB" or head.relation != "conj" or tree.auxiliaries(head):
        return None
    subject, auxiliaries = tree.subject(head), tree.auxiliaries(tree.tokens[head.head])
    if subject is None or not auxiliaries or auxiliaries[-1].index >= first:
        return None
    words = [index for index in tree.subtree(subject) if index < auxiliaries[-1].index]
    return (words[0], auxiliaries[-1].index) if words else None


def unit_after(sentence: OpenSentence, offset: int) -> Unit | None:
    """The words of a statement from an offset in its sentence on, around their highest verb."""
    tree, statement = sentence.tree, sentence.statement
    begin = next((token.index for token in statement.tokens if token.start >= tree.start + offset), None)
    if begin is None:
        return None
    first, last = trim_clause(tree, begin, statement.end_token - 1, sentence.speaking)
    if first > last:
        return None
    return Unit(ClauseSpan(first, last, _highest_word(tree, first, last)), first, last, Worth.MEMORY)


def _highest_word(tree: SentenceTree, first: int, last: int) -> Token:
    """The word on which the others of a part of a sentence depend; a verb with a subject before others."""
    tops = [
        token
        for token in tree.tokens[first : last + 1]
        if not first <= token.head <= last or token.head == token.index
    ]
    return next((top for top in tops if _states(tree, top)), tops[0] if tops else tree.tokens[first])


def _states(tree: SentenceTree, token: Token) -> bool:
    return is_verb(token) and tree.child(token, *SUBJECTS) is not None
