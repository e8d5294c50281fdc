from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.turn_role import TurnRole, check_turn_role
from ..models.turn_state import TurnState, check_turn_state

if TYPE_CHECKING:
    from ..models.geo_place import GeoPlace


T = TypeVar("T", bound="Turn")


@_attrs_define
class Turn:
    """A stored turn, and what became of it."""

    id: UUID
    """ Its id """
    user_id: str
    """ The user whose memory it is """
    session_id: str
    """ The conversation """
    agent_id: None | str
    """ The agent that takes part in the conversation """
    role: TurnRole
    """ Who spoke a turn. """
    name: None | str
    """ The speaker's name """
    content: str
    """ What was said """
    ref: None | str
    """ The client's own id of the turn """
    observed_at: datetime.datetime
    """ When it was said, on the clock of who said it """
    utc_offset: int
    """ Of the clock that `observed_at` was sent in, in minutes: a day is the day on that clock """
    recorded_at: datetime.datetime
    """ ISO 8601 with zone """
    place: GeoPlace | None
    """ Where it was said """
    metadata: Any
    """ The client's own, any JSON object up to 16 KiB """
    job_id: UUID
    """ The job that works on it """
    state: TurnState
    """ What became of a turn. """
    reason: None | str
    """ Why nothing was extracted, or why extraction failed """
    extracted: int
    """ How many memories this turn is a source of, when it was read """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        id = str(self.id)

        user_id = self.user_id

        session_id = self.session_id

        agent_id: None | str
        agent_id = self.agent_id

        role: str = self.role

        name: None | str
        name = self.name

        content = self.content

        ref: None | str
        ref = self.ref

        observed_at = self.observed_at.isoformat()

        utc_offset = self.utc_offset

        recorded_at = self.recorded_at.isoformat()

        place: dict[str, Any] | None
        if isinstance(self.place, GeoPlace):
            place = self.place.to_dict()
        else:
            place = self.place

        metadata = self.metadata

        job_id = str(self.job_id)

        state: str = self.state

        reason: None | str
        reason = self.reason

        extracted = self.extracted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "user_id": user_id,
                "session_id": session_id,
                "agent_id": agent_id,
                "role": role,
                "name": name,
                "content": content,
                "ref": ref,
                "observed_at": observed_at,
                "utc_offset": utc_offset,
                "recorded_at": recorded_at,
                "place": place,
                "metadata": metadata,
                "job_id": job_id,
                "state": state,
                "reason": reason,
                "extracted": extracted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        user_id = d.pop("user_id")

        session_id = d.pop("session_id")

        def _parse_agent_id(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        agent_id = _parse_agent_id(d.pop("agent_id"))

        role = check_turn_role(d.pop("role"))

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        name = _parse_name(d.pop("name"))

        content = d.pop("content")

        def _parse_ref(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        ref = _parse_ref(d.pop("ref"))

        observed_at = datetime.datetime.fromisoformat(d.pop("observed_at").replace("Z", "+00:00"))

        utc_offset = d.pop("utc_offset")

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at").replace("Z", "+00:00"))

        def _parse_place(data: object) -> GeoPlace | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                place_type_0 = GeoPlace.from_dict(data)

                return place_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("GeoPlace | None", data)

        place = _parse_place(d.pop("place"))

        metadata = d.pop("metadata")

        job_id = UUID(d.pop("job_id"))

        state = check_turn_state(d.pop("state"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        reason = _parse_reason(d.pop("reason"))

        extracted = d.pop("extracted")

        made = cls(
            id=id,
            user_id=user_id,
            session_id=session_id,
            agent_id=agent_id,
            role=role,
            name=name,
            content=content,
            ref=ref,
            observed_at=observed_at,
            utc_offset=utc_offset,
            recorded_at=recorded_at,
            place=place,
            metadata=metadata,
            job_id=job_id,
            state=state,
            reason=reason,
            extracted=extracted,
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
