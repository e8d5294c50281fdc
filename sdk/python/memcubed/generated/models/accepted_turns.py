from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AcceptedTurns")


@_attrs_define
class AcceptedTurns:
    """The turns are durable; the job will turn them into memories."""

    turn_ids: list[UUID]
    """ One id for each turn of the request, in its order """
    job_id: UUID
    """ The job that works on it """
    duplicates: int
    """ How many of the turns were stored already """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        turn_ids = []
        for turn_ids_item_data in self.turn_ids:
            turn_ids_item = str(turn_ids_item_data)
            turn_ids.append(turn_ids_item)

        job_id = str(self.job_id)

        duplicates = self.duplicates

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "turn_ids": turn_ids,
                "job_id": job_id,
                "duplicates": duplicates,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        turn_ids = []
        _turn_ids = d.pop("turn_ids")
        for turn_ids_item_data in _turn_ids:
            turn_ids_item = UUID(turn_ids_item_data)

            turn_ids.append(turn_ids_item)

        job_id = UUID(d.pop("job_id"))

        duplicates = d.pop("duplicates")

        made = cls(
            turn_ids=turn_ids,
            job_id=job_id,
            duplicates=duplicates,
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
