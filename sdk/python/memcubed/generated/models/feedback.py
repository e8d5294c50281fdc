from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Feedback")


@_attrs_define
class Feedback:
    """The feedback as it is kept."""

    retrieval_id: UUID
    """ For feedback, within an hour """
    user_id: str
    """ The user whose memory it is """
    shown: int
    """ How many items were shown """
    cited_ids: list[UUID]
    """ Memories and turns that were used """
    at: datetime.datetime
    """ ISO 8601 with zone """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        retrieval_id = str(self.retrieval_id)

        user_id = self.user_id

        shown = self.shown

        cited_ids = []
        for cited_ids_item_data in self.cited_ids:
            cited_ids_item = str(cited_ids_item_data)
            cited_ids.append(cited_ids_item)

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "retrieval_id": retrieval_id,
                "user_id": user_id,
                "shown": shown,
                "cited_ids": cited_ids,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        retrieval_id = UUID(d.pop("retrieval_id"))

        user_id = d.pop("user_id")

        shown = d.pop("shown")

        cited_ids = []
        _cited_ids = d.pop("cited_ids")
        for cited_ids_item_data in _cited_ids:
            cited_ids_item = UUID(cited_ids_item_data)

            cited_ids.append(cited_ids_item)

        at = datetime.datetime.fromisoformat(d.pop("at").replace("Z", "+00:00"))

        made = cls(
            retrieval_id=retrieval_id,
            user_id=user_id,
            shown=shown,
            cited_ids=cited_ids,
            at=at,
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
