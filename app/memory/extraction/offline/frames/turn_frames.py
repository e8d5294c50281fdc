"""Goes through the utterances of a turn and gives each word its frame."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.vocabulary import Frame
from app.memory.extraction.offline.frames.conditions import find_conditional_clauses
from app.memory.extraction.offline.frames.grammar import frame_of_grammar
from app.memory.extraction.offline.frames.letters import (
    closes_letter,
    find_passages,
    is_formal_close,
    opens_letter,
)
from app.memory.extraction.offline.frames.material import (
    Introduction,
    announces_words,
    asks_for_work,
    find_introduction,
    points_back,
)
from app.memory.extraction.offline.frames.openers import (
    is_supposition,
    leaves_role_play,
    opens_role_play,
    returns_to_speaker,
)
from app.memory.extraction.offline.frames.questions import find_asking_tail, find_questions, is_request
from app.memory.extraction.offline.frames.quotations import Quotation
from app.memory.extraction.offline.frames.quoted_speech import judge_quotation
from app.memory.extraction.offline.frames.reports import COLLOQUIAL, find_reporter, find_speech_verb
from app.memory.extraction.offline.frames.sarcasm import is_sarcastic
from app.memory.extraction.offline.frames.utterances import Clause, Utterance
from app.memory.extraction.offline.frames.words import FIRST_PERSON

KEPT_FRAMES = frozenset({Frame.ASSERTED, Frame.PLANNED, Frame.ENDED})

_ASIDE = re.compile(
    r"^\W*(?:(?:ok|okay|so|well|now|but|and)\W+)*(?:anyway|anyways|by the way|btw|as for me|thanks|thank you|please)\b"
)
# A question about a text or about its writer is the speaker's, and so ends what they showed.
_QUESTION_ABOUT = re.compile(
    r"\b(?:should|can|could|do|must|may|would|shall|am|did|have) (?:i|we)\b|\b(?:can|could|would|will|do|did) you\b|\b(?:him|her|them)\b"
    r"|\bwhat (?:does|do|should|would|can|is|could) (?:this|that|it|he|she|they|i|we)\b|\b(?:is|was|are|isn't|does|did) (?:this|that|it|he|she|they)\b"
    r"|^\W*(?:weird|strange|funny|odd|crazy|thoughts|any ideas|how (?:do|should|would|can) (?:i|we)|what now)\b"
)


class _Kind(StrEnum):
    MATERIAL = "material"
    REPORT = "report"
    LETTER = "letter"
    SUPPOSITION = "supposition"
    ROLE_PLAY = "role_play"


@dataclass
class _Scope:
    """A frame that reaches over the utterances that follow; `paragraph` is where its first one stands."""

    kind: _Kind
    frame: Frame
    reporter: str | None = None
    is_task: bool = False
    paragraph: int | None = None
    line: int = 0
    is_signed: bool = False
    is_done: bool = False


@dataclass
class FramedUtterance:
    """An utterance with a frame, and perhaps a reporter, for each of its tokens."""

    utterance: Utterance
    frames: list[Frame]
    reporters: list[str | None]

    def set_frame(self, indexes: Sequence[int], frame: Frame, reporter: str | None = None) -> None:
        """Give tokens a frame."""
        for index in indexes:
            self.frames[index], self.reporters[index] = frame, reporter

    @property
    def is_kept(self) -> bool:
        """Whether some of it is the speaker's word."""
        return any(frame in KEPT_FRAMES for frame in self.frames)


