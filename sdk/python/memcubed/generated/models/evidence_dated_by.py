from __future__ import annotations

from typing import Literal, cast

EvidenceDatedBy = Literal["event", "log"]

EVIDENCE_DATED_BY_VALUES: set[EvidenceDatedBy] = {
    "event",
    "log",
}


def check_evidence_dated_by(value: str) -> EvidenceDatedBy:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("EvidenceDatedBy", value)
