from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.link_direction import LinkDirection, check_link_direction
from ..models.memory_status import MemoryStatus, check_memory_status

if TYPE_CHECKING:
    from ..models.entity import Entity


T = TypeVar("T", bound="EntityNeighbour")


@_attrs_define
class EntityNeighbour:
    """Another entity and the memory that relates the two."""

    relation: str
    """ A role (`manager`), an attribute (`employer`, `pet:dog`), or `mentioned_with` """
    direction: LinkDirection
    """ Seen from the one asked about: `out` = from it to the other, `in` = the other way round. """
    entity: Entity
    """ Who or what a user's memories name, or named once. """
    memory_id: UUID
    """ The memory """
    content: str
    """ The statement, in words """
    status: MemoryStatus
    """ Where a memory is in its life. `superseded` = no longer true; `archived` = true but cold. """
    valid_from: datetime.datetime | None
    """ From when on it is true """
    valid_to: datetime.datetime | None
    """ Until when it is true; null = it still is """
    confidence: float
    """ 0 to 1: how sure it is that this is so """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        relation = self.relation

        direction: str = self.direction

        entity = self.entity.to_dict()

        memory_id = str(self.memory_id)

        content = self.content

        status: str = self.status

        valid_from: None | str
        if isinstance(self.valid_from, datetime.datetime):
            valid_from = self.valid_from.isoformat()
        else:
            valid_from = self.valid_from

        valid_to: None | str
        if isinstance(self.valid_to, datetime.datetime):
            valid_to = self.valid_to.isoformat()
        else:
            valid_to = self.valid_to

        confidence = self.confidence

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "relation": relation,
                "direction": direction,
                "entity": entity,
                "memory_id": memory_id,
                "content": content,
                "status": status,
                "valid_from": valid_from,
                "valid_to": valid_to,
                "confidence": confidence,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.entity import Entity  # noqa: PLC0415

        d = dict(src_dict)
        relation = d.pop("relation")

        direction = check_link_direction(d.pop("direction"))

        entity = Entity.from_dict(d.pop("entity"))

        memory_id = UUID(d.pop("memory_id"))

        content = d.pop("content")

        status = check_memory_status(d.pop("status"))

        def _parse_valid_from(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_from_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return valid_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        valid_from = _parse_valid_from(d.pop("valid_from"))

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

        confidence = d.pop("confidence")

        made = cls(
            relation=relation,
            direction=direction,
            entity=entity,
            memory_id=memory_id,
            content=content,
            status=status,
            valid_from=valid_from,
            valid_to=valid_to,
            confidence=confidence,
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
