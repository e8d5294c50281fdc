"""Round-robin scheduling over tenants, and over the users of each tenant.

It is kept in the memory of each worker: one that begins again begins the round again, and nothing is lost.
"""

from collections import Counter, OrderedDict
from threading import Lock

REMEMBERED = 10_000  # tenants and stages whose last user is known


class TenantRoundRobin:
    """Who was served last, and how many of this process's threads each tenant holds; safe to share."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tenants: dict[str, str] = {}
        self._users: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._working: Counter[str] = Counter()

    def last_tenant(self, stage: str) -> str:
        """The tenant that was served last, "" before the first."""
        with self._lock:
            return self._tenants.get(stage, "")

    def last_user(self, stage: str, tenant_id: str) -> str:
        """The tenant's user who was served last, "" before the first."""
        with self._lock:
            return self._users.get((stage, tenant_id), "")

    def list_saturated_tenants(self, share: int) -> list[str]:
        """The tenants that hold `share` threads or more."""
        with self._lock:
            return [tenant_id for tenant_id, held in self._working.items() if held >= share]

    def record_served(self, stage: str, tenant_id: str, user_id: str) -> None:
        """Go on from this one, who now holds a thread until `done`."""
        with self._lock:
            self._tenants[stage] = tenant_id
            self._users[stage, tenant_id] = user_id
            self._users.move_to_end((stage, tenant_id))
            while len(self._users) > REMEMBERED:
                self._users.popitem(last=False)
            self._working[tenant_id] += 1

    def record_skipped(self, stage: str, tenant_id: str) -> None:
        """Go on from this tenant, of whom nobody could be served."""
        with self._lock:
            self._tenants[stage] = tenant_id

    def release_thread(self, tenant_id: str) -> None:
        """A thread is free again."""
        with self._lock:
            self._working[tenant_id] -= 1
            self._working += Counter()  # drops those that hold none
