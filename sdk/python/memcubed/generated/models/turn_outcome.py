from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.turn_state import TurnState, check_turn_state

T = TypeVar("T", bound="TurnOutcome")


@_attrs_define
class TurnOutcome:
    """What a job has made of one turn so far."""

    turn_id: UUID
    """ The turn """
    ref: None | str
    """ The client's own id of the turn """
    state: TurnState
    """ What became of a turn. """
    reason: None | str
    """ Why """
    extracted: int
    """ How many memories it is a source of """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        turn_id = str(self.turn_id)

        ref: None | str
        ref = self.ref

        state: str = self.state

        reason: None | str
        reason = self.reason

        extracted = self.extracted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "turn_id": turn_id,
                "ref": ref,
                "state": state,
                "reason": reason,
                "extracted": extracted,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        turn_id = UUID(d.pop("turn_id"))

        def _parse_ref(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        ref = _parse_ref(d.pop("ref"))

        state = check_turn_state(d.pop("state"))

        def _parse_reason(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        reason = _parse_reason(d.pop("reason"))

        extracted = d.pop("extracted")

        made = cls(
            turn_id=turn_id,
            ref=ref,
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
