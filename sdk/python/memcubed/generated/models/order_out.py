from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.order import Order, check_order

if TYPE_CHECKING:
    from ..models.evidence import Evidence


T = TypeVar("T", bound="OrderOut")


@_attrs_define
class OrderOut:
    """Which of two came first."""

    answer: Order
    """ Which came first; `same` = at one stated date, `indeterminate` = the dates do not say. """
    first: Evidence
    """ When something was, and how that is known. """
    second: Evidence
    """ When something was, and how that is known. """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answer: str = self.answer

        first = self.first.to_dict()

        second = self.second.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answer": answer,
                "first": first,
                "second": second,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.evidence import Evidence  # noqa: PLC0415

        d = dict(src_dict)
        answer = check_order(d.pop("answer"))

        first = Evidence.from_dict(d.pop("first"))

        second = Evidence.from_dict(d.pop("second"))

        order_out = cls(
            answer=answer,
            first=first,
            second=second,
        )

        order_out.additional_properties = d
        return order_out

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
