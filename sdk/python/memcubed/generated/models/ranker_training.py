from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RankerTraining")


@_attrs_define
class RankerTraining:
    """How the last training went: on feedback that was not learned from."""

    at: datetime.datetime
    """ ISO 8601 with zone """
    learned_from: int
    """ Searches of which some items were used and some were not """
    held_out: int
    """ Searches on which the weights were compared """
    useful_before: float
    """ useful@5 of the weights that were in use, 0 to 1 """
    useful_after: float
    """ useful@5 of the learned weights """
    promoted: bool
    """ Whether the learned weights are in use now """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        learned_from = self.learned_from

        held_out = self.held_out

        useful_before = self.useful_before

        useful_after = self.useful_after

        promoted = self.promoted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "learned_from": learned_from,
                "held_out": held_out,
                "useful_before": useful_before,
                "useful_after": useful_after,
                "promoted": promoted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at").replace("Z", "+00:00"))

        learned_from = d.pop("learned_from")

        held_out = d.pop("held_out")

        useful_before = d.pop("useful_before")

        useful_after = d.pop("useful_after")

        promoted = d.pop("promoted")

        made = cls(
            at=at,
            learned_from=learned_from,
            held_out=held_out,
            useful_before=useful_before,
            useful_after=useful_after,
            promoted=promoted,
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
