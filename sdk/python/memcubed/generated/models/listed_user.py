from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ListedUser")


@_attrs_define
class ListedUser:
    """A user of the tenant and how much is stored for them."""

    user_id: str
    """ The user whose memory it is """
    turns: int
    """ Turns in the log """
    memories: int
    """ Memories that are held to be true now """
    sessions: int
    """ How many conversations """
    created_at: datetime.datetime
    """ When something was first written for the user """
    first_turn_at: datetime.datetime | None
    """ When the first turn was said; null without turns """
    last_turn_at: datetime.datetime | None
    """ When the last turn was said; null without turns """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        turns = self.turns

        memories = self.memories

        sessions = self.sessions

        created_at = self.created_at.isoformat()

        first_turn_at: None | str
        if isinstance(self.first_turn_at, datetime.datetime):
            first_turn_at = self.first_turn_at.isoformat()
        else:
            first_turn_at = self.first_turn_at

        last_turn_at: None | str
        if isinstance(self.last_turn_at, datetime.datetime):
            last_turn_at = self.last_turn_at.isoformat()
        else:
            last_turn_at = self.last_turn_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "turns": turns,
                "memories": memories,
                "sessions": sessions,
                "created_at": created_at,
                "first_turn_at": first_turn_at,
                "last_turn_at": last_turn_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("user_id")

        turns = d.pop("turns")

        memories = d.pop("memories")

        sessions = d.pop("sessions")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at").replace("Z", "+00:00"))

        def _parse_first_turn_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                first_turn_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return first_turn_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        first_turn_at = _parse_first_turn_at(d.pop("first_turn_at"))

        def _parse_last_turn_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                last_turn_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return last_turn_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        last_turn_at = _parse_last_turn_at(d.pop("last_turn_at"))

        made = cls(
            user_id=user_id,
            turns=turns,
            memories=memories,
            sessions=sessions,
            created_at=created_at,
            first_turn_at=first_turn_at,
            last_turn_at=last_turn_at,
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
