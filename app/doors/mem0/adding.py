"""Add messages, and wait for their memories if the client does."""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.api.entrance.job_waiting import wait_while_connected
from app.core.security import Principal
from app.doors.mem0 import events, writing
from app.doors.mem0.requests import AddRequest
from app.resources import Resources

MAX_BYTES = 8 * 2**20  # of a body; 500 messages of 16 KB
WAIT_SECONDS = 20.0  # before an add that waits for its memories says that they are still to come


async def add_messages(
    request: Request, resources: Resources, principal: Principal, wanted: AddRequest, *, is_awaited: bool
) -> dict[str, Any]:
    """Remember messages: at once word for word, or by extraction, for which a client that waits is kept
    waiting up to `WAIT_SECONDS`.
    """
    if wanted.infer is False:
        stored = await run_in_threadpool(writing.add_memories, resources, principal, wanted)
        results = [
            {
                "id": str(memory.id),
                "event": "ADD" if memory.version == 1 else "UPDATE",
                "memory": memory.content,
                "data": {"memory": memory.content},
            }
            for memory in stored
        ]
        return {"status": "SUCCEEDED", "results": results}
    accepted = await run_in_threadpool(writing.add_turns, resources, principal, wanted, is_awaited=is_awaited)
    queued = {
        "message": "Memory processing has been queued for background execution",
        "event_id": str(accepted.job_id),
        "status": "PENDING",
    }
    if not is_awaited or not await wait_while_connected(
        request, resources, principal, accepted.job_id, WAIT_SECONDS
    ):
        return queued
    found = await run_in_threadpool(events.get_event, resources, principal, accepted.job_id)
    return {"event_id": found["id"], "status": found["status"], "results": found["results"]}
