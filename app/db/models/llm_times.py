"""How long the calls of the LLM took: by tenant, day and purpose, and over all tenants by purpose."""

from datetime import date

from sqlalchemy import BigInteger, ForeignKeyConstraint, PrimaryKeyConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import EMPTY_ARRAY, Base


class LlmCounters:
    """Calls and tokens, the times of all answers and of all failures, and how many answers took how long.

    `counts` has as many answers for each bound of app/core/histograms.py.
    """

    calls: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    failed_calls: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    prompt_tokens: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    completion_tokens: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    answer_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    failure_ms: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    counts: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default=EMPTY_ARRAY)


class LlmTimes(LlmCounters, Base):
    """The calls of one tenant on one day (UTC) for one purpose."""

    __tablename__ = "llm_times"
    __table_args__ = (
        PrimaryKeyConstraint("tenant_id", "day", "purpose"),
        ForeignKeyConstraint(["tenant_id"], ["tenants.tenant_id"], ondelete="CASCADE"),
    )
    tenant_id: Mapped[str]
    day: Mapped[date]
    purpose: Mapped[str]


class LlmTotals(LlmCounters, Base):
    """The calls of all tenants and days for one purpose; a scrape reads no more than these rows."""

    __tablename__ = "llm_totals"
    purpose: Mapped[str] = mapped_column(primary_key=True)
