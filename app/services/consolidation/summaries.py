"""Summaries of sessions and days, from the memories that their turns say."""

from datetime import date, timedelta

from app.core.vocabulary import Basis
from app.db import models
from app.db.repositories.memories import derivations
from app.memory.consolidation.condensation import SUMMARY_SCHEMA, parse_summary, summary_messages
from app.memory.consolidation.derivation import Draft, Said, recaps
from app.resources import Resources
from app.services.consolidation.derivation import Outcome, Told, settle
from app.services.platform import llm_budget
from app.services.platform.jobs import Claim

BASES = (Basis.SESSION, Basis.DAY)


def make(resources: Resources, held: Claim) -> Outcome:
    """Summarise the sessions that ended and their days, and again those whose summaries are stale."""
    tenant_id, user_id = held.principal.tenant_id, held.user_id
    idle_since = resources.now() - timedelta(minutes=resources.settings.session_idle_minutes)
    with resources.transaction(held.principal) as session:
        touched = derivations.ended(session, tenant_id, user_id, idle_since)
        rows = derivations.stored(session, tenant_id, user_id, BASES)
        stale = {memory.id: memory for memory in derivations.stale(session, tenant_id, user_id)}
        again = [row for row in rows if row.memory_id in stale]
        sessions = set(touched) | {row.key for row in again if row.basis == Basis.SESSION}
        days = {date.fromisoformat(row.key) for row in again if row.basis == Basis.DAY}
        told = [_said(row) for row in derivations.said(session, tenant_id, user_id, session_ids=sessions)]
        days |= {said.day for said in told}
        # A day has other sessions too, and their summaries may no longer be the day's.
        of_days = [_said(row) for row in derivations.said(session, tenant_id, user_id, days=days)]
        summarised = {row.key for row in rows if row.basis == Basis.SESSION}
        sessions |= {said.session_id for said in of_days} & summarised
        wanted = derivations.said(session, tenant_id, user_id, session_ids=sessions, days=days)
    drafts = recaps([_said(row) for row in wanted], sessions, days)
    made = {(draft.basis, draft.key) for draft in drafts}
    gone: list[models.Memory] = [
        stale[row.memory_id]
        for row in again
        if row.memory_id is not None and (row.basis, row.key) not in made
    ]
    outcome = settle(resources, held, drafts, lambda draft: tell(resources, held, draft), gone)
    if touched and not outcome.waiting:
        with resources.transaction(held.principal) as session:
            derivations.summarised(session, tenant_id, user_id, touched)
    return outcome


def tell(resources: Resources, held: Claim, draft: Draft) -> Told:
    """The summary of a draft by the model within its budget, else the speakers' own words."""
    reply = llm_budget.ask(resources, held, summary_messages(draft.contents), SUMMARY_SCHEMA, "summary")
    text = parse_summary(reply) if reply is not None else None
    return Told(draft, text, resources.extractor) if text else Told(draft, draft.extract, "offline")


def _said(row: object) -> Said:
    return Said(**{name: getattr(row, name) for name in Said.__dataclass_fields__})
