"""Environments of foreign clients, made once and kept in `.clients/`: virtual environments and npm folders.

What a client needs stands in `tests/clients/<name>/requirements.txt` or `tests/clients/<name>/package.json`
with its lock file. An environment is made anew when that file changes.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / ".clients"
INSTALL_SECONDS = 900


def _is_current(folder: Path, wanted: str) -> bool:
    mark = folder / ".installed"
    return mark.exists() and mark.read_text() == wanted


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout[-2_000:]}{done.stderr[-4_000:]}"


def python_environment(name: str, *, editable: Path | None = None) -> Path:
    """The Python of a virtual environment with `tests/clients/<name>/requirements.txt` in it.

    `editable`: a package of this repository to install beside it, without its requirements.
    """
    wanted_file = Path(__file__).parent / name / "requirements.txt"
    wanted = hashlib.sha256(wanted_file.read_bytes() + str(editable).encode()).hexdigest()
    folder = CLIENTS / f"{name}-python"
    python = folder / "bin" / "python"
    if not _is_current(folder, wanted):
        shutil.rmtree(folder, ignore_errors=True)
        CLIENTS.mkdir(exist_ok=True)
        _run([sys.executable, "-m", "venv", str(folder)], ROOT)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        _run([*pip, "--requirement", str(wanted_file)], ROOT)
        if editable is not None:
            _run([*pip, "--no-deps", "--editable", str(editable)], ROOT)
        (folder / ".installed").write_text(wanted)
    return python


def node_environment(name: str) -> Path:
    """A folder with the `node_modules` of `tests/clients/<name>/package-lock.json`.

    An `.npmrc` beside it counts, such as one that leaves out optional peers of a package.
    """
    source = Path(__file__).parent / name
    wanted = hashlib.sha256((source / "package-lock.json").read_bytes()).hexdigest()
    folder = CLIENTS / f"{name}-node"
    if not _is_current(folder, wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in ("package.json", "package-lock.json", ".npmrc"):
            if (source / file).exists():
                shutil.copy(source / file, folder / file)
        _run(["npm", "ci", "--no-audit", "--no-fund"], folder)
        (folder / ".installed").write_text(wanted)
    return folder
