from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.ranker_change import RankerChange, check_ranker_change

T = TypeVar("T", bound="RankerVersion")


@_attrs_define
class RankerVersion:
    """The weights of one version."""

    version: int
    """ The number of the version; 0 = built in """
    reason: RankerChange
    """ Why there is a new version of the weights. """
    weights: Any
    """ What each feature is worth """
    at: datetime.datetime
    """ ISO 8601 with zone """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        version = self.version

        reason: str = self.reason

        weights = self.weights

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "version": version,
                "reason": reason,
                "weights": weights,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        version = d.pop("version")

        reason = check_ranker_change(d.pop("reason"))

        weights = d.pop("weights")

        at = datetime.datetime.fromisoformat(d.pop("at").replace("Z", "+00:00"))

        made = cls(
            version=version,
            reason=reason,
            weights=weights,
            at=at,
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
