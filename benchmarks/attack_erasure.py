"""Searches a running service for data of an erased user.

Usage: python -m benchmarks.attack_erasure --data-dir .memcubed [--minutes 6]
The service must run embedded (`memcubed up`), and this script as root or as the account of its processes. A
user writes turns, memories, an artifact and a state, searches, gives feedback and grants; another copies,
edits the copy and searches too; then the first user is erased. An invented word that all of it contains,
and the user's name, are searched for in the rows (as the owner), in Redis, and byte by byte, after a
checkpoint, in every file and process of the service: at the receipt, a minute later, and when the receipt
says that files and log are done or the minutes are over. A compressed page of the log may hide the word.
"""

import argparse
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psutil
import psycopg
from psycopg import sql
from redis import Redis

from app.embedded.runtime import Runtime, read_runtime

CHUNK = 8 * 2**20
COLUMNS = """
SELECT c.relname, a.attname, t.typname FROM pg_class c
JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND a.attnum > 0 AND NOT a.attisdropped AND t.typname NOT IN ('halfvec', 'uuid', 'bool', 'int4', 'int8')"""


def rows_with(url: str, word: str) -> dict[str, int]:
    """{table.column: number of rows that contain the word}, for every searchable column, as the owner."""
    hits: dict[str, int] = {}
    with psycopg.connect(url, autocommit=True) as connection:
        for table, column, kind in connection.execute(COLUMNS).fetchall():
            test = "position(%s::bytea in {c}) > 0" if kind == "bytea" else "position(%s in {c}::text) > 0"
            query = sql.SQL("SELECT count(*) FROM {t} WHERE " + test)
            query = query.format(t=sql.Identifier(table), c=sql.Identifier(column))
            value = word.encode() if kind == "bytea" else word
            count = connection.execute(query, [value]).fetchall()[0][0]
            if count:
                hits[f"{table}.{column}"] = count
    return hits


def samples_with(url: str, word: str) -> int:
    """The number of column statistics of Postgres' planner that contain the word."""
    query = "SELECT count(*) FROM pg_statistic s WHERE position(%s in s::text) > 0"
    with psycopg.connect(url, autocommit=True) as connection:
        return int(connection.execute(query, [word]).fetchall()[0][0])


def redis_with(url: str, word: bytes) -> int:
    """The number of keys and values of Redis that contain the word, decompressed too."""
    hits = 0
    with Redis.from_url(url) as redis:
        for key in redis.scan_iter("*", count=1_000):
            data: bytes = redis.dump(key) or b""
            if redis.type(key) == b"string":
                value: bytes = redis.get(key) or b""  # pyright: ignore[reportAssignmentType]
                with suppress(zlib.error):
                    value += zlib.decompress(value)
                data += value
            hits += word in key or word in data
    return hits


def files_with(folder: Path, word: bytes) -> int:
    """The number of occurrences of the word in the files below a folder."""
    hits = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            if path.is_file():
                hits += path.read_bytes().count(word)
    return hits


def memory_with(pid: int, word: bytes, *, shared: bool) -> int:
    """The number of occurrences of the word in a process's memory: private, or shared with others."""
    hits = 0
    encodings = [word, word.decode().encode("utf-16-le"), word.decode().encode("utf-32-le")]
    with suppress(OSError, psutil.Error), open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for start, end in _regions(pid, shared):
            before = b""
            for at in range(start, end, CHUNK):
                with suppress(OSError, ValueError, OverflowError):
                    memory.seek(at)
                    data = before + memory.read(min(CHUNK, end - at))
                    hits += sum(data.count(encoding) for encoding in encodings)
                    before = data[-(4 * len(word) - 1) :] if end - at > CHUNK else b""
    return hits


def _regions(pid: int, shared: bool) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
        span, rights, *_ = line.split()
        if rights.startswith("r") and (rights[3] == "s") == shared and "[v" not in line:
            start, end = (int(one, 16) for one in span.split("-"))
            yield start, end


def _name(process: psutil.Process) -> str:
    words = process.cmdline()
    joined = " ".join(words)
    if "postgres" in joined and "app.cli" not in joined:
        return "postgres"
    if "valkey" in joined:
        return "valkey"
    return " ".join(words[words.index("app.cli") + 1 :]) if "app.cli" in words else "supervisor"


def look(runtime: Runtime, data_dir: Path, word: str) -> dict[str, Any]:
    """The number of hits by location."""
    raw = word.encode()
    assert runtime.database_owner_url is not None
    memory: dict[str, int] = {}
    parent = psutil.Process(runtime.pid)
    shared_seen = False
    for process in (parent, *parent.children(recursive=True)):
        with suppress(psutil.Error):
            name = _name(process)
            memory[name] = memory.get(name, 0) + memory_with(process.pid, raw, shared=False)
            if name == "postgres" and not shared_seen:
                memory["postgres buffers"] = memory_with(process.pid, raw, shared=True)
                shared_seen = True
    postgres = data_dir / "postgres"
    # The rows are searched last, as the query loads the word into Postgres' memory.
    return {
        "files": {
            "heap, toast, indexes": files_with(postgres / "base", raw),
            "wal": files_with(postgres / "pg_wal", raw),
            "valkey": files_with(data_dir / "valkey", raw),
            "logs": files_with(data_dir / "logs", raw),
        },
        "memory": memory,
        "redis": redis_with(runtime.redis_url, raw),
        "rows": rows_with(runtime.database_owner_url, word),
        "statistics": samples_with(runtime.database_owner_url, word),
    }


