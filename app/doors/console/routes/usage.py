"""What the LLM was asked and how fast all is."""

from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import render
from app.doors.console.views.latencies import list_latencies
from app.doors.console.visits import Fields, VisitDep
from app.schemas.platform.usage import UsageDay
from app.services.platform import usage_reports

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_DEFAULT_DAYS, _MOST_DAYS = 30, 365
_CHARTS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("tokens", "Tokens a day", {"prompt_tokens": "prompt", "completion_tokens": "completion"}),
    ("calls", "LLM calls a day", {"llm_calls": "calls", "llm_failed_calls": "failed"}),
    (
        "llm",
        "Seconds of an LLM call",
        {"llm_median_seconds": "median", "llm_slow_seconds": "95th percentile"},
    ),
    ("memories", "Memories a day", {"memories_written": "written", "facts_refused": "refused by the guard"}),
    (
        "seconds",
        "Seconds from turn to memory",
        {"median_seconds": "median", "slow_seconds": "95th percentile"},
    ),
)


class UsageFields(Fields):
    """The query of the figures."""

    days: int = _DEFAULT_DAYS


@router.get("/usage")
def show_usage(visit: VisitDep) -> Response:
    """Tokens, calls and times by day, and how long requests take."""
    days = max(2, min(visit.parse_query(UsageFields).days, _MOST_DAYS))
    report = usage_reports.report_usage(visit.resources, visit.principal, days)
    charts = [
        {
            "id": name,
            "title": title,
            "labels": list(lines.values()),
            "data": _to_series(report.days, list(lines)),
        }
        for name, title, lines in _CHARTS
    ]
    totals = {
        name: sum(getattr(day, name) for day in report.days)
        for name in (
            "prompt_tokens",
            "completion_tokens",
            "llm_calls",
            "llm_failed_calls",
            "memories_written",
        )
    }
    return render(
        visit,
        "usage.html",
        user=None,
        report=report,
        charts=charts,
        totals=totals,
        days=days,
        choices=(7, 30, 90),
        latencies=list_latencies(),
    )


def _to_series(days: list[UsageDay], names: list[str]) -> str:
    """The columns that the drawing takes: seconds since 1970, then one of each line."""
    seconds = [86_400 * (day.day.toordinal() - 719_163) for day in days]
    columns: list[list[Any]] = [[getattr(day, name) for day in days] for name in names]
    return orjson.dumps([seconds, *columns]).decode()
