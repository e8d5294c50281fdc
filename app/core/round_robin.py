"""Round-robin scheduling over tenants, and over the users of each tenant.

The state is in the memory of each worker: a restarted worker begins the round again, and nothing is lost.
"""

from collections import Counter, OrderedDict
from threading import Lock

REMEMBERED = 10_000  # (stage, tenant) pairs whose last user is remembered (chosen)


class TenantRoundRobin:
    """Who was served last, and how many of this process's threads each tenant occupies. Thread-safe."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tenants: dict[str, str] = {}
        self._users: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._working: Counter[str] = Counter()

    def last_tenant(self, stage: str) -> str:
        """The tenant that was served last; "" before the first."""
        with self._lock:
            return self._tenants.get(stage, "")

    def last_user(self, stage: str, tenant_id: str) -> str:
        """The tenant's user who was served last; "" before the first."""
        with self._lock:
            return self._users.get((stage, tenant_id), "")

    def list_saturated_tenants(self, share: int) -> list[str]:
        """The tenants that occupy at least `share` threads."""
        with self._lock:
            return [tenant_id for tenant_id, threads in self._working.items() if threads >= share]

    def record_served(self, stage: str, tenant_id: str, user_id: str) -> None:
        """Continue after this user, who occupies a thread until `release_thread`."""
        with self._lock:
            self._tenants[stage] = tenant_id
            self._users[stage, tenant_id] = user_id
            self._users.move_to_end((stage, tenant_id))
            while len(self._users) > REMEMBERED:
                self._users.popitem(last=False)
            self._working[tenant_id] += 1

    def record_skipped(self, stage: str, tenant_id: str) -> None:
        """Continue after this tenant, of which no user could be served."""
        with self._lock:
            self._tenants[stage] = tenant_id

    def release_thread(self, tenant_id: str) -> None:
        """Record that the tenant occupies one thread less."""
        with self._lock:
            self._working[tenant_id] -= 1
            self._working += Counter()  # drops tenants that occupy none
