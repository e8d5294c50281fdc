"""The adapters' own tests, and the types of the whole client, where the frameworks are installed."""

from pathlib import Path

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import CLIENTS, python_environment
from tests.clients.sdk_python.test_sdk_python import SDK, environment_of, examples, run

OWN_TESTS = sorted(path.name for path in (SDK / "tests" / "extras").glob("test_*.py"))


@pytest.fixture(scope="module")
def python() -> Path:
    """The Python of an environment with the client and the frameworks."""
    return python_environment("sdk_python_extras", editable=SDK)


@pytest.mark.parametrize("file", OWN_TESTS)
def test_their_own_tests_pass(file: str, python: Path, service: Service):
    # The frameworks leave event loops and connections of their own open, which is no error of the adapters.
    command = [str(python), "-m", "pytest", "-q", "-W", "default", "--timeout", "120", f"tests/extras/{file}"]
    run(command, **environment_of(service))


def test_the_example_of_the_store_works(python: Path, service: Service):
    (example,) = examples()[2:]
    assert "Minestrone" in run([str(python), "-c", example], **environment_of(service))


def test_types_are_strict(python: Path):
    run([str(python), "-m", "mypy", "--cache-dir", str(CLIENTS / "sdk_python-mypy")])


def test_the_client_alone_loads_none_of_them(python: Path):
    listed = "import memcubed, sys; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = set(run([str(python), "-c", listed]).split())
    assert "memcubed" in loaded
    frameworks = {"agents", "openai", "langchain_core", "langgraph", "llama_index"}
    assert not loaded & (frameworks | {"pydantic", "sqlalchemy", "numpy"})
