"""The package as npm makes it, in a folder of its own with the tests, compiled by the strictest settings."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.clients.conftest import Service
from tests.clients.environments import ROOT, node_environment

SDK = ROOT / "sdk" / "typescript"
HERE = Path(__file__).parent
RunNode = Callable[..., str]


def run(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command that must succeed; gives what it said."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | (environment or {}),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-6_000:]}{done.stderr[-4_000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def app_folder() -> Path:
    """A folder of an app that has the packed package installed, and the compiled tests in `run`."""
    folder = node_environment("sdk_typescript")
    source = folder / "package-source"
    shutil.rmtree(source, ignore_errors=True)
    ignored = shutil.ignore_patterns("node_modules", "dist", "*.tgz")
    shutil.copytree(SDK, source, ignore=ignored)
    # The compiler of the package is the one that its own lock file names, too; see the test of that.
    (source / "node_modules").symlink_to(folder / "node_modules")
    run(["npm", "pack", "--pack-destination", str(folder)], source)
    version = json.loads((SDK / "package.json").read_text())["version"]
    installed = folder / "node_modules" / "memcubed"
    shutil.rmtree(installed, ignore_errors=True)
    installed.mkdir()
    run(["tar", "xzf", f"memcubed-{version}.tgz", "-C", str(installed), "--strip-components", "1"], folder)
    for file in [*HERE.glob("*.ts"), HERE / "tsconfig.json"]:
        shutil.copy(file, folder)
    (folder / "readme.ts").write_text("\n".join(read_examples()) + "\nexport {};\n")
    shutil.rmtree(folder / "run", ignore_errors=True)
    run(["node_modules/.bin/tsc"], folder)
    return folder


def read_examples() -> list[str]:
    """The TypeScript in the package's README."""
    return re.findall(r"```ts\n(.*?)```", (SDK / "README.md").read_text(), re.DOTALL)


@pytest.fixture(scope="session")
def run_node_tests(app_folder: Path) -> RunNode:
    """Run compiled tests by node's own runner; gives its report."""

    def run_tests(name: str, environment: Mapping[str, str], node: str = "node") -> str:
        report = run(
            [node, "--test", "--test-reporter", "spec", f"run/{name}.test.js"], app_folder, environment
        )
        passed = re.search(r"^ℹ pass (\d+)$", report, re.MULTILINE)
        assert passed is not None, report
        assert int(passed[1]) > 0, report
        return report

    return run_tests


def environment_of(service: Service) -> dict[str, str]:
    """What the client reads where it is given nothing."""
    return {"MEMCUBED_URL": service.url, "MEMCUBED_API_KEY": service.key}
