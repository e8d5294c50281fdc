from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.match_type import MatchType, check_match_type

T = TypeVar("T", bound="NamespaceMatch")


@_attrs_define
class NamespaceMatch:
    """What a namespace must begin or end with."""

    match_type: MatchType
    """ Where the labels of a namespace are compared. """
    path: list[str]
    """ The labels; `*` stands for any one label """

    def to_dict(self) -> dict[str, Any]:
        match_type: str = self.match_type

        path = self.path

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "match_type": match_type,
                "path": path,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        match_type = check_match_type(d.pop("match_type"))

        path = cast("list[str]", d.pop("path"))

        made = cls(
            match_type=match_type,
            path=path,
        )

        return made
