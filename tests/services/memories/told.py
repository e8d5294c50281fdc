"""Tells statements to a user's memory one by one, as an extractor would have written them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.core.actors import Actor
from app.core.ids import new_id
from app.core.vocabulary import ActorKind, ChangeKind, Form, Role
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import links
from app.memory.types import Change, Fact, MemoryFilter, Slot
from app.resources import Resources
from app.schemas.ingestion.turns import AddTurns
from app.services.ingestion import accept_turns
from app.services.memories import memory_reads
from app.services.memories.reconciliation.memory_pool import FactBatch
from app.services.memories.reconciliation.reconcile import Verdicts, reconcile_batch
from app.services.memories.unit_of_work import Writer, user_write
from app.services.models.model_registry import embed_texts, with_models
from app.services.platform.user_context import UserContext
from tests.conftest import principal_of

Relations = Sequence[
    tuple[str, str, ChangeKind]
]  # (statement, statement, how one of the two changes the other)


@dataclass(frozen=True)
class Told:
    """A statement: its date, what it says, and where needed its slot ("attribute=value"), form, speaker."""

    on: str
    content: str
    slot: str = ""
    form: Form = Form.STATE
    event: str = ""
    role: Role = Role.USER
    polarity: int = 1
    session: str = ""
    since: str = ""
    changes: tuple[Change, ...] = ()
    heard: str = ""  # who else speaks in the same batch

    @property
    def observed_at(self) -> datetime:
        return datetime.fromisoformat(self.on if "T" in self.on else f"{self.on}T12:00:00").replace(
            tzinfo=UTC
        )

    def to_fact(self, turn_id: Any, changes: Iterable[Change]) -> Fact:
        attribute, _, value = self.slot.partition("=")
        event = datetime.fromisoformat(self.event).replace(tzinfo=UTC) if self.event else None
        return Fact(
            turn_id,
            self.content,
            self.content,
            form=self.form,
            slot=Slot("user", attribute, value) if self.slot else None,
            polarity=self.polarity,
            asserted_at=datetime.fromisoformat(self.since).replace(tzinfo=UTC) if self.since else None,
            event_from=event,
            subject="bo" if self.content.startswith("Bo") else "user",
            changes=(*self.changes, *changes),
        )


def tell(
    resources: Resources,
    tenant: str,
    user: str,
    statements: Sequence[Told],
    relations: Relations | None = None,
    verdicts: Verdicts | None = None,
) -> list[Any]:
    """Write the statements in this order and return the ids of their turns.

    With `relations` a model names the stored memory to which a statement stands in one of them; else the
    words decide.
    """
    ids = []
    for told in statements:
        principal = principal_of(tenant)
        turn = {"role": told.role, "content": told.content, "observed_at": told.observed_at.isoformat()}
        if told.role is Role.USER:
            turn["name"] = "Ann"
        session = told.session or f"s-{told.on}"
        body = {"user_id": user, "session_id": session, "turns": [turn]}
        accepted = accept_turns.accept_turns(resources, principal, AddTurns.model_validate(body), None)
        ids.append(accepted.turn_ids[0])
        _write(resources, tenant, user, told, accepted.turn_ids[0], relations, verdicts)
    return ids


def _write(
    resources: Resources,
    tenant: str,
    user: str,
    told: Told,
    turn_id: Any,
    relations: Relations | None,
    verdicts: Verdicts | None,
) -> None:
    ctx = UserContext(resources, principal_of(tenant), user)

    def write(in_use: Any) -> None:
        embedded = embed_texts(in_use, [told.content])
        with user_write(ctx, Writer(Actor(ActorKind.EXTRACTOR)), in_use=in_use) as change:
            (turn,) = turns.load_turns(change.session, tenant, [turn_id])
            stored = {memory.content: memory.id for memory in held(resources, tenant, user)}
            changes = [
                Change(kind, target_id=stored[other])
                for one, two, kind in relations or ()
                for own, other in ((one, two), (two, one))
                if own == told.content and other in stored
            ]
            fact = told.to_fact(turn_id, changes)
            said = {turn_id: turn}
            if told.heard:
                answer = replace(turn, id=new_id(), name=told.heard, content="Really?")
                said[answer.id] = answer
            batch = FactBatch([fact], [new_id()], embedded, said, frozenset(stored.values()))
            answers = verdicts if verdicts is not None else (None if relations is None else {})
            estimate = resources.reader.estimate_changes
            assert reconcile_batch(change, batch, answers, estimate) == []

    with_models(resources, write)


def held(resources: Resources, tenant: str, user: str) -> list[Any]:
    """All memories of a user but merged ones."""
    page = memory_reads.list_memories(
        resources, principal_of(tenant), user_id=user, matching=MemoryFilter(), cursor=None, limit=100
    )
    return [memory for memory in page.items if memory.status != "merged"]


def state(resources: Resources, tenant: str, user: str) -> set[tuple[Any, ...]]:
    """What a user's memories say and when they hold, with the statements that superseded them."""
    memories = held(resources, tenant, user)
    contents = {memory.id: memory.content for memory in memories}
    ended_by: dict[Any, set[str]] = {memory.id: set() for memory in memories}
    with UserContext(resources, principal_of(tenant), user).read_transaction() as opened:
        for ender, ended in links.list_supersessions(opened, list(contents)):
            ended_by[ended].add(contents[ender])
    return {
        (
            memory.content,
            str(memory.status),
            str(memory.valid_from),
            str(memory.valid_to),
            tuple(sorted(ended_by[memory.id])),
            len(memory.conflicts),
        )
        for memory in memories
    }
