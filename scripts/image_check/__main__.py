"""Build the image, run each of its parts, post a turn, find it, stop, and look at what the image is.

Needs root, buildah and debootstrap (installed by apt where they are missing), and 3 GB of disk meanwhile.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from scripts.image_check.build import BASE, IMAGE, Store, megabytes
from scripts.image_check.container import Container, Part
from scripts.image_check.doors import (
    check_chat,
    check_console,
    check_imports,
    check_mcp,
    check_mem0,
    check_pages,
)
from scripts.image_check.look import check_files, check_limits
from scripts.image_check.servers import free_port, postgres, valkey
from tests.fakes import ScriptedLLM

KEY = "check-of-the-image-0123456789"
STOP_SECONDS = 30


def install_tools() -> None:
    """Install what is missing, as CI does on a new machine."""
    missing = [tool for tool in ("buildah", "debootstrap") if shutil.which(tool) is None]
    if os.geteuid() != 0:
        raise SystemExit("`make image-check` mounts file systems, so it needs root.")
    if missing:
        apt = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=apt)
        install = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        subprocess.run(install, check=True, env=apt, stdout=subprocess.DEVNULL)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say what is done and how long it took."""
    started = time.monotonic()
    print(f"{what} …", flush=True)
    yield
    print(f"   {time.monotonic() - started:.0f} s", flush=True)


def wait_until_ready(http: httpx.Client, parts: list[Part]) -> None:
    """Wait until the API says that all is well, its worker too."""
    deadline = time.monotonic() + 120
    said = "nothing"
    while time.monotonic() < deadline:
        for part in parts:
            if part.process.poll() is not None:
                raise SystemExit(f"{part.name} ended:\n{part.log.read_text()[-3_000:]}")
        try:
            said = http.get("/readyz").json()
        except httpx.TransportError:
            time.sleep(0.2)
            continue
        if said["status"] == "ready":
            return
        time.sleep(0.2)
    raise SystemExit(f"the service is not ready: {said}")


def check_memory(http: httpx.Client) -> None:
    """Post two turns, wait for the memories, and ask."""
    turns = [
        {"role": "user", "name": "Ann", "content": "I live in Oslo.", "observed_at": "2026-01-12T18:00:00Z"},
        {
            "role": "user",
            "name": "Ann",
            "content": "I moved to Bergen.",
            "observed_at": "2026-03-09T08:30:00Z",
        },
    ]
    posted = http.post("/v1/turns", json={"user_id": "ann", "session_id": "monday", "turns": turns})
    assert posted.status_code == 202, posted.text
    question = {"user_id": "ann", "query": "Where does Ann live?", "wait_for": posted.json()["job_id"]}
    found = http.post("/v1/search", json=question)
    assert found.status_code == 200, found.text
    first = found.json()["items"][0]
    assert "Bergen" in first["content"], found.text
    memories = http.get("/v1/memories", params={"user_id": "ann"}).json()["items"]
    assert memories, "the worker of the image wrote no memory"
    print(f"   {len(memories)} memories; first of the search: {first['content']!r}")


def check_doors(http: httpx.Client, container: Container, llm: ScriptedLLM) -> None:
    """Ask what is served beside the API."""
    with step("start page, /docs, /metrics"):
        check_pages(http)
    with step("/console"):
        check_console(str(http.base_url), KEY)
    with step("/mcp, mcp --stdio"):
        check_mcp(http, container, KEY)
    with step("/v1/chat/completions"):
        check_chat(http, llm)
    with step("/compat/mem0"):
        check_mem0(http, KEY)
    with step("import"):
        check_imports(http, container, KEY)


def run_parts(container: Container, health_check: list[str], folder: Path) -> None:
    """Migrate, serve, work and keep time in containers of the image; then stop them."""
    with ExitStack() as stack:
        owner_url, service_url = stack.enter_context(postgres(folder))
        redis_url = stack.enter_context(valkey(folder))
        port = str(free_port())
        settings = {
            "MEMCUBED_DATABASE_URL": service_url,
            "MEMCUBED_REDIS_URL": redis_url,
            "MEMCUBED_HOST": "127.0.0.1",
            "MEMCUBED_PORT": port,
        }
        with step("migrate"):
            owner = settings | {"MEMCUBED_DATABASE_OWNER_URL": owner_url}
            status, said = container.run(*container.entrypoint, "migrate", **owner)
            assert status == 0, said
        healthy = {"MEMCUBED_PORT": port}
        assert container.run(*health_check, **healthy)[0] != 0, "the health check passes without a service"
        parts: list[Part] = []
        llm = stack.enter_context(ScriptedLLM())
        api = {"MEMCUBED_BOOTSTRAP_API_KEY": KEY, "MEMCUBED_CHAT_BASE_URL": llm.base_url}
        for name, more in {"serve": api, "worker": {}, "beat": {}}.items():
            parts.append(container.start(name, name, **settings, **more))
            stack.callback(parts[-1].kill)
        http = stack.enter_context(
            httpx.Client(
                base_url=f"http://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {KEY}"},
                timeout=60,
                trust_env=False,
            )
        )
        with step("start until ready"):
            wait_until_ready(http, parts)
        status, said = container.run(*health_check, **healthy)
        assert status == 0, said
        with step("post turns, wait for memories, search"):
            check_memory(http)
        check_doors(http, container, llm)
        http.close()
        for part in parts:
            with step(f"SIGTERM to {part.name}"):
                status = part.terminate(STOP_SECONDS)
                assert status == 0, f"{part.name} ended with {status}:\n{part.log.read_text()[-3_000:]}"
        for part in parts:
            assert KEY not in part.log.read_text(), f"the log of {part.name} holds the key"


def remove(folder: Path) -> None:
    """Remove the folder, unless something of this machine is still mounted below it."""
    mounted = [Path(line.split()[1]) for line in Path("/proc/mounts").read_text().splitlines()]
    if left := [str(place) for place in mounted if place.is_relative_to(folder)]:
        raise SystemExit(f"{folder} stays, since below it is mounted: {', '.join(left)}")
    shutil.rmtree(folder)


def check(folder: Path) -> None:
    """Build in the folder, and check what was built."""
    store = Store(folder)
    with step("base: Debian bookworm"):
        store.build_base()
    with step("build the Dockerfile"):
        store.build()
    configuration = store.configuration()
    root = store.mount(IMAGE)
    try:
        check_limits(configuration, megabytes(root), megabytes(store.mount(BASE)), root)
        container = Container(root, configuration, folder)
        check_files(container, configuration)
        with tempfile.TemporaryDirectory(dir=folder) as name:
            Path(name).chmod(0o711)  # Postgres runs as another account
            run_parts(container, configuration["Healthcheck"]["Test"][1:], Path(name))
    finally:
        store.buildah("rm", "--all")


def main() -> None:
    """Do it all in a temporary folder and remove that, or in a folder that is given and stays."""
    install_tools()
    started = time.monotonic()
    if len(sys.argv) > 1:
        Path(sys.argv[1]).mkdir(mode=0o711, exist_ok=True)
        check(Path(sys.argv[1]))
    else:
        folder = Path(tempfile.mkdtemp(prefix="memcubed-image-"))
        folder.chmod(0o711)
        try:
            check(folder)
        finally:
            remove(folder)
    print(f"The image is built, runs and stops: {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
