"""The Go toolchain from PyPI, with a cache of its own and nothing fetched."""

import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.environments import CLIENTS, python_environment

HERE = Path(__file__).parent
RunGo = Callable[..., str]


@dataclass(frozen=True)
class Toolchain:
    """The programs `go` and `gofmt`."""

    root: Path

    @property
    def gofmt(self) -> Path:
        """The formatter."""
        return self.root / "bin" / "gofmt"

    def run(self, *arguments: str, folder: Path = HERE, **environment: str) -> str:
        """Run `go` with the arguments; it must succeed. Gives what it said."""
        own = {
            "CGO_ENABLED": "0",
            "GOROOT": str(self.root),
            "GOCACHE": str(CLIENTS / "go-cache"),
            "GOPATH": str(CLIENTS / "go-path"),
            "GOENV": "off",
            "GOFLAGS": "",
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        }
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MEMCUBED_")}
        done = subprocess.run(
            [str(self.root / "bin" / "go"), *arguments],
            cwd=folder,
            env=inherited | own | environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, f"go {arguments}: {done.stdout[-6_000:]}{done.stderr[-4_000:]}"
        return done.stdout


@pytest.fixture(scope="session")
def go() -> Toolchain:
    """The toolchain that `requirements.txt` pins."""
    python = python_environment("sdk_go")
    where = "import pathlib, go; print(pathlib.Path(go.__path__[0]))"
    found = subprocess.run([str(python), "-c", where], capture_output=True, text=True, check=True)
    return Toolchain(Path(found.stdout.strip()))


def environment_of(url: str, key: str, **more: str) -> Mapping[str, str]:
    """What the client reads where it is given nothing."""
    return {"MEMCUBED_URL": url, "MEMCUBED_API_KEY": key} | more
