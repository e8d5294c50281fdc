"""Post what was read through the API: in batches, once each, and again when the service is busy."""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.cli.importing.records import Fault, ImportedConversation, ImportedMemory, ImportedTurn
from app.core.errors import Unavailable

MAX_TURNS, MAX_BATCH_BYTES = 200, 4 * 2**20  # of one request
MAX_TURN_BYTES = 60_000  # a longer message becomes several turns
MAX_MEMORY_CHARACTERS = 4_000
MAX_LOOKED_UP = 50
_RETRIES, _FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 8, 0.5, 20.0
_BUSY = {408, 429, 502, 503, 504}
_OK, _BAD_REQUEST, _SERVER_ERROR = 200, 400, 500
SOURCE_KEY, ID_KEY = "imported_from", "imported_id"
_STATUSES = ("activated", "superseded", "merged", "archived")


@dataclass
class Totals:
    """What became of an import."""

    conversations: int = 0
    turns: int = 0
    known_turns: int = 0
    memories: int = 0
    known_memories: int = 0
    skipped: int = 0
    faults: list[Fault] = field(default_factory=list[Fault])
    fault_count: int = 0

    MAX_FAULTS = 1_000  # that are kept to be shown

    def add_fault(self, fault: Fault) -> None:
        """Count a fault."""
        self.fault_count += 1
        if len(self.faults) < self.MAX_FAULTS:
            self.faults.append(fault)


class Poster:
    """Posts to one service; a dry run reads and posts nothing."""

    def __init__(self, client: httpx.Client, source: str, totals: Totals, *, is_dry_run: bool) -> None:
        self._client, self._source, self._totals = client, source, totals
        self._is_dry_run = is_dry_run

    def check_service(self) -> None:
        """Raise `Unavailable` unless the service answers and knows the key."""
        if not self._is_dry_run:
            answer = self._call("GET", "/v1/jobs", params={"limit": 1})
            if answer.status_code != _OK:
                raise Unavailable(_refusal(answer))

    def post_conversation(self, conversation: ImportedConversation, user_id: str) -> None:
        """Post the turns of a conversation, in their order. Faults are counted; raises `Unavailable`."""
        turns = [part for turn in conversation.turns for part in _split_turn(turn)]
        self._totals.conversations += 1
        if self._is_dry_run:
            self._totals.turns += len(turns)
            return
        batches = list(_batch_turns([_turn_body(turn, conversation, self._source) for turn in turns]))
        for number, batch in enumerate(batches):
            body = {
                "user_id": user_id,
                "session_id": conversation.session_id,
                "turns": batch,
                "close_session": number == len(batches) - 1,
            }
            answer = self._call("POST", "/v1/turns", json=body)
            if answer.status_code >= _BAD_REQUEST:
                self._totals.add_fault(_to_fault(conversation.place, answer))
                return
            known = answer.json()["duplicates"]
            self._totals.known_turns += known
            self._totals.turns += len(batch) - known

    def post_memories(self, members: Sequence[tuple[ImportedMemory, str]]) -> None:
        """Post memories of one user, without those that were imported before."""
        user_id = members[0][1]
        known = (
            set[str]()
            if self._is_dry_run
            else self._find_known([one.source_id for one, _ in members], user_id)
        )
        for memory, _ in members:
            if memory.source_id in known:
                self._totals.known_memories += 1
                continue
            body = _memory_body(memory, user_id, self._source)
            if len(memory.content) > MAX_MEMORY_CHARACTERS:
                message = f"is longer than {MAX_MEMORY_CHARACTERS} characters"
                self._totals.add_fault(Fault(memory.place, "content", message))
                continue
            if not self._is_dry_run:
                key = _idempotency_key(user_id, self._source, body)
                answer = self._call("POST", "/v1/memories", json=body, headers={"Idempotency-Key": key})
                if answer.status_code >= _BAD_REQUEST:
                    self._totals.add_fault(_to_fault(memory.place, answer))
                    continue
            known.add(memory.source_id)
            self._totals.memories += 1

    def _find_known(self, ids: Sequence[str], user_id: str) -> set[str]:
        condition = {
            "and": [
                {"field": SOURCE_KEY, "op": "eq", "value": self._source},
                {"field": ID_KEY, "op": "in", "value": list(ids)},
            ]
        }
        query: dict[str, Any] = {"user_id": user_id, "status": _STATUSES, "limit": 200}
        query["metadata"] = json.dumps(condition)
        answer = self._call("GET", "/v1/memories", params=query)
        if answer.status_code != _OK:
            return set()  # whatever is wrong with the user is a fault of each memory
        return {str(item["metadata"].get(ID_KEY)) for item in answer.json()["items"]}

    def _call(self, method: str, path: str, **values: Any) -> httpx.Response:
        wait = _FIRST_WAIT_SECONDS
        problem = ""
        for attempt in range(_RETRIES):
            try:
                answer = self._client.request(method, path, **values)
            except httpx.TransportError as exc:
                problem = f"{self._client.base_url} did not answer ({type(exc).__name__})"
            else:
                if _concerns_all(answer):
                    raise Unavailable(_refusal(answer))
                if answer.status_code not in _BUSY and answer.status_code < _SERVER_ERROR:
                    return answer
                problem = _refusal(answer)
            if attempt < _RETRIES - 1:
                time.sleep(wait)
                wait = min(2 * wait, _LONGEST_WAIT_SECONDS)
        raise Unavailable(f"{problem}; what was imported so far stays: run the same command to go on.")