@dataclass
class TurnReader:
    """Reads the utterances of one turn; `in_role_play` says that the turns before it were played, and is kept."""

    utterances: Sequence[Utterance]
    quotations: Sequence[Quotation]
    author: str | None
    in_role_play: bool = False
    framed: list[FramedUtterance] = field(default_factory=list[FramedUtterance])
    _scope: _Scope | None = None
    _passages: dict[int, str | None] = field(default_factory=dict[int, "str | None"])
    _quoted: dict[int, tuple[Frame, str | None]] = field(default_factory=dict[int, tuple[Frame, str | None]])

    def read(self) -> list[FramedUtterance]:
        """Frame all utterances of the turn."""
        if self.in_role_play:
            self._scope = _Scope(_Kind.ROLE_PLAY, Frame.MATERIAL)
        self._passages = find_passages(self.utterances, self.author)
        for number, utterance in enumerate(self.utterances):
            self.framed.append(self._read_one(number, utterance))
        self.in_role_play = self._scope is not None and self._scope.kind is _Kind.ROLE_PLAY
        return self.framed

    def _read_one(self, number: int, utterance: Utterance) -> FramedUtterance:
        count = len(utterance.tokens)
        framed = FramedUtterance(utterance, [Frame.MATERIAL] * count, [None] * count)
        if utterance.is_code:
            return framed
        if number in self._passages:
            reporter = self._passages[number]
            framed.set_frame(range(count), Frame.REPORTED if reporter else Frame.MATERIAL, reporter)
            return framed
        if self._scope is not None and self._ends_scope(self._scope, utterance):
            self._scope = None
        if self._scope is not None:
            self._continue_scope(self._scope, framed)
        else:
            self._read_freely(number, framed)
        return framed

    def _ends_scope(self, scope: _Scope, utterance: Utterance) -> bool:
        is_new_paragraph = scope.paragraph is not None and utterance.paragraph > scope.paragraph
        if scope.kind is _Kind.ROLE_PLAY:
            return leaves_role_play(utterance)
        if scope.kind is _Kind.SUPPOSITION:
            return scope.is_done or is_new_paragraph or returns_to_speaker(utterance)
        if scope.paragraph is None:
            return False
        asks = utterance.is_question and _QUESTION_ABOUT.search(utterance.lower) is not None
        is_new_line = utterance.line > scope.line
        if scope.is_signed:
            return utterance.is_question or is_new_paragraph
        if is_new_paragraph and (asks or scope.kind is _Kind.REPORT or asks_for_work(utterance)):
            return True
        if _ASIDE.match(utterance.lower) and (is_new_paragraph or not scope.is_task):
            return is_new_paragraph or utterance.lower.split()[0].strip(",") not in (
                "please",
                "thanks",
                "thank",
            )
        if asks and (is_new_line or not scope.is_task):
            return True
        return scope.kind is _Kind.REPORT and _tells_of_third_person(utterance)

    def _continue_scope(self, scope: _Scope, framed: FramedUtterance) -> None:
        utterance = framed.utterance
        framed.set_frame(range(len(utterance.tokens)), scope.frame, scope.reporter)
        if scope.paragraph is None:
            scope.paragraph, scope.line = utterance.paragraph, utterance.line
        if scope.kind is _Kind.LETTER:
            scope.paragraph = utterance.paragraph
        if scope.kind in (_Kind.LETTER, _Kind.MATERIAL, _Kind.REPORT) and closes_letter(utterance):
            scope.is_signed = True
        if scope.kind is _Kind.SUPPOSITION:
            for clause in utterance.clauses:
                if clause.head in find_questions(utterance) or is_request(utterance, clause):
                    framed.set_frame(clause.indexes, Frame.QUESTION)
                    scope.is_done = True

    def _read_freely(self, number: int, framed: FramedUtterance) -> None:
        utterance = framed.utterance
        before = self.utterances[number - 1] if number else None
        after = self.utterances[number + 1] if number + 1 < len(self.utterances) else None
        if is_sarcastic(utterance, before, after):
            framed.set_frame(range(len(utterance.tokens)), Frame.TAKEN_BACK)
            return
        if opens_role_play(utterance, self._following(number)):
            self._scope = _Scope(_Kind.ROLE_PLAY, Frame.MATERIAL, paragraph=utterance.paragraph)
            return
        if opens_letter(utterance):
            self._scope = _Scope(
                _Kind.LETTER, Frame.MATERIAL, paragraph=utterance.paragraph, line=utterance.line
            )
            self._scope.is_signed = closes_letter(utterance)
            return
        _frame_clauses(framed, before)
        self._open_supposition(framed)
        content_start = self._open_introduction(framed)
        self._frame_quotations(number, framed, content_start)
        if is_formal_close(utterance):
            framed.set_frame(range(len(utterance.tokens)), Frame.MATERIAL)
            self._scope = _Scope(_Kind.LETTER, Frame.MATERIAL, paragraph=utterance.paragraph, is_signed=True)
        elif self._scope is None:
            is_announced, reporter = announces_words(utterance)
            if is_announced:
                framed.set_frame(range(len(utterance.tokens)), Frame.REPORTED, reporter)
                self._scope = _Scope(_Kind.REPORT, Frame.REPORTED, reporter)
            elif asks_for_work(utterance):
                self._open_work(number, framed)

    def _following(self, number: int) -> str:
        return " ".join(other.lower for other in self.utterances[number + 1 : number + 4])

    def _open_supposition(self, framed: FramedUtterance) -> None:
        utterance = framed.utterance
        opener = next((c for c in utterance.clauses if is_supposition(utterance, c)), None)
        if opener is None:
            return
        questions = find_questions(utterance)
        self._scope = _Scope(_Kind.SUPPOSITION, Frame.HYPOTHETICAL, paragraph=utterance.paragraph)
        if utterance.text.rstrip().endswith(":"):
            self._scope.paragraph = None
        for clause in utterance.clauses:
            if clause.head in questions and clause is not opener:
                self._scope.is_done = True
            elif clause.indexes[-1] >= opener.start:
                framed.set_frame(clause.indexes, Frame.HYPOTHETICAL)
        self._scope.is_done = self._scope.is_done or utterance.is_question

    def _open_introduction(self, framed: FramedUtterance) -> int | None:
        """Frame what follows a colon; return where a quotation would have to begin."""
        utterance = framed.utterance
        if self._scope is not None:
            return None
        found = find_introduction(utterance, self.author)
        if found is None:
            return None
        frame = Frame.REPORTED if found.is_report and not found.is_task else Frame.MATERIAL
        reporter = found.reporter if frame is Frame.REPORTED else None
        lead = [i for c in utterance.clauses for i in c.indexes if i < found.content]
        clause_start = _sentence_start(utterance, found)
        framed.set_frame(
            [i for i in lead if i >= clause_start], Frame.QUESTION if found.is_task else frame, reporter
        )
        begins_quoted = self._begins_quotation(utterance, found.content)
        if begins_quoted is not None:
            self._quoted[begins_quoted] = (frame, reporter)
            return found.content
        framed.set_frame(range(found.content, len(utterance.tokens)), frame, reporter)
        kind = _Kind.REPORT if frame is Frame.REPORTED else _Kind.MATERIAL
        has_content = found.content < len(utterance.tokens)
        self._scope = _Scope(
            kind, frame, reporter, found.is_task, utterance.paragraph if has_content else None, utterance.line
        )
        self._scope.is_signed = has_content and closes_letter(utterance)
        return found.content

    def _begins_quotation(self, utterance: Utterance, content: int) -> int | None:
        """The number of the quotation that begins where introduced content does."""
        if content >= len(utterance.tokens):
            return None
        start = utterance.tokens[content].start
        for number, quotation in enumerate(self.quotations):
            if quotation.start <= start <= quotation.start + 1:
                return number
        return None

    def _frame_quotations(self, number: int, framed: FramedUtterance, content_start: int | None) -> None:
        utterance = framed.utterance
        for index, quotation in enumerate(self.quotations):
            if quotation.end <= utterance.start or quotation.start >= utterance.end:
                continue
            if index not in self._quoted:
                judged = judge_quotation(self.utterances, number, quotation)
                if judged is None:
                    continue
                self._quoted[index] = judged
            frame, reporter = self._quoted[index]
            inside = [
                t.index for t in utterance.tokens if quotation.start <= t.start and t.end <= quotation.end
            ]
            framed.set_frame(inside, frame, reporter)
            if frame is Frame.REPORTED:
                _frame_reporting_clause(framed, inside, reporter)

    def _open_work(self, number: int, framed: FramedUtterance) -> None:
        """Frame what a request works on: the text after it, or the one before it."""
        utterance = framed.utterance
        for clause in utterance.clauses:
            if all(framed.frames[i] in KEPT_FRAMES for i in clause.indexes):
                framed.set_frame(clause.indexes, Frame.QUESTION)
        rest = self.utterances[number + 1 :]
        if any(not u.is_question and not _ASIDE.match(u.lower) for u in rest):
            self._scope = _Scope(_Kind.MATERIAL, Frame.MATERIAL, is_task=True)
        elif points_back(utterance) and not self._has_quotation():
            for earlier in self.framed:
                kept = [i for i, frame in enumerate(earlier.frames) if frame in KEPT_FRAMES]
                earlier.set_frame(kept, Frame.MATERIAL)

    def _has_quotation(self) -> bool:
        return bool(self._quoted) or any(u.is_code for u in self.utterances)


