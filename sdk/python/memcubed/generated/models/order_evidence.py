from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.dated_by import DatedBy, check_dated_by
from ..models.item_type import ItemType, check_item_type

T = TypeVar("T", bound="OrderEvidence")


@_attrs_define
class OrderEvidence:
    """When something was, and how that is known."""

    id: UUID
    """ Its id """
    type_: ItemType
    """ What an item of an answer is. """
    content: str
    """ The statement, in words """
    from_: datetime.datetime
    """ ISO 8601 with zone """
    to: datetime.datetime
    """ Exclusive; the same as `from` for a moment """
    dated_by: DatedBy
    """ How it is known when something was: `event` = the date was stated, `log` = it was said then. """
    session_id: None | str
    """ The session of the turn that dates it """
    position: int | None
    """ The turn's place in that session """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        type_: str = self.type_

        content = self.content

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        dated_by: str = self.dated_by

        session_id: None | str
        session_id = self.session_id

        position: int | None
        position = self.position

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "content": content,
                "from": from_,
                "to": to,
                "dated_by": dated_by,
                "session_id": session_id,
                "position": position,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = check_item_type(d.pop("type"))

        content = d.pop("content")

        from_ = datetime.datetime.fromisoformat(d.pop("from").replace("Z", "+00:00"))

        to = datetime.datetime.fromisoformat(d.pop("to").replace("Z", "+00:00"))

        dated_by = check_dated_by(d.pop("dated_by"))

        def _parse_session_id(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        session_id = _parse_session_id(d.pop("session_id"))

        def _parse_position(data: object) -> int | None:
            if data is None:
                return data
            return cast("int | None", data)

        position = _parse_position(d.pop("position"))

        made = cls(
            id=id,
            type_=type_,
            content=content,
            from_=from_,
            to=to,
            dated_by=dated_by,
            session_id=session_id,
            position=position,
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
