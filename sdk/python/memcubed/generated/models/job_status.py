from __future__ import annotations

from typing import Literal, cast

JobStatus = Literal["dead", "failed", "queued", "running", "succeeded"]

JOB_STATUS_VALUES: set[JobStatus] = {
    "dead",
    "failed",
    "queued",
    "running",
    "succeeded",
}


def check_job_status(value: str) -> JobStatus:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("JobStatus", value)
