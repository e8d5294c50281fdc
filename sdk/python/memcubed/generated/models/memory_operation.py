from __future__ import annotations

from typing import Literal, cast

MemoryOperation = Literal[
    "add",
    "archive",
    "assert",
    "contradict",
    "delete",
    "deny",
    "derive",
    "dismiss",
    "edit",
    "enrich",
    "erase",
    "fold",
    "freeze",
    "keep",
    "merge",
    "other",
    "pin",
    "refine",
    "resolve",
    "restore",
    "retag",
    "rollback",
    "settle",
    "stale",
    "supersede",
    "unfreeze",
    "unpin",
]

MEMORY_OPERATION_VALUES: set[MemoryOperation] = {
    "add",
    "archive",
    "assert",
    "contradict",
    "delete",
    "deny",
    "derive",
    "dismiss",
    "edit",
    "enrich",
    "erase",
    "fold",
    "freeze",
    "keep",
    "merge",
    "other",
    "pin",
    "refine",
    "resolve",
    "restore",
    "retag",
    "rollback",
    "settle",
    "stale",
    "supersede",
    "unfreeze",
    "unpin",
}


def check_memory_operation(value: str) -> MemoryOperation:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("MemoryOperation", value)
