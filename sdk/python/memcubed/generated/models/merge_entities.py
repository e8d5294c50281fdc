from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define

T = TypeVar("T", bound="MergeEntities")


@_attrs_define
class MergeEntities:
    """Which entity is the same as this one."""

    user_id: str
    """ The user whose memory it is """
    into: UUID
    """ The entity that both are from here on """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        into = str(self.into)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "into": into,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("user_id")

        into = UUID(d.pop("into"))

        made = cls(
            user_id=user_id,
            into=into,
        )

        return made
