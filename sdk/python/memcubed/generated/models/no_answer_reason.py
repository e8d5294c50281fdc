from __future__ import annotations

from typing import Literal, cast

NoAnswerReason = Literal[
    "conflict", "no_match", "not_in_evidence", "only_superseded", "out_of_range", "uncited"
]

NO_ANSWER_REASON_VALUES: set[NoAnswerReason] = {
    "conflict",
    "no_match",
    "not_in_evidence",
    "only_superseded",
    "out_of_range",
    "uncited",
}


def check_no_answer_reason(value: str) -> NoAnswerReason:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("NoAnswerReason", value)
