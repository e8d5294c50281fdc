from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.session_state import SessionState


T = TypeVar("T", bound="SessionStateVersion")


@_attrs_define
class SessionStateVersion:
    """The state of a session at one version."""

    user_id: str
    """ The user whose memory it is """
    session_id: str
    """ The conversation """
    version: int
    """ The version, to be sent as If-Match with a change """
    state: SessionState
    """ What must not be lost between two turns; its size is bounded, however long the session goes. """
    bytes_: int
    """ Its size as compact JSON; the limit is `MEMCUBED_SESSION_STATE_BYTES` """
    goals_left_out: int
    """ Goals that were said and did not fit, since it was last put """
    actor: str
    """ Who wrote this version: a key, or the extractor """
    updated_at: datetime.datetime
    """ ISO 8601 with zone """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        session_id = self.session_id

        version = self.version

        state = self.state.to_dict()

        bytes_ = self.bytes_

        goals_left_out = self.goals_left_out

        actor = self.actor

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "session_id": session_id,
                "version": version,
                "state": state,
                "bytes": bytes_,
                "goals_left_out": goals_left_out,
                "actor": actor,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.session_state import SessionState  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        session_id = d.pop("session_id")

        version = d.pop("version")

        state = SessionState.from_dict(d.pop("state"))

        bytes_ = d.pop("bytes")

        goals_left_out = d.pop("goals_left_out")

        actor = d.pop("actor")

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at").replace("Z", "+00:00"))

        made = cls(
            user_id=user_id,
            session_id=session_id,
            version=version,
            state=state,
            bytes_=bytes_,
            goals_left_out=goals_left_out,
            actor=actor,
            updated_at=updated_at,
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