def _frame_clauses(framed: FramedUtterance, before: Utterance | None) -> None:
    utterance = framed.utterance
    questions, conditional = find_questions(utterance), find_conditional_clauses(utterance)
    tail = find_asking_tail(utterance)
    if tail is not None and utterance.clauses[-1].head < tail:
        questions.discard(utterance.clauses[-1].head)
    speaker: str | None = None
    in_speech = False
    for number, clause in enumerate(utterance.clauses):
        if in_speech and clause.head not in questions:
            framed.set_frame(clause.indexes, Frame.REPORTED, speaker)
            continue
        if clause.head in questions:
            framed.set_frame(clause.indexes, Frame.QUESTION)
            continue
        is_reported, reporter = find_reporter(utterance, clause)
        if not is_reported and _is_spoken_after(utterance, number):
            found = find_speech_verb(utterance, clause.indexes[0], clause.indexes[-1] + 1, loose=COLLOQUIAL)
            if found is not None:
                in_speech, speaker, is_reported, reporter = True, found[1], True, found[1]
        if is_reported:
            framed.set_frame(clause.indexes, Frame.REPORTED, reporter)
        elif clause.head in conditional:
            framed.set_frame(clause.indexes, Frame.HYPOTHETICAL)
        elif is_request(utterance, clause):
            framed.set_frame(clause.indexes, Frame.QUESTION)
        else:
            framed.set_frame(clause.indexes, frame_of_grammar(utterance, clause, before))
    if tail is not None:
        framed.set_frame(range(tail, len(utterance.tokens)), Frame.QUESTION)