class Life:
    """The requests of the users."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=120)

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self._client.request(method, path, json=body, **more)
        if answer.status_code >= 400:
            raise SystemExit(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None

    def lead(self, ann: str, bob: str, word: str) -> None:
        """Write the word to every kind of storage."""
        jobs: list[str] = []
        for number in range(12):
            turn = {
                "role": "user",
                "name": f"Ann {word}",
                "content": f"I live in {word.title()} {number}. I like {word}.",
            }
            turn["ref"] = f"{word}-{number}"
            body = {"user_id": ann, "session_id": f"s-{word}", "turns": [turn], "close_session": number == 11}
            jobs.append(self("POST", "/v1/turns", body)["job_id"])
        note = {"user_id": ann, "content": f"Ann has the boat {word}.", "tags": [word], "keywords": [word]}
        made = self("POST", "/v1/memories", note | {"entities": [word.title()], "importance": 0.9})
        slot = {"subject": "ann", "attribute": f"code_{word}", "value": word}
        self("POST", "/v1/memories", {"user_id": ann, "content": f"Ann's code is {word}."} | slot)
        self("PUT", f"/v1/artifacts/plan-{word}", {"user_id": ann, "content": f"Say {word}."})
        state = {"user_id": ann, "state": {"data": {"word": word}}}
        for job in jobs:
            while self("GET", f"/v1/jobs/{job}")["status"] not in {"succeeded", "failed", "dead"}:
                time.sleep(0.2)
        self("PUT", f"/v1/sessions/t-{word}/state", state, headers={"If-Match": "0"})
        self("POST", "/v1/snapshots", {"user_id": ann, "name": word})
        self(
            "POST",
            "/v1/turns",
            {"user_id": bob, "session_id": "b", "turns": [{"role": "user", "content": "Hi."}]},
        )
        self("POST", "/v1/grants", {"owner_user_id": ann, "grantee_user_id": bob, "right": "copy"})
        copied = self("POST", "/v1/memories/copy", {"user_id": bob, "owner_user_id": ann})["items"]
        copy_id = next(one["memory_id"] for one in copied if one["owner_memory_id"] == made["id"])
        edit = {"content": f"The boat {word} is Ann's, as I know."}
        version = self("GET", f"/v1/memories/{copy_id}")["version"]
        self("PATCH", f"/v1/memories/{copy_id}", edit, headers={"If-Match": str(version)})
        for user in (ann, bob):
            query = {"user_id": user, "query": f"What of {word}?", "shared": True}
            answer = self("POST", "/v1/search", query)
            used = [item["id"] for item in answer["items"]][:1]
            self("POST", f"/v1/retrievals/{answer['retrieval_id']}/feedback", {"cited_ids": used})
            self(
                "POST",
                "/v1/context",
                {"user_id": user, "query": f"Who said {word}?", "session_id": f"s-{word}"},
            )
            self("POST", "/v1/forget", {"user_id": user, "dry_run": False})
        time.sleep(8)


def main() -> None:
    """Fill, erase, and search three times."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=Path(".memcubed"))
    parser.add_argument("--minutes", type=float, default=6)
    args = parser.parse_args()
    runtime = read_runtime(args.data_dir.absolute())
    if runtime is None or runtime.database_owner_url is None:
        raise SystemExit(f"No embedded service runs on {args.data_dir}.")
    word = f"zq{uuid4().hex[:12]}"
    ann, bob = f"ann-{uuid4().hex[:6]}", f"bob-{uuid4().hex[:6]}"
    life = Life(runtime.api_url, (args.data_dir / "bootstrap-key").read_text().strip())
    life.lead(ann, bob, word)
    with psycopg.connect(runtime.database_owner_url, autocommit=True) as connection:
        connection.execute("ANALYZE")

    def tell(when: str) -> None:
        # Postgres does this itself every few minutes: pages in its memory are written to the files.
        with psycopg.connect(runtime.database_owner_url or "", autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        for of, what in (("word", word), ("name", ann)):
            print(json.dumps({"when": when, "of": of} | look(runtime, args.data_dir, what)), flush=True)

    tell("before")
    started = time.monotonic()
    receipt = life("DELETE", f"/v1/users/{ann}")
    print(json.dumps({"seconds": round(time.monotonic() - started, 2), "receipt": receipt}), flush=True)
    tell("at the receipt")
    time.sleep(max(0.0, 60 - (time.monotonic() - started)))
    tell("a minute later")
    while "id" in receipt and time.monotonic() - started < 60 * args.minutes:
        receipt = life("GET", f"/v1/erasures/{receipt['id']}")
        done = {part["part"]: part.get("done_at") for part in receipt["parts"]}
        if done["files"] and done["wal"]:
            break
        time.sleep(5)
    print(json.dumps({"seconds": round(time.monotonic() - started, 2), "receipt": receipt}), flush=True)
    tell("at the end")


if __name__ == "__main__":
    if os.name != "posix":
        raise SystemExit("It reads /proc: Linux only.")
    main()
