"""How long requests take, from the histogram that this process counts in."""

from collections import defaultdict
from dataclasses import dataclass

from app.core.histograms import estimate_quantile
from app.core.telemetry import process_metrics

_NAME = "memcubed_request_seconds"
_HIDDEN = ("/console", "/healthz", "/readyz", "/metrics", "unmatched")


@dataclass(frozen=True, slots=True)
class RouteLatency:
    """The requests to one route since the start: their number, faults, and two percentiles in seconds."""

    method: str
    route: str
    requests: int
    faults: int
    median: float
    slow: float


def list_latencies(most: int = 20) -> list[RouteLatency]:
    """The routes with the most requests, of all processes on this port, first."""
    buckets: defaultdict[tuple[str, str], defaultdict[float, float]] = defaultdict(lambda: defaultdict(float))
    faults: defaultdict[tuple[str, str], float] = defaultdict(float)
    for metric in process_metrics().collect():
        if metric.name != _NAME:
            continue
        for sample in metric.samples:
            route = (sample.labels.get("method", ""), sample.labels.get("route", ""))
            if route[1].startswith(_HIDDEN):
                continue
            if sample.name == f"{_NAME}_bucket":
                buckets[route][float(sample.labels["le"])] += sample.value
            elif sample.name == f"{_NAME}_count" and sample.labels["status"].startswith("5"):
                faults[route] += sample.value
    rows = [
        RouteLatency(
            method=route[0],
            route=route[1],
            requests=int(counts[float("inf")]),
            faults=int(faults[route]),
            median=estimate_quantile(counts, 0.5) or 0.0,
            slow=estimate_quantile(counts, 0.95) or 0.0,
        )
        for route, counts in buckets.items()
        if counts[float("inf")]
    ]
    return sorted(rows, key=lambda row: (-row.requests, row.route))[:most]
