from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="CopyMemories")


@_attrs_define
class CopyMemories:
    """What to copy from `owner_user_id` into the memory of `user_id`."""

    user_id: str
    """ Whose memory is written: the grantee """
    owner_user_id: str
    """ Whose memories are copied """
    memory_ids: list[UUID] | None | Unset = UNSET
    """ Default: all that grants with the right `copy` cover, but for what is derived """
    cursor: None | str | Unset = UNSET
    """ `next_cursor` of the answer before """
    limit: int | Unset = UNSET
    """ How many to copy at once; default: `200` """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        owner_user_id = self.owner_user_id

        memory_ids: list[str] | None | Unset
        if isinstance(self.memory_ids, Unset):
            memory_ids = UNSET
        elif isinstance(self.memory_ids, list):
            memory_ids = []
            for memory_ids_type_0_item_data in self.memory_ids:
                memory_ids_type_0_item = str(memory_ids_type_0_item_data)
                memory_ids.append(memory_ids_type_0_item)

        else:
            memory_ids = self.memory_ids

        cursor: None | str | Unset
        if isinstance(self.cursor, Unset):
            cursor = UNSET
        else:
            cursor = self.cursor

        limit = self.limit

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "owner_user_id": owner_user_id,
            }
        )
        if memory_ids is not UNSET:
            field_dict["memory_ids"] = memory_ids
        if cursor is not UNSET:
            field_dict["cursor"] = cursor
        if limit is not UNSET:
            field_dict["limit"] = limit

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("user_id")

        owner_user_id = d.pop("owner_user_id")

        def _parse_memory_ids(data: object) -> list[UUID] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                memory_ids_type_0 = []
                _memory_ids_type_0 = data
                for memory_ids_type_0_item_data in _memory_ids_type_0:
                    memory_ids_type_0_item = UUID(memory_ids_type_0_item_data)

                    memory_ids_type_0.append(memory_ids_type_0_item)

                return memory_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[UUID] | None | Unset", data)

        memory_ids = _parse_memory_ids(d.pop("memory_ids", UNSET))

        def _parse_cursor(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        cursor = _parse_cursor(d.pop("cursor", UNSET))

        limit = d.pop("limit", UNSET)

        made = cls(
            user_id=user_id,
            owner_user_id=owner_user_id,
            memory_ids=memory_ids,
            cursor=cursor,
            limit=limit,
        )

        return made
