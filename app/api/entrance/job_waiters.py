"""Lets requests wait for a job without a thread or a database connection; one task polls for all of them."""

import asyncio
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from uuid import UUID

import anyio.to_thread
from anyio import CapacityLimiter

from app.api.entrance.admission_limits import AdmissionLimits
from app.core.errors import NotFound, TooManyRequests, Unavailable
from app.core.security import Principal
from app.resources import Resources
from app.services.platform import jobs

Digest = bytes
POLL_SECONDS = 0.05
_TenantUser = tuple[str, str | None]  # tenant, and the user that the key is bound to


class JobWaiters:
    """The waiting requests of one event loop. A task polls their jobs as long as there are any."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._waiters: dict[_TenantUser, dict[UUID, set[asyncio.Future[None]]]] = {}
        self._counts: Counter[Digest | str] = Counter()  # by key, and by tenant
        self._total = 0
        self._thread = CapacityLimiter(1)
        self._poller: asyncio.Task[None] | None = None

    async def wait_for_job(
        self, resources: Resources, key: Digest, principal: Principal, job_id: UUID, seconds: float
    ) -> bool:
        """Whether the job ends within `seconds`.

        Raises `NotFound` if it is deleted meanwhile; `TooManyRequests`, `Unavailable` if too many requests
        wait.
        """
        owner, ended = (principal.tenant_id, principal.user_id), asyncio.get_running_loop().create_future()
        with self._count_waiter(key, principal.tenant_id):
            self._waiters.setdefault(owner, {}).setdefault(job_id, set()).add(ended)
            if self._poller is None or self._poller.done():
                self._poller = asyncio.create_task(self._poll_jobs(resources))
            try:
                async with asyncio.timeout(seconds):
                    await ended
            except TimeoutError:
                return False
            finally:
                self._remove_waiter(owner, job_id, ended)
        return True

    @contextmanager
    def _count_waiter(self, key: Digest, tenant_id: str) -> Generator[None]:
        for name, limit, of_what in (
            (key, self._limits.max_waiting_per_key, "key"),
            (tenant_id, self._limits.max_waiting_per_tenant, "tenant"),
        ):
            if self._counts[name] >= limit:
                raise TooManyRequests(f"At most {limit} requests of a {of_what} wait for jobs.")
        if self._total >= self._limits.max_waiting:
            raise Unavailable("Too many requests wait for jobs; try again.")
        self._total += 1
        self._counts.update((key, tenant_id))
        try:
            yield
        finally:
            self._total -= 1
            self._counts.subtract((key, tenant_id))
            for name in (key, tenant_id):
                if not self._counts[name]:
                    del self._counts[name]

    def _remove_waiter(self, owner: _TenantUser, job_id: UUID, ended: asyncio.Future[None]) -> None:
        job_waiters = self._waiters[owner][job_id]
        job_waiters.discard(ended)
        if not job_waiters:
            del self._waiters[owner][job_id]
        if not self._waiters[owner]:
            del self._waiters[owner]

    async def _poll_jobs(self, resources: Resources) -> None:
        while self._waiters:
            await asyncio.sleep(POLL_SECONDS)
            for owner, job_ids in list(self._waiters.items()):
                await self._poll_jobs_of(resources, owner, list(job_ids))

    async def _poll_jobs_of(self, resources: Resources, owner: _TenantUser, ids: list[UUID]) -> None:
        """Read the state of all waited-for jobs of one owner by one statement."""
        principal = Principal(owner[0], user_id=owner[1])
        try:
            finished = await anyio.to_thread.run_sync(
                jobs.are_jobs_finished, resources, principal, ids, limiter=self._thread
            )
        except Unavailable:
            return  # they keep waiting, and the search after it reports the error
        except Exception as exc:  # noqa: BLE001 - whoever waits is to hear of it, or would wait in vain
            self._resolve_waiters(owner, ids, exc)
            return
        self._resolve_waiters(owner, [job_id for job_id in ids if finished.get(job_id)], None)
        not_found = NotFound("There is no such job.", field="wait_for")
        self._resolve_waiters(owner, [job_id for job_id in ids if job_id not in finished], not_found)

    def _resolve_waiters(self, owner: _TenantUser, ids: list[UUID], error: Exception | None) -> None:
        for job_id in ids:
            for ended in self._waiters.get(owner, {}).get(job_id, ()):
                with suppress(asyncio.InvalidStateError):
                    ended.set_exception(error) if error is not None else ended.set_result(None)