def _split_turn(turn: ImportedTurn) -> Iterator[ImportedTurn]:
    """The turn, or several of up to `MAX_TURN_BYTES` of UTF-8, split between words where there are any."""
    content = turn.content.replace("\0", "").encode(errors="replace").decode()
    if not content.strip():
        return
    for number, part in enumerate(_split_text(content)):
        ref = turn.ref if number == 0 else f"{turn.ref}#{number + 1}"
        yield ImportedTurn(turn.role, part, _bounded_id(ref), turn.observed_at, turn.name)


def _split_text(text: str) -> Iterator[str]:
    rest = text.encode()
    while len(rest) > MAX_TURN_BYTES:
        head = rest[:MAX_TURN_BYTES]
        cut = max(head.rfind(b"\n"), head.rfind(b" ")) + 1
        if cut < MAX_TURN_BYTES // 2:
            cut = len(head.decode(errors="ignore").encode())
        part, rest = rest[:cut].decode(), rest[cut:]
        if part.strip():
            yield part
    if rest.strip():
        yield rest.decode()


def _bounded_id(text: str) -> str:
    """The id, or for a long one what stands for it."""
    return text if len(text) <= 200 else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _turn_body(turn: ImportedTurn, conversation: ImportedConversation, source: str) -> dict[str, Any]:
    body: dict[str, Any] = {"role": turn.role, "content": turn.content, "ref": turn.ref}
    body["metadata"] = {**conversation.metadata, SOURCE_KEY: source}
    if turn.observed_at is not None:
        body["observed_at"] = turn.observed_at.isoformat()
    if turn.name is not None:
        body["name"] = turn.name
    return body


def _batch_turns(turns: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    size = 0
    for turn in turns:
        turn_bytes = len(turn["content"].encode())
        if batch and (len(batch) == MAX_TURNS or size + turn_bytes > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(turn)
        size += turn_bytes
    if batch:
        yield batch


def _memory_body(memory: ImportedMemory, user_id: str, source: str) -> dict[str, Any]:
    body: dict[str, Any] = {"user_id": user_id, "content": memory.content, "tags": list(memory.tags)}
    body["metadata"] = {**memory.metadata, SOURCE_KEY: source, ID_KEY: memory.source_id}
    for name, value in (("asserted_at", memory.asserted_at), ("expires_at", memory.expires_at)):
        if value is not None:
            body[name] = value.isoformat()
    if memory.agent_id is not None:
        body["agent_id"] = memory.agent_id
    return body


def _idempotency_key(user_id: str, source: str, body: dict[str, Any]) -> str:
    """A key of the source's id and of what is posted: an import with other options is another request."""
    text = json.dumps([user_id, source, body], sort_keys=True, default=str)
    return f"import-{hashlib.sha256(text.encode()).hexdigest()}"


def _to_fault(place: str, answer: httpx.Response) -> Fault:
    problem = _problem(answer)
    return Fault(place, str(problem.get("field") or ""), str(problem.get("detail") or answer.status_code))


def _refusal(answer: httpx.Response) -> str:
    return f"The service answered {answer.status_code}: {_problem(answer).get('detail', 'without a reason')}"


def _concerns_all(answer: httpx.Response) -> bool:
    """Whether every record would be answered so: a bad key or address, but not a user that is refused."""
    if answer.status_code == 403:
        return _problem(answer).get("field") is None
    return answer.status_code in {401, 404, 405}


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
