from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_kind import MemoryKind, check_memory_kind
from ..models.memory_status import MemoryStatus, check_memory_status

T = TypeVar("T", bound="DerivedMemorySource")


@_attrs_define
class DerivedMemorySource:
    """A memory that something was derived from."""

    memory_id: UUID
    """ The memory """
    kind: MemoryKind
    """ What a memory is about. """
    status: MemoryStatus
    """ Where a memory is in its life. `superseded` = no longer true; `archived` = true but cold. """
    content: str
    """ The statement, in words """
    days: list[datetime.date]
    """ The days on which it was said, by the clocks of those who said it """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        memory_id = str(self.memory_id)

        kind: str = self.kind

        status: str = self.status

        content = self.content

        days = []
        for days_item_data in self.days:
            days_item = days_item_data.isoformat()
            days.append(days_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "memory_id": memory_id,
                "kind": kind,
                "status": status,
                "content": content,
                "days": days,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        memory_id = UUID(d.pop("memory_id"))

        kind = check_memory_kind(d.pop("kind"))

        status = check_memory_status(d.pop("status"))

        content = d.pop("content")

        days = []
        _days = d.pop("days")
        for days_item_data in _days:
            days_item = datetime.date.fromisoformat(days_item_data)

            days.append(days_item)

        made = cls(
            memory_id=memory_id,
            kind=kind,
            status=status,
            content=content,
            days=days,
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
