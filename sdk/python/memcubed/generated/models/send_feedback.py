from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="SendFeedback")


@_attrs_define
class SendFeedback:
    """What an answer used of what a search or a context showed."""

    cited_ids: list[UUID]
    """ Memories and turns that were used; empty = none of them was of use """

    def to_dict(self) -> dict[str, Any]:
        cited_ids = []
        for cited_ids_item_data in self.cited_ids:
            cited_ids_item = str(cited_ids_item_data)
            cited_ids.append(cited_ids_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "cited_ids": cited_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        cited_ids = []
        _cited_ids = d.pop("cited_ids")
        for cited_ids_item_data in _cited_ids:
            cited_ids_item = UUID(cited_ids_item_data)

            cited_ids.append(cited_ids_item)

        made = cls(
            cited_ids=cited_ids,
        )

        return made
