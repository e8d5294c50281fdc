"""The image, built by buildah in a store of its own: first its base, then the Dockerfile.

No registry of images is asked. debootstrap makes the base, as it makes debian:bookworm-slim, and what that
leaves out is taken out. Packages of Python are fetched by this machine's pip, so the build needs neither its
settings nor its certificates.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MIRROR = "http://deb.debian.org/debian"
BASE, IMAGE = "localhost/debian:bookworm-slim", "localhost/memcubed:check"
# What docker-debian-slim leaves out of an image, and what apt keeps.
UNREAD = (
    "usr/share/doc",
    "usr/share/info",
    "usr/share/locale",
    "usr/share/man",
    "var/cache/apt",
    "var/cache/debconf",
    "var/lib/apt/lists",
    "var/log",
)


class Store:
    """A store of images and containers below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def buildah(self, *arguments: str) -> str:
        """Run buildah, and return what it printed."""
        options = [
            "--storage-driver",
            "vfs",
            "--root",
            f"{self.folder}/root",
            "--runroot",
            f"{self.folder}/run",
        ]
        done = subprocess.run(
            ["buildah", *options, *arguments],
            cwd=ROOT,
            check=False,
            text=True,
            capture_output=True,
        )
        if done.returncode != 0:
            raise SystemExit(f"buildah {arguments[0]} failed:\n{done.stdout[-2_000:]}{done.stderr[-2_000:]}")
        return done.stdout.strip()

    def build_base(self) -> None:
        """Make the base, unless the store has it."""
        if self.buildah("images", "--quiet", "--filter", f"reference={BASE}"):
            return
        container = self.buildah("from", "scratch")
        root = Path(self.buildah("mount", container))
        # What debootstrap mounts below the folder goes with it, however it ends: the folder is removed later.
        command = ["unshare", "--mount", "debootstrap", "--variant=minbase", "bookworm", str(root), MIRROR]
        log = self.folder / "debootstrap.log"
        with log.open("wb") as out:
            if subprocess.run(command, stdout=out, stderr=out, check=False).returncode != 0:
                raise SystemExit(f"debootstrap failed:\n{log.read_text()[-2_000:]}")
        for name in UNREAD:
            shutil.rmtree(root / name)
            (root / name).mkdir()
        self.buildah("commit", "--rm", container, BASE)

    def fetch_wheels(self) -> Path:
        """Fetch the packages of the image, and what builds ours, with this machine's pip."""
        wheels = self.folder / "wheels"
        slim = [sys.executable, "deploy/image/slim.py", "requirements", "requirements.lock"]
        lock = subprocess.run(slim, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        requirements = self.folder / "image.lock"
        # Conditions are for the image's Python to judge, which may be older than this one.
        lines = [line.split(";")[0] for line in lock.splitlines()]
        requirements.write_text("\n".join([*lines, "setuptools>=77", ""]))
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
        pip += ["--only-binary=:all:", "--python-version=3.11", f"--dest={wheels}"]
        subprocess.run([*pip, "--requirement", str(requirements)], cwd=ROOT, check=True)
        (self.folder / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
        return wheels

    def build(self) -> None:
        """Build the Dockerfile on that base."""
        wheels = self.fetch_wheels()
        options = ["--isolation=chroot", "--format=docker"]  # the other format has no health check
        options += [f"--volume={wheels}:/wheels:ro", f"--volume={self.folder}/pip.conf:/etc/pip.conf:ro"]
        self.buildah("bud", *options, f"--build-arg=BASE={BASE}", f"--tag={IMAGE}", ".")

    def configuration(self) -> dict[str, Any]:
        """What the image says about itself: user, environment, command, labels, health check."""
        told = json.loads(self.buildah("inspect", "--type", "image", IMAGE))
        return {"history": told["OCIv1"].get("history", [])} | told["Docker"]["config"]

    def mount(self, image: str) -> Path:
        """The files of an image."""
        return Path(self.buildah("mount", self.buildah("from", "--pull-never", image)))


def megabytes(folder: Path) -> float:
    """What the files of a folder hold together, as image sizes are told: 1 MB = 10^6 bytes."""
    seen: set[int] = set()
    total = 0
    for path in folder.rglob("*"):
        status = path.lstat()
        if status.st_ino not in seen:
            seen.add(status.st_ino)
            total += status.st_size
    return total / 1e6
