"""Each marked example of the documentation runs as it stands, in a folder with the key of its page."""

import os
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.clients.conftest import Service
from tests.clients.docs_examples.blocks import Block, runnable_blocks
from tests.clients.environments import ROOT, python_environment
from tests.clients.sdk_typescript.conftest import app_folder

__all__ = ["app_folder"]
STATED_URL = "http://127.0.0.1:8000"
PAGES = {
    path.relative_to(ROOT).as_posix(): blocks
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if (blocks := runnable_blocks(path.read_text()))
}


def of(language: str) -> list[tuple[str, Block]]:
    """The blocks of a language, with their pages."""
    return [(page, block) for page, blocks in PAGES.items() for block in blocks if block.language == language]


def names(cases: list[tuple[str, Block]]) -> list[str]:
    """A name for each case."""
    return [f"{page}:{block.line}" for page, block in cases]


def run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """Run an example, which must succeed; gives what it printed."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MEMCUBED_")}
    done = subprocess.run(
        command,
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done.stdout


@pytest.fixture
def folder(service: Service, tmp_path: Path) -> Path:
    """A folder as the one in which the service was started."""
    (tmp_path / ".memcubed").symlink_to(service.data_dir)
    return tmp_path


@pytest.fixture
def address(service: Service) -> dict[str, str]:
    """What the first block of the quick start sets."""
    return {"MEMCUBED_URL": service.url, "MEMCUBED_API_KEY": service.key}


def expect(blocks: list[Block], printed: str) -> None:
    """Each of the blocks must say something that its reader looks for."""
    for block in blocks:
        for text in block.prints:
            assert text in printed, printed


def test_the_pages_for_newcomers_have_examples():
    assert {"README.md", "docs/quick-start.md"} <= set(PAGES)
    assert {block.language for block in PAGES["docs/quick-start.md"]} == {"bash", "python", "ts"}


def forget_ann(service: Service) -> None:
    """A page is for who begins: what other examples have told of its user would be among the answers."""
    key = {"Authorization": f"Bearer {service.key}"}
    answer = httpx.delete(f"{service.url}/v1/users/ann", headers=key, timeout=60)
    assert answer.status_code in {200, 404}, answer.text


@pytest.mark.parametrize("page", [page for page in PAGES if any(b.language == "bash" for b in PAGES[page])])
def test_commands(page: str, service: Service, folder: Path):
    blocks = [block for block in PAGES[page] if block.language == "bash"]
    script = "set -euo pipefail\n" + "".join(block.text for block in blocks)
    forget_ann(service)
    expect(blocks, run(["bash", "-c", script.replace(STATED_URL, service.url)], folder, {}))


@pytest.mark.parametrize(("page", "block"), of("python"), ids=names(of("python")))
def test_python(page: str, block: Block, folder: Path, address: dict[str, str]):
    python = python_environment("sdk_python", editable=ROOT / "sdk" / "python")
    expect([block], run([str(python), "-c", block.text], folder, address))


@pytest.mark.parametrize(("page", "block"), of("ts"), ids=names(of("ts")))
def test_typescript(page: str, block: Block, app_folder: Path, address: dict[str, str]):
    name = f"example_{block.line}"
    (app_folder / f"{name}.ts").write_text(block.text)
    options = ["--target", "es2022", "--module", "nodenext", "--strict", "--skipLibCheck", "--outDir", "run"]
    try:
        run(["node_modules/.bin/tsc", *options, f"{name}.ts"], app_folder, {})
    finally:
        (app_folder / f"{name}.ts").unlink()
    expect([block], run(["node", f"run/{name}.js"], app_folder, address))


class TestBlocks:
    @pytest.mark.parametrize(
        ("page", "found"),
        [
            ("", []),
            ("```bash\nls\n```\n", []),
            ("<!-- runnable -->\n```bash\nls\n```\n", [Block("bash", "ls\n", 2)]),
            ("text\n\n<!-- runnable -->\n```ts\na\nb\n```\nmore", [Block("ts", "a\nb\n", 4)]),
            ('<!-- runnable: prints "a b" -->\n```python\np\n```', [Block("python", "p\n", 2, ("a b",))]),
            ('<!-- runnable: prints "a", "b" -->\n```bash\np\n```', [Block("bash", "p\n", 2, ("a", "b"))]),
            ("<!-- runnable -->\n````bash\n```\n````\n", [Block("bash", "```\n", 2)]),
            ("<!-- another remark -->\n```bash\nls\n```\n", []),
            ("A runnable example.\n```bash\nls\n```\n", []),
        ],
    )
    def test_are_found(self, page: str, found: list[Block]):
        assert runnable_blocks(page) == found

    @pytest.mark.parametrize(
        "page",
        [
            "<!-- runnable -->\n\n```bash\nls\n```\n",
            "<!-- runnable -->",
            "<!-- runnable -->\nls\n",
            "<!-- runnable -->\n```\nls\n```\n",
            "<!-- runnable -->\n```ruby\nls\n```\n",
            "<!-- runnable -->\n```bash\nls\n",
            "<!-- runnable: print 'x' -->\n```bash\nls\n```\n",
            "<!--runnable-->\n```bash\nls\n```\n",
            "<!-- runnable: prints -->\n```bash\nls\n```\n",
            '<!-- runnable: prints "x -->\n```bash\nls\n```\n',
            "  <!-- runnable -->\n```bash\nls\n```\n",
        ],
    )
    def test_that_are_marked_wrongly_are_refused(self, page: str):
        with pytest.raises(ValueError, match="line"):
            runnable_blocks(page)
