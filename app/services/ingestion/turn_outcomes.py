"""Tell what became of turns: the memories made of them, and the job that made them or failed."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.ingestion import turn_outcomes
from app.resources import Resources
from app.schemas.ingestion.turn_outcomes import StatedMemory, TurnReport
from app.schemas.ingestion.turns import TurnOut
from app.services.platform.jobs import to_job_out


def report_turns(resources: Resources, principal: Principal, shown: Sequence[TurnOut]) -> list[TurnReport]:
    """Report the outcome of turns that the caller was given, in their order. Raises `Forbidden`."""
    principal.require_scope(KeyScope.READ)
    tenant_id = principal.tenant_id
    with resources.read_transaction(principal) as session:
        rows = turn_outcomes.list_stated_memories(session, tenant_id, [turn.id for turn in shown])
        jobs = turn_outcomes.list_jobs_by_ids(session, tenant_id, {turn.job_id for turn in shown})
    job_by_id = {job.id: to_job_out(job) for job in jobs}
    stated: defaultdict[UUID, list[StatedMemory]] = defaultdict(list)
    for row in rows:
        stated[row.turn_id].append(
            StatedMemory(
                memory_id=row.id,
                kind=row.kind,
                status=row.status,
                content=row.content,
                quote=row.quote,
                is_denial=row.polarity < 0,
            )
        )
    return [TurnReport(turn=turn, job=job_by_id.get(turn.job_id), memories=stated[turn.id]) for turn in shown]
