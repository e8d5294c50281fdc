from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.derived_memory_source import DerivedMemorySource
    from ..models.memory import Memory


T = TypeVar("T", bound="DerivedMemory")


@_attrs_define
class DerivedMemory:
    """A derived memory with its sources; while it is stale its text is withheld until it is made again."""

    user_id: str
    """ The user whose memory it is """
    stale: bool
    """ A source changed; a job makes it again """
    memory: Memory | None
    """ The derived memory; null while it is stale """
    sources: list[DerivedMemorySource]
    """ What it was derived from, the oldest first """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.memory import Memory  # noqa: PLC0415

        user_id = self.user_id

        stale = self.stale

        memory: dict[str, Any] | None
        if isinstance(self.memory, Memory):
            memory = self.memory.to_dict()
        else:
            memory = self.memory

        sources = []
        for sources_item_data in self.sources:
            sources_item = sources_item_data.to_dict()
            sources.append(sources_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "stale": stale,
                "memory": memory,
                "sources": sources,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.derived_memory_source import DerivedMemorySource  # noqa: PLC0415
        from ..models.memory import Memory  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        stale = d.pop("stale")

        def _parse_memory(data: object) -> Memory | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                memory_type_0 = Memory.from_dict(data)

                return memory_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("Memory | None", data)

        memory = _parse_memory(d.pop("memory"))

        sources = []
        _sources = d.pop("sources")
        for sources_item_data in _sources:
            sources_item = DerivedMemorySource.from_dict(sources_item_data)

            sources.append(sources_item)

        made = cls(
            user_id=user_id,
            stale=stale,
            memory=memory,
            sources=sources,
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
