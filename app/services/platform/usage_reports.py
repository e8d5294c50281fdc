"""Report what a tenant's memory has cost and how its jobs do."""

from datetime import timedelta

from app.core.errors import Forbidden
from app.core.security import Principal
from app.core.vocabulary import KeyScope
from app.db.repositories.platform import usage
from app.resources import Resources
from app.schemas.platform.usage import JobCount, UsageDay, UsageReport


def report_usage(resources: Resources, principal: Principal, days: int) -> UsageReport:
    """Report the last `days` days, today included; days without any work have zeros.

    Raises `Forbidden` for a key that is bound to a user, as these are figures of the whole tenant.
    """
    principal.require_scope(KeyScope.READ)
    if principal.user_id is not None:
        raise Forbidden("A key that is bound to a user can't see the figures of the tenant.")
    first = resources.now().date() - timedelta(days=days - 1)
    with resources.open_transaction(principal) as session:
        rows = usage.list_usage_days(session, principal.tenant_id, first)
        counts = usage.list_unfinished_counts(session, principal.tenant_id)
    stored = {row["day"]: UsageDay(**row) for row in rows}
    wanted = [first + timedelta(days=number) for number in range(days)]
    return UsageReport(
        days=[stored.get(day) or UsageDay(day=day) for day in wanted],
        jobs=[JobCount(**row) for row in counts],
    )
