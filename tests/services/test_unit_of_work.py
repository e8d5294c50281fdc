"""The unit of work: what it locks, writes, refuses and leaves undone, against the tables themselves."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.core.actors import Actor
from app.core.ids import new_id
from app.core.security import Principal
from app.core.vocabulary import ActorKind, Form, Kind, LinkType, Op, Origin, Stage, Status, Volatility
from app.db.memory_rows import NewMemory
from app.resources import Resources
from app.schemas.ingestion.turns import AddTurns
from app.services.ingestion import accept_turns
from app.services.memories.change_set import ChangeSet
from app.services.memories.unit_of_work import UserWrite, Writer, join_user_write, user_write
from app.services.models.model_registry import ModelsChanged, current_models, with_models
from app.services.platform import jobs
from app.services.platform.jobs import LeaseLost
from app.services.platform.user_context import UserContext
from tests.conftest import make_key, principal_of, turn
from tests.core.test_actors import NO_ACTORS


@pytest.fixture
def ctx(without_llm: Resources, tenant: str) -> UserContext:
    make_key(without_llm, tenant)
    return UserContext(without_llm, principal_of(tenant), "ann")


@pytest.fixture
def rows(ctx: UserContext) -> Callable[..., list[Any]]:
    def select(sql: str, **values: Any) -> list[Any]:
        with ctx.open_transaction() as user:
            return [tuple(row) for row in user.session.execute(text(sql), values)]

    return select


@pytest.fixture
def nothing_written(rows: Callable[..., list[Any]]) -> Iterator[None]:
    """Whatever the test does, all that it wrote is gone at its end, the revision too."""
    counted = (
        "SELECT (SELECT count(*) FROM memories), (SELECT count(*) FROM memory_versions),"
        " (SELECT count(*) FROM assertions), (SELECT count(*) FROM links), (SELECT count(*) FROM embeddings),"
        " (SELECT coalesce(max(revision), 0) FROM users)"
    )
    before = rows(counted)
    yield
    assert rows(counted) == before


def draft(content: str, **values: Any) -> NewMemory:
    made = NewMemory(
        id=new_id(),
        kind=Kind.FACT,
        form=Form.STATE,
        content=content,
        content_hash=content.encode(),
        origin=Origin.EDIT,
        confidence=0.5,
        importance=0.5,
        valid_from=None,
        anchor_at=values.pop("at"),
        volatility=Volatility.TEMPORAL,
    )
    return replace(made, **values)


def note(ctx: UserContext, change: UserWrite, content: str, **values: Any) -> UUID:
    """A new memory with some vector; its id."""
    made = draft(content, at=change.now, **values)
    width = current_models(ctx.resources).active.dimensions
    change.create(made, (np.full(width, 0.1, np.float32), None), "noted")
    return made.id


def writing(ctx: UserContext, writer: Writer | None = None) -> AbstractContextManager[UserWrite]:
    return user_write(ctx, writer, in_use=current_models(ctx.resources))


def store(ctx: UserContext, *contents: str, **values: Any) -> list[UUID]:
    with writing(ctx) as change:
        return [note(ctx, change, content, **values) for content in contents]


VERSIONS = "SELECT version, op, reason FROM memory_versions WHERE memory_id = :id ORDER BY version"


class TestBegin:
    def test_takes_the_next_revision_and_writes_with_it(self, ctx: UserContext, rows):
        (first,) = store(ctx, "one")
        (second,) = store(ctx, "two")
        found = dict(rows("SELECT id, revision FROM memories"))
        assert found[second] == found[first] + 1
        assert {row[0] for row in rows("SELECT revision FROM embeddings")} == set(found.values())

    def test_holds_the_users_lock_until_the_end(self, ctx: UserContext, rows):
        free = "SELECT pg_try_advisory_xact_lock(hashtextextended(:t || chr(31) || :u, 0))"
        with user_write(ctx):
            assert rows(free, t=ctx.tenant_id, u="ann") == [(False,)]
            assert rows(free, t=ctx.tenant_id, u="bob") == [(True,)]
        assert rows(free, t=ctx.tenant_id, u="ann") == [(True,)]

    def test_joins_a_transaction_that_the_caller_ends(self, ctx: UserContext, rows):
        with ctx.open_transaction() as user:
            with join_user_write(ctx, user.session, in_use=current_models(ctx.resources)) as change:
                note(ctx, change, "one")
            user.session.rollback()
        assert rows("SELECT content FROM memories") == []

    @pytest.mark.parametrize(
        ("writer", "actor", "model"),
        [
            (None, "key:None", None),
            (Writer(Actor(ActorKind.EXTRACTOR), "offline"), "extractor", "offline"),
            (Writer(Actor(ActorKind.CONSOLIDATOR)), "consolidator", None),
            (Writer(Actor(ActorKind.OTHER, "x")), "other:x", None),
        ],
    )
    def test_versions_name_the_writer(self, ctx: UserContext, rows, writer, actor, model):
        with writing(ctx, writer) as change:
            note(ctx, change, "one")
        assert rows("SELECT actor, model FROM memory_versions") == [(actor, model)]


@pytest.mark.usefixtures("nothing_written")
class TestNothingIsWritten:
    def test_when_the_block_raises(self, ctx: UserContext):
        def work() -> None:
            with writing(ctx) as change:
                note(ctx, change, "one")
                change.flush()
                change.notify(Stage.EXTRACT)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            work()

    def test_when_it_is_abandoned(self, ctx: UserContext):
        with writing(ctx) as change:
            note(ctx, change, "one")
            change.flush()
            note(ctx, change, "two")
            change.abandon()

    def test_when_the_database_refuses_a_row(self, ctx: UserContext):
        with pytest.raises(IntegrityError):
            store(ctx, "one", "one")  # the same words twice

    def test_when_other_models_are_in_use(self, ctx: UserContext):
        old = replace(current_models(ctx.resources), serial=-1)
        with pytest.raises(ModelsChanged), user_write(ctx, in_use=old) as change:
            note(ctx, change, "one")

    def test_when_nobody_says_by_which_models_the_vectors_are(self, ctx: UserContext):
        with pytest.raises(ValueError, match="models"), user_write(ctx) as change:
            note(ctx, change, "one")


class TestModels:
    def test_are_asked_for_again_when_they_have_changed(self, ctx: UserContext, rows):
        ctx.resources.embedders.in_use = replace(current_models(ctx.resources), serial=-1)
        tried: list[int] = []

        def work(in_use: Any) -> None:
            tried.append(in_use.serial)
            with user_write(ctx, in_use=in_use) as change:
                note(ctx, change, "one")

        with_models(ctx.resources, work)
        assert tried[0] == -1
        assert len(tried) == 2
        assert rows("SELECT count(*) FROM memories") == [(1,)]


class TestLease:
    @pytest.fixture
    def claim(self, ctx: UserContext) -> jobs.JobClaim:
        body = {"user_id": "ann", "session_id": "s", "turns": [turn("I live in Oslo.")]}
        accept_turns.accept_turns(ctx.resources, ctx.principal, AddTurns.model_validate(body), None)
        claim = jobs.claim_user_jobs(ctx.resources, ctx.tenant_id, "ann", Stage.INGEST)
        assert claim is not None
        return claim

    @pytest.fixture
    def worker(self, ctx: UserContext, claim: jobs.JobClaim) -> tuple[UserContext, Writer]:
        of_claim = UserContext(ctx.resources, Principal(ctx.tenant_id), "ann")
        return of_claim, Writer.of_claim(ActorKind.EXTRACTOR, claim)

    def test_that_is_held_lets_it_write(self, worker, rows):
        ctx, writer = worker
        with writing(ctx, writer) as change:
            note(ctx, change, "one")
        assert rows("SELECT content FROM memories") == [("one",)]

    def test_that_another_worker_has_writes_nothing(self, worker, rows):
        ctx, writer = worker
        with ctx.open_transaction() as user:
            user.session.execute(text("UPDATE jobs SET lease_until = now() - interval '1 second'"))
        assert jobs.claim_user_jobs(ctx.resources, ctx.tenant_id, "ann", Stage.INGEST) is not None
        before = rows("SELECT revision FROM users")
        with (
            pytest.raises(LeaseLost),
            writing(ctx, writer) as change,
        ):
            note(ctx, change, "one")
        assert rows("SELECT count(*) FROM memories") == [(0,)]
        assert rows("SELECT revision FROM users") == before


class TestVersions:
    def test_several_edits_of_one_memory_are_one_version(self, ctx: UserContext, rows):
        (memory_id,) = store(ctx, "one")
        with user_write(ctx) as change:
            change.edit(memory_id, Op.PIN, "first", {"pinned": True})
            change.edit(memory_id, Op.KEEP, "second", {"importance": 0.9})
            change.archive(memory_id, "third")
        assert rows(VERSIONS, id=memory_id) == [(1, "add", "noted"), (2, "pin", "first")]
        assert rows("SELECT pinned, importance, status FROM memories") == [(True, 0.9, "archived")]

    def test_what_a_flush_divides_is_two(self, ctx: UserContext, rows):
        (memory_id,) = store(ctx, "one")
        with user_write(ctx) as change:
            change.edit(memory_id, Op.PIN, "first", {"pinned": True})
            assert change.flush().edited == {memory_id}
            change.edit(memory_id, Op.UNPIN, "second", {"pinned": False})
        assert [row[:2] for row in rows(VERSIONS, id=memory_id)] == [(1, "add"), (2, "pin"), (3, "unpin")]

    def test_an_edit_of_what_is_new_is_part_of_it(self, ctx: UserContext, rows):
        with writing(ctx) as change:
            memory_id = note(ctx, change, "one")
            change.edit(memory_id, Op.EDIT, "at once", {"importance": 0.9})
        assert rows(VERSIONS, id=memory_id) == [(1, "add", "noted")]
        assert rows("SELECT importance FROM memories") == [(0.9,)]

    def test_nothing_noted_makes_no_version(self, ctx: UserContext, rows):
        (memory_id,) = store(ctx, "one")
        with user_write(ctx) as change:
            assert not change.flush().edited
        assert len(rows(VERSIONS, id=memory_id)) == 1

    MOVES: tuple[tuple[str, Callable[[ChangeSet, UUID, UUID], None], str, str], ...] = (
        ("supersede", lambda c, i, o: c.supersede(i, "r", c.now), "supersede", "superseded"),
        ("archive", lambda c, i, o: c.archive(i, "r"), "archive", "archived"),
        ("expire", lambda c, i, o: c.expire(i, "r"), "delete", "expired"),
        ("merge", lambda c, i, o: c.merge_into(i, o, "r"), "merge", "merged"),
        ("stale", lambda c, i, o: c.mark_stale(i, "r"), "stale", "activated"),
        ("edit", lambda c, i, o: c.edit(i, Op.EDIT, "r", {"tags": ["x"]}), "edit", "activated"),
    )

    @pytest.mark.parametrize(
        ("move", "op", "status"), [case[1:] for case in MOVES], ids=[c[0] for c in MOVES]
    )
    def test_each_move_has_its_operation_and_status(self, ctx: UserContext, rows, move, op, status):
        one, other = store(ctx, "one", "other")
        with user_write(ctx) as change:
            move(change, one, other)
        assert rows(VERSIONS, id=one)[1:] == [(2, op, "r")]
        assert rows("SELECT status FROM memories WHERE id = :id", id=one) == [(status,)]

    def test_what_rests_on_what_ends_is_marked_stale(self, ctx: UserContext, rows):
        source, summary = store(ctx, "source", "summary", origin=Origin.INFERENCE)
        with user_write(ctx) as change:
            change.link(summary, source, LinkType.DERIVED_FROM)
        with user_write(ctx) as change:
            change.expire(source, "gone")
            assert change.flush().edited == {source, summary}
        assert rows("SELECT stale FROM memories WHERE id = :id", id=summary) == [(True,)]

    def test_of_a_slot_the_holder_leaves_before_the_new_one_comes(self, ctx: UserContext, rows):
        slot = {"subject": "ann", "attribute": "home"}
        with writing(ctx) as change:
            old = note(ctx, change, "Oslo", value="oslo", **slot)
            change.assert_edit(old, change.now)
            change.replay_slots([("ann", "home")])
        with writing(ctx) as change:
            new = note(ctx, change, "Bergen", value="bergen", **slot)
            change.assert_edit(new, change.now)
            change.replay_slots([("ann", "home")])
        assert dict(rows("SELECT id, status FROM memories")) == {
            old: Status.SUPERSEDED,
            new: Status.ACTIVATED,
        }
        assert rows("SELECT source_id, target_id, type FROM links") == [(new, old, "supersedes")]


class TestDoorbell:
    def test_rings_once_it_is_committed(self, ctx: UserContext):
        before = ctx.resources.cache.queue_length(Stage.EXTRACT.value)
        with user_write(ctx) as change:
            change.notify(Stage.EXTRACT)
            assert ctx.resources.cache.queue_length(Stage.EXTRACT.value) == before
        assert ctx.resources.cache.queue_length(Stage.EXTRACT.value) == before + 1

    def test_does_not_ring_for_what_was_abandoned(self, ctx: UserContext):
        before = ctx.resources.cache.queue_length(Stage.EXTRACT.value)
        with user_write(ctx) as change:
            change.notify(Stage.EXTRACT)
            change.abandon()
        assert ctx.resources.cache.queue_length(Stage.EXTRACT.value) == before


NO_OPS = (
    "",
    " ",
    "ADD",
    "Add",
    " add",
    "add ",
    "add\n",
    "adds",
    "insert",
    "update",
    "upsert",
    "noop",
    "none",
    "null",
    "deleted",
    "remove",
    "Supersede",
    "superseded",
    "un-pin",
    "roll back",
    "merge,edit",
    "'add'",
    "\u0430dd",
)


class TestDatabase:
    """The checks of revision 0087: whatever code writes, an unknown word is refused."""

    WRITE = (
        "INSERT INTO memory_versions (tenant_id, memory_id, version, user_id, op, actor, snapshot)"
        " SELECT :tenant, id, 99, 'ann', :op, :actor, '{}' FROM memories"
    )

    @pytest.fixture
    def write(self, ctx: UserContext) -> Callable[[str, str], str | None]:
        """Writes a version and takes it back; the name of the check that refuses it."""
        store(ctx, "one")

        def attempt(op: str, actor: str) -> str | None:
            with ctx.open_transaction() as user:
                values = {"tenant": ctx.tenant_id, "op": op, "actor": actor}
                try:
                    assert user.session.execute(text(self.WRITE), values).rowcount == 1
                except IntegrityError as exc:
                    return exc.orig.diag.constraint_name
                finally:
                    user.session.rollback()
            return None

        return attempt

    def test_knows_every_operation_and_no_other(self, write):
        assert [op for op in Op if write(op, "extractor") is not None] == []
        refused = {op: write(op, "extractor") for op in NO_OPS}
        assert refused == dict.fromkeys(NO_OPS, "ck_memory_versions_op")

    def test_knows_every_actor_and_no_other(self, write):
        known = ("extractor", "consolidator", "forgetting", f"key:{UUID(int=1)}", "key:None", "other:a: b")
        assert [actor for actor in known if write("add", actor) is not None] == []
        refused = {actor: write("add", actor) for actor in NO_ACTORS}
        assert refused == dict.fromkeys(NO_ACTORS, "ck_memory_versions_actor")

    @pytest.mark.parametrize("link_type", ["part_of", "follows", "", "RELATES", "related"])
    def test_knows_no_link_that_nothing_makes(self, ctx: UserContext, link_type: str):
        one, other = store(ctx, "one", "other")

        def work() -> None:
            with user_write(ctx) as change:
                change.link(one, other, LinkType.RELATES)
                change.links[0] = replace(change.links[0], type=link_type)

        with pytest.raises(IntegrityError, match="ck_links_type"):
            work()
