"""Nothing that anybody said gets into a log, whoever logs it and however."""

import json
import subprocess
import sys
from typing import Any

import pytest

CANARY = "xyzzyplugh"
# Each line is run by itself; where it needs an exception, `error` is one whose text and cause are the canary.
WAYS = {
    "our event": 'ours.info("fine", count=3)',
    "our exception": 'ours.error("failed", exc_info=error)',
    "our exception under way": "try:\n  raise error\nexcept Exception:\n  ours.exception('failed')",
    "library, arguments": 'lib.error("Task %s failed: %r", CANARY, error)',
    "library, named arguments": 'lib.error("Task %(id)s: %(exc)s", {"id": CANARY, "exc": error})',
    "library, one dictionary": 'lib.error("%s", {"key": CANARY})',
    "library, put together": 'lib.warning(f"header {CANARY}")',
    "library, bytes": 'lib.warning("%s", CANARY.encode())',
    "library, a list": 'lib.warning("%s", [CANARY])',
    "library, an object": "lib.warning(error)",
    "library, exc_info": 'lib.error("constant", exc_info=error)',
    "library, stack_info": f'x = "{CANARY}"; lib.error("constant", stack_info=True)',
    "library, a wrong format": 'lib.error("%d", CANARY)',
    "library, too few": 'lib.error("%s %s", CANARY)',
    "library, too many": 'lib.error("constant", CANARY, CANARY)',
    "library, extra": 'lib.error("constant", extra={"body": CANARY})',
    "library, debug": 'lib.debug("send %r", CANARY)',
    "library, a name": 'logging.getLogger("lib.part").info(CANARY)',
    "a warning": "warnings.warn(CANARY, stacklevel=1)",
    "a deprecation": "warnings.simplefilter('always'); warnings.warn(CANARY, DeprecationWarning)",
    "a thread": "t = threading.Thread(target=fail); t.start(); t.join()",
    "a task never asked for": "asyncio.run(forgotten())",
    "a callback of the loop": "asyncio.run(called_back())",
    "unraisable": "x = Unraisable(); del x; gc.collect()",
    "a group": 'ours.error("failed", exc_info=ExceptionGroup(CANARY, [error]))',
    "Postgres": 'ours.error("failed", exc_info=psycopg.errors.UniqueViolation(CANARY))',
    "SQLAlchemy": 'ours.error("failed", exc_info=DBAPIError("SELECT", {"a": CANARY}, error))',
    "Pydantic": "try:\n  TypeAdapter(int).validate_python(CANARY)\nexcept Exception as exc:\n  "
    "lib.error('invalid %s', exc, exc_info=exc)",
    "JSON": "try:\n  json.loads(CANARY)\nexcept Exception as exc:\n  lib.exception(exc)",
}
SCRIPT = """
import asyncio, gc, json, logging, sys, threading, warnings
import psycopg, structlog
from pydantic import TypeAdapter
from sqlalchemy.exc import DBAPIError
from app.core.logs import configure_logging
CANARY = sys.argv[1]
configure_logging("debug")
ours, lib = structlog.get_logger("ours"), logging.getLogger("lib")
try:
    try:
        raise KeyError(CANARY)
    except KeyError as cause:
        raise ValueError(CANARY) from cause
except ValueError as exc:
    error = exc
def fail():
    raise error
class Unraisable:
    def __del__(self):
        raise ValueError(CANARY)
async def forgotten():
    async def one():
        raise ValueError(CANARY)
    task = asyncio.create_task(one())
    await asyncio.sleep(0)
    del task
    gc.collect()
async def called_back():
    asyncio.get_running_loop().call_soon(fail)
    await asyncio.sleep(0)
for number, way in enumerate(json.loads(sys.argv[2])):
    print(json.dumps({"way": number}), file=sys.stderr)
    exec(way)
raise error
"""


@pytest.fixture(scope="module")
def logged() -> list[list[dict[str, Any]]]:
    """The lines of each way, and at the end those of a process that dies of the exception."""
    command = [sys.executable, "-c", SCRIPT, CANARY, json.dumps(list(WAYS.values()))]
    process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert process.returncode == 1
    found: list[list[dict[str, Any]]] = []
    for line in process.stderr.splitlines():
        told = json.loads(line)  # nothing but lines of JSON, whoever writes them
        if "way" in told:
            found.append([])
        else:
            found[-1].append(told)
    return found


@pytest.mark.parametrize("way", range(len(WAYS)), ids=list(WAYS))
def test_no_text_is_logged(logged: list[list[dict[str, Any]]], way: int):
    assert logged[way], "nothing was logged at all"
    assert CANARY not in json.dumps(logged[way])


def test_a_process_that_dies_says_where(logged: list[list[dict[str, Any]]]):
    last = logged[-1][-1]
    assert (last["event"], last["error"], last["causes"]) == ("uncaught", "ValueError", ["KeyError"])
    assert last["at"][-1].split()[-1] == "<module>"
    assert CANARY not in json.dumps(last)


@pytest.mark.parametrize(
    ("way", "wanted"),
    [
        ("our event", {"event": "fine", "count": 3}),
        ("our exception", {"event": "failed", "error": "ValueError", "causes": ["KeyError"]}),
        ("library, arguments", {"event": "Task … failed: 'ValueError'"}),
        ("library, exc_info", {"error": "ValueError"}),
        ("a warning", {"event": "warned", "category": "UserWarning"}),
        ("a thread", {"event": "uncaught_in_thread", "error": "ValueError"}),
        ("Postgres", {"error": "UniqueViolation", "sqlstate": "23505"}),
    ],
)
def test_what_helps_to_find_it_is_logged(logged: Any, way: str, wanted: dict[str, Any]):
    (line,) = logged[list(WAYS).index(way)]
    assert {name: line.get(name) for name in wanted} == wanted
