from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.order_answer import OrderAnswer, check_order_answer

if TYPE_CHECKING:
    from ..models.order_evidence import OrderEvidence


T = TypeVar("T", bound="OrderComparison")


@_attrs_define
class OrderComparison:
    """Which of two came first."""

    answer: OrderAnswer
    """ Which came first; `same` = at one stated date, `indeterminate` = the dates do not say. """
    first: OrderEvidence
    """ When something was, and how that is known. """
    second: OrderEvidence
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
        from ..models.order_evidence import OrderEvidence  # noqa: PLC0415

        d = dict(src_dict)
        answer = check_order_answer(d.pop("answer"))

        first = OrderEvidence.from_dict(d.pop("first"))

        second = OrderEvidence.from_dict(d.pop("second"))

        made = cls(
            answer=answer,
            first=first,
            second=second,
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
