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

# The path of a Unix socket has at most 103 bytes on macOS; "/postgres/.s.PGSQL.5432" is appended to this.
_LONGEST_SOCKET_DIR = 80


class Account(NamedTuple):
    """A user and group of the machine."""

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
    """Create a directory that only its owner may enter, unless it exists, and return its real path.

    Raises `StartupRefused` if this account can't create it or write in it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as exc:
        raise StartupRefused(f"The directory {path} can't be made: {exc.strerror}.") from exc
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        raise StartupRefused(f"The directory {path} belongs to another account: run as that one.")
    return path.resolve()


def ensure_socket_dir(data_dir: Path, name: str) -> Path:
    """A private directory for a server's socket: in the data directory, or in /tmp if that path is too long.

    Raises `StartupRefused` if the directory in /tmp, whose name can be guessed, was created by another
    account.
    """
    home = ensure_private_dir(data_dir) / "run"
    if _is_too_long(home):
        home = _short_socket_dir(hashlib.sha256(os.fsencode(home)).hexdigest()[:12])
    return ensure_private_dir(ensure_private_dir(home) / name)


def _is_too_long(path: Path) -> bool:
    return len(os.fsencode(path)) > _LONGEST_SOCKET_DIR


def _short_socket_dir(digest: str) -> Path:
    name = f"memcubed-{os.geteuid()}-{digest}"
    directory = Path(tempfile.gettempdir()).resolve() / name
    if _is_too_long(directory):
        directory = Path("/tmp", name).resolve()  # noqa: S108
    directory.mkdir(exist_ok=True, mode=0o700)
    info = directory.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid() or info.st_mode & 0o066:
        raise StartupRefused(f"{directory} was made by somebody else; remove it.")
    return directory


def choose_account(data: Path) -> Account | None:
    """The account that Postgres runs as if this process is root, which Postgres refuses; None = this account.

    Existing data keeps its owner, whatever accounts the machine gets later. Raises `StartupRefused` if no
    account is suitable.
    """
    if os.geteuid() != 0:
        return None
    owner = data.stat()
    if owner.st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StartupRefused("Postgres refuses to run as root, and no account `postgres` or `nobody` is there.")


def allow_traversal(path: Path, ours: Collection[Path]) -> None:
    """Let other accounts traverse (not list) the directories above `path`; log changes outside `ours`."""
    for parent in path.resolve().parents:
        mode = stat.S_IMODE(parent.stat().st_mode)
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
            if parent not in ours:
                log.warning("directory_opened_for_postgres", path=str(parent))


def allow_read(tree: Path) -> None:
    """Let other accounts read the files below `tree`; under a strict umask pip installs them for root."""
    for path in (tree, *tree.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        readable_mode = mode | (mode & (stat.S_IRUSR | stat.S_IXUSR)) >> 6
        if readable_mode != mode:
            path.chmod(readable_mode)
