from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Snapshot")


@_attrs_define
class Snapshot:
    """A moment that the memory can be rolled back to."""

    id: UUID
    """ Its id """
    user_id: str
    """ The user whose memory it is """
    name: None | str
    """ Its name """
    known_at: datetime.datetime
    """ Ask `known_at` with it to see the memory of that moment """
    actor: str
    """ Who did it: `key:<id>` or a stage of the pipeline """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        user_id = self.user_id

        name: None | str
        name = self.name

        known_at = self.known_at.isoformat()

        actor = self.actor

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "user_id": user_id,
                "name": name,
                "known_at": known_at,
                "actor": actor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        user_id = d.pop("user_id")

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        name = _parse_name(d.pop("name"))

        known_at = datetime.datetime.fromisoformat(d.pop("known_at").replace("Z", "+00:00"))

        actor = d.pop("actor")

        made = cls(
            id=id,
            user_id=user_id,
            name=name,
            known_at=known_at,
            actor=actor,
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
