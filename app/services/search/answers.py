"""Answer a question: search, let the model write claims about what was found, and keep those that cite it.

The model is asked at most twice, the second time with what its sub-questions found. It is shown only what
holds at the time that is asked about. Its calls and tokens are counted for the tenant, whatever comes of it.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from uuid import UUID

import structlog

from app.core.errors import Conflict
from app.core.security import Principal
from app.core.vocabulary import (
    AbstainReason,
    ItemType,
    KeyScope,
    LlmPurpose,
    NoAnswerReason,
    SearchKind,
    Status,
)
from app.llm.chat import ChatModel, ChatReply
from app.llm.chat_stream import StreamedReply, stream_json
from app.llm.client import EndpointFailed, Usage
from app.llm.embeddings import count_tokens
from app.memory.answering.evidence import MAX_EVIDENCE_CHARS, Evidence, build_answer_messages, fit_evidence
from app.memory.answering.replies import ANSWER_SCHEMA, Claim, ClaimReader, ParsedAnswer, parse_answer
from app.resources import Resources
from app.schemas.platform.jobs import LlmUsage
from app.schemas.search.answers import AnswerOut, AnswerQuestion, ClaimOut, ShownEvent
from app.schemas.search.search import SearchItem, SearchMemory
from app.services.memories.as_of import BitemporalPoint
from app.services.platform.llm_usage import record_llm_usage
from app.services.platform.user_context import UserContext
from app.services.search import retrievals, search
from app.services.search.question_embedding import QuestionText
from app.services.search.retrievals import ShownItem
from app.services.search.search import SearchAnswer
from app.services.search.search_batches import embed_questions

log = structlog.get_logger(__name__)
_SCHEMA = (ANSWER_SCHEMA, "answer")


class Restart:
    """What was streamed so far does not count: the answer is written anew."""


AnswerEvent = ShownEvent | ClaimOut | Restart | AnswerOut


def require_answerable(resources: Resources, principal: Principal, request: AnswerQuestion) -> None:
    """Raise `Forbidden` unless the caller may read the user's memory, `Conflict` without an LLM."""
    principal.require_scope(KeyScope.READ)
    principal.require_user(request.user_id)
    if resources.chat is None:
        raise Conflict("This service has no LLM, and only an LLM can answer: set MEMCUBED_LLM_BASE_URL.")


def answer_question(
    resources: Resources, principal: Principal, request: AnswerQuestion, has_left: Callable[[], bool]
) -> AnswerOut | None:
    """Answer a question; None if the caller `has_left` before the model was asked for the last time.

    Raises `Forbidden`, `Conflict` without an LLM, `UpstreamFailed` when the model gives no usable reply.
    """
    answer: AnswerOut | None = None
    for event in iter_answer(resources, principal, request, is_streamed=False):
        if has_left():
            return None
        if isinstance(event, AnswerOut):
            answer = event
    return answer


def iter_answer(
    resources: Resources, principal: Principal, request: AnswerQuestion, *, is_streamed: bool = True
) -> Generator[AnswerEvent]:
    """Yield what there is of an answer as it comes, and the answer at last. Raises as `answer_question`."""
    require_answerable(resources, principal, request)
    work = _Answering(UserContext(resources, principal, request.user_id), request, is_streamed)
    try:
        yield from work.run()
    finally:
        work.record_usage()  # also when the caller leaves: what was asked is paid for


