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
    """The waits of one event loop. A task looks after their jobs as long as there are any."""

    def __init__(self, limits: AdmissionLimits) -> None:
        self._limits = limits
        self._waiters: dict[_TenantUser, dict[UUID, set[asyncio.Future[None]]]] = {}
        self._of_key: Counter[Digest] = Counter()
        self._thread = CapacityLimiter(1)
        self._poller: asyncio.Task[None] | None = None

    async def wait_for_job(
        self, resources: Resources, key: Digest, principal: Principal, job_id: UUID, seconds: float
    ) -> bool:
        """Whether the job comes to its end within `seconds`.

        Raises `NotFound` when it is deleted meanwhile; `TooManyRequests`, `Unavailable` when too many wait.
        """
        of, ended = (principal.tenant_id, principal.user_id), asyncio.get_running_loop().create_future()
        with self._count_waiter(key):
            self._waiters.setdefault(of, {}).setdefault(job_id, set()).add(ended)
            if self._poller is None or self._poller.done():
                self._poller = asyncio.create_task(self._poll_jobs(resources))
            try:
                async with asyncio.timeout(seconds):
                    await ended
            except TimeoutError:
                return False
            finally:
                self._remove_waiter(of, job_id, ended)
        return True

    @contextmanager
    def _count_waiter(self, key: Digest) -> Generator[None]:
        if self._of_key[key] >= self._limits.max_waiting_per_key:
            raise TooManyRequests(
                f"At most {self._limits.max_waiting_per_key} requests of a key wait for jobs."
            )
        if self._of_key.total() >= self._limits.max_waiting:
            raise Unavailable("Too many requests wait for jobs; try again.")
        self._of_key[key] += 1
        try:
            yield
        finally:
            self._of_key[key] -= 1
            if not self._of_key[key]:
                del self._of_key[key]

    def _remove_waiter(self, of: _TenantUser, job_id: UUID, ended: asyncio.Future[None]) -> None:
        of_job = self._waiters[of][job_id]
        of_job.discard(ended)
        if not of_job:
            del self._waiters[of][job_id]
        if not self._waiters[of]:
            del self._waiters[of]

    async def _poll_jobs(self, resources: Resources) -> None:
        while self._waiters:
            await asyncio.sleep(POLL_SECONDS)
            for of, waited_for in list(self._waiters.items()):
                await self._poll_jobs_of(resources, of, list(waited_for))

    async def _poll_jobs_of(self, resources: Resources, of: _TenantUser, ids: list[UUID]) -> None:
        """One statement for all jobs that are waited for in the same rows."""
        principal = Principal(of[0], user_id=of[1])
        try:
            found = await anyio.to_thread.run_sync(
                jobs.are_jobs_finished, resources, principal, ids, limiter=self._thread
            )
        except Unavailable:
            return  # they wait on, and the search after it says so
        except Exception as exc:  # noqa: BLE001 - whoever waits is to hear of it, or would wait in vain
            self._resolve_waiters(of, ids, exc)
            return
        self._resolve_waiters(of, [job_id for job_id in ids if found.get(job_id)], None)
        gone = NotFound("There is no such job.", field="wait_for")
        self._resolve_waiters(of, [job_id for job_id in ids if job_id not in found], gone)

    def _resolve_waiters(self, of: _TenantUser, ids: list[UUID], error: Exception | None) -> None:
        for job_id in ids:
            for ended in self._waiters.get(of, {}).get(job_id, ()):
                with suppress(asyncio.InvalidStateError):
                    ended.set_exception(error) if error is not None else ended.set_result(None)
