"""Searches, contexts, answers and what was used of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from .._requests import AnswerEvent, EventReader, given, route
from ..errors import ConnectionFailedError
from ..types import CitedAnswer, Feedback, Fields, Id, Labels, PromptContext, SearchResults
from .base import AsyncBase

WAIT_MARGIN_SECONDS = 10.0
MODEL_SECONDS = 180.0


class AsyncSearches(AsyncBase):
    """What is asked of the memory."""

    async def search(
        self,
        query: str,
        *,
        user_id: str | None = None,
        k: int | None = None,
        kinds: Labels | None = None,
        session_id: str | None = None,
        asked_in: str | None = None,
        agent_id: str | None = None,
        filters: Fields | None = None,
        reference_time: datetime | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        shared: bool | None = None,
        include_superseded: bool | None = None,
        min_relevance: float | None = None,
        neighbours: int | None = None,
        wait_for: Id | None = None,
        wait_seconds: float | None = None,
        explain: bool | None = None,
    ) -> SearchResults:
        """The turns and memories that answer a question, best first, with their sources.

        Args:
            query: The question.
            user_id: Whose memory.
            k: How many items, 1 to 200.
            kinds: Only memories of these kinds; `turn` for turns.
            session_id: Only what was said in this session.
            asked_in: The session that the question is asked in, which says what "it" is.
            agent_id: Only what this agent took part in.
            filters: `roles`, `speaker`, `tags`, `since`, `until`, `place`, `near`, `metadata`.
            reference_time: What "yesterday" is counted from.
            as_of: What was true then.
            known_at: What was recorded by then.
            shared: Also what others granted to the user.
            include_superseded: Also what is no longer true.
            min_relevance: Leave out items of a smaller `relevance`, 0 to 1.
            neighbours: Turns before and after each item, 0 to 3.
            wait_for: The job to wait for, up to `wait_seconds` (at most 30).
            wait_seconds: See `wait_for`.
            explain: With the features of each score.
        """
        body = given(
            user_id=self._user(user_id),
            query=query,
            k=k,
            kinds=None if kinds is None else list(kinds),
            session_id=session_id,
            asked_in=asked_in,
            agent_id=agent_id,
            filters=filters,
            reference_time=reference_time,
            as_of=as_of,
            known_at=known_at,
            shared=shared,
            include_superseded=include_superseded,
            min_relevance=min_relevance,
            neighbours=neighbours,
            wait_for=wait_for,
            wait_seconds=wait_seconds,
            explain=explain,
        )
        timeout = (wait_seconds or 0.0) + WAIT_MARGIN_SECONDS
        return await self._read(
            SearchResults, "POST", "/v1/search", body=body, timeout=timeout, repeatable=True
        )

    async def context(
        self,
        query: str,
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        agent_id: str | None = None,
        filters: Fields | None = None,
        max_tokens: int | None = None,
        k: int | None = None,
        neighbours: int | None = None,
        reference_time: datetime | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        shared: bool | None = None,
        format: str | None = None,
        wait_for: Id | None = None,
        wait_seconds: float | None = None,
    ) -> PromptContext:
        """A block of text for a prompt: the last turns, what the question finds, the weightiest memories.

        Send its `memory_ids` and `turn_ids` as `shown_memory_ids` of the model's next turn. `format` is
        `markdown`, `xml` or `json`; the other arguments are those of `search`.
        """
        body = given(
            user_id=self._user(user_id),
            query=query,
            session_id=session_id,
            agent_id=agent_id,
            filters=filters,
            max_tokens=max_tokens,
            k=k,
            neighbours=neighbours,
            reference_time=reference_time,
            as_of=as_of,
            known_at=known_at,
            shared=shared,
            format=format,
            wait_for=wait_for,
            wait_seconds=wait_seconds,
        )
        timeout = (wait_seconds or 0.0) + WAIT_MARGIN_SECONDS
        return await self._read(
            PromptContext, "POST", "/v1/context", body=body, timeout=timeout, repeatable=True
        )

    async def answer(self, query: str, *, user_id: str | None = None, **options: Any) -> CitedAnswer:
        """What the service's LLM answers from the memory: claims that cite what they rest on.

        `options` are those of `search` but for `neighbours`, `wait_for`, `wait_seconds`,
        `include_superseded`, `min_relevance` and `explain`; beside them `sub_questions` (0 to 3) and
        `max_evidence_tokens`.
        """
        body = self._question(query, user_id, options)
        return await self._read(CitedAnswer, "POST", "/v1/answer", body=body, timeout=MODEL_SECONDS)

    async def answer_stream(
        self, query: str, *, user_id: str | None = None, **options: Any
    ) -> AsyncIterator[AnswerEvent]:
        """The same as events while the model writes; the last one is `answer`, which alone is final."""
        body = {**self._question(query, user_id, options), "stream": True}
        headers = {"Accept": "text/event-stream"}
        reader, ended = EventReader(), False
        async with self._stream(
            "POST", "/v1/answer", body=body, headers=headers, timeout=MODEL_SECONDS
        ) as response:
            async for chunk in response.aiter_bytes():
                for event in reader.feed(chunk):
                    ended = ended or event.type == "answer"
                    yield event
        if not ended:
            raise ConnectionFailedError("The answer broke off.", maybe_done=True)

    async def feedback(self, retrieval_id: Id, cited_ids: Labels) -> Feedback:
        """Say which items of a search or context were used; they fade more slowly, and the ranking learns."""
        body = {"cited_ids": [str(cited) for cited in cited_ids]}
        path = route("/v1/retrievals/{}/feedback", retrieval_id)
        return await self._read(Feedback, "POST", path, body=body)

    def _question(self, query: str, user_id: str | None, options: Fields) -> dict[str, Any]:
        kinds: Labels | None = options.get("kinds")
        body = {**options, "kinds": None if kinds is None else list(kinds)}
        return given(user_id=self._user(user_id), query=query, **body)
