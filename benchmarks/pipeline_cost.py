"""CPU that turns cost from the request to written memories, by process, of one or more running services.

Usage: python -m benchmarks.pipeline_cost .memcubed [OTHER_DATA_DIR ...] [--turns 300] [--rounds 5]
Each data directory is that of a running `memcubed up`. The texts are those of `http_speed.py`, fresh users
each round. The services are asked in turn, so that what else the machine does falls on all alike; CPU time
of the processes depends on it less than wall-clock time. Prints a row for each service: seconds of CPU (user
and system) by process, the median of all rounds and its ratio to the first service's, and the turns a second
that it would be on one core.
"""

import argparse
import random
import statistics
import time
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import httpx
import psutil

from app.embedded.runtime import read_runtime
from benchmarks.http_speed import BATCH, sentence, summary

JOB_SECONDS = 300
ENDED = {"succeeded", "failed", "dead"}


class Service:
    """A running service, a client of it, and what its processes have used."""

    def __init__(self, data_dir: Path) -> None:
        runtime = read_runtime(data_dir)
        if runtime is None:
            raise SystemExit(f"`memcubed up` does not run on {data_dir}.")
        self.name, self._pid = str(data_dir), runtime.pid
        key = (data_dir / "bootstrap-key").read_text().strip()
        self.client = httpx.Client(
            base_url=runtime.api_url, headers={"Authorization": f"Bearer {key}"}, timeout=60
        )
        self.rounds: list[dict[str, float]] = []
        self.acks: list[float] = []
        self.ack_cpu: list[float] = []

    def cpu_by_process(self) -> dict[str, float]:
        """Seconds of CPU of all processes so far, those of children that have ended included."""
        used: dict[str, float] = {}
        top = psutil.Process(self._pid)
        for process in (top, *top.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):  # it ended meanwhile, and its parent has its times
                words, times = process.cmdline(), process.cpu_times()
                name = next((w for w in words if w in {"serve", "worker", "up"}), process.name())
                total = times.user + times.system + times.children_user + times.children_system
                used[name] = used.get(name, 0.0) + total
        return used

    def run_round(self, turns: int, seed: int) -> None:
        """Post the turns, wait for their memories, and note what that cost."""
        chance, user = random.Random(seed), f"cost-{uuid4().hex[:8]}"
        before, started = self.cpu_by_process(), time.perf_counter()
        jobs: list[str] = []
        for number in range(0, turns, BATCH):
            posted = [{"role": "user", "name": "Ann", "content": sentence(chance)} for _ in range(BATCH)]
            body = {"user_id": user, "session_id": f"s{number}", "turns": posted}
            jobs.append(self.client.post("/v1/turns", json=body).raise_for_status().json()["job_id"])
        while jobs and time.perf_counter() - started < JOB_SECONDS:
            if self.client.get(f"/v1/jobs/{jobs[-1]}").json()["status"] in ENDED:
                jobs.pop()
            else:
                time.sleep(0.2)
        seconds = time.perf_counter() - started
        after = self.cpu_by_process()
        used = {name: after[name] - before.get(name, 0.0) for name in after}
        self.rounds.append(used | {"all": sum(used.values()), "wall": seconds})

    def acknowledge(self, requests: int) -> None:
        """Post single system turns, which give the workers almost nothing to do, and time them."""
        user, before = f"cost-{uuid4().hex[:8]}", self.cpu_by_process()
        for number in range(requests):
            turn = {"role": "system", "content": f"Note {number}."}
            body = {"user_id": f"{user}-{number % 10}", "session_id": "s", "turns": [turn]}
            started = time.perf_counter()
            self.client.post("/v1/turns", json=body).raise_for_status()
            self.acks.append(time.perf_counter() - started)
        self.ack_cpu.append(1e3 * (self.cpu_by_process()["serve"] - before["serve"]) / requests)

    def median(self, name: str) -> float:
        """The median of all rounds of one column."""
        return statistics.median(one.get(name, 0.0) for one in self.rounds)


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data_dirs", nargs="+", type=Path)
    parser.add_argument("--turns", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--acks", type=int, default=100, help="single turns that are acknowledged each round")
    args = parser.parse_args()
    services = [Service(path) for path in args.data_dirs]
    for service in services:
        service.run_round(args.turns, 0)  # loads the models
        service.rounds.clear()
    for number in range(1, args.rounds + 1):
        for service in services if number % 2 else services[::-1]:
            service.run_round(args.turns, number)
            service.acknowledge(args.acks)
    first = services[0].median("all")
    names = list(dict.fromkeys(name for service in services for name in service.rounds[0]))
    for service in services:
        row = "  ".join(f"{name} {service.median(name):.2f}" for name in names)
        print(f"{service.name}: seconds for {args.turns} turns: {row}")
        rate = args.turns / service.median("all")
        print(f"  {rate:.0f} turns for a second of CPU, {first / service.median('all'):.2f} of the first's")
        api = statistics.median(service.ack_cpu)
        print(f"  ack of one turn {summary(service.acks)}, API {api:.2f} ms CPU")


if __name__ == "__main__":
    main()
