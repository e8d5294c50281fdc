from __future__ import annotations

from typing import Literal, cast

JobStage = Literal["consolidate", "extract", "ingest"]

JOB_STAGE_VALUES: set[JobStage] = {
    "consolidate",
    "extract",
    "ingest",
}


def check_job_stage(value: str) -> JobStage:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("JobStage", value)
