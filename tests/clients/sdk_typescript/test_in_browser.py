"""The package in a browser, unbundled, on a page of another origin than the service's."""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from tests.clients.conftest import Service, run_service
from tests.clients.sdk_typescript.conftest import HERE

PAGE = '<!doctype html><title>memcubed</title><script type="module" src="/page.mjs"></script>'
SECONDS = 90


class Site(ThreadingHTTPServer):
    """A folder as a web site; what its pages post to /result is in `results`."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.results: Queue[dict[str, Any]] = Queue()

        class Handler(SimpleHTTPRequestHandler):
            def __init__(self, *args: Any) -> None:
                super().__init__(*args, directory=str(folder))

            def do_POST(self) -> None:
                site.results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep the test output clean."""

        site = self
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def origin(self) -> str:
        """As a browser names it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture(scope="module")
def folder(app_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the site shows: the page, and the package as it is installed."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copytree(app_folder / "node_modules" / "memcubed" / "dist", folder / "memcubed")
    shutil.copy(HERE / "page.mjs", folder)
    (folder / "index.html").write_text(PAGE)
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Site]:
    """The site that may call the service."""
    with Site(folder) as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def open_service(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that the site's pages may call."""
    folder = tmp_path_factory.mktemp("service-for-pages")
    yield from run_service(folder, MEMCUBED_CORS_ORIGINS=site.origin)


def visit(site: Site, folder: Path, service: Service, profile: Path) -> dict[str, Any]:
    """What the page saw, opened in headless Chromium."""
    (folder / "settings.json").write_text(json.dumps({"url": service.url, "key": service.key}))
    chromium = shutil.which("chromium")
    assert chromium is not None, "Chromium is needed: apt-get install chromium"
    quiet = ["--no-first-run", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    command = [chromium, "--headless", "--no-sandbox", *quiet, f"--user-data-dir={profile}"]
    browser = subprocess.Popen(
        [*command, "--remote-debugging-port=0", f"{site.origin}/index.html"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return site.results.get(timeout=SECONDS)
    finally:
        browser.terminate()
        browser.wait(30)


def test_on_a_page_that_may(site: Site, folder: Path, open_service: Service, tmp_path: Path):
    seen = visit(site, folder, open_service, tmp_path)
    listed, imported = seen.pop("listed"), seen.pop("imported")
    assert listed == imported  # what was said makes one memory or two, and one was added
    assert listed >= 2
    assert seen == {
        "found": True,
        "updated": 2,
        "artifact": 1,
        "goals": 1,
        "error": [True, "not_found", True],
    }


def test_on_a_page_that_may_not(folder: Path, open_service: Service, tmp_path: Path):
    with Site(folder) as stranger:
        seen = visit(stranger, folder, open_service, tmp_path)
        stranger.shutdown()
    assert seen["lost"] is True
