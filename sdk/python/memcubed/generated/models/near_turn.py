from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.turn_role import TurnRole, check_turn_role

T = TypeVar("T", bound="NearTurn")


@_attrs_define
class NearTurn:
    """A turn said just before or after the turn of an item, in the same session."""

    turn_id: UUID
    """ The turn """
    offset: int
    """ Its place beside the item's turn: -1 is the one before, 1 the one after """
    role: TurnRole
    """ Who spoke a turn. """
    name: None | str
    """ The speaker's name """
    content: str
    """ What was said """
    observed_at: datetime.datetime
    """ When it was said, on the clock of who said it """
    ref: None | str
    """ The client's own id of the turn """
    superseded_by: list[UUID]
    """ What this turn says is in part no longer true: see these """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        turn_id = str(self.turn_id)

        offset = self.offset

        role: str = self.role

        name: None | str
        name = self.name

        content = self.content

        observed_at = self.observed_at.isoformat()

        ref: None | str
        ref = self.ref

        superseded_by = []
        for superseded_by_item_data in self.superseded_by:
            superseded_by_item = str(superseded_by_item_data)
            superseded_by.append(superseded_by_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "turn_id": turn_id,
                "offset": offset,
                "role": role,
                "name": name,
                "content": content,
                "observed_at": observed_at,
                "ref": ref,
                "superseded_by": superseded_by,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        turn_id = UUID(d.pop("turn_id"))

        offset = d.pop("offset")

        role = check_turn_role(d.pop("role"))

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        name = _parse_name(d.pop("name"))

        content = d.pop("content")

        observed_at = datetime.datetime.fromisoformat(d.pop("observed_at").replace("Z", "+00:00"))

        def _parse_ref(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        ref = _parse_ref(d.pop("ref"))

        superseded_by = []
        _superseded_by = d.pop("superseded_by")
        for superseded_by_item_data in _superseded_by:
            superseded_by_item = UUID(superseded_by_item_data)

            superseded_by.append(superseded_by_item)

        made = cls(
            turn_id=turn_id,
            offset=offset,
            role=role,
            name=name,
            content=content,
            observed_at=observed_at,
            ref=ref,
            superseded_by=superseded_by,
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
