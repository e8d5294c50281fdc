"""mem0's events: what became of an add. Here they are jobs."""

from typing import Any
from uuid import UUID

from app.core.security import Principal
from app.core.vocabulary import JobStatus
from app.doors.mem0.identity import shown_user_id
from app.resources import Resources
from app.schemas.platform.jobs import JobOut
from app.services.memories import told_memories
from app.services.platform import jobs

_STATUS = {
    JobStatus.QUEUED: "PENDING",
    JobStatus.RUNNING: "RUNNING",
    JobStatus.SUCCEEDED: "SUCCEEDED",
    JobStatus.FAILED: "FAILED",
    JobStatus.DEAD: "FAILED",
}
_PAGE = 200


def get_event(resources: Resources, principal: Principal, job_id: UUID) -> dict[str, Any]:
    """A job with the memories that its turns state. Raises `NotFound`."""
    job = jobs.get_job(resources, principal, job_id)
    return _to_event(job) | {"results": list_results(resources, principal, job_id)}


def list_results(resources: Resources, principal: Principal, job_id: UUID) -> list[dict[str, Any]]:
    """What a job's turns state: ADD if it is new by this job, else UPDATE."""
    job = jobs.get_job(resources, principal, job_id)
    turn_ids = [turn.turn_id for turn in job.turns]
    return [
        {
            "id": str(told.memory.id),
            "event": "ADD" if told.memory.recorded_at >= job.created_at else "UPDATE",
            "memory": told.memory.content,
            "data": {"memory": told.memory.content},
            "user_id": shown_user_id(told.memory.user_id),
        }
        for told in told_memories.load_memories_of_turns(resources, principal, turn_ids)
    ]


def list_events(
    resources: Resources, principal: Principal, offset: int, limit: int
) -> tuple[list[dict[str, Any]], bool]:
    """The events of a page, newest first, without their results; and whether more follow."""
    events: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        wanted = min(_PAGE, offset + limit - len(events))
        page = jobs.list_jobs(resources, principal, user_id=None, status=None, cursor=cursor, limit=wanted)
        events += [_to_event(job) for job in page.items]
        cursor = page.next_cursor
        if cursor is None or len(events) >= offset + limit:
            return events[offset : offset + limit], cursor is not None


def _to_event(job: JobOut) -> dict[str, Any]:
    latency = (job.finished_at - job.created_at).total_seconds() * 1_000 if job.finished_at else None
    return {
        "id": str(job.id),
        "event_type": "ADD",
        "status": _STATUS[job.status],
        "payload": {"user_id": shown_user_id(job.user_id)},
        "metadata": {},
        "results": [],
        "error": job.error,
        "created_at": job.created_at.isoformat(),
        "updated_at": (job.finished_at or job.started_at or job.created_at).isoformat(),
        "started_at": job.started_at.isoformat() if job.started_at else None,
        "completed_at": job.finished_at.isoformat() if job.finished_at else None,
        "latency": latency,
    }
