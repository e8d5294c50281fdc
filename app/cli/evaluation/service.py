"""The public API of the service that is evaluated."""

import time
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

import httpx

from app.core.errors import Unavailable

END_STATES = frozenset({"succeeded", "failed", "dead"})
_ON_WIRE = ("role", "name", "content", "ref", "observed_at")
_PAGE = 100
_POLL_SECONDS = 0.1
JsonObject = dict[str, Any]


class Service:
    """One service; counts how its jobs ended and what its language model used."""

    def __init__(self, url: str, key: str, wait_seconds: float) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=120)
        self._wait_seconds = wait_seconds
        self.job_ends: dict[str, int] = {}
        self.turns = self.calls = self.tokens = 0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def post_turns(self, user: str, turns: Iterable[Mapping[str, Any]]) -> None:
        """Post turns session by session, each closed, and wait for its job before the next."""
        for session, said in groupby(turns, key=lambda turn: str(turn["session"])):
            wire = [{name: turn[name] for name in _ON_WIRE if turn.get(name)} for turn in said]
            body = {"user_id": user, "session_id": session, "turns": wire, "close_session": True}
            self.turns += len(wire)
            self._wait_for(self._call("POST", "/v1/turns", json=body)["job_id"])

    def _wait_for(self, job_id: str) -> None:
        deadline = time.monotonic() + self._wait_seconds
        while True:
            job = self._call("GET", f"/v1/jobs/{job_id}")
            if job["status"] in END_STATES:
                break
            if time.monotonic() > deadline:
                raise Unavailable(f"A job did not end in {self._wait_seconds:.0f} s; is a worker running?")
            time.sleep(_POLL_SECONDS)
        self.job_ends[job["status"]] = self.job_ends.get(job["status"], 0) + 1
        usage = job.get("llm") or {}
        self.calls += usage.get("calls", 0)
        self.tokens += usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)

    def list_memories(self, user: str) -> list[JsonObject]:
        """List all current memories."""
        found: list[JsonObject] = []
        cursor: str | None = None
        while True:
            query: dict[str, str | int] = {"user_id": user, "limit": _PAGE}
            page = self._call("GET", "/v1/memories", params=query | ({"cursor": cursor} if cursor else {}))
            found += page["items"]
            cursor = page.get("next_cursor")
            if cursor is None:
                return found

    def list_source_refs(self, memory_id: str) -> set[str]:
        """List the `ref` of the turns that state a memory."""
        items = self._call("GET", f"/v1/memories/{memory_id}/sources")["items"]
        return {item["ref"] for item in items if item.get("ref")}

    def search(self, user: str, query: str, **more: Any) -> list[JsonObject]:
        """Search the memories of a user; the first three items."""
        return self._call("POST", "/v1/search", json={"user_id": user, "query": query, "k": 3, **more})[
            "items"
        ]

    def _call(self, method: str, path: str, **options: Any) -> JsonObject:
        try:
            return self._client.request(method, path, **options).raise_for_status().json()
        except httpx.HTTPStatusError as exc:
            told = f"{self._client.base_url} answered {method} {path} with {exc.response.status_code}"
            hint = "; is the key right?" if exc.response.status_code in (401, 403) else "."
            raise Unavailable(told + hint) from exc
        except httpx.HTTPError as exc:
            name = type(exc).__name__
            raise Unavailable(
                f"{self._client.base_url} did not answer as it should ({name}); is the service running?"
            ) from exc
