"""Jobs on the wire."""

from uuid import UUID

from pydantic import BaseModel

from app.core.vocabulary import JobStatus, Stage, TurnState
from app.schemas.common import Instant


class TurnOutcome(BaseModel):
    """What a job has made of one turn so far."""

    turn_id: UUID
    ref: str | None
    state: TurnState
    reason: str | None
    extracted: int


class JobProgress(BaseModel):
    """Turns done of turns in all."""

    done: int
    total: int


class LlmUsage(BaseModel):
    """What a job has cost at the LLM, failed calls too."""

    calls: int
    failed_calls: int
    prompt_tokens: int
    completion_tokens: int


class JobOut(BaseModel):
    """A job. succeeded, failed and dead are end states; the last two can be retried."""

    id: UUID
    user_id: str
    session_id: str
    status: JobStatus
    stage: Stage
    progress: JobProgress
    attempts: int
    error: str | None
    llm: LlmUsage
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    run_after: Instant


class JobDetail(JobOut):
    """A job with the outcome of each of its turns."""

    turns: list[TurnOutcome]


class JobPage(BaseModel):
    """A page of jobs."""

    items: list[JobOut]
    next_cursor: str | None
