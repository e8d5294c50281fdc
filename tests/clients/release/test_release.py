"""The wheel and the source archive: what is in them, and the wheel run in an empty folder."""

import os
import shutil
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.clients.environments import ROOT, python_environment

START_SECONDS = 240
BUILT = (
    "app",
    "migrations",
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "NOTICE",
    "MANIFEST.in",
    "CHANGELOG.md",
)
BUILT += ("requirements.lock", "openapi")


def tracked(*folders: str) -> set[str]:
    """The files of the repository below the folders."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with both packages, built of what the repository holds and of nothing that lies about."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in tracked(*BUILT):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    build = [str(python_environment("release")), "-m", "build", "--outdir", str(out), str(source)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return out


@pytest.fixture(scope="module")
def wheel(packages: Path) -> Path:
    (found,) = packages.glob("*.whl")
    return found


def names_in_wheel(wheel: Path) -> set[str]:
    """The files of the wheel but its own notes."""
    return {n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n}


class TestContent:
    def test_version(self, packages: Path):
        assert {p.name for p in packages.iterdir()} == {
            "memcubed-0.2.0-py3-none-any.whl",
            "memcubed-0.2.0.tar.gz",
        }

    def test_the_wheel_has_every_file_and_no_other(self, wheel: Path):
        wanted = tracked("app", "migrations")
        assert {"app/llm/data", "app/memory/text/dates"} <= {str(Path(name).parent) for name in wanted}
        assert names_in_wheel(wheel) == wanted

    def test_the_wheel_has_the_licence(self, wheel: Path):
        names = {Path(n).name for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/licenses/" in n}
        assert names == {"LICENSE", "NOTICE"}

    def test_the_archive_builds_the_wheel_and_has_no_more(self, packages: Path):
        (archive,) = packages.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            names = {n.partition("/")[2] for n in tar.getnames()}
        assert tracked("app", "migrations") <= names
        assert {"pyproject.toml", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md"} <= names
        folders = {n.split("/")[0] for n in names if "/" in n}
        assert folders == {"app", "migrations", "openapi", "memcubed.egg-info"}

    def test_the_registry_takes_them(self, packages: Path):
        files = [str(path) for path in packages.iterdir()]
        check = [str(python_environment("release")), "-m", "twine", "check", "--strict", *files]
        done = subprocess.run(check, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of the wheel, in a virtual environment with nothing else but what it requires."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    done = subprocess.run(
        [*pip, "--constraint", str(ROOT / "requirements.lock"), str(wheel)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3_000:]
    return folder / "bin" / "memcubed"


@pytest.fixture(scope="module")
def running(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """`memcubed up` of the wheel in an empty folder, and where."""
    folder = tmp_path_factory.mktemp("empty")
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "LANG") if name in os.environ}
    with (folder.parent / "up.log").open("w+") as log:
        process = subprocess.Popen(
            [str(installed), "up"], cwd=folder, env=kept | {"MEMCUBED_PORT": "0"}, stdout=log, stderr=log
        )
        try:
            deadline = time.monotonic() + START_SECONDS
            while "Ready" not in (said := (folder.parent / "up.log").read_text()):
                assert process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.2)
            yield next(word for word in said.split() if word.startswith("http://")), folder
        finally:
            process.terminate()
            process.wait(60)


class TestFirstRun:
    def test_a_turn_is_posted_and_found(self, running: tuple[str, Path]):
        url, folder = running
        key = (folder / ".memcubed" / "bootstrap-key").read_text().strip()
        headers = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=url, headers=headers, timeout=120, trust_env=False) as http:
            turn = {"role": "user", "name": "Ann", "content": "I live in Oslo."}
            body = {"user_id": "ann", "session_id": "s", "turns": [turn]}
            posted = http.post("/v1/turns", json=body)
            assert posted.status_code == 202, posted.text
            question = {
                "user_id": "ann",
                "query": "Where does Ann live?",
                "wait_for": posted.json()["job_id"],
            }
            items = http.post("/v1/search", json=question).json()["items"]
            assert "Oslo" in items[0]["content"]
            assert http.get("/v1/memories", params={"user_id": "ann"}).json()["items"]

    def test_it_leaves_nothing_in_the_folder_but_its_own(self, running: tuple[str, Path]):
        assert {path.name for path in running[1].iterdir()} == {".memcubed"}

    def test_what_is_imported_is_the_wheel(self, installed: Path):
        told = subprocess.run(
            [str(installed.with_name("python")), "-P", "-c", "import app; print(app.__file__)"],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        assert str(installed.parents[1]) in told.stdout
        assert sys.prefix not in told.stdout
