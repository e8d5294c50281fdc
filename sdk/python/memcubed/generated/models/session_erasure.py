from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.erased_part import ErasedPart


T = TypeVar("T", bound="SessionErasure")


@_attrs_define
class SessionErasure:
    """What was erased of a session; a session that is not there (any more) has only zeros."""

    user_id: str
    """ The user whose memory it is """
    session_id: str
    """ The conversation """
    erasure_id: None | UUID
    """ Its receipt, as `GET /v1/erasures/{id}` tells it again; null = there was nothing """
    erased_at: datetime.datetime | None
    """ When it was erased """
    rows: Any
    """ Rows of the session erased, by table """
    memories: int
    """ Memories that only this session said, or that were made of those """
    memories_kept: int
    """ Memories that lost a source here and have another one """
    remaining: int | None
    """ Rows that still name the session, and the user's values in Redis, counted after the erasure: 0; null = Redis
    did not answer """
    parts: list[ErasedPart]
    """ What is done about each place where words may be """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        session_id = self.session_id

        erasure_id: None | str
        if isinstance(self.erasure_id, UUID):
            erasure_id = str(self.erasure_id)
        else:
            erasure_id = self.erasure_id

        erased_at: None | str
        if isinstance(self.erased_at, datetime.datetime):
            erased_at = self.erased_at.isoformat()
        else:
            erased_at = self.erased_at

        rows = self.rows

        memories = self.memories

        memories_kept = self.memories_kept

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
                "user_id": user_id,
                "session_id": session_id,
                "erasure_id": erasure_id,
                "erased_at": erased_at,
                "rows": rows,
                "memories": memories,
                "memories_kept": memories_kept,
                "remaining": remaining,
                "parts": parts,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.erased_part import ErasedPart  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        session_id = d.pop("session_id")

        def _parse_erasure_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                erasure_id_type_0 = UUID(data)

                return erasure_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | UUID", data)

        erasure_id = _parse_erasure_id(d.pop("erasure_id"))

        def _parse_erased_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                erased_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return erased_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        erased_at = _parse_erased_at(d.pop("erased_at"))

        rows = d.pop("rows")

        memories = d.pop("memories")

        memories_kept = d.pop("memories_kept")

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
            user_id=user_id,
            session_id=session_id,
            erasure_id=erasure_id,
            erased_at=erased_at,
            rows=rows,
            memories=memories,
            memories_kept=memories_kept,
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
