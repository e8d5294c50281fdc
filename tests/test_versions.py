"""One release, one version: of the service, of all clients, and of what they say of themselves."""

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def in_json(*names: str) -> Callable[[str], str]:
    def read(content: str) -> str:
        value = json.loads(content)
        for name in names:
            value = value[name]
        return value

    return read


def after(pattern: str) -> Callable[[str], str]:
    def read(content: str) -> str:
        (found,) = re.findall(pattern, content, re.MULTILINE)
        return found

    return read


PLACES = [
    ("openapi/openapi.json", in_json("info", "version")),
    ("deploy/helm/memcubed/Chart.yaml", after(r'^appVersion: "?([^"\s]+)"?$')),
    ("sdk/python/memcubed/_version.py", after(r'^__version__ = "(.+)"$')),
    ("sdk/typescript/package.json", in_json("version")),
    ("sdk/typescript/package-lock.json", in_json("version")),
    ("sdk/typescript/package-lock.json", in_json("packages", "", "version")),
    ("sdk/typescript/src/version.ts", after(r'^export const VERSION = "(.+)";$')),
    ("sdk/go/client.go", after(r'^const Version = "(.+)"$')),
    ("sdk/n8n/package.json", in_json("version")),
    ("sdk/open_webui/memcubed_filter.py", after(r"^version: (\S+)$")),
    ("sdk/plugins/memcubed/.claude-plugin/plugin.json", in_json("version")),
    ("sdk/plugins/memcubed/.codex-plugin/plugin.json", in_json("version")),
    ("sdk/plugins/memcubed/.cursor-plugin/plugin.json", in_json("version")),
    ("CHANGELOG.md", lambda content: re.findall(r"^## \[([^\]]+)\]", content, re.MULTILINE)[0]),
]
# What a client names itself to the service has that constant and no other.
AGENTS = [
    ("sdk/python/memcubed/_requests.py", 'f"memcubed-python/{__version__}'),
    ("sdk/typescript/src/low_level.ts", "`memcubed-js/${VERSION}`"),
    ("sdk/go/transport.go", '"memcubed-go/"+Version'),
]


@pytest.mark.parametrize(("place", "read"), PLACES)
def test_is_that_of_the_service(place: str, read: Callable[[str], str]):
    assert read((ROOT / place).read_text()) == VERSION


@pytest.mark.parametrize(("place", "agent"), AGENTS)
def test_is_in_the_user_agent(place: str, agent: str):
    assert agent in (ROOT / place).read_text()


def test_no_file_that_tells_a_version_is_left_out():
    manifests = {
        path.relative_to(ROOT).as_posix()
        for name in ("package.json", "plugin.json", "_version.py", "version.ts", "Chart.yaml")
        for folder in ("sdk", "deploy")
        for path in (ROOT / folder).rglob(name)
        if "node_modules" not in path.parts and "dist" not in path.parts
    }
    assert manifests <= {place for place, _ in PLACES}
