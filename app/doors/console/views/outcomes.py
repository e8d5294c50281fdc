"""What became of a turn, in words."""

from dataclasses import dataclass
from typing import Literal

from app.core.vocabulary import JobStatus, TurnState
from app.schemas.ingestion.turn_outcomes import TurnReport
from app.schemas.platform.jobs import JobOut

Tone = Literal["good", "quiet", "waiting", "bad"]
_REFUSED = "refused: "


@dataclass(frozen=True, slots=True)
class Outcome:
    """A short label with its tone, and why."""

    label: str
    tone: Tone
    reason: str | None = None


def tell_outcome(report: TurnReport) -> Outcome:
    """The outcome of a turn: memories, nothing, a refusal, a job that waits, or one that failed."""
    turn, job = report.turn, report.job
    if turn.state is TurnState.EXTRACTED:
        count = len(report.memories)
        words = "no memory is left" if not count else "1 memory" if count == 1 else f"{count} memories"
        return Outcome(words, "good" if count else "quiet", turn.reason)
    if turn.state is TurnState.NOTHING:
        reason = turn.reason or ""
        is_refused = reason.startswith(_REFUSED)
        return (
            Outcome("refused", "bad", reason.removeprefix(_REFUSED)) if is_refused else _nothing(turn.reason)
        )
    if turn.state is TurnState.FAILED:
        is_dead = job is not None and job.status is JobStatus.DEAD
        return Outcome("dead job" if is_dead else "failed job", "bad", turn.reason)
    return _tell_waiting(job)


def _nothing(reason: str | None) -> Outcome:
    return Outcome("nothing kept", "quiet", reason)


def _tell_waiting(job: JobOut | None) -> Outcome:
    """The outcome of a turn that was not read yet."""
    if job is None:
        return Outcome("stored", "waiting", "its job is gone")
    if job.status is JobStatus.RUNNING:
        return Outcome("being read", "waiting", f"stage {job.stage}, attempt {max(1, job.attempts)}")
    if job.status is JobStatus.QUEUED:
        again = f"attempt {job.attempts + 1}, as the last one ended: {job.error}" if job.error else None
        return Outcome("pending", "waiting", again or f"waits for stage {job.stage}")
    return Outcome("not read", "bad" if job.error else "quiet", job.error)
