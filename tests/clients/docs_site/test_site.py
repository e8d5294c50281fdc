"""Every link of the site leads somewhere, nothing comes from elsewhere, and a broken page fails the build."""

import importlib.util
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

from tests.clients.environments import ROOT

SITE = ROOT / "build" / "docs" / "site"
PYTHON = ROOT / "build" / "docs-venv" / "bin" / "python"
FETCHED = {"script": "src", "img": "src", "link": "href", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """The anchors of a page, its links, and what a browser fetches for it by itself."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.anchors |= {value for name in ("id", "name") if (value := known.get(name))}
        if tag == "a" and (target := known.get("href")):
            self.links.append(target)
        if (name := FETCHED.get(tag)) and (target := known.get(name)) and known.get("rel") != "canonical":
            self.fetched.append(target)


@pytest.fixture(scope="module")
def site() -> dict[Path, Page]:
    done = subprocess.run(
        ["make", "docs"], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return {path: Page(path.read_text()) for path in SITE.rglob("*.html")}


class TestSite:
    def test_has_the_pages(self, site: dict[Path, Page]):
        names = {path.relative_to(SITE).as_posix() for path in site}
        pages = {path.relative_to(ROOT).with_suffix(".html").as_posix() for path in ROOT.glob("docs/*.md")}
        assert pages | {"index.html", "docs/deploy/kubernetes.html", "sdk/python/index.html"} <= names

    def test_links_lead_somewhere(self, site: dict[Path, Page]):
        broken: list[str] = []
        count = 0
        for path, page in site.items():
            if path.name == "404.html":
                continue
            for link in page.links:
                parts = urlsplit(link)
                if parts.scheme or parts.netloc:
                    continue
                address, anchor = urldefrag(link)
                target = (path.parent / unquote(address)).resolve() if address else path
                target = target / "index.html" if target.is_dir() else target
                count += 1
                if not target.is_file() or (
                    anchor and target in site and unquote(anchor) not in site[target].anchors
                ):
                    broken.append(f"{path.relative_to(SITE)}: {link}")
        assert count > 1_000
        assert broken == []

    def test_nothing_comes_from_elsewhere(self, site: dict[Path, Page]):
        foreign = {link for page in site.values() for link in page.fetched if urlsplit(link).netloc}
        assert foreign == set()


class TestBuild:
    """A fault in a copy of the pages must fail the build."""

    def build(self, folder: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PYTHON.with_name("zensical")), "build", "--clean", "--strict"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    @pytest.mark.parametrize("fault", ["[x](nowhere.md)", "[x](api.md#nowhere)", "[x](#nowhere)"])
    def test_a_broken_link_fails(self, site: dict[Path, Page], tmp_path: Path, fault: str):
        shutil.copytree(SITE.parent, tmp_path / "copy", ignore=shutil.ignore_patterns("site"))
        with (tmp_path / "copy" / "source" / "docs" / "quick-start.md").open("a") as page:
            page.write(f"\n{fault}\n")
        assert self.build(tmp_path / "copy").returncode != 0

    def test_a_page_that_the_navigation_does_not_name_fails(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ):
        spec = importlib.util.spec_from_file_location("docs_site", ROOT / "scripts" / "docs_site.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        copy = tmp_path / "repository"
        for name in (*module.PAGES, "mkdocs.yml"):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
        for name in module.FOLDERS:
            shutil.copytree(ROOT / name, copy / name, ignore=module.IGNORED)
        monkeypatch.setattr(module, "ROOT", copy)
        module.lay_out(tmp_path / "good")
        (copy / "docs" / "forgotten.md").write_text("# Forgotten\n")
        with pytest.raises(SystemExit, match="forgotten"):
            module.lay_out(tmp_path / "bad")
