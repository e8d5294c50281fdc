from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_origin import MemoryOrigin, check_memory_origin
from ..models.volatility import Volatility, check_volatility

if TYPE_CHECKING:
    from ..models.memory_source import MemorySource


T = TypeVar("T", bound="ConflictSide")


@_attrs_define
class ConflictSide:
    """One of the memories that can't all be true, with who said it when."""

    memory_id: UUID
    """ The memory """
    content: str
    """ The statement, in words """
    value: None | str
    """ The value of the slot, such as `oslo` """
    origin: MemoryOrigin
    """ Whose word an assertion is; by authority: edit, user, tool, assistant, copy, inference. """
    confidence: float
    """ 0 to 1: how sure it is that this is so """
    volatility: Volatility
    """ How easily a memory stops being true; `disputable` = another one contradicts it. """
    valid_from: datetime.datetime | None
    """ From when on it is true """
    holds: bool
    """ Whether it holds the slot until the conflict is decided """
    version: int
    """ The version, to be sent as If-Match with a change """
    first_said: datetime.datetime | None
    """ When it was said for the first time """
    last_said: datetime.datetime | None
    """ When it was said for the last time """
    sources: list[MemorySource]
    """ The turns that say it, newest first """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        memory_id = str(self.memory_id)

        content = self.content

        value: None | str
        value = self.value

        origin: str = self.origin

        confidence = self.confidence

        volatility: str = self.volatility

        valid_from: None | str
        if isinstance(self.valid_from, datetime.datetime):
            valid_from = self.valid_from.isoformat()
        else:
            valid_from = self.valid_from

        holds = self.holds

        version = self.version

        first_said: None | str
        if isinstance(self.first_said, datetime.datetime):
            first_said = self.first_said.isoformat()
        else:
            first_said = self.first_said

        last_said: None | str
        if isinstance(self.last_said, datetime.datetime):
            last_said = self.last_said.isoformat()
        else:
            last_said = self.last_said

        sources = []
        for sources_item_data in self.sources:
            sources_item = sources_item_data.to_dict()
            sources.append(sources_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "memory_id": memory_id,
                "content": content,
                "value": value,
                "origin": origin,
                "confidence": confidence,
                "volatility": volatility,
                "valid_from": valid_from,
                "holds": holds,
                "version": version,
                "first_said": first_said,
                "last_said": last_said,
                "sources": sources,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.memory_source import MemorySource  # noqa: PLC0415

        d = dict(src_dict)
        memory_id = UUID(d.pop("memory_id"))

        content = d.pop("content")

        def _parse_value(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        value = _parse_value(d.pop("value"))

        origin = check_memory_origin(d.pop("origin"))

        confidence = d.pop("confidence")

        volatility = check_volatility(d.pop("volatility"))

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

        holds = d.pop("holds")

        version = d.pop("version")

        def _parse_first_said(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                first_said_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return first_said_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        first_said = _parse_first_said(d.pop("first_said"))

        def _parse_last_said(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_said_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return last_said_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        last_said = _parse_last_said(d.pop("last_said"))

        sources = []
        _sources = d.pop("sources")
        for sources_item_data in _sources:
            sources_item = MemorySource.from_dict(sources_item_data)

            sources.append(sources_item)

        made = cls(
            memory_id=memory_id,
            content=content,
            value=value,
            origin=origin,
            confidence=confidence,
            volatility=volatility,
            valid_from=valid_from,
            holds=holds,
            version=version,
            first_said=first_said,
            last_said=last_said,
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
