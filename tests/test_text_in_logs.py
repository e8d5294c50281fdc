"""A canary in every field of every route of a real service that fails at its database: no log has it.

The API, a worker and the clock run as processes at the level `debug`; Postgres and Valkey write logs too.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest

from app.embedded.processes import spawn_process, terminate_process
from app.resources import open_resources
from app.services.operations import operations
from tests.api.entrance.test_isolation import ALL, BODIES, HEADERS, Operation
from tests.conftest import Servers, make_key, turn, until
from tests.served import NO_AUTHORITIES

CANARY = f"xyzzy{uuid4().hex[:12]}"
TABLES = (
    "memories",
    "turns",
    "jobs",
    "users",
    "sessions",
    "grants",
    "snapshots",
    "artifacts",
    "session_states",
)
FAIL = f"""
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused: {CANARY} %', NEW USING DETAIL = '{CANARY}', HINT = '{CANARY}'; END $$
"""


@dataclass(frozen=True)
class Service:
    """The processes' address, an admin key, the owner's connection and all logs."""

    url: str
    key: str
    owner: psycopg.Connection[Any]
    logs: tuple[Path, ...]

    def read(self) -> str:
        """All that was logged."""
        return "\n".join(path.read_text(errors="replace") for path in self.logs)


@pytest.fixture(scope="module")
def service(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder = tmp_path_factory.mktemp("l")
    servers.new_database("canary")
    redis_url = servers.valkey.redis_url.replace("db=0", "db=8")
    settings = servers.settings("canary", redis_url=redis_url, data_dir=folder)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    env = os.environ | {
        "MEMCUBED_DATABASE_URL": settings.database_url or "",
        "MEMCUBED_REDIS_URL": redis_url,
        "MEMCUBED_DATA_DIR": str(folder),
        "MEMCUBED_PORT": str(port),
        "MEMCUBED_LOG_LEVEL": "debug",
    }
    logs = [folder / f"{name}.log" for name in ("serve", "worker")]
    processes: list[subprocess.Popen[bytes]] = []
    for log, command in zip(logs, (["serve"], ["worker", "--beat"]), strict=True):
        processes.append(spawn_process([sys.executable, "-m", "app.cli", *command], log, env=env))
    url = f"http://127.0.0.1:{port}"
    owner = servers.postgres.owner_url.replace("/memcubed?", "/canary?")
    with open_resources(settings) as resources, psycopg.connect(owner, autocommit=True) as connection:
        until(lambda: operations.check_readiness(resources).checks["worker"].ok and is_up(url), 90)
        key = make_key(resources, "canary")
        yield Service(url, key, connection, (*logs, servers.postgres.log, servers.valkey.log))
    for process in processes:
        terminate_process(process, 30, signal.SIGTERM)


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5, verify=NO_AUTHORITIES).status_code == 200
    except httpx.TransportError:
        return False


def poisoned(value: Any, name: str = "") -> Any:
    """The value with the canary in every text that may be any."""
    if isinstance(value, dict):
        return {key: poisoned(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, name) for one in value]
    fixed = name in {"role", "scopes", "type", "format", "checksum", "exported_at"}
    return value if fixed or not isinstance(value, str) else f"{value} {CANARY}"


def ask(service: Service, operation: Operation, *, valid_ids: bool) -> httpx.Response:
    """Call an operation with the canary wherever the client chooses something."""
    path = re.sub(r"{(\w+)}", lambda _: str(uuid4()) if valid_ids else CANARY, operation.path)
    params = dict.fromkeys(operation.query, CANARY) if not valid_ids else {}
    params |= {"user_id": f"ann {CANARY}"} if "user_id" in operation.query else {}
    params |= {name: str(uuid4()) for name in ("first", "second") if valid_ids and name in operation.query}
    headers = {"Authorization": f"Bearer {service.key}", "X-Request-ID": CANARY, "User-Agent": CANARY}
    headers |= {"Idempotency-Key": CANARY, "Cookie": f"a={CANARY}"} | HEADERS.get(operation.id, {})
    body = poisoned(BODIES[operation.id]) if operation.has_body else None
    if body is not None and not valid_ids:
        body |= {CANARY: CANARY}
    return httpx.request(
        operation.method,
        service.url + path,
        params=params,
        headers=headers,
        json=body,
        timeout=60,
        verify=NO_AUTHORITIES,
    )


MCP_CALLS = [
    ("tools/call", {"name": "add_turns", "arguments": {"turns": [turn(f"I live in {CANARY}.")]}}),
    ("tools/call", {"name": "search_memory", "arguments": {"query": CANARY}}),
    ("tools/call", {"name": "search_memory", "arguments": {"query": CANARY, CANARY: CANARY}}),
    ("tools/call", {"name": CANARY, "arguments": {}}),
    ("tools/call", {"name": "get_context", "arguments": CANARY}),
    ("resources/read", {"uri": f"memcubed://sessions/{CANARY}/summary"}),
    ("prompts/get", {"name": "answer_from_memory", "arguments": {"question": CANARY}}),
    (CANARY, {CANARY: CANARY}),
]


def ask_by_mcp(service: Service) -> list[Any]:
    """What the door answers to messages with the canary."""
    headers = {"Authorization": f"Bearer {service.key}", "X-Memcubed-User": f"ann-{CANARY}"}
    headers |= {"X-Memcubed-Session": CANARY, "Accept": "application/json"}
    answers = []
    for method, params in MCP_CALLS:
        body = {"jsonrpc": "2.0", "id": CANARY, "method": method, "params": params}
        answer = httpx.post(
            f"{service.url}/mcp", json=body, headers=headers, timeout=60, verify=NO_AUTHORITIES
        )
        answers.append(answer.json())
    httpx.post(f"{service.url}/mcp", content=CANARY, headers=headers | {"Content-Type": "application/json"})
    httpx.post(f"{service.url}/mcp", json={}, headers=headers | {"Origin": f"http://{CANARY}"})
    return answers


def check(service: Service) -> None:
    """No log has the canary or the key."""
    logged = service.read()
    assert CANARY not in logged, re.findall(f".*{CANARY}.*", logged)[:3]
    assert service.key not in logged


def test_what_is_sent_is_not_logged(service: Service):
    statuses = {
        ask(service, operation, valid_ids=valid_ids).status_code
        for operation in ALL
        for valid_ids in (True, False)
    }
    assert {200, 201, 202, 404, 422} <= statuses
    assert 500 not in statuses
    headers = {"Authorization": f"Bearer {CANARY}", "X-Request-ID": CANARY}
    for raw in (b"{" + CANARY.encode(), b"\xff" + CANARY.encode(), json.dumps({CANARY: 1}).encode()):
        httpx.post(f"{service.url}/v1/search", content=raw, headers=headers)
    httpx.get(f"{service.url}/{CANARY}?{CANARY}={CANARY}", headers=headers)
    with socket.create_connection(httpx.URL(service.url).netloc.decode().split(":")) as connection:
        connection.sendall(f"{CANARY} / HTTP/1.1\r\n{CANARY}\r\n\r\n".encode())
        connection.recv(1_000)
    answers = ask_by_mcp(service)
    assert not answers[0]["result"]["isError"]
    check(service)


def failures(service: Service, wanted: int) -> None:
    """Every operation; at least `wanted` of them fail, each is a problem, and its id finds it in the log."""
    found = [ask(service, operation, valid_ids=True) for operation in ALL]
    failed = [answer for answer in found if answer.status_code == 500]
    assert len(failed) >= wanted, [answer.status_code for answer in found]
    logged = [json.loads(line) for line in service.logs[0].read_text().splitlines()]
    errors = {line["request_id"]: line for line in logged if line["event"] == "unexpected_error"}
    for answer in failed:
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert errors[problem["request_id"]]["at"]
        assert CANARY not in answer.text
    check(service)


def test_what_the_database_refuses_is_not_logged(service: Service):
    service.owner.execute(FAIL)
    body = {"user_id": "eve", "session_id": "s", "turns": [turn(f"I live in {CANARY}.")]}
    headers = {"Authorization": f"Bearer {service.key}"}
    for table in TABLES:
        if table != "jobs":
            service.owner.execute(
                f"CREATE TRIGGER fail BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fail()"
            )
    failures(service, 5)
    for table in ("turns", "users", "sessions"):
        service.owner.execute(f"DROP TRIGGER fail ON {table}")
    # A job that the worker fails at: it writes the memory, and the database quotes it.
    assert httpx.post(f"{service.url}/v1/turns", json=body, headers=headers).status_code == 202
    until(lambda: '"job_fault"' in service.logs[1].read_text(), 60)
    check(service)


def test_statements_that_fail_are_not_logged(service: Service):
    for table in TABLES:
        service.owner.execute(f"ALTER TABLE {table} RENAME TO {table}_gone")
    failures(service, 15)
    answers = ask_by_mcp(service)
    assert [answer["error"]["code"] for answer in answers[:2]] == [-32603, -32603]
    check(service)
    until(lambda: '"sqlstate": "42P01"' in service.logs[1].read_text(), 60)
    check(service)
