from __future__ import annotations

from typing import Literal, cast

Part = Literal["backups", "copies", "files", "processes", "redis", "rows", "wal"]

PART_VALUES: set[Part] = {
    "backups",
    "copies",
    "files",
    "processes",
    "redis",
    "rows",
    "wal",
}


def check_part(value: str) -> Part:
    # A newer service may have values that this client doesn't know: they are given as they are.
    return cast("Part", value)
