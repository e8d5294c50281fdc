"""Build the site of the documentation: lay the pages out as in the repository, so that links hold, and build.

`python scripts/docs_site.py [FOLDER]`, with what docs/requirements.txt names; build/docs is the default.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "NOTICE", "openapi/openapi.json")
PAGES += ("benchmarks/README.md", ".env.example", "docker-compose.yml")
FOLDERS = ("docs", "sdk")
IGNORED = shutil.ignore_patterns(
    "node_modules", "dist", "generator", "generated", "memcubed", "requirements.txt", "tests"
)
# Pages of clients that are made at the same time as this site; they come into it with their file.
LATER = {f"docs/{name}.md" for name in ("chat-proxy", "console", "frameworks", "import", "mcp", "plugins")}


class Loader(yaml.SafeLoader):
    """Keeps tags of Python as text; only Zensical needs what they mean."""


Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)


def pages_of(nav: list[Any]) -> list[str]:
    """The pages that a navigation names."""
    found: list[str] = []
    for entry in nav:
        for value in entry.values():
            found += [value] if isinstance(value, str) else pages_of(value)
    return found


def lay_out(folder: Path) -> None:
    """Copy the pages, and the configuration without the pages that are to come."""
    shutil.rmtree(folder, ignore_errors=True)
    source = folder / "source"
    for name in PAGES:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, source / name, ignore=IGNORED)
    text = (ROOT / "mkdocs.yml").read_text()
    named = pages_of(yaml.load(text, Loader)["nav"])  # noqa: S506 -- a loader that makes nothing
    missing = {name for name in named if not (source / name).exists()}
    if missing - LATER:
        raise SystemExit(f"mkdocs.yml names pages that do not exist: {', '.join(sorted(missing - LATER))}")
    decisions = {path.relative_to(source).as_posix() for path in source.glob("docs/decisions/0*.md")}
    there = {path.relative_to(source).as_posix() for path in source.glob("docs/**/*.md")}
    if unnamed := there - set(named) - decisions:
        raise SystemExit(f"mkdocs.yml does not name {', '.join(sorted(unnamed))}")
    lines = [line for line in text.splitlines() if not any(line.endswith(f": {name}") for name in missing)]
    (folder / "mkdocs.yml").write_text("\n".join([*lines, ""]))


def main() -> None:
    """Lay out, and build so that a broken link is an error."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "docs").absolute()
    lay_out(folder)
    zensical = Path(sys.executable).with_name("zensical")
    status = subprocess.run(
        [str(zensical), "build", "--clean", "--strict"], cwd=folder, check=False
    ).returncode
    if status != 0:
        raise SystemExit(status)
    print(f"The site is in {folder / 'site'}: open {folder / 'site' / 'index.html'}")


if __name__ == "__main__":
    main()
