"""The Python client: its own tests, oldest Python, package and quick start."""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import ROOT, python_environment
from tests.fakes import ScriptedLLM, user_message

SDK = ROOT / "sdk" / "python"
OWN_TESTS = sorted(path.name for path in (SDK / "tests").glob("test_*.py") if path.name != "test_answers.py")


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python of an environment with the client and what its tests need."""
    return python_environment("sdk_python", editable=SDK)


def run(command: list[str], folder: Path = SDK, **environment: str) -> str:
    ours = ("MEMCUBED_", "PYTEST_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)} | environment
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-8_000:]}{done.stderr[-4_000:]}"
    return done.stdout


def environment_of(service: Service) -> dict[str, str]:
    return {"MEMCUBED_URL": service.url, "MEMCUBED_API_KEY": service.key}


def first_record_of_oslo(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """What sdk/python/tests/test_answers.py expects of the LLM; to other questions it finds no facts."""
    evidence = user_message({"messages": messages}).get("evidence")
    if evidence is None:
        return {"facts": []}
    cited = [record["n"] for record in evidence if "Oslo" in record["text"]][:1]
    claims = [{"text": "On the roof in Oslo.", "sources": cited}] if cited else []
    return {"sub_questions": [], "claims": claims, "missing": "" if cited else "Oslo"}


@pytest.mark.parametrize("file", OWN_TESTS)
def test_its_own_tests_pass(file: str, python: Path, service: Service):
    run([str(python), "-m", "pytest", "-q", "--timeout", "120", f"tests/{file}"], **environment_of(service))


def test_its_tests_of_answers_pass(
    python: Path, service: Service, service_with_llm: Service, chat_llm: ScriptedLLM
):
    chat_llm.on_chat = first_record_of_oslo
    more = {"MEMCUBED_URL_WITH_LLM": service_with_llm.url, "MEMCUBED_API_KEY_WITH_LLM": service_with_llm.key}
    command = [str(python), "-m", "pytest", "-q", "--timeout", "120", "tests/test_answers.py"]
    run(command, **environment_of(service), **more)


def test_what_is_generated_is_current():
    run([sys.executable, "scripts/generate.py", "--check"])


def test_it_is_written_for_python_3_9(python: Path):
    run([str(python.parent / "vermin"), "-t=3.9-", "--violations", "--no-tips", "memcubed"])


def test_the_package_builds_and_works_where_it_is_installed(python: Path, service: Service, tmp_path: Path):
    source = tmp_path / "source"
    shutil.copytree(SDK, source, ignore=shutil.ignore_patterns("__pycache__", ".*", "dist", "tests"))
    run([str(python), "-m", "build", "--no-isolation", "--outdir", str(tmp_path / "dist")], source)
    built = sorted((tmp_path / "dist").iterdir())
    assert [path.suffix for path in built] == [".whl", ".gz"]
    run([str(python), "-m", "twine", "check", "--strict", *map(str, built)])
    venv.create(tmp_path / "fresh", with_pip=True)
    fresh = tmp_path / "fresh" / "bin" / "python"
    run([str(fresh), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", str(built[0])])
    for number, example in enumerate(examples()[:2]):
        said = run([str(fresh), "-c", example], tmp_path, **environment_of(service))
        assert ("Bergen" in said) if number == 0 else ("turns are gone" in said and "not_found" in said)
    listed = run([str(fresh), "-m", "pip", "--disable-pip-version-check", "list", "--format", "freeze"])
    brought = {line.partition("==")[0] for line in listed.splitlines()} - {"pip", "setuptools", "wheel"}
    assert brought <= {
        "anyio", "attrs", "certifi", "exceptiongroup", "h11", "httpcore", "httpx", "idna", "memcubed-client",
        "sniffio", "typing_extensions",
    }  # fmt: skip


def examples() -> list[str]:
    """The Python blocks of the README, in their order: two of the client, then those of frameworks."""
    return re.findall(r"```python\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)
