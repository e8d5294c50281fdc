"""The id of the current request, and the metrics of this process."""

from contextvars import ContextVar

from prometheus_client import Counter, Histogram

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
TURNS_ACCEPTED = Counter("memcubed_turns_accepted_total", "Turns that were made durable by this process")
