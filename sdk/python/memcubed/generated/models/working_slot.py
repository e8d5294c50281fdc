from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_kind import MemoryKind, check_memory_kind

T = TypeVar("T", bound="WorkingSlot")


@_attrs_define
class WorkingSlot:
    """A memory that the session is working with."""

    memory_id: UUID
    """ The memory """
    kind: MemoryKind
    """ What a memory is about. """
    content: str
    """ The statement, in words """
    version: int
    """ The version, to be sent as If-Match with a change """
    score: float
    """ What is left of its uses in the last turns, times 0.5 + importance """
    used_at: datetime.datetime
    """ When the last turn was said that says it or was shown it """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        memory_id = str(self.memory_id)

        kind: str = self.kind

        content = self.content

        version = self.version

        score = self.score

        used_at = self.used_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "memory_id": memory_id,
                "kind": kind,
                "content": content,
                "version": version,
                "score": score,
                "used_at": used_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        memory_id = UUID(d.pop("memory_id"))

        kind = check_memory_kind(d.pop("kind"))

        content = d.pop("content")

        version = d.pop("version")

        score = d.pop("score")

        used_at = datetime.datetime.fromisoformat(d.pop("used_at").replace("Z", "+00:00"))

        made = cls(
            memory_id=memory_id,
            kind=kind,
            content=content,
            version=version,
            score=score,
            used_at=used_at,
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