@dataclass
class _Answering:
    """One question on its way to an answer."""

    ctx: UserContext
    request: AnswerQuestion
    is_streamed: bool
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    items: dict[UUID, SearchItem] = field(default_factory=dict[UUID, SearchItem])
    evidence: list[Evidence] = field(default_factory=list[Evidence])
    sub_questions: tuple[str, ...] = ()

    @property
    def _chat(self) -> ChatModel:
        assert self.ctx.resources.chat is not None
        return self.ctx.resources.chat

    def run(self) -> Generator[AnswerEvent]:
        """Search, ask, and search and ask again if the model has further questions."""
        found = search.find_answer(self.ctx, self._search_for(self.request.query))
        self._add_items(found.response.items)
        yield self._shown()
        parsed: ParsedAnswer | None = None
        if self.evidence:
            parsed = yield from self._ask(self.request.sub_questions)
            if not parsed.claims and parsed.sub_questions:
                self._look_up(parsed.sub_questions)
                yield self._shown()
                parsed = yield from self._ask(0)
        yield self._to_answer(found, parsed)

    def _search_for(self, query: str) -> SearchMemory:
        request = self.request
        return SearchMemory(
            user_id=request.user_id,
            query=query,
            k=request.k,
            kinds=[SearchKind(kind) for kind in request.kinds] if request.kinds is not None else None,
            session_id=request.session_id,
            asked_in=request.asked_in,
            agent_id=request.agent_id,
            filters=request.filters,
            reference_time=request.reference_time,
            as_of=request.as_of,
            known_at=request.known_at,
            shared=request.shared,
        )

    def _add_items(self, found: Sequence[SearchItem]) -> None:
        point = BitemporalPoint(self.request.as_of, self.request.known_at)
        now = self.request.reference_time or point.answer_time(self.ctx.resources.now())
        for item in found:
            # What was replaced, or had ended by then, would be told as if it held.
            has_ended = item.valid_to is not None and item.valid_to <= now
            is_current = item.status in {None, Status.ACTIVATED}
            if is_current and not has_ended and not item.superseded_by:
                self.items.setdefault(item.id, item)
        records = [_to_evidence(item) for item in self.items.values()]
        self.evidence = fit_evidence(records, self.request.max_evidence_tokens, count_tokens)

    def _look_up(self, questions: tuple[str, ...]) -> None:
        """Search for each question; what they find comes first, the best of each before the next best."""
        self.sub_questions = questions
        embed_questions(self.ctx.resources, [(self.ctx, QuestionText(one)) for one in questions])
        answers = [search.find_answer(self.ctx, self._search_for(question)) for question in questions]
        found = [answer.response.items for answer in answers]
        in_turn = [item for items in zip_longest(*found) for item in items if item is not None]
        before, self.items = self.items, {}
        self._add_items([*in_turn, *before.values()])

    def _ask(self, sub_question_count: int) -> Generator[AnswerEvent, None, ParsedAnswer]:
        point = BitemporalPoint(self.request.as_of, self.request.known_at)
        today = self.request.reference_time or point.answer_time(self.ctx.resources.now())
        messages = build_answer_messages(self.request.query, today, self.evidence, sub_question_count)
        value = (yield from self._stream(messages)) if self.is_streamed else None
        if value is None:
            try:
                reply: ChatReply = self._chat.complete_json(messages, *_SCHEMA)
            except EndpointFailed as failure:
                self.usage += failure.usage
                raise
            self.usage += reply.usage
            self.model, value = reply.model, reply.value
            parsed = parse_answer(value, self.evidence, sub_question_count)
            if self.is_streamed:
                yield from map(_to_claim_out, parsed.claims)
            return parsed
        return parse_answer(value, self.evidence, sub_question_count)

    def _stream(
        self, messages: list[dict[str, str]]
    ) -> Generator[AnswerEvent, None, dict[str, object] | None]:
        """Yield the claims as the model completes them; returns its reply, None if it must be asked anew."""
        reply, reader, is_begun = StreamedReply(), ClaimReader(self.evidence), False
        parts = stream_json(self._chat.client, (self._chat.model, messages), _SCHEMA, reply)
        try:
            for part in parts:
                for claim in reader.feed(part):
                    is_begun = True
                    yield _to_claim_out(claim)
        except EndpointFailed as failure:
            log.warning("answer_not_streamed", error=failure.code, status=failure.http_status)
            if is_begun:
                yield Restart()
            return None
        finally:
            parts.close()
            self.usage += reply.usage
        self.model = reply.model or self._chat.model
        return reply.value

    def _shown(self) -> ShownEvent:
        return ShownEvent(
            shown_ids=[record.id for record in self.evidence], sub_questions=list(self.sub_questions)
        )

    def _to_answer(self, found: SearchAnswer, parsed: ParsedAnswer | None) -> AnswerOut:
        claims = parsed.claims if parsed is not None else ()
        supported = [claim for claim in claims if claim.cited_ids]
        reason = None if supported else self._abstain_reason(found, parsed)
        cited = dict.fromkeys(cited_id for claim in supported for cited_id in claim.cited_ids)
        missing = parsed.missing or None if parsed is not None else None
        features = {item.id: item.features for item in found.shown_items}
        shown = [ShownItem(record.id, features.get(record.id)) for record in self.evidence]
        return AnswerOut(
            answer=" ".join(claim.text for claim in supported) or None,
            abstained=not supported,
            reason=reason,
            missing=missing if reason is NoAnswerReason.NOT_IN_EVIDENCE else None,
            claims=[_to_claim_out(claim) for claim in claims],
            items=[self.items[cited_id] for cited_id in cited],
            shown_ids=[record.id for record in self.evidence],
            sub_questions=list(self.sub_questions),
            usage=self._usage_out(),
            model=self.model,
            retrieval_id=retrievals.record_retrieval(self.ctx, found.epoch, found.ranker_version, shown),
        )

    def _abstain_reason(self, found: SearchAnswer, parsed: ParsedAnswer | None) -> NoAnswerReason:
        if parsed is None:
            if found.response.items:
                return NoAnswerReason.ONLY_SUPERSEDED  # they were left out because they hold no more
            return NoAnswerReason(found.response.reason or AbstainReason.NO_MATCH)
        return NoAnswerReason.UNCITED if parsed.claims else NoAnswerReason.NOT_IN_EVIDENCE

    def _usage_out(self) -> LlmUsage:
        return LlmUsage(
            calls=self.usage.calls,
            failed_calls=self.usage.failed_calls,
            prompt_tokens=self.usage.prompt_tokens,
            completion_tokens=self.usage.completion_tokens,
        )

    def record_usage(self) -> None:
        """Count calls, tokens and times for the tenant, as those of extraction are."""
        if self.usage.calls:
            record_llm_usage(self.ctx.resources, self.ctx.principal, LlmPurpose.ANSWER, self.usage)


def _to_claim_out(claim: Claim) -> ClaimOut:
    return ClaimOut(text=claim.text, cited_ids=list(claim.cited_ids), supported=bool(claim.cited_ids))


def _to_evidence(item: SearchItem) -> Evidence:
    source = item.sources[0] if item.sources else None
    at = (source.observed_at if source is not None else None) or item.valid_from
    is_turn = item.type is ItemType.TURN
    speaker = (source.name or source.role) if source is not None and is_turn else None
    date = f"{at:%Y-%m-%d}" if at is not None else ""
    is_cut = item.excerpt is not None and len(item.content) > MAX_EVIDENCE_CHARS
    told = item.excerpt.text if is_cut and item.excerpt is not None else item.content
    return Evidence(item.id, told, date, speaker, is_disputed=bool(item.conflicts))
