from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.llm_purpose import LlmPurpose, check_llm_purpose

T = TypeVar("T", bound="LlmTimes")


@_attrs_define
class LlmTimes:
    """Calls, tokens and times of the LLM for one purpose.

    The two percentiles come from counts by bounds, each 1.6 times the one before it, from 0.1 to 400 seconds:
    they lie between the same bounds as the true ones. What took longer than 400 seconds is told as 400.

    """

    purpose: LlmPurpose
    """ What an LLM was asked for; `chat` = a chat that the proxy forwarded. """
    calls: int
    """ Calls, those that failed too """
    failed_calls: int
    """ Calls that failed or gave nothing usable """
    prompt_tokens: int
    """ Tokens that the model read """
    completion_tokens: int
    """ Tokens that the model wrote """
    mean_seconds: float | None
    """ Of the calls that were answered; null = none was """
    median_seconds: float | None
    """ Half of the answered calls took no longer """
    slow_seconds: float | None
    """ 95 of 100 answered calls took no longer """
    failure_seconds: float | None
    """ After how long calls failed, on average; null = none did """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        purpose: str = self.purpose

        calls = self.calls

        failed_calls = self.failed_calls

        prompt_tokens = self.prompt_tokens

        completion_tokens = self.completion_tokens

        mean_seconds: float | None
        mean_seconds = self.mean_seconds

        median_seconds: float | None
        median_seconds = self.median_seconds

        slow_seconds: float | None
        slow_seconds = self.slow_seconds

        failure_seconds: float | None
        failure_seconds = self.failure_seconds

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "purpose": purpose,
                "calls": calls,
                "failed_calls": failed_calls,
                "prompt_tokens": prompt_tokens,
                "completion_tokens": completion_tokens,
                "mean_seconds": mean_seconds,
                "median_seconds": median_seconds,
                "slow_seconds": slow_seconds,
                "failure_seconds": failure_seconds,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        purpose = check_llm_purpose(d.pop("purpose"))

        calls = d.pop("calls")

        failed_calls = d.pop("failed_calls")

        prompt_tokens = d.pop("prompt_tokens")

        completion_tokens = d.pop("completion_tokens")

        def _parse_mean_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        mean_seconds = _parse_mean_seconds(d.pop("mean_seconds"))

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

        def _parse_failure_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        failure_seconds = _parse_failure_seconds(d.pop("failure_seconds"))

        made = cls(
            purpose=purpose,
            calls=calls,
            failed_calls=failed_calls,
            prompt_tokens=prompt_tokens,
            completion_tokens=completion_tokens,
            mean_seconds=mean_seconds,
            median_seconds=median_seconds,
            slow_seconds=slow_seconds,
            failure_seconds=failure_seconds,
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
