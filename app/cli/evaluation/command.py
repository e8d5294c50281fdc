"""Runs the measures against a service and prints one table."""

import json
import time
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from app.cli.evaluation.measures import (
    ALL,
    Tallies,
    Tally,
    measure_changes,
    measure_coverage,
    measure_traps,
)
from app.cli.evaluation.own_service import run_own_service
from app.cli.evaluation.service import Service
from app.core.errors import StartupRefused

OWN_DATA = Path(__file__).with_name("data")
_MEASURES = {"traps": measure_traps, "changes": measure_changes, "coverage": measure_coverage}


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """What is evaluated: a running service (`url`, `key`), or a new one, with a language model or without."""

    url: str | None = None
    key: str | None = None
    llm: str | None = None
    model: str | None = None
    data: Path | None = None
    only: tuple[str, ...] = ()
    workers: int = 4
    wait_seconds: float = 900.0
    out: Path | None = None


def run_evaluation(options: EvaluationOptions, console: Console) -> bool:
    """Measure, print the table and write the figures; return whether every job of the service succeeded."""
    sets = load_sets(options.data or OWN_DATA, options.only)
    started = time.monotonic()
    with ExitStack() as stack:
        url, key = options.url, options.key
        if url is None or key is None:
            console.print("Starting a service for the evaluation …")
            url, key = stack.enter_context(run_own_service(_llm_settings(options)))
        service = Service(url, key, options.wait_seconds)
        stack.callback(service.close)
        tallies, prefix = Tallies(), f"eval-{int(time.time())}-"
        for name, data in sets.items():
            console.print(f"{name} …")
            _MEASURES[name](service, data, prefix, options.workers, tallies)
    rows = tallies.rows()
    usage = _usage(service, time.monotonic() - started)
    console.print(build_table(rows))
    console.print(", ".join(f"{name}: {value}" for name, value in usage.items()))
    if options.out is not None:
        figures = {"measures": [asdict(row) | {"share": row.share} for row in rows], "usage": usage}
        options.out.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return set(service.job_ends) <= {"succeeded"}


def load_sets(folder: Path, only: Iterable[str]) -> dict[str, Any]:
    """Load the sets of a folder, `<measure>.json` each; raise `StartupRefused` for what can't be read."""
    wanted = tuple(only) or tuple(_MEASURES)
    if unknown := [name for name in wanted if name not in _MEASURES]:
        raise StartupRefused(f"There is no measure {', '.join(unknown)}; there are {', '.join(_MEASURES)}.")
    sets: dict[str, Any] = {}
    for name in wanted:
        file = folder / f"{name}.json"
        if file.is_file():
            try:
                sets[name] = json.loads(file.read_text(encoding="utf-8"))
            except ValueError as exc:
                raise StartupRefused(f"{file} is no JSON file.") from exc
    if not sets:
        names = ", ".join(f"{name}.json" for name in wanted)
        raise StartupRefused(f"There is nothing to evaluate in {folder}: it needs one of {names}.")
    return sets


def build_table(rows: Iterable[Tally]) -> Table:
    """The table of all measures by kind of case; `--out` has the ids of those that did not come out well."""
    table = Table("measure", "kind", "cases", "good", "share")
    for row in rows:
        style = "bold" if row.kind == ALL else None
        figures = (str(row.cases), str(row.good), f"{row.share:.3f}")
        table.add_row(row.measure, row.kind, *figures, style=style, end_section=row.kind == ALL)
    return table


def _llm_settings(options: EvaluationOptions) -> dict[str, str]:
    """The settings of the language model that were given; the others are those of the environment."""
    given = {"MEMCUBED_LLM_BASE_URL": options.llm, "MEMCUBED_LLM_MODEL": options.model}
    return {name: value for name, value in given.items() if value is not None}


def _usage(service: Service, seconds: float) -> dict[str, Any]:
    per_turns = 1_000 / max(1, service.turns)
    return {
        "turns": service.turns,
        "jobs": dict(service.job_ends),
        "LLM calls per 1,000 turns": round(service.calls * per_turns),
        "LLM tokens per 1,000 turns": round(service.tokens * per_turns),
        "seconds": round(seconds),
    }
