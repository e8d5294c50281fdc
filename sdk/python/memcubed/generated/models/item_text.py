from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="ItemText")


@_attrs_define
class ItemText:
    """A text by which an item is found; the service embeds it."""

    path: str
    """ Names the text within the item; the same path again replaces it """
    text: str
    """ What is embedded """

    def to_dict(self) -> dict[str, Any]:
        path = self.path

        text = self.text

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "path": path,
                "text": text,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        path = d.pop("path")

        text = d.pop("text")

        made = cls(
            path=path,
            text=text,
        )

        return made
