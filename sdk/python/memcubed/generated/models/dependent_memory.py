from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_kind import MemoryKind, check_memory_kind
from ..models.memory_status import MemoryStatus, check_memory_status

T = TypeVar("T", bound="DependentMemory")


@_attrs_define
class DependentMemory:
    """A memory that was derived from this one, directly (depth 1) or through others."""

    memory_id: UUID
    """ The memory """
    depth: int
    """ The shortest way, at most 8 """
    kind: MemoryKind
    """ What a memory is about. """
    status: MemoryStatus
    """ Where a memory is in its life. `superseded` = no longer true; `archived` = true but cold. """
    stale: bool
    """ Whether a source changed since it was derived """
    content: str
    """ The statement, in words """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        memory_id = str(self.memory_id)

        depth = self.depth

        kind: str = self.kind

        status: str = self.status

        stale = self.stale

        content = self.content

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "memory_id": memory_id,
                "depth": depth,
                "kind": kind,
                "status": status,
                "stale": stale,
                "content": content,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        memory_id = UUID(d.pop("memory_id"))

        depth = d.pop("depth")

        kind = check_memory_kind(d.pop("kind"))

        status = check_memory_status(d.pop("status"))

        stale = d.pop("stale")

        content = d.pop("content")

        made = cls(
            memory_id=memory_id,
            depth=depth,
            kind=kind,
            status=status,
            stale=stale,
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
