from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.conflict_side import ConflictSide


T = TypeVar("T", bound="Conflict")


@_attrs_define
class Conflict:
    """Current memories that contradict each other; nobody has decided between them."""

    id: UUID
    """ The id of the oldest side; that of any side names the conflict too """
    user_id: str
    """ The user whose memory it is """
    subject: None | str
    """ Whom or what they are about """
    attribute: None | str
    """ The slot that they claim; None when they share none """
    sides: list[ConflictSide]
    """ The memories that can't all be true """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        user_id = self.user_id

        subject: None | str
        subject = self.subject

        attribute: None | str
        attribute = self.attribute

        sides = []
        for sides_item_data in self.sides:
            sides_item = sides_item_data.to_dict()
            sides.append(sides_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "user_id": user_id,
                "subject": subject,
                "attribute": attribute,
                "sides": sides,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.conflict_side import ConflictSide  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        user_id = d.pop("user_id")

        def _parse_subject(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        subject = _parse_subject(d.pop("subject"))

        def _parse_attribute(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        attribute = _parse_attribute(d.pop("attribute"))

        sides = []
        _sides = d.pop("sides")
        for sides_item_data in _sides:
            sides_item = ConflictSide.from_dict(sides_item_data)

            sides.append(sides_item)

        made = cls(
            id=id,
            user_id=user_id,
            subject=subject,
            attribute=attribute,
            sides=sides,
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
