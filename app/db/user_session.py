"""A database session together with the user whose rows are read and written in it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class UserSession:
    """What a repository needs to work on the rows of one user: its first argument."""

    session: Session
    tenant_id: str
    user_id: str
