from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.turn_role import TurnRole, check_turn_role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.copied_from import CopiedFrom


T = TypeVar("T", bound="MemorySource")


@_attrs_define
class MemorySource:
    """Where a memory comes from: a turn and the words in it that say so."""

    quote: str
    """ The words that say so """
    turn_id: None | Unset | UUID = UNSET
    """ None for what was edited, posted as a ready-made memory, copied or shared """
    ref: None | str | Unset = UNSET
    """ The client's own id of the turn """
    session_id: None | str | Unset = UNSET
    """ The conversation """
    observed_at: datetime.datetime | None | Unset = UNSET
    """ When it was said, on the clock of who said it """
    role: None | TurnRole | Unset = UNSET
    """ Who spoke """
    name: None | str | Unset = UNSET
    """ The speaker's name """
    copied_from: CopiedFrom | None | Unset = UNSET
    """ The memory of another user that it is a copy of """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.copied_from import CopiedFrom  # noqa: PLC0415

        quote = self.quote

        turn_id: None | str | Unset
        if isinstance(self.turn_id, Unset):
            turn_id = UNSET
        elif isinstance(self.turn_id, UUID):
            turn_id = str(self.turn_id)
        else:
            turn_id = self.turn_id

        ref: None | str | Unset
        if isinstance(self.ref, Unset):
            ref = UNSET
        else:
            ref = self.ref

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        else:
            session_id = self.session_id

        observed_at: None | str | Unset
        if isinstance(self.observed_at, Unset):
            observed_at = UNSET
        elif isinstance(self.observed_at, datetime.datetime):
            observed_at = self.observed_at.isoformat()
        else:
            observed_at = self.observed_at

        role: None | str | Unset
        if isinstance(self.role, Unset):
            role = UNSET
        elif isinstance(self.role, str):
            role = self.role
        else:
            role = self.role

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        copied_from: dict[str, Any] | None | Unset
        if isinstance(self.copied_from, Unset):
            copied_from = UNSET
        elif isinstance(self.copied_from, CopiedFrom):
            copied_from = self.copied_from.to_dict()
        else:
            copied_from = self.copied_from

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "quote": quote,
            }
        )
        if turn_id is not UNSET:
            field_dict["turn_id"] = turn_id
        if ref is not UNSET:
            field_dict["ref"] = ref
        if session_id is not UNSET:
            field_dict["session_id"] = session_id
        if observed_at is not UNSET:
            field_dict["observed_at"] = observed_at
        if role is not UNSET:
            field_dict["role"] = role
        if name is not UNSET:
            field_dict["name"] = name
        if copied_from is not UNSET:
            field_dict["copied_from"] = copied_from

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.copied_from import CopiedFrom  # noqa: PLC0415

        d = dict(src_dict)
        quote = d.pop("quote")

        def _parse_turn_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                turn_id_type_0 = UUID(data)

                return turn_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Unset | UUID", data)

        turn_id = _parse_turn_id(d.pop("turn_id", UNSET))

        def _parse_ref(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        ref = _parse_ref(d.pop("ref", UNSET))

        def _parse_session_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        session_id = _parse_session_id(d.pop("session_id", UNSET))

        def _parse_observed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                observed_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return observed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        observed_at = _parse_observed_at(d.pop("observed_at", UNSET))

        def _parse_role(data: object) -> None | TurnRole | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                role_type_0 = check_turn_role(data)

                return role_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | TurnRole | Unset", data)

        role = _parse_role(d.pop("role", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_copied_from(data: object) -> CopiedFrom | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                copied_from_type_0 = CopiedFrom.from_dict(data)

                return copied_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("CopiedFrom | None | Unset", data)

        copied_from = _parse_copied_from(d.pop("copied_from", UNSET))

        made = cls(
            quote=quote,
            turn_id=turn_id,
            ref=ref,
            session_id=session_id,
            observed_at=observed_at,
            role=role,
            name=name,
            copied_from=copied_from,
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
