from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CopiedFrom")


@_attrs_define
class CopiedFrom:
    """The memory of another user that a source is a copy of; it may be gone."""

    owner_user_id: str
    """ Whose memories they are """
    memory_id: UUID
    """ The memory """
    version: int
    """ The version, to be sent as If-Match with a change """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        owner_user_id = self.owner_user_id

        memory_id = str(self.memory_id)

        version = self.version

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "owner_user_id": owner_user_id,
                "memory_id": memory_id,
                "version": version,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        owner_user_id = d.pop("owner_user_id")

        memory_id = UUID(d.pop("memory_id"))

        version = d.pop("version")

        made = cls(
            owner_user_id=owner_user_id,
            memory_id=memory_id,
            version=version,
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
