"""What requests that wait for a job cost other requests.

Usage: python benchmarks/attack_waiting.py --url http://127.0.0.1:8000 --key ADMIN_KEY [--waiting 45]
With one key, searches wait for an unfinished job of 500 turns; with another, searches are timed
before and meanwhile. Run it while the worker is stopped or busy: a finished job is not waited for.
"""

import argparse
import json
import statistics
import threading
import time
from uuid import uuid4

import httpx

SECONDS = 8.0


def timed(client: httpx.Client, seconds: float) -> dict[str, float]:
    """Latencies of sequential searches during `seconds`."""
    latencies, until = list[float](), time.perf_counter() + seconds
    while time.perf_counter() < until:
        started = time.perf_counter()
        client.post("/v1/search", json={"user_id": "other", "query": "Where?"}).raise_for_status()
        latencies.append(1e3 * (time.perf_counter() - started))
    latencies.sort()
    return {
        "searches": len(latencies),
        "p50_ms": round(statistics.median(latencies), 1),
        "p99_ms": round(latencies[int(0.99 * (len(latencies) - 1))], 1),
        "max_ms": round(latencies[-1], 1),
    }


def main() -> None:
    """Run the attack and print the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--waiting", type=int, default=45)
    args = parser.parse_args()

    def client_of(key: str) -> httpx.Client:
        limits = httpx.Limits(max_connections=args.waiting + 1)
        headers = {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=args.url, headers=headers, timeout=120, limits=limits)

    answers: dict[str, int] = {}
    with client_of(args.key) as admin:
        keys = [
            admin.post("/v1/keys", json={"name": "attack", "scopes": [scope]}).raise_for_status().json()
            for scope in ("write", "read", "read")
        ]
        with (
            client_of(keys[0]["key"]) as writer,
            client_of(keys[1]["key"]) as waiter,
            client_of(keys[2]["key"]) as other,
        ):
            quiet = timed(other, 2)
            turns = [{"role": "user", "content": f"I saw {n} boats in Oslo."} for n in range(500)]
            body = {"user_id": f"w-{uuid4().hex[:8]}", "session_id": "s", "turns": turns}
            job = writer.post("/v1/turns", json=body).raise_for_status().json()["job_id"]

            def wait() -> None:
                ask = {"user_id": body["user_id"], "query": "boats", "wait_for": job}
                answer = waiter.post("/v1/search", json=ask | {"wait_seconds": SECONDS})
                name = f"{answer.status_code}, waited: {answer.json().get('waited')}"
                answers[name] = answers.get(name, 0) + 1

            threads = [threading.Thread(target=wait) for _ in range(args.waiting)]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            meanwhile = timed(other, SECONDS / 2)
            for thread in threads:
                thread.join()
        for key in keys:
            admin.delete(f"/v1/keys/{key['id']}")
    print(json.dumps({"quiet": quiet, "meanwhile": meanwhile, "waits": answers}, indent=2))


if __name__ == "__main__":
    main()
