"""The context of a use case: the caller on whose behalf it works, and the user whose memory it concerns."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from app.core.security import Principal
from app.db.user_session import UserSession
from app.resources import Resources


@dataclass(frozen=True, slots=True)
class UserContext:
    """The process's resources, the caller, and the user whose memory is read or changed."""

    resources: Resources
    principal: Principal
    user_id: str

    @property
    def tenant_id(self) -> str:
        """Return the id of the tenant, to which both caller and user belong."""
        return self.principal.tenant_id

    @contextmanager
    def open_transaction(self) -> Generator[UserSession]:
        """Open a transaction that commits at the end of the block; see `Resources.open_transaction`."""
        with self.resources.open_transaction(self.principal) as session:
            yield UserSession(session, self.tenant_id, self.user_id)

    @contextmanager
    def read_transaction(self, *, is_read_snapshot: bool = False) -> Generator[UserSession]:
        """Open a transaction to answer from, without expired rows; see `Resources.read_transaction`."""
        with self.resources.read_transaction(self.principal, is_read_snapshot=is_read_snapshot) as session:
            yield UserSession(session, self.tenant_id, self.user_id)

    @contextmanager
    def read_snapshot(self) -> Generator[UserSession]:
        """Open a transaction whose statements all read one snapshot; see `Resources.read_snapshot`."""
        with self.resources.read_snapshot(self.principal) as session:
            yield UserSession(session, self.tenant_id, self.user_id)
