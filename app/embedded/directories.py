"""Data and socket directories of the embedded servers, and the account that Postgres runs as."""

import hashlib
import importlib.util
import os
import pwd
import stat
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

import structlog

from app.core.errors import StartupRefused

log = structlog.get_logger(__name__)

# The path of a Unix socket has at most 103 bytes on macOS; "/postgres/.s.PGSQL.5432" comes behind this.
_LONGEST_SOCKET_DIR = 80


class Account(NamedTuple):
    """A user and a group of the machine."""

    uid: int
    gid: int


def find_wheel_file(package: str, pattern: str) -> Path:
    """A file that a wheel ships, found without importing the wheel. Raises `StartupRefused`."""
    spec = importlib.util.find_spec(package)
    for root in (spec.submodule_search_locations or []) if spec is not None else []:
        for found in sorted(Path(root).resolve().glob(pattern), reverse=True):
            return found
    raise StartupRefused(f"The package {package} has no {pattern} for this platform.")


def ensure_private_dir(path: Path) -> Path:
    """Make a directory that only its owner may enter, unless it is there, and return its real path.

    Raises `StartupRefused` when this account can't make it or write in it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as exc:
        raise StartupRefused(f"The directory {path} can't be made: {exc.strerror}.") from exc
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise StartupRefused(f"The directory {path} belongs to another account: run as that one.")
    return path.resolve()


def ensure_socket_dir(data_dir: Path, name: str) -> Path:
    """A private directory for a server's socket: in the data directory, or in a short place if that is long.

    Raises `StartupRefused` when the short place, whose name can be guessed, was made by somebody else.
    """
    home = ensure_private_dir(data_dir) / "run"
    if _is_too_long(home):
        home = _short_socket_dir(hashlib.sha256(os.fsencode(home)).hexdigest()[:12])
    return ensure_private_dir(ensure_private_dir(home) / name)


def _is_too_long(path: Path) -> bool:
    return len(os.fsencode(path)) > _LONGEST_SOCKET_DIR


def _short_socket_dir(digest: str) -> Path:
    name = f"memcubed-{os.geteuid()}-{digest}"
    place = Path(tempfile.gettempdir()).resolve() / name
    if _is_too_long(place):
        place = Path("/tmp", name).resolve()  # noqa: S108
    place.mkdir(exist_ok=True, mode=0o700)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o066:
        raise StartupRefused(f"{place} was made by somebody else; remove it.")
    return place


def choose_account(data: Path) -> Account | None:
    """Whom Postgres runs as when we are root, which it refuses; None = as ourselves.

    The owner of existing data stays its owner, whatever accounts the machine gets later.
    """
    if os.geteuid() != 0:
        return None
    owner = data.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    raise StartupRefused("Postgres refuses to run as root, and no account `postgres` or `nobody` is there.")


def allow_traversal(path: Path, ours: Collection[Path]) -> None:
    """Let other accounts pass through (not list) the directories above `path`; say so outside `ours`."""
    for parent in path.resolve().parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
            if parent not in ours:
                log.warning("directory_opened_for_postgres", path=str(parent))


def allow_read(tree: Path) -> None:
    """Let other accounts read the files below; under a strict umask pip installs them for root only."""
    for path in (tree, *tree.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 6
        if wanted != mode:
            path.chmod(wanted)
