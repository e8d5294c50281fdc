"""The synchronous twin of the asynchronous client: the same text with other names."""

from __future__ import annotations

import re
from pathlib import Path

HEADER = "# Written by scripts/unasync.py from memcubed/_async; do not edit.\n"
NAMES = [
    (r"async def", "def"),
    (r"async with", "with"),
    (r"async for", "for"),
    (r"await ", ""),
    (r"anyio\.sleep", "time.sleep"),
    (r"import anyio", "import time"),
    (r"\baread\b", "read"),
    (r"\baclose\b", "close"),
    (r"\baiter_(lines|bytes)\b", r"iter_\1"),
    (r"\basend\b", "send"),
    (r"__aenter__", "__enter__"),
    (r"__aexit__", "__exit__"),
    (r"__aiter__", "__iter__"),
    (r"__anext__", "__next__"),
    (r"StopAsyncIteration", "StopIteration"),
    (r"\basynccontextmanager\b", "contextmanager"),
    (r"AsyncGenerator\[(\w+), None\]", r"Generator[\1, None, None]"),
    (r"\bAsyncGenerator\b", "Generator"),
    (r"\bAsync(Iterator|Iterable)\b", r"\1"),
    (r"\bAsync(Client|BaseTransport|ByteStream)\b", r"\1"),
    (r"\bAsync([A-Z]\w+)", r"\1"),
    (r"set_async_httpx_client", "set_httpx_client"),
    (r"\basynchronous\b", "synchronous"),
    (r"_async\b", "_sync"),
]


def to_sync(text: str) -> str:
    """One file's text."""
    for pattern, replacement in NAMES:
        text = re.sub(pattern, replacement, text)
    return HEADER + text


def write_sync_twin(source: Path, target: Path) -> None:
    """Write the twin of every file of a package."""
    target.mkdir(parents=True)
    for file in sorted(source.glob("*.py")):
        (target / file.name).write_text(to_sync(file.read_text()))
