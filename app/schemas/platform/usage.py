"""What a tenant's memory has cost, on the wire."""

from datetime import date

from pydantic import BaseModel, Field

from app.core.vocabulary import JobStatus
from app.schemas.common import Instant


class UsageDay(BaseModel):
    """The counters of a tenant on one day (UTC), and how long its jobs took."""

    day: date
    jobs_succeeded: int = 0
    jobs_dead: int = 0
    memories_written: int = 0
    facts_refused: int = 0
    llm_calls: int = 0
    llm_failed_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    median_seconds: float | None = Field(
        default=None, description="From the posting of turns to the end of their job"
    )
    slow_seconds: float | None = Field(default=None, description="95 of 100 jobs took no longer")


class JobCount(BaseModel):
    """How many jobs of a tenant have a status, and when the oldest of them was posted."""

    status: JobStatus
    jobs: int
    oldest: Instant


class UsageReport(BaseModel):
    """The figures of a tenant: days in their order, and the jobs that have not succeeded."""

    days: list[UsageDay]
    jobs: list[JobCount]
