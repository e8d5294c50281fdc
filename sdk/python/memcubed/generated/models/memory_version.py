from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_operation import MemoryOperation, check_memory_operation

if TYPE_CHECKING:
    from ..models.memory_snapshot import MemorySnapshot


T = TypeVar("T", bound="MemoryVersion")


@_attrs_define
class MemoryVersion:
    """One change of a memory."""

    memory_id: UUID
    """ The memory """
    version: int
    """ The number of the version, from 1 on """
    op: MemoryOperation
    """ What a version did to a memory; `other` stands for another word that an upgrade found. """
    actor: str
    """ Who did it: `key:<id>` or a stage of the pipeline """
    reason: None | str
    """ Why """
    model: None | str
    """ The model that proposed it; null when none did """
    at: datetime.datetime
    """ ISO 8601 with zone """
    snapshot: MemorySnapshot
    """ What a version kept of the memory; those of earlier releases and of bundles may have other fields. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        memory_id = str(self.memory_id)

        version = self.version

        op: str = self.op

        actor = self.actor

        reason: None | str
        reason = self.reason

        model: None | str
        model = self.model

        at = self.at.isoformat()

        snapshot = self.snapshot.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "memory_id": memory_id,
                "version": version,
                "op": op,
                "actor": actor,
                "reason": reason,
                "model": model,
                "at": at,
                "snapshot": snapshot,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.memory_snapshot import MemorySnapshot  # noqa: PLC0415

        d = dict(src_dict)
        memory_id = UUID(d.pop("memory_id"))

        version = d.pop("version")

        op = check_memory_operation(d.pop("op"))

        actor = d.pop("actor")

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_model(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        model = _parse_model(d.pop("model"))

        at = datetime.datetime.fromisoformat(d.pop("at").replace("Z", "+00:00"))

        snapshot = MemorySnapshot.from_dict(d.pop("snapshot"))

        made = cls(
            memory_id=memory_id,
            version=version,
            op=op,
            actor=actor,
            reason=reason,
            model=model,
            at=at,
            snapshot=snapshot,
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
