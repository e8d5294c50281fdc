"""A container without an engine: the image's files read-only, its user, no other process, no new rights."""

import subprocess
from pathlib import Path
from typing import Any

import psutil

# As `docker run --read-only --tmpfs /tmp --security-opt no-new-privileges`: what runs is process 1, without a
# shell or an init above it, as in Kubernetes.
ENTER = """
set -e
mount --make-rprivate /
mount --bind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
mount -t tmpfs -o size=64m,mode=1777 tmpfs "$ROOT/tmp"
mount -t proc proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
user=$USER_AND_GROUP root=$ROOT
unset ROOT USER_AND_GROUP
exec setpriv --no-new-privs chroot --userspec="$user" "$root" "$@"
"""
NAMESPACES = ("--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child=KILL")


class Container:
    """Runs commands in an image, each as a container of its own."""

    def __init__(self, root: Path, configuration: dict[str, Any], logs: Path) -> None:
        self.root = root
        self.user = configuration["User"]
        self.environment = dict(pair.split("=", 1) for pair in configuration["Env"])
        self.entrypoint: list[str] = configuration["Entrypoint"]
        self.logs = logs

    def _popen(
        self, command: list[str], environment: dict[str, str], **streams: Any
    ) -> subprocess.Popen[str]:
        settings = self.environment | environment | {"ROOT": str(self.root), "USER_AND_GROUP": self.user}
        # The shell that mounts runs with the image's PATH behind this machine's.
        path = f"{self.environment['PATH']}:/usr/sbin:/sbin"
        return subprocess.Popen(
            ["unshare", *NAMESPACES, "/bin/sh", "-c", ENTER, "enter", *command],
            env=settings | {"PATH": path},
            text=True,
            **streams,
        )

    def run(self, *command: str, given: str = "", **environment: str) -> tuple[int, str]:
        """Run a command to its end with `given` as its input; its status and all that it printed."""
        process = self._popen(
            list(command),
            environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        said, _ = process.communicate(given, timeout=180)
        return process.returncode, said

    def start(self, name: str, *arguments: str, **environment: str) -> "Part":
        """Start the entrypoint with arguments, and leave it running."""
        log = self.logs / f"{name}.log"
        with log.open("w") as out:
            process = self._popen([*self.entrypoint, *arguments], environment, stdout=out, stderr=out)
        return Part(name, process, log)


class Part:
    """A running container."""

    def __init__(self, name: str, process: subprocess.Popen[str], log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    def terminate(self, seconds: float) -> int:
        """Send SIGTERM to its process 1, and return the status it ends with within `seconds`."""
        first = psutil.Process(self.process.pid).children()[0]
        first.terminate()
        return self.process.wait(seconds)

    def kill(self) -> None:
        """End it, if it still runs, with all its processes."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
