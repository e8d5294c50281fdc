"""The record in which a running `memcubed up` tells other commands where its parts are."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from app.core.errors import StartupRefused


@dataclass(frozen=True, slots=True)
class Runtime:
    """The URLs of a running service, and the supervisor's pid."""

    database_url: str
    database_owner_url: str | None
    redis_url: str
    api_url: str
    pid: int


def _runtime_path(data_dir: Path) -> Path:
    return data_dir / "runtime.json"


def write_runtime(data_dir: Path, runtime: Runtime) -> None:
    """Write the record atomically and readable only by its owner: a URL may hold a password."""
    fresh = data_dir / "runtime.json.new"
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(runtime), file)
    fresh.rename(_runtime_path(data_dir))


def read_runtime(data_dir: Path) -> Runtime | None:
    """The running service of this data directory, or None.

    Raises `StartupRefused` if the record belongs to another account.
    """
    path = _runtime_path(data_dir)
    try:
        runtime = Runtime(**json.loads(path.read_text()))
        written = path.stat().st_mtime
        # A process created after the record was written isn't its writer, but has the same pid.
        alive = psutil.Process(runtime.pid).create_time() <= written + 2
    except PermissionError as exc:
        raise StartupRefused(f"{path} belongs to another account: run as the one that runs `up`.") from exc
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError, TypeError, psutil.Error):
        return None
    return runtime if alive else None


def remove_runtime(data_dir: Path) -> None:
    """Delete the record."""
    _runtime_path(data_dir).unlink(missing_ok=True)
