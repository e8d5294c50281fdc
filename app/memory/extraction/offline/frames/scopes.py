"""Frames that reach over the utterances that follow, and where they end."""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.core.vocabulary import Frame
from app.memory.extraction.offline.frames.clause_frames import FramedUtterance
from app.memory.extraction.offline.frames.letters import closes_letter
from app.memory.extraction.offline.frames.openers import leaves_role_play, returns_to_speaker
from app.memory.extraction.offline.frames.questions import find_questions, is_request
from app.memory.extraction.offline.frames.text_work import asks_for_work
from app.memory.extraction.offline.frames.utterances import Utterance

ASIDE = re.compile(
    r"^\W*(?:(?:ok|okay|so|well|now|but|and)\W+)*(?:anyway|anyways|by the way|btw|as for me|thanks"
    r"|thank you|please)\b"
)
# A question about a text or about its writer is the speaker's, and so ends what they showed.
_QUESTION_ABOUT = re.compile(
    r"\b(?:should|can|could|do|must|may|would|shall|am|did|have) (?:i|we)\b|\b(?:can|could|would|will"
    r"|do|did) you\b|\b(?:him|her|them)\b"
    r"|\bwhat (?:does|do|should|would|can|is|could) (?:this|that|it|he|she|they|i|we)\b|\b(?:is|was|are"
    r"|isn't|does|did) (?:this|that|it|he|she|they)\b"
    r"|^\W*(?:weird|strange|funny|odd|crazy|thoughts|any ideas|how (?:do|should|would|can) (?:i|we)"
    r"|what now)\b"
)


_POLITE = re.compile(r"^\W*(?:(?:ok|okay|so|well|now|but|and)\W+)*(?:thanks|thank you|please)\b")


class ScopeKind(StrEnum):
    """What opened a scope."""

    MATERIAL = "material"
    REPORT = "report"
    LETTER = "letter"
    SUPPOSITION = "supposition"
    ROLE_PLAY = "role_play"


@dataclass
class Scope:
    """A frame that reaches over the utterances that follow; `paragraph` is where its first one stands.

    `is_task` says that work on a text was asked for, `is_signed` that the letter has been closed, `is_done`
    that the question about a supposition has been asked.
    """

    kind: ScopeKind
    frame: Frame
    reporter: str | None = None
    is_task: bool = False
    paragraph: int | None = None
    line: int = 0
    is_signed: bool = False
    is_done: bool = False

    def ends_before(self, utterance: Utterance) -> bool:
        """Whether an utterance is the speaker's own again."""
        if self.kind is ScopeKind.ROLE_PLAY:
            return leaves_role_play(utterance)
        is_new_paragraph = self.paragraph is not None and utterance.paragraph > self.paragraph
        if self.kind is ScopeKind.SUPPOSITION:
            return self.is_done or is_new_paragraph or returns_to_speaker(utterance)
        if self.paragraph is None:
            return False
        if self.is_signed:
            return utterance.is_question or is_new_paragraph
        return self._text_ends_before(utterance, is_new_paragraph)

    def _text_ends_before(self, utterance: Utterance, is_new_paragraph: bool) -> bool:
        asks = utterance.is_question and _QUESTION_ABOUT.search(utterance.lower) is not None
        if is_new_paragraph and (asks or self.kind is ScopeKind.REPORT or asks_for_work(utterance)):
            return True
        if ASIDE.match(utterance.lower) and (is_new_paragraph or not self.is_task):
            return is_new_paragraph or not _POLITE.match(utterance.lower)
        if asks and (utterance.line > self.line or not self.is_task):
            return True
        return self.kind is ScopeKind.REPORT and _tells_of_third_person(utterance)

    def frame_utterance(self, framed: FramedUtterance) -> None:
        """Put an utterance into this frame, and note what it tells about where the frame ends."""
        utterance = framed.utterance
        framed.set_frame(range(len(utterance.tokens)), self.frame, self.reporter)
        if self.paragraph is None:
            self.paragraph, self.line = utterance.paragraph, utterance.line
        if self.kind is ScopeKind.LETTER:
            self.paragraph = utterance.paragraph
        if self.kind is ScopeKind.SUPPOSITION:
            questions = find_questions(utterance)
            for clause in utterance.clauses:
                if clause.head in questions or is_request(utterance, clause):
                    framed.set_frame(clause.indexes, Frame.QUESTION)
                    self.is_done = True
        elif closes_letter(utterance):
            self.is_signed = True


def _tells_of_third_person(utterance: Utterance) -> bool:
    subject = utterance.own_subject(utterance.clauses[0].head) if utterance.clauses else None
    return subject is not None and subject.text.lower() in ("he", "she", "they")
