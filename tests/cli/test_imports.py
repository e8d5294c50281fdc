"""What a command loads before it works: users wait for it, and a process keeps it for as long as it runs."""

import importlib
import json
import subprocess
import sys

import pytest

WEB = {"fastapi", "starlette", "uvicorn", "app.main", "app.api"}
DATABASE = {"sqlalchemy", "psycopg", "alembic", "app.db"}
QUEUE = {"celery", "kombu", "redis"}
WORKER = {"celery.worker", "celery.apps.worker", "app.workers.run", "app.workers.tasks"}
PARSER = {"spacy", "thinc"}
MODELS = {"numpy", "onnxruntime", "tokenizers", "app.memory", "app.llm"}
SETTINGS = {"pydantic", "pydantic_settings", "httpx", "structlog"}
SERVICES = {"app.services", "app.resources"}
TYPER = {"pydantic"}  # by which it checks the values of options
HELP = WEB | DATABASE | QUEUE | MODELS | SETTINGS | SERVICES

CODE = """
import contextlib, importlib, io, json, sys
module, *words = json.loads(sys.argv[1])
loaded = importlib.import_module(module)
if words:
    with contextlib.redirect_stdout(io.StringIO()) as said, contextlib.suppress(SystemExit):
        loaded.app(words)
    assert "Usage: " in said.getvalue(), said.getvalue()
print(json.dumps(sorted(sys.modules)))
"""


def loaded_by(*words: str) -> set[str]:
    """The modules of a new process that imports a module and runs these words of the command line, if any."""
    command = [sys.executable, "-c", CODE, json.dumps(words)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (("app.cli.main", "--help"), HELP),
        (("app.cli.main", "reembed", "--help"), HELP - TYPER),
        (("app.cli.main", "keys", "create", "--help"), HELP - TYPER),
        (("app.cli.up",), WEB | {"sqlalchemy", "celery", "app.db"} | MODELS | SERVICES),
        (("app.cli.beat",), WEB | DATABASE | WORKER | MODELS | SERVICES),
        (("app.cli.mcp_service",), WEB | DATABASE | QUEUE | MODELS | SERVICES | {"mcp"}),
        (("app.cli.demo",), WEB | DATABASE | QUEUE | MODELS | SERVICES),
        (("app.cli.serve",), PARSER),
        (("app.main",), PARSER | {"mcp"}),  # which is loaded with the first message of its protocol
        (("app.workers.run",), PARSER),  # which loads it with the first segment, and not at all with an LLM
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_command_loads_only_what_it_needs(words: tuple[str, ...], absent: set[str]):
    assert not absent & loaded_by(*words)


def test_all_that_should_be_absent_is_there_to_be_loaded():
    # Else what is called otherwise by now would be absent for good.
    for name in HELP | WORKER | PARSER:
        importlib.import_module(name)
