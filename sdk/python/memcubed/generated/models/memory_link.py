from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.link_direction import LinkDirection, check_link_direction
from ..models.memory_kind import MemoryKind, check_memory_kind
from ..models.memory_link_type import MemoryLinkType, check_memory_link_type
from ..models.memory_status import MemoryStatus, check_memory_status

T = TypeVar("T", bound="MemoryLink")


@_attrs_define
class MemoryLink:
    """A typed edge between this memory and another one."""

    type_: MemoryLinkType
    """ The typed edges between memories. """
    direction: LinkDirection
    """ Seen from the one asked about: `out` = from it to the other, `in` = the other way round. """
    weight: float
    """ 0 to 1; for `relates` the cosine at the time """
    created_by: str
    """ Who made it: a stage of the pipeline, or a rule """
    at: datetime.datetime
    """ ISO 8601 with zone """
    dismissed_at: datetime.datetime | None
    """ When a contradiction was dismissed """
    memory_id: UUID
    """ The other memory """
    kind: MemoryKind
    """ What a memory is about. """
    status: MemoryStatus
    """ Where a memory is in its life. `superseded` = no longer true; `archived` = true but cold. """
    content: str
    """ The statement, in words """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_: str = self.type_

        direction: str = self.direction

        weight = self.weight

        created_by = self.created_by

        at = self.at.isoformat()

        dismissed_at: None | str
        if isinstance(self.dismissed_at, datetime.datetime):
            dismissed_at = self.dismissed_at.isoformat()
        else:
            dismissed_at = self.dismissed_at

        memory_id = str(self.memory_id)

        kind: str = self.kind

        status: str = self.status

        content = self.content

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
                "direction": direction,
                "weight": weight,
                "created_by": created_by,
                "at": at,
                "dismissed_at": dismissed_at,
                "memory_id": memory_id,
                "kind": kind,
                "status": status,
                "content": content,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        type_ = check_memory_link_type(d.pop("type"))

        direction = check_link_direction(d.pop("direction"))

        weight = d.pop("weight")

        created_by = d.pop("created_by")

        at = datetime.datetime.fromisoformat(d.pop("at").replace("Z", "+00:00"))

        def _parse_dismissed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                dismissed_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return dismissed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        dismissed_at = _parse_dismissed_at(d.pop("dismissed_at"))

        memory_id = UUID(d.pop("memory_id"))

        kind = check_memory_kind(d.pop("kind"))

        status = check_memory_status(d.pop("status"))

        content = d.pop("content")

        made = cls(
            type_=type_,
            direction=direction,
            weight=weight,
            created_by=created_by,
            at=at,
            dismissed_at=dismissed_at,
            memory_id=memory_id,
            kind=kind,
            status=status,
            content=content,
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
