from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SlotPeriod")


@_attrs_define
class SlotPeriod:
    """From when to when a memory held its slot."""

    memory_id: UUID
    """ The memory """
    content: str
    """ The statement, in words """
    value: None | str
    """ The value of the slot, such as `oslo` """
    valid_from: datetime.datetime
    """ From when on it is true """
    valid_to: datetime.datetime | None
    """ Until when it held the slot; null = it still does """
    turn_ids: list[UUID]
    """ The turns that say it """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        memory_id = str(self.memory_id)

        content = self.content

        value: None | str
        value = self.value

        valid_from = self.valid_from.isoformat()

        valid_to: None | str
        if isinstance(self.valid_to, datetime.datetime):
            valid_to = self.valid_to.isoformat()
        else:
            valid_to = self.valid_to

        turn_ids = []
        for turn_ids_item_data in self.turn_ids:
            turn_ids_item = str(turn_ids_item_data)
            turn_ids.append(turn_ids_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "memory_id": memory_id,
                "content": content,
                "value": value,
                "valid_from": valid_from,
                "valid_to": valid_to,
                "turn_ids": turn_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        memory_id = UUID(d.pop("memory_id"))

        content = d.pop("content")

        def _parse_value(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        value = _parse_value(d.pop("value"))

        valid_from = datetime.datetime.fromisoformat(d.pop("valid_from").replace("Z", "+00:00"))

        def _parse_valid_to(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_to_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return valid_to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        valid_to = _parse_valid_to(d.pop("valid_to"))

        turn_ids = []
        _turn_ids = d.pop("turn_ids")
        for turn_ids_item_data in _turn_ids:
            turn_ids_item = UUID(turn_ids_item_data)

            turn_ids.append(turn_ids_item)

        made = cls(
            memory_id=memory_id,
            content=content,
            value=value,
            valid_from=valid_from,
            valid_to=valid_to,
            turn_ids=turn_ids,
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
