"""Derive summaries of sessions and days from the memories that their turns assert."""

from dataclasses import replace
from datetime import date, timedelta

from app.core.instants import in_utc_offset
from app.core.vocabulary import Basis
from app.db import models
from app.db.repositories.memories import derivations
from app.db.session import AnyRow
from app.memory.consolidation.condensation import SUMMARY_SCHEMA, build_summary_messages, parse_summary
from app.memory.consolidation.derivation import MemoryDraft, Utterance, draft_summaries
from app.resources import Resources
from app.services.consolidation.derivation import DerivationOutcome, DerivedText, apply_drafts
from app.services.platform import llm_budget
from app.services.platform.jobs import JobClaim
from app.services.platform.user_context import UserContext

SUMMARY_BASES = (Basis.SESSION, Basis.DAY)


def derive_summaries(resources: Resources, claim: JobClaim) -> DerivationOutcome:
    """Summarise the ended sessions and their days, and again those whose summaries are stale."""
    idle_since = resources.now() - timedelta(minutes=resources.settings.session_idle_minutes)
    with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
        touched = derivations.list_ended_sessions(user, idle_since)
        rows = derivations.list_derivations(user, SUMMARY_BASES)
        stale = {memory.id: memory for memory in derivations.list_stale_memories(user)}
        stale_rows = [row for row in rows if row.memory_id in stale]
        sessions = set(touched) | {row.key for row in stale_rows if row.basis == Basis.SESSION}
        days = {date.fromisoformat(row.key) for row in stale_rows if row.basis == Basis.DAY}
        utterances = [_to_said(row) for row in derivations.list_turn_assertions(user, session_ids=sessions)]
        days |= {utterance.observed_date for utterance in utterances}
        # A day may have other sessions too, whose summaries then have to change with the day's.
        day_utterances = [_to_said(row) for row in derivations.list_turn_assertions(user, days=days)]
        summarised = {row.key for row in rows if row.basis == Basis.SESSION}
        sessions |= {utterance.session_id for utterance in day_utterances} & summarised
        rows_to_summarise = derivations.list_turn_assertions(user, session_ids=sessions, days=days)
    drafts = draft_summaries([_to_said(row) for row in rows_to_summarise], sessions, days)
    drafted = {(draft.basis, draft.key) for draft in drafts}
    to_end: list[models.Memory] = [
        stale[row.memory_id]
        for row in stale_rows
        if row.memory_id is not None and (row.basis, row.key) not in drafted
    ]
    outcome = apply_drafts(
        resources, claim, drafts, lambda draft: write_summary_text(resources, claim, draft), to_end
    )
    if touched and not outcome.waiting:
        with UserContext(resources, claim.principal, claim.user_id).open_transaction() as user:
            derivations.mark_summarised(user, touched)
    return outcome


def write_summary_text(resources: Resources, claim: JobClaim, draft: MemoryDraft) -> DerivedText:
    """Write a draft's summary with the model within its budget, else join the speakers' own words."""
    reply = llm_budget.complete_within_budget(
        resources, claim, build_summary_messages(draft.source_contents), SUMMARY_SCHEMA, "summary"
    )
    text = parse_summary(reply) if reply is not None else None
    return (
        DerivedText(draft, text, resources.extractor_name)
        if text
        else DerivedText(draft, draft.extractive_text, "offline")
    )


def _to_said(row: AnyRow) -> Utterance:
    said = Utterance(**{name: getattr(row, name) for name in Utterance.__dataclass_fields__})
    return replace(said, observed_at=in_utc_offset(said.observed_at, row.utc_offset))
