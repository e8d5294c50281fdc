from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="UsageDay")


@_attrs_define
class UsageDay:
    """The counters of a tenant on one day (UTC), and how long its jobs and the LLM took."""

    day: datetime.date
    """ The day, in UTC """
    jobs_succeeded: int
    """ Jobs that succeeded """
    jobs_dead: int
    """ Jobs that were tried too often, or that trying again does not help """
    memories_written: int
    """ Memories that were written """
    facts_refused: int
    """ Facts that the guard refused """
    llm_calls: int
    """ Calls of the LLM, those that failed too """
    llm_failed_calls: int
    """ Calls of the LLM that failed """
    prompt_tokens: int
    """ Tokens that the model read """
    completion_tokens: int
    """ Tokens that the model wrote """
    median_seconds: float | None
    """ From the posting of turns to the end of their job """
    slow_seconds: float | None
    """ 95 of 100 jobs took no longer """
    llm_median_seconds: float | None
    """ Half of the LLM's answers took no longer, whatever it was asked for """
    llm_slow_seconds: float | None
    """ 95 of 100 of the LLM's answers took no longer """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        day = self.day.isoformat()

        jobs_succeeded = self.jobs_succeeded

        jobs_dead = self.jobs_dead

        memories_written = self.memories_written

        facts_refused = self.facts_refused

        llm_calls = self.llm_calls

        llm_failed_calls = self.llm_failed_calls

        prompt_tokens = self.prompt_tokens

        completion_tokens = self.completion_tokens

        median_seconds: float | None
        median_seconds = self.median_seconds

        slow_seconds: float | None
        slow_seconds = self.slow_seconds

        llm_median_seconds: float | None
        llm_median_seconds = self.llm_median_seconds

        llm_slow_seconds: float | None
        llm_slow_seconds = self.llm_slow_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "day": day,
                "jobs_succeeded": jobs_succeeded,
                "jobs_dead": jobs_dead,
                "memories_written": memories_written,
                "facts_refused": facts_refused,
                "llm_calls": llm_calls,
                "llm_failed_calls": llm_failed_calls,
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "median_seconds": median_seconds,
                "slow_seconds": slow_seconds,
                "llm_median_seconds": llm_median_seconds,
                "llm_slow_seconds": llm_slow_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        day = datetime.date.fromisoformat(d.pop("day"))

        jobs_succeeded = d.pop("jobs_succeeded")

        jobs_dead = d.pop("jobs_dead")

        memories_written = d.pop("memories_written")

        facts_refused = d.pop("facts_refused")

        llm_calls = d.pop("llm_calls")

        llm_failed_calls = d.pop("llm_failed_calls")

        prompt_tokens = d.pop("prompt_tokens")

        completion_tokens = d.pop("completion_tokens")

        def _parse_median_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        median_seconds = _parse_median_seconds(d.pop("median_seconds"))

        def _parse_slow_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        slow_seconds = _parse_slow_seconds(d.pop("slow_seconds"))

        def _parse_llm_median_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        llm_median_seconds = _parse_llm_median_seconds(d.pop("llm_median_seconds"))

        def _parse_llm_slow_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        llm_slow_seconds = _parse_llm_slow_seconds(d.pop("llm_slow_seconds"))

        made = cls(
            day=day,
            jobs_succeeded=jobs_succeeded,
            jobs_dead=jobs_dead,
            memories_written=memories_written,
            facts_refused=facts_refused,
            llm_calls=llm_calls,
            llm_failed_calls=llm_failed_calls,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            median_seconds=median_seconds,
            slow_seconds=slow_seconds,
            llm_median_seconds=llm_median_seconds,
            llm_slow_seconds=llm_slow_seconds,
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
