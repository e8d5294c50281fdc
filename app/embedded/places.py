"""Where the embedded parts live, and as whom they run."""

import hashlib
import importlib.util
import os
import pwd
import stat
import tempfile
from pathlib import Path

from app.core.errors import StartupRefused

# The kernel allows about 107 bytes for the path of a Unix socket; ".s.PGSQL.5432" and more come behind it.
_LONGEST_SOCKET_DIR = 80


def wheel_file(package: str, pattern: str) -> Path:
    """A file that a wheel ships, found without importing the wheel. Raises `StartupRefused`."""
    spec = importlib.util.find_spec(package)
    for root in (spec.submodule_search_locations or []) if spec is not None else []:
        for found in sorted(Path(root).glob(pattern), reverse=True):
            return found
    raise StartupRefused(f"The package {package} has no {pattern} for this platform.")


def private_dir(path: Path) -> Path:
    """Make a directory that only its owner may enter, and return its absolute path."""
    path = path.absolute()
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def socket_dir(data_dir: Path) -> Path:
    """A private directory for sockets: in the data directory, or in a short place when that is too long."""
    wanted = data_dir.absolute() / "run"
    if len(str(wanted).encode()) > _LONGEST_SOCKET_DIR:
        digest = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
        wanted = Path(tempfile.gettempdir()) / f"memcubed-{os.geteuid()}-{digest}"
    found = private_dir(wanted)
    if found.is_symlink() or found.stat().st_uid not in {os.geteuid(), *_uids()}:
        raise PermissionError(f"{found} belongs to somebody else")
    return found


def _uids() -> set[int]:
    account = unprivileged()
    return {account.pw_uid} if account is not None else set()


def unprivileged() -> pwd.struct_passwd | None:
    """Whom Postgres runs as when we are root, which it refuses; None = as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PermissionError("Postgres needs an unprivileged account: neither `postgres` nor `nobody` is there.")


def let_through(path: Path) -> None:
    """Let other accounts pass through (not list) the directories above `path`."""
    for parent in path.absolute().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
