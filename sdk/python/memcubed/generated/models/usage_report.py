from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.job_count import JobCount
    from ..models.llm_times import LlmTimes
    from ..models.usage_day import UsageDay


T = TypeVar("T", bound="UsageReport")


@_attrs_define
class UsageReport:
    """The figures of a tenant: days in their order, the LLM over all of them, and jobs without success."""

    days: list[UsageDay]
    """ The days, the last of which is today """
    llm: list[LlmTimes]
    """ The LLM over all days by purpose; one without calls is left out """
    jobs: list[JobCount]
    """ How many jobs have not succeeded """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        days = []
        for days_item_data in self.days:
            days_item = days_item_data.to_dict()
            days.append(days_item)

        llm = []
        for llm_item_data in self.llm:
            llm_item = llm_item_data.to_dict()
            llm.append(llm_item)

        jobs = []
        for jobs_item_data in self.jobs:
            jobs_item = jobs_item_data.to_dict()
            jobs.append(jobs_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "days": days,
                "llm": llm,
                "jobs": jobs,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.job_count import JobCount  # noqa: PLC0415
        from ..models.llm_times import LlmTimes  # noqa: PLC0415
        from ..models.usage_day import UsageDay  # noqa: PLC0415

        d = dict(src_dict)
        days = []
        _days = d.pop("days")
        for days_item_data in _days:
            days_item = UsageDay.from_dict(days_item_data)

            days.append(days_item)

        llm = []
        _llm = d.pop("llm")
        for llm_item_data in _llm:
            llm_item = LlmTimes.from_dict(llm_item_data)

            llm.append(llm_item)

        jobs = []
        _jobs = d.pop("jobs")
        for jobs_item_data in _jobs:
            jobs_item = JobCount.from_dict(jobs_item_data)

            jobs.append(jobs_item)

        made = cls(
            days=days,
            llm=llm,
            jobs=jobs,
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
