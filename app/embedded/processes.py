"""Starts processes that end with this one, and ends them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from app.core.errors import StartupRefused
from app.embedded import exec_with_parent as follow_module
from app.embedded.directories import Account, ensure_private_dir


def spawn_process(
    argv: Sequence[str],
    log: Path,
    *,
    end_signal: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    account: Account | None = None,
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, so that a terminal's Ctrl-C reaches only the supervisor.

    It gets `end_signal` when the thread that called this ends, however it ends; outside Linux it keeps
    running, and the next start terminates it as an orphan.
    """
    ensure_private_dir(log.parent)
    follow = [sys.executable, "-I", "-S", follow_module.__file__, str(int(end_signal)), str(os.getpid())]
    uid, gid = account or (0, 0)
    with log.open("ab") as output:
        return subprocess.Popen(
            [*follow, str(uid), str(gid), *argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=env,
            cwd=cwd,
        )


def terminate_process(process: subprocess.Popen[bytes], seconds: float, *signals: signal.Signals) -> None:
    """Send the signals one by one, waiting `seconds` after each; what still runs is killed with its group."""
    for number in signals:
        if process.poll() is not None:
            return
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def find_orphan(pid: int, marker: str) -> psutil.Process | None:
    """The running process of this pid, if a word of its command line contains `marker`."""
    try:
        process = psutil.Process(pid)
        return process if any(marker in word for word in process.cmdline()) else None
    except psutil.Error:
        return None


def terminate_orphan(process: psutil.Process, seconds: float, *signals: signal.Signals) -> None:
    """Terminate a process of an earlier supervisor. Raises `StartupRefused` if it is another account's."""
    try:
        for number in (*signals, signal.SIGKILL):
            process.send_signal(number)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                # Where no process reaps it, as in a container without an init, an ended process stays a
                # zombie.
                if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                    return
                time.sleep(0.02)
    except psutil.NoSuchProcess:
        return
    except psutil.AccessDenied as exc:
        raise StartupRefused(f"The process {process.pid} of another account still runs; end it.") from exc


def read_log_tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, to show why something failed."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
