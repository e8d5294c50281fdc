"""Forgetting on the wire."""

from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from app.core.vocabulary import ForgettingAction
from app.schemas.common import Instant, Message, PathId


class PlanForgetting(Message):
    """Whose memories to look through; with `dry_run` nothing changes."""

    user_id: PathId
    dry_run: bool = Field(default=True, description="Only list what would go and why")
    reference_time: Instant | None = Field(
        default=None, description="With dry_run: what would be due at this time; default: now"
    )

    @model_validator(mode="after")
    def _check_reference_time(self) -> "PlanForgetting":
        if not self.dry_run and self.reference_time is not None:
            raise ValueError("reference_time goes with dry_run only")
        return self


class ForgottenItem(BaseModel):
    """A memory that is due, and why."""

    memory_id: UUID
    content: str | None = Field(description="None when its time to live has ended: it is not served any more")
    action: ForgettingAction = Field(
        description="archive: out of the default search, restorable; expire: its text is deleted"
    )
    reason: str
    retrievability: float = Field(description="R = exp(-idle / (Q * S)), 0 to 1")
    borderline: bool = Field(description="Faded though important: an LLM, if there is one, may keep it")


class ForgetOut(BaseModel):
    """What is due now. Without dry_run the job `job_id` carries it out."""

    items: list[ForgottenItem]
    dry_run: bool
    job_id: UUID | None = None
