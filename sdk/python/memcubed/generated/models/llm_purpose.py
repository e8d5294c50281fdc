from __future__ import annotations

from typing import Literal, cast

LlmPurpose = Literal["answer", "chat", "derivation", "extraction", "judgement"]

LLM_PURPOSE_VALUES: set[LlmPurpose] = {
    "answer",
    "chat",
    "derivation",
    "extraction",
    "judgement",
}


def check_llm_purpose(value: str) -> LlmPurpose:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("LlmPurpose", value)
