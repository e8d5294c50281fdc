from __future__ import annotations

from typing import Literal, cast

Op = Literal[
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

OP_VALUES: set[Op] = {
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


def check_op(value: str) -> Op:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Op", value)
