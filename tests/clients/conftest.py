"""The whole service as `memcubed up` runs it, with a scripted LLM behind it, for clients of other makers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.fakes import ScriptedLLM

START_SECONDS = 120


@dataclass(frozen=True)
class Service:
    """A running service: its address, the key of its first administrator, and where its files are."""

    url: str
    key: str
    data_dir: Path

    def http(self) -> httpx.Client:
        """A client of it with the key."""
        return httpx.Client(
            base_url=self.url, headers={"Authorization": f"Bearer {self.key}"}, timeout=30, trust_env=False
        )


@pytest.fixture(scope="session")
def chat_llm() -> Iterator[ScriptedLLM]:
    """The OpenAI-compatible endpoint that the service of `service_with_llm` asks."""
    with ScriptedLLM() as llm:
        yield llm


def run_service(data_dir: Path, **environment: str) -> Iterator[Service]:
    """A service with these settings, until the generator is closed."""
    settings = {"MEMCUBED_DATA_DIR": str(data_dir), "MEMCUBED_PORT": "0"} | environment
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MEMCUBED_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "up"], env=inherited | settings, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Ready"):
                break
        assert said, "the service said nothing"
        url = next((word for line in said for word in line.split() if word.startswith("http://")), None)
        assert url is not None, "".join(said)
        key = (data_dir / "bootstrap-key").read_text().strip()
        yield Service(url.split("/v1")[0].rstrip("/"), key, data_dir)
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service without an LLM."""
    yield from run_service(tmp_path_factory.mktemp("service"))


@pytest.fixture(scope="session")
def service_with_llm(tmp_path_factory: pytest.TempPathFactory, chat_llm: ScriptedLLM) -> Iterator[Service]:
    """The service with the scripted LLM."""
    yield from run_service(
        tmp_path_factory.mktemp("service-with-llm"),
        MEMCUBED_LLM_BASE_URL=chat_llm.base_url,
        MEMCUBED_LLM_MODEL="scripted",
    )
