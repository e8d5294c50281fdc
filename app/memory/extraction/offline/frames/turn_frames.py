"""Goes through the utterances of a turn and gives each word its frame."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.core.vocabulary import Frame
from app.memory.extraction.offline.frames.clause_frames import KEPT_FRAMES, FramedUtterance, frame_clauses
from app.memory.extraction.offline.frames.letters import (
    closes_letter,
    find_passages,
    is_formal_close,
    opens_letter,
)
from app.memory.extraction.offline.frames.material import Introduction, announces_words, find_introduction
from app.memory.extraction.offline.frames.openers import asks_for_service, is_supposition, opens_role_play
from app.memory.extraction.offline.frames.questions import find_questions
from app.memory.extraction.offline.frames.quotations import Quotation
from app.memory.extraction.offline.frames.quoted_speech import judge_quotation
from app.memory.extraction.offline.frames.reports import find_speech_verb
from app.memory.extraction.offline.frames.sarcasm import is_sarcastic
from app.memory.extraction.offline.frames.scopes import ASIDE, Scope, ScopeKind
from app.memory.extraction.offline.frames.text_work import asks_for_work, points_back, tells_why
from app.memory.extraction.offline.frames.utterances import Clause, Utterance
from app.memory.extraction.offline.frames.words import QUOTED_NOUNS, TEXT_TASKS


@dataclass
class TurnReader:
    """Reads the utterances of one turn; `in_role_play` says that the turn before was played, and is kept."""

    utterances: Sequence[Utterance]
    quotations: Sequence[Quotation]
    author: str | None
    in_role_play: bool = False
    framed: list[FramedUtterance] = field(default_factory=list[FramedUtterance])
    _scope: Scope | None = None
    _passages: dict[int, str | None] = field(default_factory=dict[int, "str | None"])
    _quoted: dict[int, tuple[Frame, str | None]] = field(default_factory=dict[int, tuple[Frame, str | None]])

    def read(self) -> list[FramedUtterance]:
        """Frame all utterances of the turn."""
        if self.in_role_play:
            self._scope = Scope(ScopeKind.ROLE_PLAY, Frame.MATERIAL)
        self._passages = find_passages(self.utterances, self.author)
        for number, utterance in enumerate(self.utterances):
            self.framed.append(self._read_one(number, utterance))
        self.in_role_play = self._scope is not None and self._scope.kind is ScopeKind.ROLE_PLAY
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
        if self._scope is not None and self._scope.ends_before(utterance):
            self._scope = None
        if self._scope is not None:
            self._scope.frame_utterance(framed)
        else:
            self._read_freely(number, framed)
        return framed

    def _read_freely(self, number: int, framed: FramedUtterance) -> None:
        utterance = framed.utterance
        before = self.utterances[number - 1] if number else None
        after = self.utterances[number + 1] if number + 1 < len(self.utterances) else None
        if is_sarcastic(utterance, before, after):
            framed.set_frame(range(len(utterance.tokens)), Frame.TAKEN_BACK)
            return
        if opens_role_play(utterance, self._following(number)):
            self._scope = Scope(ScopeKind.ROLE_PLAY, Frame.MATERIAL, paragraph=utterance.paragraph)
            return
        if opens_letter(utterance):
            self._scope = Scope(
                ScopeKind.LETTER, Frame.MATERIAL, paragraph=utterance.paragraph, line=utterance.line
            )
            self._scope.is_signed = closes_letter(utterance)
            return
        frame_clauses(framed, before)
        if asks_for_service(utterance):
            words = utterance.words
            end = words.index(":") if ":" in words else len(words)
            framed.set_frame([i for i in utterance.clauses[0].indexes if i < end], Frame.QUESTION)
        self._open_supposition(framed)
        self._open_introduction(framed)
        self._frame_quotations(number, framed)
        if is_formal_close(utterance):
            framed.set_frame(range(len(utterance.tokens)), Frame.MATERIAL)
            self._scope = Scope(
                ScopeKind.LETTER, Frame.MATERIAL, paragraph=utterance.paragraph, is_signed=True
            )
        elif self._scope is None:
            is_announced, reporter = announces_words(utterance)
            if is_announced:
                framed.set_frame(range(len(utterance.tokens)), Frame.REPORTED, reporter)
                self._scope = Scope(ScopeKind.REPORT, Frame.REPORTED, reporter)
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
        self._scope = Scope(ScopeKind.SUPPOSITION, Frame.HYPOTHETICAL, paragraph=utterance.paragraph)
        if utterance.text.rstrip().endswith(":"):
            self._scope.paragraph = None
        for clause in utterance.clauses:
            if clause.head in questions and clause is not opener:
                self._scope.is_done = True
            elif clause.indexes[-1] >= opener.start:
                framed.set_frame(clause.indexes, Frame.HYPOTHETICAL)
        self._scope.is_done = self._scope.is_done or utterance.is_question

    def _open_introduction(self, framed: FramedUtterance) -> None:
        """Frame what follows a colon or a dash."""
        utterance = framed.utterance
        if self._scope is not None:
            return
        found = find_introduction(utterance, self.author)
        if found is None:
            return
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
            return
        framed.set_frame(range(found.content, len(utterance.tokens)), frame, reporter)
        kind = ScopeKind.REPORT if frame is Frame.REPORTED else ScopeKind.MATERIAL
        has_content = found.content < len(utterance.tokens)
        self._scope = Scope(
            kind, frame, reporter, found.is_task, utterance.paragraph if has_content else None, utterance.line
        )
        self._scope.is_signed = has_content and closes_letter(utterance)

    def _begins_quotation(self, utterance: Utterance, content: int) -> int | None:
        """The number of the quotation that begins where introduced content does."""
        if content >= len(utterance.tokens):
            return None
        start = utterance.tokens[content].start
        for number, quotation in enumerate(self.quotations):
            if quotation.start <= start <= quotation.start + 1:
                return number
        return None

    def _frame_quotations(self, number: int, framed: FramedUtterance) -> None:
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
        if self._shows_its_text(utterance):
            return
        rest = self.utterances[number + 1 :]
        if any(not u.is_question and not ASIDE.match(u.lower) for u in rest):
            self._scope = Scope(ScopeKind.MATERIAL, Frame.MATERIAL, is_task=True)
        elif points_back(utterance) and not self._has_quotation():
            for earlier in self.framed:
                if tells_why(earlier.utterance):
                    continue
                kept = [i for i, frame in enumerate(earlier.frames) if frame in KEPT_FRAMES]
                earlier.set_frame(kept, Frame.MATERIAL)

    def _shows_its_text(self, utterance: Utterance) -> bool:
        """Whether a request quotes what it works on: "translate 'good day'", "check this flyer: '…'"."""
        for quotation in self.quotations:
            before = [token for token in utterance.tokens if token.start < quotation.start]
            if before and quotation.start < utterance.end and quotation.is_closed:
                lead = before[-1]
                if lead.text == ":" or lead.lemma.lower() in TEXT_TASKS | QUOTED_NOUNS:
                    return True
        return False

    def _has_quotation(self) -> bool:
        return bool(self._quoted) or any(u.is_code for u in self.utterances)


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
