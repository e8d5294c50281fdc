from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.erased_part import ErasedPart
    from ..models.erasure_subject import ErasureSubject


T = TypeVar("T", bound="Erasure")


@_attrs_define
class Erasure:
    """An erasure as it stands: what is done, and what is due by when."""

    id: UUID
    """ Its id """
    erased_at: datetime.datetime
    """ ISO 8601 with zone """
    subject: ErasureSubject
    """ Proof of whom an erasure was of, for those who have the id: nobody can read it from this.

    `hash` = scrypt(UTF-8 of the user_id, salt, n=16384, r=8, p=1, 32 bytes), both in hexadecimal digits. Of a
    session it is that of the user_id, a line feed, and the session_id. """
    rows: Any
    """ Rows erased, by table """
    copies: int
    """ Memories of other users that went: copied from this one's, or made of those """
    remaining: int | None
    """ Rows and values in Redis that still name the user, counted after the erasure: 0; null = not counted, as
    Redis did not answer or the process ended before """
    parts: list[ErasedPart]
    """ What is done about each place where words may be """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        erased_at = self.erased_at.isoformat()

        subject = self.subject.to_dict()

        rows = self.rows

        copies = self.copies

        remaining: int | None
        remaining = self.remaining

        parts = []
        for parts_item_data in self.parts:
            parts_item = parts_item_data.to_dict()
            parts.append(parts_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "erased_at": erased_at,
                "subject": subject,
                "rows": rows,
                "copies": copies,
                "remaining": remaining,
                "parts": parts,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.erased_part import ErasedPart  # noqa: PLC0415
        from ..models.erasure_subject import ErasureSubject  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        erased_at = datetime.datetime.fromisoformat(d.pop("erased_at").replace("Z", "+00:00"))

        subject = ErasureSubject.from_dict(d.pop("subject"))

        rows = d.pop("rows")

        copies = d.pop("copies")

        def _parse_remaining(data: object) -> int | None:
            if data is None:
                return data
            return cast("int | None", data)

        remaining = _parse_remaining(d.pop("remaining"))

        parts = []
        _parts = d.pop("parts")
        for parts_item_data in _parts:
            parts_item = ErasedPart.from_dict(parts_item_data)

            parts.append(parts_item)

        made = cls(
            id=id,
            erased_at=erased_at,
            subject=subject,
            rows=rows,
            copies=copies,
            remaining=remaining,
            parts=parts,
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
