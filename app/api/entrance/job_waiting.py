"""Lets a request wait for a job as long as its client stays, without a request slot meanwhile."""

import asyncio
from uuid import UUID

from starlette.requests import ClientDisconnect, Request

from app.api.entrance.admission import RequestSlot, get_admission
from app.core.security import Principal
from app.resources import Resources


async def wait_while_connected(
    request: Request, resources: Resources, principal: Principal, job_id: UUID, seconds: float
) -> bool:
    """Whether the job ends within `seconds`.

    Raises `ClientDisconnect` if the client closes the connection meanwhile, and what `wait_for_job` raises.
    """
    slot: RequestSlot = request.state.place
    async with slot.without_slot():
        ending = asyncio.create_task(
            get_admission(request).job_waiters.wait_for_job(resources, slot.key, principal, job_id, seconds)
        )
        leaving = asyncio.create_task(_wait_for_disconnect(request))
        try:
            await asyncio.wait((ending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                raise ClientDisconnect
            return ending.result()
        finally:
            for task in (ending, leaving):
                task.cancel()
            await asyncio.gather(ending, leaving, return_exceptions=True)


async def _wait_for_disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
