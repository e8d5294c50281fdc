"""The id of the current request, and the metrics of this process or of all that answer on its port."""

import os
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar

import psutil
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)

REQUEST_SECONDS = Histogram(
    "memcubed_request_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
SEARCH_SECONDS = Histogram(
    "memcubed_search_stage_seconds",
    "Time of one stage of a search: embed, refresh, rank",
    ["stage"],
    buckets=(0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1),
)
MCP_CALL_SECONDS = Histogram(
    "memcubed_mcp_call_seconds",
    "Time of one call of a tool by MCP: answered, refused or failed",
    ["tool", "outcome"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
TURNS_ACCEPTED = Counter("memcubed_turns_accepted_total", "Turns that were made durable by this process")


def process_metrics() -> CollectorRegistry:
    """The metrics of this process; with several on one port, those of all of them added up.

    The client library counts in files that the processes share if this variable is set when it is imported.
    """
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    MultiProcessCollector(registry)
    registry.register(_ProcessGroupCollector(os.getppid()))
    return registry


class _ProcessGroupCollector(Collector):
    """What the library says of one process by itself, of the children of one parent together."""

    def __init__(self, parent: int) -> None:
        self._parent = parent

    def collect(self) -> Iterator[Metric]:
        """Yield number, CPU time and memory of the processes."""
        count, cpu, memory = 0, 0.0, 0
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(self._parent).children():
                with suppress(psutil.NoSuchProcess):
                    times = process.cpu_times()
                    memory += process.memory_info().rss
                    cpu += times.user + times.system
                    count += 1
        yield GaugeMetricFamily("memcubed_api_processes", "Processes that answer requests", count)
        yield CounterMetricFamily("process_cpu_seconds", "CPU seconds of the processes that run", cpu)
        yield GaugeMetricFamily("process_resident_memory_bytes", "Resident memory of all of them", memory)
