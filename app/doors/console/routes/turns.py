"""The turn ledger: what was said, and what became of each turn and why."""

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from app.core.vocabulary import TurnState
from app.doors.console.console_route import PREFIX, ConsoleRoute
from app.doors.console.rendering import render
from app.doors.console.views.hostile_text import mark_quotes
from app.doors.console.views.outcomes import tell_outcome
from app.doors.console.visits import Fields, SessionId, UserFields, VisitDep
from app.services.ingestion import turn_outcomes, turn_reads

router = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
_PAGE = 50


class LedgerFields(UserFields):
    """The query of the ledger."""

    session: SessionId | None = None
    state: TurnState | None = None


@router.get("/turns")
def show_turns(visit: VisitDep) -> Response:
    """A user's turns with the outcome of each."""
    asked = visit.parse_query(LedgerFields)
    user = visit.resolve_user(asked.user)
    page = turn_reads.list_turns(
        visit.resources,
        visit.principal,
        user_id=user,
        matching=turn_reads.to_turn_filter(asked.session, asked.state, None),
        cursor=asked.cursor,
        limit=_PAGE,
        is_counted=True,
        newest_first=asked.session is None,  # a session is read as it was talked
    )
    reports = turn_outcomes.report_turns(visit.resources, visit.principal, page.items)
    return render(
        visit,
        "turns.html",
        user=user,
        rows=[(report, tell_outcome(report)) for report in reports],
        page=page,
        session=asked.session,
        state=asked.state,
        states=list(TurnState),
    )


@router.get("/turns/{turn_id}")
def show_turn(visit: VisitDep, turn_id: UUID) -> Response:
    """One turn with the words that became memories, its job, and the rest of what was posted with it."""
    visit.parse_query(Fields)
    turn = turn_reads.get_turn(visit.resources, visit.principal, turn_id)
    report = turn_outcomes.report_turns(visit.resources, visit.principal, [turn])[0]
    return render(
        visit,
        "turn.html",
        user=turn.user_id,
        report=report,
        outcome=tell_outcome(report),
        parts=mark_quotes(turn.content, [memory.quote for memory in report.memories]),
    )
