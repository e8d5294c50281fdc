"""A service of its own for an evaluation, so that no invented person comes into the operator's database."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from app.core.errors import Unavailable

_START_SECONDS, _STOP_SECONDS, _TICK_SECONDS = 120, 30, 0.5
# Settings that lead to servers or data of the operator.
_NOT_PASSED_ON = (
    "MEMCUBED_DATABASE_URL",
    "MEMCUBED_DATABASE_OWNER_URL",
    "MEMCUBED_REDIS_URL",
    "MEMCUBED_BOOTSTRAP_API_KEY",
)


@contextmanager
def run_own_service(llm_settings: dict[str, str]) -> Generator[tuple[str, str]]:
    """Run `memcubed up` on a new data directory and yield its URL and key; it is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="mc-eval-"))
    port = _find_free_port()
    passed_on = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    own = {"MEMCUBED_DATA_DIR": str(folder), "MEMCUBED_PORT": str(port), "MEMCUBED_HOST": "127.0.0.1"}
    command = [sys.executable, "-P", "-m", "app.cli.up"]
    with (folder / "up.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=passed_on | own | llm_settings, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, url)
        yield url, (folder / "bootstrap-key").read_text().strip()
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_ready(process: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            checks = httpx.get(f"{url}/readyz", timeout=5).json()["checks"]
        except (httpx.HTTPError, ValueError, KeyError):
            checks = {}
        if checks and all(checks.get(part, {}).get("ok") for part in ("database", "redis", "worker")):
            return
        time.sleep(_TICK_SECONDS)
    raise Unavailable("The service for the evaluation did not start; `memcubed up` shows why.")
