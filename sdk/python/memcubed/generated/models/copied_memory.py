from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.copy_result import CopyResult, check_copy_result

T = TypeVar("T", bound="CopiedMemory")


@_attrs_define
class CopiedMemory:
    """What became of one memory."""

    owner_memory_id: UUID
    """ The memory that was copied """
    owner_version: int
    """ The version that was copied """
    memory_id: UUID
    """ The memory of `user_id` that holds it now """
    result: CopyResult
    """ What became of a memory that was copied: a new one, one that was there, or one that is disputed. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        owner_memory_id = str(self.owner_memory_id)

        owner_version = self.owner_version

        memory_id = str(self.memory_id)

        result: str = self.result

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "owner_memory_id": owner_memory_id,
                "owner_version": owner_version,
                "memory_id": memory_id,
                "result": result,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        owner_memory_id = UUID(d.pop("owner_memory_id"))

        owner_version = d.pop("owner_version")

        memory_id = UUID(d.pop("memory_id"))

        result = check_copy_result(d.pop("result"))

        made = cls(
            owner_memory_id=owner_memory_id,
            owner_version=owner_version,
            memory_id=memory_id,
            result=result,
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
