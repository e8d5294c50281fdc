"""Write what is generated: memcubed/generated from openapi.json, and memcubed/_sync from memcubed/_async.

    python sdk/python/scripts/generate.py [--check]

The generator and the formatter are pinned in generator/requirements.txt and live in a virtual environment of
their own, `.clients/sdk-generator` of the repository. With `--check` nothing is written; what is not current
is named.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from unasync import write_sync_twin

PACKAGE = Path(__file__).parents[1]
REPOSITORY = PACKAGE.parents[1]
GENERATOR = PACKAGE / "generator"
DOCUMENT = REPOSITORY / "openapi" / "openapi.json"
ENVIRONMENT = REPOSITORY / ".clients" / "sdk-generator"
LOW_LEVEL = Path("memcubed/generated")
SYNC_TWIN = Path("memcubed/_sync")

# What the generator writes for Python 3.11 only; annotations are no trouble, they are never evaluated.
FOR_OLDER_PYTHONS = {
    "client.py": [
        (
            "from typing import Any, Self",
            "from typing import TYPE_CHECKING, Any\n"
            "if TYPE_CHECKING:\n    from typing_extensions import Self",
        )
    ],
    "types.py": [
        ("from typing import BinaryIO", "from typing import Optional, Union, BinaryIO"),
        ("IO[bytes] | bytes | str", "Union[IO[bytes], bytes, str]"),
        ("FileTypes = (", "FileTypes = Union["),
        (
            "    tuple[str | None, FileContent, str | None]\n",
            "    tuple[Optional[str], FileContent, Optional[str]],\n",
        ),
        (
            "    | tuple[str | None, FileContent, str | None, Mapping",
            "    tuple[Optional[str], FileContent, Optional[str], Mapping",
        ),
        ("Mapping[str, str]]\n)", "Mapping[str, str]],\n]"),
    ],
}


def environment() -> Path:
    """The folder of the programs that generate, installed when what is pinned has changed."""
    wanted_file = GENERATOR / "requirements.txt"
    wanted = hashlib.sha256(wanted_file.read_bytes()).hexdigest()
    mark = ENVIRONMENT / ".installed"
    programs = ENVIRONMENT / "bin"
    if not mark.exists() or mark.read_text() != wanted:
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        ENVIRONMENT.parent.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(ENVIRONMENT)], check=True)
        pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        subprocess.run([*pip, "--requirement", str(wanted_file)], check=True)
        mark.write_text(wanted)
    return programs


def simplify(part: Any) -> Any:
    """The document as the generator types it best.

    An object without named properties becomes `{}`, so that metadata are plain dicts; what may be such an
    object or something else may be anything. Lines of JSON are bytes.
    """
    if isinstance(part, list):
        return [simplify(one) for one in part]
    if not isinstance(part, dict):
        return part
    words = {name: part[name] for name in ("title", "description") if isinstance(part.get(name), str)}
    if part.get("type") == "object" and "properties" not in part:
        return words
    simple = {name: simplify(one) for name, one in part.items()}
    if any(
        one.keys() <= {"title", "description"} for one in simple.get("anyOf", ()) if isinstance(one, dict)
    ):
        return words
    if "application/x-ndjson" in simple:
        simple["application/x-ndjson"]["schema"] = {"type": "string", "format": "binary"}
    return simple


def name_instance(name: str, text: str) -> str:
    """A model that has a property of its own name, with another name for what it makes of a dict."""
    return re.sub(
        rf"^(        (?:return )?){name}(?= = cls\(|\.additional_properties = |$)",
        r"\1made",
        text,
        flags=re.M,
    )


def write_low_level(target: Path, programs: Path) -> None:
    """Generate the package of models and operations."""
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(json.dumps(simplify(json.loads(DOCUMENT.read_text()))))
        command = [str(programs / "openapi-python-client"), "generate", "--path", str(document)]
        command += ["--meta", "none", "--config", str(GENERATOR / "config.yaml")]
        command += ["--custom-template-path", str(GENERATOR / "templates")]
        command += ["--output-path", str(target), "--overwrite", "--fail-on-warning"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(done.stdout + done.stderr)
    for model in (target / "models").glob("*.py"):
        model.write_text(name_instance(model.stem, model.read_text()))
    for name, replacements in FOR_OLDER_PYTHONS.items():
        text = (target / name).read_text()
        for old, new in replacements:
            if old not in text:
                raise SystemExit(f"{name}: the generator no longer writes {old!r}")
            text = text.replace(old, new)
        (target / name).write_text(text)
    ruff = [str(programs / "ruff"), "--quiet"]
    config = ["--no-cache", "--config", str(GENERATOR / "ruff.toml")]
    subprocess.run([*ruff, "check", *config, "--fix", str(target)], check=True)
    subprocess.run([*ruff, "format", *config, str(target)], check=True)


def write_all(root: Path, programs: Path) -> None:
    """Write both generated packages under a root."""
    write_low_level(root / LOW_LEVEL, programs)
    write_sync_twin(PACKAGE / "memcubed" / "_async", root / SYNC_TWIN)
    twin = str(root / SYNC_TWIN)
    format_twin = [str(programs / "ruff"), "--quiet"]
    config = ["--no-cache", "--config", str(PACKAGE / "pyproject.toml")]
    subprocess.run(
        [*format_twin, "check", *config, "--select", "I", "--fix", str(root / SYNC_TWIN)], check=True
    )
    subprocess.run([*format_twin, "format", *config, twin], check=True)


def differences(written: Path) -> list[str]:
    """What of the committed packages is not what would be written."""
    found = []
    for package in (LOW_LEVEL, SYNC_TWIN):
        files = {
            path.relative_to(root) for root in (written, PACKAGE) for path in (root / package).rglob("*.py")
        }
        for file in sorted(files):
            old, new = (root / file for root in (PACKAGE, written))
            texts = [path.read_text().splitlines(True) if path.exists() else [] for path in (old, new)]
            if texts[0] != texts[1]:
                found.append("".join(list(difflib.unified_diff(*texts, str(file), "as generated"))[:20]))
    return found


def main() -> None:
    """Write or check."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    programs = environment()
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder)
        (written / "memcubed").mkdir()
        write_all(written, programs)
        if check:
            if found := differences(written):
                raise SystemExit("Not current, run `make sdk`:\n" + "\n".join(found[:10]))
            return
        for package in (LOW_LEVEL, SYNC_TWIN):
            shutil.rmtree(PACKAGE / package, ignore_errors=True)
            shutil.copytree(written / package, PACKAGE / package)


if __name__ == "__main__":
    main()
