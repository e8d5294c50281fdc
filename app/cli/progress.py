"""`memcubed reembed` on the terminal: show the stored vectors and the progress of a run."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.core.vocabulary import Reembed, ReembedStatus
from app.schemas.models.reembedding import ReembedOut, ReembedState

_LOOK_SECONDS = 1.0
UNDER_WAY = {ReembedStatus.QUEUED, ReembedStatus.RUNNING}


def show_progress(look: Callable[[], ReembedState], out: Console, *, wait: bool) -> ReembedState:
    """Show the state and return it; with `wait`, read it again each second until no run is active."""
    state = look()
    with out.status("") as status:
        while wait and state.run is not None and state.run.status in UNDER_WAY:
            status.update(escape(describe_run(state.run)))
            time.sleep(_LOOK_SECONDS)
            state = look()
    table = Table("model", "dimensions", "vectors", "")
    for model in state.models:
        table.add_row(
            escape(model.model_id),
            str(model.dimensions),
            str(model.vectors),
            "in use" if model.active else "",
        )
    out.print(table)
    if state.run is not None:
        out.print(escape(describe_run(state.run)))
    return state


def describe_run(run: ReembedOut) -> str:
    """Describe a run in one line."""
    description = (
        f"to {run.target_model_id}" if run.action == Reembed.FILL else "drop of other models' vectors"
    )
    line = f"{description}: {run.status}, {run.done} of {run.total}"
    if run.rate is not None:
        line += f", {run.rate:.0f}/s"
    if run.remaining_seconds is not None:
        line += f", {run.remaining_seconds:.0f} s left"
    return f"{line} ({run.error})" if run.error is not None else line
