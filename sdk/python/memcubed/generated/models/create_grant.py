from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.grant_right import GrantRight, check_grant_right
from ..models.memory_kind import MemoryKind, check_memory_kind
from ..types import UNSET, Unset

T = TypeVar("T", bound="CreateGrant")


@_attrs_define
class CreateGrant:
    """Lets another user read or copy memories; what is covered passes all of the filters that are given."""

    owner_user_id: str
    """ Whose memories they are """
    grantee_user_id: str
    """ Who may read or copy them """
    right: GrantRight | Unset = UNSET
    """ What a grant lets its grantee do with the memories; `copy` includes `read`. """
    memory_ids: list[UUID] | None | Unset = UNSET
    """ Only these memories """
    kinds: list[MemoryKind] | None | Unset = UNSET
    """ Memories of one of these kinds """
    tags: list[str] | None | Unset = UNSET
    """ Memories with all of these tags """
    expires_at: datetime.datetime | None | Unset = UNSET
    """ When it ends by itself; null = never """

    def to_dict(self) -> dict[str, Any]:
        owner_user_id = self.owner_user_id

        grantee_user_id = self.grantee_user_id

        right: str | Unset = UNSET
        if not isinstance(self.right, Unset):
            right = self.right

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

        kinds: list[str] | None | Unset
        if isinstance(self.kinds, Unset):
            kinds = UNSET
        elif isinstance(self.kinds, list):
            kinds = []
            for kinds_type_0_item_data in self.kinds:
                kinds_type_0_item: str = kinds_type_0_item_data
                kinds.append(kinds_type_0_item)

        else:
            kinds = self.kinds

        tags: list[str] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "owner_user_id": owner_user_id,
                "grantee_user_id": grantee_user_id,
            }
        )
        if right is not UNSET:
            field_dict["right"] = right
        if memory_ids is not UNSET:
            field_dict["memory_ids"] = memory_ids
        if kinds is not UNSET:
            field_dict["kinds"] = kinds
        if tags is not UNSET:
            field_dict["tags"] = tags
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        owner_user_id = d.pop("owner_user_id")

        grantee_user_id = d.pop("grantee_user_id")

        _right = d.pop("right", UNSET)
        right: GrantRight | Unset
        if isinstance(_right, Unset):
            right = UNSET
        else:
            right = check_grant_right(_right)

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

        def _parse_kinds(data: object) -> list[MemoryKind] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                kinds_type_0 = []
                _kinds_type_0 = data
                for kinds_type_0_item_data in _kinds_type_0:
                    kinds_type_0_item = check_memory_kind(kinds_type_0_item_data)

                    kinds_type_0.append(kinds_type_0_item)

                return kinds_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[MemoryKind] | None | Unset", data)

        kinds = _parse_kinds(d.pop("kinds", UNSET))

        def _parse_tags(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast("list[str]", data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[str] | None | Unset", data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        made = cls(
            owner_user_id=owner_user_id,
            grantee_user_id=grantee_user_id,
            right=right,
            memory_ids=memory_ids,
            kinds=kinds,
            tags=tags,
            expires_at=expires_at,
        )

        return made
