from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="SplitEntity")


@_attrs_define
class SplitEntity:
    """Which name does not mean this entity."""

    user_id: str
    """ The user whose memory it is """
    alias: str
    """ One of its `aliases`, in any case """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        alias = self.alias

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "alias": alias,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("user_id")

        alias = d.pop("alias")

        made = cls(
            user_id=user_id,
            alias=alias,
        )

        return made
