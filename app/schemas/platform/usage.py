"""What a tenant's memory has cost, on the wire."""

from datetime import date

from pydantic import BaseModel, Field

from app.core.vocabulary import JobStatus, LlmPurpose
from app.schemas.common import Instant


class LlmTimesOut(BaseModel):
    """Calls, tokens and times of the LLM for one purpose.

    The two percentiles come from counts by bounds, each 1.6 times the one before it, from 0.1 to 400 seconds:
    they lie between the same bounds as the true ones. What took longer than 400 seconds is told as 400.
    """

    purpose: LlmPurpose
    calls: int
    failed_calls: int
    prompt_tokens: int
    completion_tokens: int
    mean_seconds: float | None = Field(description="Of the calls that were answered; null = none was")
    median_seconds: float | None = Field(description="Half of the answered calls took no longer")
    slow_seconds: float | None = Field(description="95 of 100 answered calls took no longer")
    failure_seconds: float | None = Field(
        description="After how long calls failed, on average; null = none did"
    )


class UsageDay(BaseModel):
    """The counters of a tenant on one day (UTC), and how long its jobs and the LLM took."""

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
    llm_median_seconds: float | None = Field(
        default=None, description="Half of the LLM's answers took no longer, whatever it was asked for"
    )
    llm_slow_seconds: float | None = Field(
        default=None, description="95 of 100 of the LLM's answers took no longer"
    )


class JobCount(BaseModel):
    """How many jobs of a tenant have a status, and when the oldest of them was posted."""

    status: JobStatus
    jobs: int
    oldest: Instant


class UsageReport(BaseModel):
    """The figures of a tenant: days in their order, the LLM over all of them, and jobs without success."""

    days: list[UsageDay]
    llm: list[LlmTimesOut]
    jobs: list[JobCount]
