from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.grant_right import GrantRight, check_grant_right
from ..models.memory_kind import MemoryKind, check_memory_kind

T = TypeVar("T", bound="Grant")


@_attrs_define
class Grant:
    """A grant as it is now."""

    id: UUID
    """ Its id """
    owner_user_id: str
    """ Whose memories they are """
    grantee_user_id: str
    """ Who may read or copy them """
    right: GrantRight
    """ What a grant lets its grantee do with the memories; `copy` includes `read`. """
    memory_ids: list[UUID] | None
    """ The memories that are covered; null = all that pass the other filters """
    kinds: list[MemoryKind] | None
    """ Only memories of one of these kinds """
    tags: list[str] | None
    """ Labels, to filter by """
    actor: str
    """ Who did it: `key:<id>` or a stage of the pipeline """
    created_at: datetime.datetime
    """ When it was made """
    expires_at: datetime.datetime | None
    """ When it ends by itself; null = never """
    revoked_at: datetime.datetime | None
    """ When it was revoked; null = it was not """
    active: bool
    """ In force: neither revoked nor expired """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        owner_user_id = self.owner_user_id

        grantee_user_id = self.grantee_user_id

        right: str = self.right

        memory_ids: list[str] | None
        if isinstance(self.memory_ids, list):
            memory_ids = []
            for memory_ids_type_0_item_data in self.memory_ids:
                memory_ids_type_0_item = str(memory_ids_type_0_item_data)
                memory_ids.append(memory_ids_type_0_item)

        else:
            memory_ids = self.memory_ids

        kinds: list[str] | None
        if isinstance(self.kinds, list):
            kinds = []
            for kinds_type_0_item_data in self.kinds:
                kinds_type_0_item: str = kinds_type_0_item_data
                kinds.append(kinds_type_0_item)

        else:
            kinds = self.kinds

        tags: list[str] | None
        if isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        actor = self.actor

        created_at = self.created_at.isoformat()

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        revoked_at: None | str
        if isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        active = self.active

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "owner_user_id": owner_user_id,
                "grantee_user_id": grantee_user_id,
                "right": right,
                "memory_ids": memory_ids,
                "kinds": kinds,
                "tags": tags,
                "actor": actor,
                "created_at": created_at,
                "expires_at": expires_at,
                "revoked_at": revoked_at,
                "active": active,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        owner_user_id = d.pop("owner_user_id")

        grantee_user_id = d.pop("grantee_user_id")

        right = check_grant_right(d.pop("right"))

        def _parse_memory_ids(data: object) -> list[UUID] | None:
            if data is None:
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
            return cast("list[UUID] | None", data)

        memory_ids = _parse_memory_ids(d.pop("memory_ids"))

        def _parse_kinds(data: object) -> list[MemoryKind] | None:
            if data is None:
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
            return cast("list[MemoryKind] | None", data)

        kinds = _parse_kinds(d.pop("kinds"))

        def _parse_tags(data: object) -> list[str] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast("list[str]", data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[str] | None", data)

        tags = _parse_tags(d.pop("tags"))

        actor = d.pop("actor")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at").replace("Z", "+00:00"))

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        def _parse_revoked_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                revoked_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return revoked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        revoked_at = _parse_revoked_at(d.pop("revoked_at"))

        active = d.pop("active")

        made = cls(
            id=id,
            owner_user_id=owner_user_id,
            grantee_user_id=grantee_user_id,
            right=right,
            memory_ids=memory_ids,
            kinds=kinds,
            tags=tags,
            actor=actor,
            created_at=created_at,
            expires_at=expires_at,
            revoked_at=revoked_at,
            active=active,
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
