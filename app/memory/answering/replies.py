"""Reads the model's reply: claims count only with the records that they cite, of those that were shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import OnErrorOmit, ValidationError

from app.memory.answering.evidence import Evidence
from app.memory.model_replies import Prose, ReplyModel, WholeNumber, strict_schema

MAX_CLAIMS = 20
MAX_CLAIM_CHARS = 1_000
MAX_MISSING_CHARS = 500
MAX_QUESTION_CHARS = 300


class ClaimReply(ReplyModel):
    """One sentence of an answer, and the numbers of the records that it rests on."""

    text: Prose
    sources: tuple[OnErrorOmit[WholeNumber], ...] = ()


class AnswerReply(ReplyModel):
    """The reply to `build_answer_messages`; what comes first can be shown first."""

    sub_questions: tuple[OnErrorOmit[Prose], ...] = ()
    claims: tuple[OnErrorOmit[ClaimReply], ...] = ()
    missing: Prose = ""


ANSWER_SCHEMA = strict_schema(AnswerReply)


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence with the ids of the records that it cites; without any it is not part of the answer."""

    text: str
    cited_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """What of a reply can be used."""

    claims: tuple[Claim, ...]
    sub_questions: tuple[str, ...]
    missing: str


def parse_answer(
    reply: Mapping[str, Any], evidence: Sequence[Evidence], sub_question_count: int
) -> ParsedAnswer:
    """Read a reply about these records, of which each claim may cite those that were shown."""
    read = AnswerReply.model_validate(reply)
    questions = dict.fromkeys(text[:MAX_QUESTION_CHARS] for text in read.sub_questions if text)
    return ParsedAnswer(
        tuple(_to_claim(claim, evidence) for claim in read.claims[:MAX_CLAIMS] if claim.text),
        tuple(questions)[:sub_question_count],
        read.missing[:MAX_MISSING_CHARS],
    )


def _to_claim(claim: ClaimReply, evidence: Sequence[Evidence]) -> Claim:
    shown = [number for number in dict.fromkeys(claim.sources) if 1 <= number <= len(evidence)]
    return Claim(claim.text[:MAX_CLAIM_CHARS], tuple(evidence[number - 1].id for number in shown))


class ClaimReader:
    """Finds the claims of a reply that is still being written, each as soon as it is complete."""

    def __init__(self, evidence: Sequence[Evidence]) -> None:
        self._evidence, self._text = evidence, ""
        self._position: int | None = None  # behind the last claim that was read; None before the first
        self._count = 0

    def feed(self, text: str) -> list[Claim]:
        """Add what came; the claims that it completes, at most `MAX_CLAIMS` in all."""
        self._text += text
        if self._position is None:
            begin = self._text.find('"claims"')
            opening = self._text.find("[", begin) if begin >= 0 else -1
            if opening < 0:
                return []
            self._position = opening + 1
        found: list[Claim] = []
        while self._count < MAX_CLAIMS and (value := self._read_next()) is not None:
            try:
                claim = ClaimReply.model_validate(value)
            except ValidationError:
                continue  # no claim, as `parse_answer` will find too
            self._count += 1
            if claim.text:
                found.append(_to_claim(claim, self._evidence))
        return found

    def _read_next(self) -> Any:
        """The next complete object, list or text of the list; None if there is none yet."""
        assert self._position is not None
        begin = self._position
        while begin < len(self._text) and self._text[begin] in " \t\r\n,":
            begin += 1
        if self._text[begin : begin + 1] not in {"{", "[", '"'}:
            return None
        try:
            value, self._position = json.JSONDecoder().raw_decode(self._text, begin)
        except (ValueError, RecursionError):  # not complete yet
            return None
        return value
