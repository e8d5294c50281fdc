"""Leases, attempts and the sweep, in a database that no worker sweeps."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from redis import Redis
from sqlalchemy import text

from app.core.errors import Conflict, NotFound
from app.core.ids import new_id
from app.core.round_robin import TenantRoundRobin
from app.core.security import Principal
from app.core.vocabulary import Stage
from app.memory.types import MemoryFilter
from app.resources import Resources
from app.schemas.ingestion.turns import AddTurns
from app.services.ingestion import accept_turns, embed_turns, extraction
from app.services.memories import memory_reads
from app.services.platform import jobs
from app.services.platform.user_context import UserContext
from app.services.portability.erasure import erase_user
from app.services.search import user_indexes
from tests.conftest import Servers, make_key, principal_of, turn, until, without_worker
from tests.fakes import Answer, ScriptedLLM


@pytest.fixture(scope="module")
def quiet(servers: Servers) -> Iterator[Resources]:
    """The offline extractor in a database and on a broker of its own."""
    with without_worker(servers, "quiet", 2) as opened:
        yield opened


@pytest.fixture
def principal(quiet: Resources, tenant: str) -> Principal:
    make_key(quiet, tenant)
    return principal_of(tenant)


def accept(resources: Resources, principal: Principal, content: str = "I live in Oslo.", **more: Any) -> UUID:
    body = {"user_id": "ann", "session_id": "s1", "turns": [turn(content, name="Ann")]} | more
    return accept_turns.accept_turns(resources, principal, AddTurns.model_validate(body), None).job_id


def sql(resources: Resources, principal: Principal, statement: str) -> list[Any]:
    with resources.open_transaction(principal) as session:
        result = session.execute(text(statement))
        return list(result.all()) if result.returns_rows else []


def lapse(resources: Resources, principal: Principal) -> None:
    """As if the worker had been silent for longer than its lease."""
    sql(resources, principal, "UPDATE jobs SET lease_until = now() - interval '1 second'")


class TestClaim:
    def test_a_claimed_job_is_not_claimed_again(self, quiet, principal, tenant):
        job_id = accept(quiet, principal)
        held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert held is not None
        assert held.job_ids == [job_id]
        assert jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST) is None
        assert jobs.get_job(quiet, principal, job_id).status == "running"

    def test_while_one_is_running_the_users_next_one_waits(self, quiet, principal, tenant):
        accept(quiet, principal)
        assert jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST) is not None
        accept(quiet, principal, "I live in Bergen.")
        assert jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST) is None

    def test_another_user_does_not_wait(self, quiet, principal, tenant):
        accept(quiet, principal)
        accept(quiet, principal, user_id="bob")
        assert jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST) is not None
        assert jobs.claim_user_jobs(quiet, tenant, "bob", Stage.INGEST) is not None

    def test_after_the_lease_another_worker_gets_it(self, quiet, principal, tenant):
        job_id = accept(quiet, principal)
        first = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        lapse(quiet, principal)
        second = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert first is not None
        assert second is not None
        assert second.job_ids == [job_id]
        assert second.worker_id != first.worker_id
        assert jobs.get_job(quiet, principal, job_id).attempts == 2

    def test_jobs_that_wait_are_taken_together_oldest_first(self, quiet, principal, tenant):
        waiting = [accept(quiet, principal, f"Note {n}.") for n in range(4)]
        held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert held is not None
        assert held.job_ids == waiting

    def test_no_more_turns_than_a_batch(self, quiet, principal, tenant):
        batch = [turn(f"Note {n}.") for n in range(60)]
        waiting = [accept(quiet, principal, turns=batch) for _ in range(3)]
        held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert held is not None
        assert held.job_ids == waiting[:2]

    def test_jobs_that_failed_through_an_outage_run_together_again(self, quiet, principal, tenant):
        waiting = [accept(quiet, principal, f"Note {n}.") for n in range(3)]
        held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert held is not None
        jobs.fail_jobs(quiet, held, "no answer", retryable=True)
        sql(quiet, principal, "UPDATE jobs SET run_after = now() - interval '1 second'")
        again = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert again is not None
        assert again.job_ids == waiting

    def test_a_refusal_that_hit_several_jobs_ends_only_the_one_at_fault(self, quiet, principal, tenant):
        waiting = [accept(quiet, principal, f"Note {n}.") for n in range(2)]
        held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert held is not None
        jobs.fail_jobs(quiet, held, "too long", retryable=False, alone=True)
        assert {jobs.get_job(quiet, principal, job_id).status for job_id in waiting} == {"queued"}
        sql(quiet, principal, "UPDATE jobs SET run_after = now() - interval '1 second'")
        alone = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert alone is not None
        assert alone.job_ids == waiting[:1]
        jobs.fail_jobs(quiet, alone, "too long", retryable=False, alone=True)
        assert [jobs.get_job(quiet, principal, job_id).status for job_id in waiting] == ["failed", "queued"]

    def test_a_job_that_lost_its_worker_twice_runs_alone(self, quiet, principal, tenant):
        waiting = [accept(quiet, principal, f"Note {n}.") for n in range(2)]
        for expected in (waiting, waiting, waiting[:1]):
            held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
            assert held is not None
            assert held.job_ids == expected
            lost = "UPDATE jobs SET lease_until = now() - interval '1 second' WHERE worker IS NOT NULL"
            sql(quiet, principal, lost)

    def test_a_job_that_failed_by_a_fault_runs_alone(self, quiet, principal, tenant):
        waiting = [accept(quiet, principal, f"Note {n}.") for n in range(3)]
        held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert held is not None
        jobs.fail_jobs(quiet, held, "broken", retryable=True, alone=True)
        sql(quiet, principal, "UPDATE jobs SET run_after = now() - interval '1 second'")
        fresh = accept(quiet, principal, "Note 3.")
        seen = []
        for _ in range(4):
            embedding_claim = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
            assert embedding_claim is not None
            seen.append(embedding_claim.job_ids)
            sql(quiet, principal, "UPDATE jobs SET status = 'succeeded' WHERE status = 'running'")
        assert seen == [[job_id] for job_id in [*waiting, fresh]]

    def test_a_job_is_not_taken_before_its_time(self, quiet, principal, tenant):
        accept(quiet, principal)
        sql(quiet, principal, "UPDATE jobs SET run_after = now() + interval '1 hour'")
        assert jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST) is None


class TestLease:
    def test_it_is_lengthened_while_the_work_goes_on(self, quiet, principal, tenant):
        short = replace(quiet, settings=quiet.settings.model_copy(update={"lease_seconds": 0.6}))
        accept(short, principal)
        held = jobs.claim_user_jobs(short, tenant, "ann", Stage.INGEST)
        assert held is not None
        (first,) = sql(short, principal, "SELECT lease_until FROM jobs")
        with jobs.renew_lease(short, held):
            until(lambda: sql(short, principal, "SELECT lease_until FROM jobs")[0] > first, 10)
            assert jobs.claim_user_jobs(short, tenant, "ann", Stage.INGEST) is None

    def test_a_worker_that_lost_it_writes_nothing(self, llm_resources, llm: ScriptedLLM, tenant):
        make_key(llm_resources, tenant)
        principal = principal_of(tenant)
        asked, go_on = threading.Event(), threading.Event()
        said = {"turn": 1, "content": "Ann lives in Oslo.", "quote": "I live in Oslo"}

        def slow_at_first(messages: list[dict[str, Any]]) -> dict[str, Any]:
            if not asked.is_set():
                asked.set()
                go_on.wait(20)
                return {"facts": [said | {"content": "Ann has her home in a town."}]}
            return {"facts": [said]}

        llm.on_chat = slow_at_first
        job_id = accept(llm_resources, principal)
        embed_turns.run_embedding(llm_resources, tenant, "ann")
        slow = threading.Thread(target=extraction.run_extraction, args=(llm_resources, tenant, "ann"))
        slow.start()
        try:
            assert asked.wait(20)
            lapse(llm_resources, principal)
            extraction.run_extraction(llm_resources, tenant, "ann")
            assert jobs.get_job(llm_resources, principal, job_id).status == "succeeded"
        finally:
            go_on.set()
            slow.join(20)
        page = memory_reads.list_memories(
            llm_resources, principal, user_id="ann", matching=MemoryFilter(), cursor=None, limit=10
        )
        assert [memory.content for memory in page.items] == ["Ann lives in Oslo."]
        job = jobs.get_job(llm_resources, principal, job_id)
        assert (job.status, job.error) == ("succeeded", None)
        assert sql(llm_resources, principal, "SELECT count(*) FROM assertions") == [(1,)]
        # What it had bought is paid for but not kept behind the end of the job.
        assert job.llm.calls == 2
        assert sql(llm_resources, principal, "SELECT llm_cache FROM jobs") == [({},)]

    def test_a_worker_that_lost_it_can_not_fail_the_job(self, quiet, principal, tenant):
        job_id = accept(quiet, principal)
        lost = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert lost is not None
        lapse(quiet, principal)
        embed_turns.run_embedding(quiet, tenant, "ann")
        extraction.run_extraction(quiet, tenant, "ann")
        jobs.fail_jobs(quiet, lost, "too late", retryable=False)
        job = jobs.get_job(quiet, principal, job_id)
        assert (job.status, job.error) == ("succeeded", None)


class TestWaitAfter:
    def test_it_doubles_and_is_capped_at_an_hour(self):
        waits = [jobs.retry_delay(attempts) for attempts in range(1, jobs.MAX_ATTEMPTS + 1)]
        assert waits[:3] == [timedelta(seconds=5), timedelta(seconds=10), timedelta(seconds=20)]
        assert waits == sorted(waits)
        assert waits[-1] == timedelta(hours=1)


class TestRetry:
    def test_a_job_that_is_not_at_an_end_is_a_conflict(self, quiet, principal):
        job_id = accept(quiet, principal)
        with pytest.raises(Conflict):
            jobs.retry_job(quiet, principal, job_id)

    def test_an_unknown_job_is_not_found(self, quiet, principal):
        with pytest.raises(NotFound):
            jobs.retry_job(quiet, principal, new_id())

    def test_it_begins_with_fresh_attempts(self, quiet, principal, tenant):
        job_id = accept(quiet, principal)
        held = jobs.claim_user_jobs(quiet, tenant, "ann", Stage.INGEST)
        assert held is not None
        jobs.fail_jobs(quiet, held, "no use", retryable=False)
        assert jobs.get_job(quiet, principal, job_id).status == "failed"
        job = jobs.retry_job(quiet, principal, job_id)
        assert (job.status, job.attempts, job.error, job.finished_at) == ("queued", 0, None, None)


class TestSweep:
    @pytest.fixture
    def broker(self, quiet: Resources) -> Iterator[Any]:
        with Redis.from_url(str(quiet.settings.redis_url)) as client:
            yield client

    def rung(self, broker: Any) -> list[str]:
        """What lies in the queues: the body of each message."""
        messages = [json.loads(raw) for stage in Stage for raw in broker.lrange(stage.value, 0, -1)]
        return [base64.b64decode(message["body"]).decode() for message in messages]

    @pytest.fixture(autouse=True)
    def nothing_waits(self, servers: Servers, quiet: Resources, broker: Any) -> None:
        """Nothing of an earlier test is due, and nothing lies in the queues."""
        with psycopg.connect(servers.postgres.owner_url.replace("/memcubed?", "/quiet?")) as connection:
            connection.execute("UPDATE jobs SET status = 'succeeded'")
            connection.execute("DELETE FROM pack_requests")
        broker.delete(*(stage.value for stage in Stage))

    def test_it_rings_for_waiting_and_for_lost_jobs_of_every_tenant(self, quiet, broker):
        tenants = [f"t-{new_id().hex}" for _ in range(3)]
        for name in tenants:
            make_key(quiet, name)
            accept(quiet, principal_of(name))
        assert jobs.claim_user_jobs(quiet, tenants[1], "ann", Stage.INGEST) is not None
        lapse(quiet, principal_of(tenants[1]))
        assert jobs.claim_user_jobs(quiet, tenants[2], "ann", Stage.INGEST) is not None
        assert jobs.sweep_due_jobs(quiet) == 2  # the third one is being worked on
        assert len(self.rung(broker)) == 2

    def test_a_message_names_nobody(self, quiet, broker, principal, tenant):
        accept(quiet, principal, user_id="ann-of-the-message")
        accept_turns.notify_workers(quiet)
        jobs.sweep_due_jobs(quiet)
        user_indexes.request_index_snapshot(UserContext(quiet, principal, "ann-of-the-message"))
        messages = [raw for stage in Stage for raw in broker.lrange(stage.value, 0, -1)]
        assert len(messages) == 2  # the sweep found the first ring unheard
        for text_of in [*map(bytes.decode, messages), *self.rung(broker)]:
            assert tenant not in text_of
            assert "ann-of-the-message" not in text_of

    def test_many_jobs_ring_so_often_and_no_more(self, quiet, broker, principal):
        for number in range(jobs.MAX_NOTIFICATIONS + 4):
            accept(quiet, principal, f"Note {number}.")
        assert jobs.sweep_due_jobs(quiet) == jobs.MAX_NOTIFICATIONS

    def test_an_ended_job_does_not_ring(self, quiet, broker, principal, tenant):
        accept(quiet, principal)
        embed_turns.run_embedding(quiet, tenant, "ann")
        extraction.run_extraction(quiet, tenant, "ann")
        broker.delete(*(stage.value for stage in Stage))
        assert jobs.sweep_due_jobs(quiet) == 0
        assert self.rung(broker) == []


def test_a_refused_model_call_names_no_text(llm_resources, llm: ScriptedLLM, tenant):
    make_key(llm_resources, tenant)
    llm.queue.append(Answer(status=400))
    job_id = accept(llm_resources, principal_of(tenant), "I live in Oslo.")
    embed_turns.run_embedding(llm_resources, tenant, "ann")
    extraction.run_extraction(llm_resources, tenant, "ann")
    job = jobs.get_job(llm_resources, principal_of(tenant), job_id)
    assert job.status == "failed"
    assert "Oslo" not in (job.error or "")


class TestTurns:
    """Whose jobs are claimed: tenants in turn, and within each its users."""

    @pytest.fixture(autouse=True)
    def nothing_waits(self, servers: Servers, quiet: Resources) -> None:
        with psycopg.connect(servers.postgres.owner_url.replace("/memcubed?", "/quiet?")) as connection:
            connection.execute("UPDATE jobs SET status = 'succeeded'")
            connection.execute("DELETE FROM pack_requests")

    @pytest.fixture
    def worker(self, quiet: Resources) -> Resources:
        """A worker process that has served nobody yet."""
        return replace(quiet, round_robin=TenantRoundRobin())

    def queue(self, resources: Resources, tenants: Mapping[str, Sequence[str]]) -> dict[str, str]:
        """Jobs of these users; the names of the tenants by the letters that stand for them."""
        run = new_id().hex
        names = {letter: f"{letter}-{run}" for letter in tenants}
        for letter, users in tenants.items():
            make_key(resources, names[letter])
            for user in users:
                accept(resources, principal_of(names[letter]), user_id=user)
        return names

    def served(self, resources: Resources, most: int = 50) -> list[tuple[str, str]]:
        """(the letter of the tenant, the user) of each claim, until nothing is due."""
        found: list[tuple[str, str]] = []
        for _ in range(most):
            with jobs.claim_due_jobs(resources, Stage.INGEST) as held:
                if held is None:
                    break
                found.append((held.principal.tenant_id[0], held.user_id))
                sql(
                    resources,
                    held.principal,
                    f"UPDATE jobs SET status = 'succeeded' WHERE worker = '{held.worker_id}'",
                )
        return found

    @pytest.mark.parametrize(
        ("waiting", "order"),
        [
            ({"a": "x", "b": "x"}, "ab"),
            ({"a": "xyz", "b": "x"}, "abaa"),
            ({"b": "xyz", "a": "x"}, "abbb"),
            ({"a": "tuvwxyz", "b": "xy", "c": "x"}, "abcabaaaaa"),
            ({"a": "x", "b": "xyz", "c": "xyz"}, "abcbcbc"),
            ({"c": "uvwxyz"}, "cccccc"),
            ({"a": "xy", "b": "xy", "c": "xy", "d": "xy"}, "abcdabcd"),
        ],
    )
    def test_tenants_in_turn_whatever_each_has(self, worker, waiting, order):
        self.queue(worker, waiting)
        found = self.served(worker)
        assert "".join(tenant for tenant, _ in found) == order
        for letter, users in waiting.items():
            assert [user for tenant, user in found if tenant == letter] == sorted(users)

    def test_jobs_of_one_user_are_taken_together(self, worker):
        self.queue(worker, {"a": ["x", "x", "x", "y"]})
        assert self.served(worker) == [("a", "x"), ("a", "y")]

    def test_a_user_who_comes_late_has_a_turn_before_those_who_were_served(self, worker):
        names = self.queue(worker, {"a": "mnop"})
        first = self.served(worker, 2)
        accept(worker, principal_of(names["a"]), user_id="m")
        assert first + self.served(worker) == [("a", user) for user in "mnopm"]

    def test_a_tenant_who_comes_late_is_next_but_one(self, worker):
        self.queue(worker, {"b": "tuvwxyz"})
        self.served(worker, 3)
        self.queue(worker, {"a": "x"})
        assert "a" in [tenant for tenant, _ in self.served(worker, 2)]

    def test_a_busy_user_does_not_hold_the_others_up(self, worker):
        names = self.queue(worker, {"a": "xyz"})
        assert jobs.claim_user_jobs(worker, names["a"], "x", Stage.INGEST) is not None
        accept(worker, principal_of(names["a"]), user_id="x")
        assert self.served(worker) == [("a", "y"), ("a", "z")]

    def test_half_of_the_threads_is_a_tenants_share_while_another_waits(self, worker):
        two = replace(worker, settings=worker.settings.model_copy(update={"worker_threads": 4}))
        self.queue(two, {"a": "tuvwxyz", "b": "xyz"})
        with ExitStack() as stack:
            held = [stack.enter_context(jobs.claim_due_jobs(two, Stage.INGEST)) for _ in range(6)]
            assert "".join(one.principal.tenant_id[0] for one in held if one) == "ababab"

    def test_a_tenant_who_waits_alone_may_have_them_all(self, worker):
        two = replace(worker, settings=worker.settings.model_copy(update={"worker_threads": 2}))
        self.queue(two, {"a": "xyz"})
        with ExitStack() as stack:
            held = [stack.enter_context(jobs.claim_due_jobs(two, Stage.INGEST)) for _ in range(3)]
            assert all(held)

    def test_who_holds_a_share_is_passed_over(self, worker):
        two = replace(worker, settings=worker.settings.model_copy(update={"worker_threads": 2}))
        names = self.queue(two, {"a": "xy"})
        with jobs.claim_due_jobs(two, Stage.INGEST) as held:
            assert held is not None
            # The round begins anew, and would begin with the same tenant.
            two.round_robin.record_served(Stage.INGEST, "", "")
            self.queue(two, {"b": "x"})
            with jobs.claim_due_jobs(two, Stage.INGEST) as other:
                assert other is not None
                assert other.principal.tenant_id != names["a"]

    def test_two_workers_take_nothing_twice(self, worker):
        self.queue(worker, {"a": "xyz", "b": "xyz"})
        other = replace(worker, round_robin=TenantRoundRobin())
        with ExitStack() as stack:
            held = [
                stack.enter_context(jobs.claim_due_jobs(one, Stage.INGEST))
                for _ in range(4)
                for one in (worker, other)
            ]
        ids = [job_id for one in held if one for job_id in one.job_ids]
        assert len(ids) == len(set(ids)) == 6

    def test_of_long_turns_a_claim_reads_a_slice_and_the_rest_waits_its_turn(self, worker):
        names = self.queue(worker, {"a": ["y"]})
        long = [turn("I live in Oslo. " + "x" * 60_000) for _ in range(12)]
        principal = principal_of(names["a"])
        job_id = accept(worker, principal, turns=long, user_id="x")
        embed_turns.run_embedding(worker, names["a"], "x")
        extraction.run_extraction(worker, names["a"], "x")
        job = jobs.get_job(worker, principal, job_id)
        assert (job.status, job.progress.done, job.attempts) == ("queued", 8, 0)
        extraction.run_extraction(worker, names["a"], "x")
        job = jobs.get_job(worker, principal, job_id)
        assert (job.status, job.progress.done) == ("succeeded", 12)


class TestPackRequests:
    """Who asked for a pack stands in a row until a worker takes it."""

    @pytest.fixture(autouse=True)
    def nobody_asks(self, quiet: Resources) -> None:
        while user_indexes.create_next_index_snapshot(quiet) or self.waiting(quiet):
            pass

    def waiting(self, quiet: Resources) -> list[str]:
        with quiet.engine.connect() as connection:
            connection.execute(text("SELECT set_config('memcubed.tenant', :t, false)"), {"t": self.tenant})
            return list(connection.execute(text("SELECT user_id FROM pack_requests ORDER BY at")).scalars())

    tenant = "asks-for-packs"

    def test_the_first_comes_first_and_each_once(self, quiet):
        principal = principal_of(self.tenant)
        make_key(quiet, self.tenant)
        for user in ("ann", "bob", "ann"):
            accept(quiet, principal, user_id=user)
            user_indexes.request_index_snapshot(UserContext(quiet, principal, user))
        assert self.waiting(quiet) == ["ann", "bob"]
        user_indexes.create_next_index_snapshot(quiet)
        assert self.waiting(quiet) == ["bob"]

    def test_who_was_erased_asks_for_nothing(self, quiet):
        principal = principal_of(self.tenant)
        accept(quiet, principal, user_id="cy")
        user_indexes.request_index_snapshot(UserContext(quiet, principal, "cy"))
        erase_user(quiet, principal, "cy")
        assert self.waiting(quiet) == []
        user_indexes.request_index_snapshot(UserContext(quiet, principal, "cy"))
        assert self.waiting(quiet) == []


class TestMoreThanWaits:
    """Rings and turns are bounded by what waits, whoever else is busy."""

    @pytest.fixture(autouse=True)
    def nothing_waits(self, servers: Servers, quiet: Resources) -> Iterator[Any]:
        with psycopg.connect(servers.postgres.owner_url.replace("/memcubed?", "/quiet?")) as connection:
            connection.execute("UPDATE jobs SET status = 'succeeded'")
            connection.execute("DELETE FROM pack_requests")
        with Redis.from_url(str(quiet.settings.redis_url)) as broker:
            broker.delete(*(stage.value for stage in Stage))
            yield broker

    def test_a_ring_that_nobody_has_heard_is_not_repeated(self, quiet, principal, nothing_waits):
        accept(quiet, principal)
        assert [jobs.sweep_due_jobs(quiet) for _ in range(3)] == [1, 0, 0]
        assert nothing_waits.llen(Stage.INGEST.value) == 1

    def test_a_request_for_a_pack_whose_ring_was_lost_is_rung_for(self, quiet, principal, nothing_waits):
        accept(quiet, principal)
        user_indexes.request_index_snapshot(UserContext(quiet, principal, "ann"))
        nothing_waits.delete(*(stage.value for stage in Stage))
        jobs.sweep_due_jobs(quiet)
        assert nothing_waits.llen(Stage.CONSOLIDATE.value) == 1

    def test_tenants_whose_users_are_all_worked_for_keep_no_other_from_its_turn(self, quiet):
        run = new_id().hex
        for number in range(20):
            busy = f"a{number:02}-{run}"
            make_key(quiet, busy)
            accept(quiet, principal_of(busy))
            assert jobs.claim_user_jobs(quiet, busy, "ann", Stage.INGEST) is not None
            accept(quiet, principal_of(busy))
        free = f"b-{run}"
        make_key(quiet, free)
        accept(quiet, principal_of(free))
        served: list[str | None] = []
        for _ in range(2):
            with jobs.claim_due_jobs(quiet, Stage.INGEST) as held:
                served.append(held.principal.tenant_id if held is not None else None)
        assert free in served
