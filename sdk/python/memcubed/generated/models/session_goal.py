from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.goal_status import GoalStatus, check_goal_status
from ..types import UNSET, Unset

T = TypeVar("T", bound="SessionGoal")


@_attrs_define
class SessionGoal:
    """Something that the session is meant to reach."""

    text: str
    """ The goal, in words """
    status: GoalStatus | Unset = UNSET
    """ What became of a goal of a session. """
    firm: bool | Unset = UNSET
    """ False for a wish in passing, which gives way to a goal when the list is full; default: `true` """
    said_at: datetime.datetime | None | Unset = UNSET
    """ When it was said """
    turn_id: None | Unset | UUID = UNSET
    """ The turn that said it """
    closed_by: None | Unset | UUID = UNSET
    """ The turn that said it is done or dropped """

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        firm = self.firm

        said_at: None | str | Unset
        if isinstance(self.said_at, Unset):
            said_at = UNSET
        elif isinstance(self.said_at, datetime.datetime):
            said_at = self.said_at.isoformat()
        else:
            said_at = self.said_at

        turn_id: None | str | Unset
        if isinstance(self.turn_id, Unset):
            turn_id = UNSET
        elif isinstance(self.turn_id, UUID):
            turn_id = str(self.turn_id)
        else:
            turn_id = self.turn_id

        closed_by: None | str | Unset
        if isinstance(self.closed_by, Unset):
            closed_by = UNSET
        elif isinstance(self.closed_by, UUID):
            closed_by = str(self.closed_by)
        else:
            closed_by = self.closed_by

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "text": text,
            }
        )
        if status is not UNSET:
            field_dict["status"] = status
        if firm is not UNSET:
            field_dict["firm"] = firm
        if said_at is not UNSET:
            field_dict["said_at"] = said_at
        if turn_id is not UNSET:
            field_dict["turn_id"] = turn_id
        if closed_by is not UNSET:
            field_dict["closed_by"] = closed_by

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        text = d.pop("text")

        _status = d.pop("status", UNSET)
        status: GoalStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_goal_status(_status)

        firm = d.pop("firm", UNSET)

        def _parse_said_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                said_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return said_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        said_at = _parse_said_at(d.pop("said_at", UNSET))

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

        def _parse_closed_by(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                closed_by_type_0 = UUID(data)

                return closed_by_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Unset | UUID", data)

        closed_by = _parse_closed_by(d.pop("closed_by", UNSET))

        made = cls(
            text=text,
            status=status,
            firm=firm,
            said_at=said_at,
            turn_id=turn_id,
            closed_by=closed_by,
        )

        return made
