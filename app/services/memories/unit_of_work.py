"""The unit of work: every change of a user's memories is one transaction that begins and ends here.

It begins with the user's lock and next revision, in one round trip; when a worker writes, the lock of its
jobs follows. The collected changes are written at the end, or where the caller calls `flush`. When the block
raises, nothing of it is written.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core.actors import Actor
from app.core.errors import Conflict
from app.core.vocabulary import ActorKind, Stage
from app.db.repositories.memories import memories
from app.db.repositories.platform import jobs, users
from app.db.user_session import UserSession
from app.llm.embedders import EmbeddersInUse
from app.services.memories.change_set import ChangeSet
from app.services.memories.memory_versions import write_changes, write_vectors
from app.services.models.model_registry import EmbeddedTexts
from app.services.platform.jobs import JobClaim, LeaseLost
from app.services.platform.user_context import UserContext


@dataclass(frozen=True, slots=True)
class Writer:
    """The author of the versions: the actor, the model that it used, and the jobs whose lease a worker must
    have.
    """

    actor: Actor
    model: str | None = None
    lease: JobClaim | None = None

    @classmethod
    def of_claim(cls, kind: ActorKind, lease: JobClaim, model: str | None = None) -> "Writer":
        """Return the writer of a pipeline stage that works on the jobs of a claim."""
        return cls(Actor(kind), model, lease)


@dataclass(frozen=True, slots=True)
class WrittenChanges:
    """The ids of the memories that one flush created, and of those that it changed."""

    created: frozenset[UUID] = frozenset()
    edited: frozenset[UUID] = frozenset()


@dataclass(slots=True, kw_only=True)
class UserWrite(ChangeSet):
    """A transaction that changes the memories of one user, with the changes that are not written yet."""

    user: UserSession
    revision: int
    in_use: EmbeddersInUse | None = None
    stages: list[Stage] = field(default_factory=list[Stage])
    _is_abandoned: bool = False

    @property
    def session(self) -> Session:
        """The session of the transaction."""
        return self.user.session

    @property
    def tenant_id(self) -> str:
        """The tenant of the user."""
        return self.user.tenant_id

    @property
    def user_id(self) -> str:
        """The user whose memories change."""
        return self.user.user_id

    @property
    def active_model_id(self) -> str:
        """The embedding model of the vectors that are searched and written. Raises `ValueError` without
        models.
        """
        if self.in_use is None:
            raise ValueError("who writes vectors says by which models they are")
        return self.in_use.active.model_id

    def flush(self) -> WrittenChanges:
        """Write the changes collected so far; later changes make versions of their own.

        Raises `ModelsChanged` when the vectors are not of the models that are active now.
        """
        if self._is_abandoned or self.is_empty:
            return WrittenChanges()
        write_changes(self.user, self, self.revision, self.in_use)
        written = WrittenChanges(frozenset(self.created), frozenset(self.edits))
        for collected in (self.created, self.reasons, self.edits, self.vectors):
            collected.clear()
        for replayed in (self.slots, self.replays, self.lost_source):
            replayed.clear()
        self.assertions.clear()
        self.links.clear()
        return written

    def write_turn_vectors(self, turn_ids: Sequence[UUID], embedded: EmbeddedTexts) -> None:
        """Store the vectors of turns at once. Raises `ModelsChanged` as `flush` does."""
        pairs = {turn_id: embedded.vector_pair(row) for row, turn_id in enumerate(turn_ids)}
        write_vectors(self.user, self.revision, self.in_use, pairs, of_turn=True)

    def abandon(self) -> None:
        """Write nothing: roll the transaction back and release its locks."""
        self._is_abandoned = True
        self.stages.clear()
        self.session.rollback()

    def advance_revision(self) -> None:
        """Take a further revision for the writes that follow."""
        self.revision = users.next_revision(self.user)

    def redact(self, memory_ids: Iterable[UUID]) -> None:
        """Wipe the texts of memories whose expiration is written."""
        for memory_id in memory_ids:
            memories.redact_memory(self.session, self.tenant_id, memory_id)

    def notify(self, stage: Stage) -> None:
        """Notify the workers of a stage once this is committed."""
        self.stages.append(stage)


@contextmanager
def user_write(
    ctx: UserContext, writer: Writer | None = None, *, in_use: EmbeddersInUse | None = None
) -> Generator[UserWrite]:
    """Change the user's memories in a transaction of its own; at its end it commits and notifies the workers.

    The writer is the caller's key unless another one is named. `in_use` are the models of the vectors that
    will be written: when other models are active by then, `ModelsChanged` makes `with_models` begin again.
    Raises `LeaseLost` when another worker has the writer's jobs.
    """
    with ctx.open_transaction() as user, join_user_write(ctx, user.session, writer, in_use=in_use) as change:
        yield change
    for stage in change.stages:
        ctx.resources.notifier.notify_workers(stage)


@contextmanager
def join_user_write(
    ctx: UserContext,
    session: Session,
    writer: Writer | None = None,
    *,
    in_use: EmbeddersInUse | None = None,
) -> Generator[UserWrite]:
    """Change the user's memories within a transaction of the caller, who commits it and notifies the workers.

    Raises the same errors as `user_write`.
    """
    writer = writer or Writer(Actor.of_key(ctx.principal.key_id))
    user = UserSession(session, ctx.tenant_id, ctx.user_id)
    revision = users.lock_and_next_revision(user)
    if writer.lease is not None:
        has_lease = jobs.lock_jobs(session, ctx.tenant_id, writer.lease.job_ids, writer.lease.worker_id)
        if not has_lease:
            raise LeaseLost
    change = UserWrite(
        writer.actor, ctx.resources.now(), writer.model, user=user, revision=revision, in_use=in_use
    )
    yield change
    change.flush()


@contextmanager
def refuse_duplicates(
    message: str = "Another current memory of this user says the same.", field: str | None = None
) -> Generator[None]:
    """Raise `Conflict` where the database refuses a second current memory with one content or one slot."""
    try:
        yield
    except IntegrityError as exc:
        raise Conflict(message, field=field) from exc
