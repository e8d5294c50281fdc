from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="CalledTool")


@_attrs_define
class CalledTool:
    """A tool with free input that the model calls."""

    name: str
    """ Its name """
    input_: str
    """ What it was called with """

    def to_dict(self) -> dict[str, Any]:
        name = self.name

        input_ = self.input_

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "name": name,
                "input": input_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        name = d.pop("name")

        input_ = d.pop("input")

        made = cls(
            name=name,
            input_=input_,
        )

        return made
