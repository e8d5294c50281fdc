from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.job_status import JobStatus, check_job_status

T = TypeVar("T", bound="JobCount")


@_attrs_define
class JobCount:
    """How many jobs of a tenant have a status, and when the oldest of them was posted."""

    status: JobStatus
    """ Where a job is; succeeded, failed and dead are end states. """
    jobs: int
    """ How many jobs have this status """
    oldest: datetime.datetime
    """ When the oldest of them was posted """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        status: str = self.status

        jobs = self.jobs

        oldest = self.oldest.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "status": status,
                "jobs": jobs,
                "oldest": oldest,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        status = check_job_status(d.pop("status"))

        jobs = d.pop("jobs")

        oldest = datetime.datetime.fromisoformat(d.pop("oldest").replace("Z", "+00:00"))

        made = cls(
            status=status,
            jobs=jobs,
            oldest=oldest,
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
