"""The frames of the clauses of one utterance."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.vocabulary import Frame
from app.memory.extraction.offline.frames.conditions import find_conditional_clauses
from app.memory.extraction.offline.frames.grammar import frame_of_grammar
from app.memory.extraction.offline.frames.questions import find_asking_tail, find_questions, is_request
from app.memory.extraction.offline.frames.reports import COLLOQUIAL, find_reporter, find_speech_verb
from app.memory.extraction.offline.frames.utterances import Utterance, has_said_thing
from app.memory.extraction.offline.frames.words import FIRST_PERSON

KEPT_FRAMES = frozenset({Frame.ASSERTED, Frame.PLANNED, Frame.ENDED})
_COMMAS = frozenset({",", "-", "—", "–"})


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


def frame_clauses(framed: FramedUtterance, before: Utterance | None) -> None:
    """Give each clause the frame that its grammar shows; `before` is the utterance before this one."""
    utterance = framed.utterance
    questions, conditional = find_questions(utterance), find_conditional_clauses(utterance)
    tail = find_asking_tail(utterance)
    if tail is not None and utterance.clauses[-1].head < tail:
        questions.discard(utterance.clauses[-1].head)
    spoken: tuple[str | None] | None = None
    for number, clause in enumerate(utterance.clauses):
        if clause.head in questions:
            framed.set_frame(clause.indexes, Frame.QUESTION)
            continue
        if spoken is None:
            spoken = _find_direct_speaker(utterance, number)
        is_reported, reporter = (True, spoken[0]) if spoken is not None else find_reporter(utterance, clause)
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


def _find_direct_speaker(utterance: Utterance, number: int) -> tuple[str | None] | None:
    """Who speaks from the next clause on: "She texted me, I'm pregnant"; None if nobody but the speaker."""
    clause = utterance.clauses[number]
    if find_reporter(utterance, clause)[0] or not _is_spoken_after(utterance, number):
        return None
    found = find_speech_verb(utterance, clause.indexes[0], clause.indexes[-1] + 1, loose=COLLOQUIAL)
    if found is None or has_said_thing(utterance, found[0], len(utterance.tokens)):
        return None
    return (found[1],)


def _is_spoken_after(utterance: Utterance, number: int) -> bool:
    """Whether after a mere comma a clause in the first person follows."""
    if number + 1 >= len(utterance.clauses):
        return False
    subject = utterance.own_subject(utterance.clauses[number + 1].head)
    if subject is None or subject.index == 0:
        return False
    phrase = utterance.subtree(subject.index)
    is_own = any(utterance.words[i] in FIRST_PERSON for i in phrase)
    return is_own and utterance.words[phrase[0] - 1] in _COMMAS