def _is_spoken_after(utterance: Utterance, number: int) -> bool:
    """Whether a clause is followed after a mere comma by one in the first person: "She texted me, I'm pregnant"."""
    if number + 1 >= len(utterance.clauses):
        return False
    following = utterance.clauses[number + 1]
    subject = utterance.own_subject(following.head)
    if subject is None or subject.index == 0:
        return False
    words = {utterance.words[i] for i in utterance.subtree(subject.index)}
    return bool(words & FIRST_PERSON) and utterance.words[min(utterance.subtree(subject.index)) - 1] in (
        ",",
        "-",
        "—",
        "–",
    )


def _sentence_start(utterance: Utterance, found: Introduction) -> int:
    """Where the clause that introduces something begins."""
    owner: Clause | None = None
    for clause in utterance.clauses:
        if clause.start < found.content - 1:
            owner = clause
    return owner.start if owner is not None else 0


def _frame_reporting_clause(framed: FramedUtterance, inside: Sequence[int], reporter: str | None) -> None:
    """Put "said the stranger" in the frame of what the stranger said."""
    utterance = framed.utterance
    if not inside:
        return
    for clause in utterance.clauses:
        near = clause.indexes[0] <= inside[-1] + 2 and clause.indexes[-1] >= inside[0] - 2
        if near and find_speech_verb(utterance, clause.indexes[0], clause.indexes[-1] + 1) is not None:
            framed.set_frame(clause.indexes, Frame.REPORTED, reporter)


def _tells_of_third_person(utterance: Utterance) -> bool:
    subject = utterance.own_subject(utterance.clauses[0].head) if utterance.clauses else None
    return subject is not None and subject.text.lower() in ("he", "she", "they")
