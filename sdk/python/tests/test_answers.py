"""Answers, at once and as they are written, from a service with an LLM (MEMCUBED_URL_WITH_LLM).

The LLM says: the first record with the word Oslo, cited; without one, that Oslo is missing.
"""

from __future__ import annotations

import os
from typing import Any
from uuid import uuid4

import pytest
from faulty import Cut, FaultyServer, Reply, problem

from memcubed import ConflictError, ConnectionFailedError, InvalidRequestError, UnavailableError

SAID = [
    "I keep my bees on the roof in Oslo.",
    "The bees came from Rome.",
    "A line\u2028that breaks \x85 in Oslo.",
]
QUESTION = "Where does Ann keep her bees?"


@pytest.fixture
def ann(make: Any) -> Any:
    client = make(os.environ["MEMCUBED_URL_WITH_LLM"], os.environ["MEMCUBED_API_KEY_WITH_LLM"])
    user = client.user(f"u-{uuid4().hex[:8]}")
    user.add([{"role": "user", "name": "Ann", "content": text} for text in SAID], "s")
    return user


@pytest.fixture
def server() -> Any:
    with FaultyServer(os.environ["MEMCUBED_URL_WITH_LLM"]) as faulty:
        yield faulty


def test_at_once(ann: Any) -> None:
    answer = ann.answer(QUESTION, k=5, max_evidence_tokens=500, kinds=["fact"])
    assert (answer.abstained, answer.reason) == (True, "no_match")
    answer = ann.answer(QUESTION)
    assert (answer.answer, answer.abstained) == ("On the roof in Oslo.", False)
    assert answer.claims[0].cited_ids == [answer.items[0].id]
    ann.feedback(answer.retrieval_id, answer.claims[0].cited_ids)


def test_as_it_is_written(ann: Any) -> None:
    events = list(ann.answer_stream(QUESTION))
    assert [event.type for event in events] == ["shown", "claim", "answer"]
    assert [event.answer is None for event in events] == [True, True, False]
    assert events[-1].answer.answer == "On the roof in Oslo."
    assert events[1].data["text"] == "On the roof in Oslo."


def test_lines_in_texts_do_not_break_events(ann: Any) -> None:
    events = list(ann.answer_stream("Which line that breaks in Oslo?", session_id="s"))
    assert events[-1].answer.items[0].content in SAID


def test_one_may_leave_in_the_middle(ann: Any) -> None:
    assert next(ann.answer_stream(QUESTION)).type == "shown"
    assert ann.answer(QUESTION).answer


def test_what_is_refused_comes_at_once(ann: Any, memory: Any) -> None:
    with pytest.raises(InvalidRequestError):
        next(ann.answer_stream(QUESTION, k=999))
    with pytest.raises(InvalidRequestError):
        ann.answer(QUESTION, colour="red")
    with pytest.raises(ConflictError):
        memory.answer(QUESTION)
    with pytest.raises(ConflictError):
        list(memory.answer_stream(QUESTION))


EVENTS = b'event: shown\ndata: {"shown_ids": []}\n\n'
STREAM = {"Content-Type": "text/event-stream"}


@pytest.mark.parametrize(
    ("faults", "error", "requests"),
    [
        ([Reply(200, EVENTS, STREAM)], ConnectionFailedError, 1),
        ([Reply(200, EVENTS + b"event: answer\ndata: {", STREAM)], ConnectionFailedError, 1),
        ([Cut("after", within=60)], ConnectionFailedError, 1),
        ([Cut()], ConnectionFailedError, 1),
        (
            [Reply(200, EVENTS + b'event: error\ndata: {"status": 503, "code": "unavailable"}\n\n', STREAM)],
            UnavailableError,
            1,
        ),
        ([problem(503, "unavailable", headers={"Retry-After": "0"})] * 3, UnavailableError, 3),
    ],
)
def test_faults_on_the_way(
    faults: Any, error: Any, requests: int, make: Any, ann: Any, server: FaultyServer
) -> None:
    server.script = list(faults)
    client = make(server.url, os.environ["MEMCUBED_API_KEY_WITH_LLM"], user_id=ann.user_id, max_retries=2)
    with pytest.raises(error):
        list(client.answer_stream(QUESTION))
    assert len(server.seen) == requests


def test_a_busy_service_is_asked_again(make: Any, ann: Any, server: FaultyServer) -> None:
    server.script = [problem(429, "too_many_requests", headers={"Retry-After": "0"})]
    client = make(server.url, os.environ["MEMCUBED_API_KEY_WITH_LLM"], user_id=ann.user_id)
    assert list(client.answer_stream(QUESTION))[-1].answer.answer == "On the roof in Oslo."
