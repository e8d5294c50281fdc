# Written by scripts/unasync.py from memcubed/_async; do not edit.
"""Turns, sessions and the jobs that read them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from .._requests import given, route, says, to_turns
from .._retry import MAX_UPDATE_TRIES, backoff
from ..errors import (
    ConnectionFailedError,
    JobFailedError,
    NotFoundError,
    PreconditionFailedError,
    WaitTimeoutError,
)
from ..types import (
    AcceptedTurns,
    DerivedMemory,
    Fields,
    Id,
    JobDetail,
    ListedSession,
    SessionErasure,
    SessionStateVersion,
    Turn,
    TurnsInput,
)
from .base import Base

BUNDLE_SECONDS = 600.0
FIRST_POLL_SECONDS = 0.05
LONGEST_POLL_SECONDS = 1.0
ENDED = {"succeeded", "failed", "dead"}


class Turns(Base):
    """What is said, and where it is read."""

    def add(
        self,
        turns: TurnsInput,
        session_id: str,
        *,
        user_id: str | None = None,
        agent_id: str | None = None,
        close_session: bool = False,
        idempotency_key: str | None = None,
    ) -> AcceptedTurns:
        """Post turns of a session. They are durable when this returns; a job makes memories of them (`wait`).

        Args:
            turns: A text of the user, one turn (`{"role": …, "content": …}`), or up to 500 of them.
            session_id: The conversation.
            user_id: Whose memory.
            agent_id: The agent that took part.
            close_session: The session is over, so it is read at once.
            idempotency_key: Made for each call unless given: no attempt of one call writes twice.
        """
        body = given(agent_id=agent_id, close_session=close_session or None)
        body |= {"user_id": self._user(user_id), "session_id": session_id, "turns": to_turns(turns)}
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return self._read(AcceptedTurns, "POST", "/v1/turns", body=body, headers=headers)

    def wait(self, job: Id | AcceptedTurns, timeout: float = 60.0) -> JobDetail:
        """Wait until a job has ended, given by its id or as what `add` returned."""
        job_id = job.job_id if isinstance(job, AcceptedTurns) else job
        deadline = time.monotonic() + timeout
        pause = FIRST_POLL_SECONDS
        while True:
            found = self._read(JobDetail, "GET", route("/v1/jobs/{}", job_id))
            if found.status == "succeeded":
                return found
            if found.status in ENDED:
                raise JobFailedError(found)
            left = deadline - time.monotonic()
            if left <= 0:
                raise WaitTimeoutError(found.id, found.status)
            time.sleep(min(pause, left))
            pause = min(LONGEST_POLL_SECONDS, pause * 1.5)

    def turns(
        self,
        *,
        user_id: str | None = None,
        session_id: str | None = None,
        state: str | None = None,
        metadata: Fields | None = None,
        order: str | None = None,
        limit: int = 100,
    ) -> Iterator[Turn]:
        """All turns in the order of arrival, with `order="desc"` the last first. `limit` is a page's size."""
        query = given(session_id=session_id, state=state, metadata=metadata, order=order, limit=limit)
        return self._pages(Turn, "/v1/turns", user_id=self._user(user_id), **query)

    def delete_turn(self, turn_id: Id) -> None:
        """Delete a turn, and the memories that rest on it alone."""
        self._delete(route("/v1/turns/{}", turn_id))

    def sessions(self, *, user_id: str | None = None, limit: int = 100) -> Iterator[ListedSession]:
        """The sessions of a user. `limit` is the size of a page."""
        return self._pages(ListedSession, "/v1/sessions", user_id=self._user(user_id), limit=limit)

    def delete_session(self, session_id: str, *, user_id: str | None = None) -> SessionErasure:
        """Delete a session: its turns and the memories that rest on them alone; zeros if it is not there."""
        query = {"user_id": self._user(user_id)}
        return self._read(
            SessionErasure,
            "DELETE",
            route("/v1/sessions/{}", session_id),
            query=query,
            timeout=BUNDLE_SECONDS,
        )

    def summary(self, session_id: str, *, user_id: str | None = None) -> DerivedMemory:
        """The summary of a session, with its sources."""
        query = {"user_id": self._user(user_id)}
        return self._read(DerivedMemory, "GET", route("/v1/sessions/{}/summary", session_id), query=query)

    def state(self, session_id: str, *, user_id: str | None = None) -> SessionStateVersion | None:
        """Goals, topics and data of a session; None while there is no state."""
        path, query = route("/v1/sessions/{}/state", session_id), {"user_id": self._user(user_id)}
        try:
            return self._read(SessionStateVersion, "GET", path, query=query)
        except NotFoundError:
            return None

    def update_state(
        self,
        session_id: str,
        change: Fields | Callable[[dict[str, Any]], Fields | None],
        *,
        user_id: str | None = None,
    ) -> SessionStateVersion | None:
        """Change a session's state, again on what is newest where somebody else was first.

        Args:
            session_id: The conversation.
            change: Fields to replace (`goals`, `topics`, `data`), or a function that gets the state as a dict
                (empty while there is none) and gives the fields; where it gives none, nothing is written.
            user_id: Whose session.
        """
        owner, path = self._user(user_id), route("/v1/sessions/{}/state", session_id)
        for attempt in range(MAX_UPDATE_TRIES):
            found = self.state(session_id, user_id=owner)
            version = found.version if found is not None else 0
            before: dict[str, Any] = found.state.to_dict() if found is not None else {}
            fields = change(dict(before)) if callable(change) else change
            if not fields:
                return found
            body = {"user_id": owner, "state": {**before, **fields}}
            try:
                return self._read(
                    SessionStateVersion, "PUT", path, body=body, headers={"If-Match": str(version)}
                )
            except PreconditionFailedError:
                if attempt == MAX_UPDATE_TRIES - 1:
                    raise
            except ConnectionFailedError as error:
                if not error.maybe_done or attempt == MAX_UPDATE_TRIES - 1:
                    raise
                now = self.state(session_id, user_id=owner)
                if now is not None and now.version == version + 1 and says(now.state.to_dict(), fields):
                    return now
            time.sleep(backoff(attempt))
        raise AssertionError("not reached")

    def _delete(self, path: str, **options: Any) -> None:
        """Delete; that it is gone after an attempt whose answer was lost is a success."""
        try:
            self._call("DELETE", path, **options)
        except NotFoundError as error:
            if not error.after_lost_answer:
                raise
