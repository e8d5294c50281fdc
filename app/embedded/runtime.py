"""What a running `memcubed up` tells the other commands: where its parts are."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Runtime:
    """The URLs of a running service, and the supervisor's pid."""

    database_url: str
    database_owner_url: str | None
    redis_url: str
    api_url: str
    pid: int


def _path(data_dir: Path) -> Path:
    return data_dir / "runtime.json"


def write_runtime(data_dir: Path, runtime: Runtime) -> None:
    """Leave the note, readable by the owner only: a URL may hold a password."""
    descriptor = os.open(_path(data_dir), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(runtime), file)


def read_runtime(data_dir: Path) -> Runtime | None:
    """The running service of this data directory, or None."""
    try:
        runtime = Runtime(**json.loads(_path(data_dir).read_text()))
    except (FileNotFoundError, json.JSONDecodeError, TypeError):
        return None
    return runtime if psutil.pid_exists(runtime.pid) else None


def remove_runtime(data_dir: Path) -> None:
    """Take the note away."""
    _path(data_dir).unlink(missing_ok=True)
