from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entity_type import EntityType, check_entity_type

T = TypeVar("T", bound="Entity")


@_attrs_define
class Entity:
    """Who or what a user's memories name, or named once."""

    id: UUID
    """ The same for one user and one name, whatever the spelling """
    name: str
    """ As it is most often spelt """
    type_: EntityType | None
    """ As far as relations tell """
    memories: int
    """ How many current memories name it """
    aliases: list[str]
    """ Its other names, in lower case; the user's own person is `user` """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name = self.name

        type_: None | str
        if isinstance(self.type_, str):
            type_ = self.type_
        else:
            type_ = self.type_

        memories = self.memories

        aliases = self.aliases

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "type": type_,
                "memories": memories,
                "aliases": aliases,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        name = d.pop("name")

        def _parse_type_(data: object) -> EntityType | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                type_type_0 = check_entity_type(data)

                return type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("EntityType | None", data)

        type_ = _parse_type_(d.pop("type"))

        memories = d.pop("memories")

        aliases = cast("list[str]", d.pop("aliases"))

        made = cls(
            id=id,
            name=name,
            type_=type_,
            memories=memories,
            aliases=aliases,
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
