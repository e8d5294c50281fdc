"""What hostile bodies cost a running service: its memory, and how long others wait meanwhile.

Usage: python benchmarks/attack_bodies.py --url http://127.0.0.1:8000 --pid PID [--key KEY] [--at-once 3]
PID is the API's process, on this machine (`pgrep -f "app.cli serve"`). Without a key only those attacks run
that need none. Each attack's traffic is bounded by --megabytes and --rounds.
"""

import argparse
import contextlib
import http.client
import json
import math
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import psutil

MB = 2**20
PIECE = 64 * 1024
Body = Callable[[int], Iterator[bytes]]


def _filled(head: bytes, unit: bytes, tail: bytes) -> Body:
    """Build a body of a given size that repeats `unit`."""

    def made(size: int) -> Iterator[bytes]:
        """Yield the chunks of about `size` bytes."""
        yield head
        piece = unit * max(1, PIECE // len(unit))
        for _ in range(max(1, (size - len(head) - len(tail)) // len(piece))):
            yield piece
        yield tail

    return made


def _largest(size: int) -> Iterator[bytes]:
    """The largest valid body: 500 turns of 64 KiB."""
    turn = json.dumps({"role": "system", "content": "x" * 65_536}).encode()
    yield b'{"user_id":"attack","session_id":"s","turns":['
    for number in range(min(500, size // len(turn))):
        yield (b"," if number else b"") + turn
    yield b"]}"


_HEAD = b'{"user_id":"a","session_id":"s","turns":['
SHAPES: dict[str, Body] = {
    "noise": _filled(b"", b"x", b""),
    "tiny ints": _filled(_HEAD, b"1,", b"1]}"),
    "ints in one turn": _filled(_HEAD + b'{"role":"user","content":"x","metadata":{"a":[', b"1,", b"1]}}]}"),
    "floats in a name": _filled(b'{"user_id":[', b"1.5,", b"1]}"),
    "deep": _filled(b'{"turns":', b"[", b""),
    "unknown fields": _filled(b"{", b'"k":1,', b'"z":1}'),
    "long name of a field": _filled(b'{"', b"k", b'":1}'),
    "empty objects": _filled(_HEAD, b"{},", b"{}]}"),
    "escapes": _filled(_HEAD + b'{"role":"user","content":"', b"\\u0041", b'"}]}'),
    "bad ids": _filled(
        _HEAD, b'{"role":"user","content":"x","shown_memory_ids":[' + b"1," * 400 + b"1]},", b"{}]}"
    ),
}


class Watch:
    """Measures the memory of a process and the answer times of /healthz while a block runs."""

    def __init__(self, url: str, pid: int) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 80)
        self._process = psutil.Process(pid)
        self._done = threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._measure, self._ask)]
        self.before, self.peak, self.answers = self.memory(), 0.0, list[float]()

    def memory(self) -> float:
        """Resident memory in MB."""
        return self._process.memory_info().rss / MB

    def __enter__(self) -> "Watch":
        self.peak = self.before
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        for thread in self._threads:
            thread.join()

    def _measure(self) -> None:
        while not self._done.wait(0.01):
            self.peak = max(self.peak, self.memory())

    def _ask(self) -> None:
        connection = http.client.HTTPConnection(*self._address, timeout=60)
        while not self._done.wait(0.01):
            started = time.perf_counter()
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                connection.close()
            self.answers.append(1e3 * (time.perf_counter() - started))

    def told(self) -> dict[str, float]:
        """The measured figures."""
        ordered = sorted(self.answers) or [0.0]
        return {
            "rss_before_mb": round(self.before),
            "rss_more_at_peak_mb": round(self.peak - self.before),
            "healthz_p50_ms": round(statistics.median(ordered), 1),
            "healthz_p99_ms": round(ordered[math.ceil(0.99 * len(ordered)) - 1], 1),
            "healthz_max_ms": round(ordered[-1], 1),
        }


def send(url: str, key: str | None, pieces: Iterator[bytes], statuses: list[object]) -> None:
    """Send one POST /v1/turns in chunks of undeclared length, until the server stops reading."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=120)
    connection.putrequest("POST", "/v1/turns")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Transfer-Encoding", "chunked")
    if key is not None:
        connection.putheader("Authorization", f"Bearer {key}")
    connection.endheaders()
    with contextlib.suppress(OSError):  # a server that rejects a body stops reading it
        for piece in filter(None, pieces):  # an empty chunk would end the body
            connection.send(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.send(b"0\r\n\r\n")
    try:
        statuses.append(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as exc:
        statuses.append(type(exc).__name__)
    connection.close()


def attack(
    args: argparse.Namespace, key: str | None, shape: Body, megabytes: int, at_once: int
) -> dict[str, object]:
    """Send bodies of one shape, several at once, and measure."""
    statuses: list[object] = []
    time.sleep(0.5)
    with Watch(args.url, args.pid) as watch:
        for _ in range(args.rounds):
            threads = [
                threading.Thread(target=send, args=(args.url, key, shape(megabytes * MB), statuses))
                for _ in range(at_once)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    answers: dict[str, int] = {}
    for status in statuses:
        answers[str(status)] = answers.get(str(status), 0) + 1
    return {**watch.told(), "answers": answers}


def main() -> None:
    """Run all attacks and print the figures as JSON lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--key")
    parser.add_argument("--megabytes", type=int, default=1024, help="of the body without a key")
    parser.add_argument("--megabytes-with-key", type=int, default=36)
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    figures = attack(args, None, SHAPES["noise"], args.megabytes, 1)
    print(json.dumps({"attack": f"no key, {args.megabytes} MB in chunks", **figures}), flush=True)
    figures = attack(args, None, SHAPES["tiny ints"], 36, args.at_once)
    print(json.dumps({"attack": "no key, tiny ints", **figures}), flush=True)
    if args.key is None:
        return
    for name, shape in SHAPES.items():
        figures = attack(args, args.key, shape, args.megabytes_with_key, args.at_once)
        print(json.dumps({"attack": f"key, {name}", **figures}), flush=True)
    figures = attack(args, args.key, _largest, 40, 1)
    print(json.dumps({"attack": "key, 500 turns of 64 KiB (valid)", **figures}), flush=True)


if __name__ == "__main__":
    main()
