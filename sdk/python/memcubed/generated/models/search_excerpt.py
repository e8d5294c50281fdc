from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.text_span import TextSpan


T = TypeVar("T", bound="SearchExcerpt")


@_attrs_define
class SearchExcerpt:
    """The sentences of a long content that answer the question best."""

    text: str
    """ The parts in their order, with an ellipsis for what was left out """
    spans: list[TextSpan]
    """ Where the parts stand in `content` """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        spans = []
        for spans_item_data in self.spans:
            spans_item = spans_item_data.to_dict()
            spans.append(spans_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
                "spans": spans,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.text_span import TextSpan  # noqa: PLC0415

        d = dict(src_dict)
        text = d.pop("text")

        spans = []
        _spans = d.pop("spans")
        for spans_item_data in _spans:
            spans_item = TextSpan.from_dict(spans_item_data)

            spans.append(spans_item)

        made = cls(
            text=text,
            spans=spans,
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
