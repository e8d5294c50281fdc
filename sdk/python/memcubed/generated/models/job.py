from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_stage import JobStage, check_job_stage
from ..models.job_status import JobStatus, check_job_status

if TYPE_CHECKING:
    from ..models.job_progress import JobProgress
    from ..models.llm_usage import LlmUsage


T = TypeVar("T", bound="Job")


@_attrs_define
class Job:
    """A job. succeeded, failed and dead are end states; the last two can be retried."""

    id: UUID
    """ Its id """
    user_id: str
    """ The user whose memory it is """
    session_id: str
    """ The conversation """
    status: JobStatus
    """ Where a job is; succeeded, failed and dead are end states. """
    stage: JobStage
    """ The part of the pipeline that a job waits for; each has its own Celery queue. """
    progress: JobProgress
    """ Turns done of turns in all. """
    attempts: int
    """ How often it was begun """
    error: None | str
    """ The last error; null when there was none """
    llm: LlmUsage
    """ What a job has cost at the LLM, failed calls too. """
    created_at: datetime.datetime
    """ When it was made """
    started_at: datetime.datetime | None
    """ When it was first begun """
    finished_at: datetime.datetime | None
    """ When it came to its end """
    run_after: datetime.datetime
    """ ISO 8601 with zone """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        user_id = self.user_id

        session_id = self.session_id

        status: str = self.status

        stage: str = self.stage

        progress = self.progress.to_dict()

        attempts = self.attempts

        error: None | str
        error = self.error

        llm = self.llm.to_dict()

        created_at = self.created_at.isoformat()

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        run_after = self.run_after.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "user_id": user_id,
                "session_id": session_id,
                "status": status,
                "stage": stage,
                "progress": progress,
                "attempts": attempts,
                "error": error,
                "llm": llm,
                "created_at": created_at,
                "started_at": started_at,
                "finished_at": finished_at,
                "run_after": run_after,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_progress import JobProgress  # noqa: PLC0415
        from ..models.llm_usage import LlmUsage  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        user_id = d.pop("user_id")

        session_id = d.pop("session_id")

        status = check_job_status(d.pop("status"))

        stage = check_job_stage(d.pop("stage"))

        progress = JobProgress.from_dict(d.pop("progress"))

        attempts = d.pop("attempts")

        def _parse_error(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        error = _parse_error(d.pop("error"))

        llm = LlmUsage.from_dict(d.pop("llm"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at").replace("Z", "+00:00"))

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        started_at = _parse_started_at(d.pop("started_at"))

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

        run_after = datetime.datetime.fromisoformat(d.pop("run_after").replace("Z", "+00:00"))

        made = cls(
            id=id,
            user_id=user_id,
            session_id=session_id,
            status=status,
            stage=stage,
            progress=progress,
            attempts=attempts,
            error=error,
            llm=llm,
            created_at=created_at,
            started_at=started_at,
            finished_at=finished_at,
            run_after=run_after,
        )

        made.additional_properties = d
        return made

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
