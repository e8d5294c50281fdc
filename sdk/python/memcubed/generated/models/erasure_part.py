from __future__ import annotations

from typing import Literal, cast

ErasurePart = Literal["backups", "copies", "files", "processes", "redis", "rows", "wal"]

ERASURE_PART_VALUES: set[ErasurePart] = {
    "backups",
    "copies",
    "files",
    "processes",
    "redis",
    "rows",
    "wal",
}


def check_erasure_part(value: str) -> ErasurePart:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("ErasurePart", value)
