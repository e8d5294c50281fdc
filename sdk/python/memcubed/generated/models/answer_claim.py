from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="AnswerClaim")


@_attrs_define
class AnswerClaim:
    """One sentence of the answer, and what it rests on."""

    text: str
    """ The sentence """
    cited_ids: list[UUID]
    """ Ids of items that the model was shown """
    supported: bool
    """ Whether it cites anything; only then is it part of `answer` """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        cited_ids = []
        for cited_ids_item_data in self.cited_ids:
            cited_ids_item = str(cited_ids_item_data)
            cited_ids.append(cited_ids_item)

        supported = self.supported

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
                "cited_ids": cited_ids,
                "supported": supported,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        text = d.pop("text")

        cited_ids = []
        _cited_ids = d.pop("cited_ids")
        for cited_ids_item_data in _cited_ids:
            cited_ids_item = UUID(cited_ids_item_data)

            cited_ids.append(cited_ids_item)

        supported = d.pop("supported")

        made = cls(
            text=text,
            cited_ids=cited_ids,
            supported=supported,
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
