from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="ItemVector")


@_attrs_define
class ItemVector:
    """A vector by which an item is found, made by the client."""

    path: str
    """ Names the vector within the item """
    vector: list[float]
    """ Made by the client's own model; compared only with vectors of as many dimensions """

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        vector = self.vector

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "vector": vector,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        path = d.pop("path")

        vector = cast("list[float]", d.pop("vector"))

        made = cls(
            path=path,
            vector=vector,
        )

        return made
