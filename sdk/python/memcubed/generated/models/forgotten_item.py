from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.forgetting_action import ForgettingAction, check_forgetting_action

T = TypeVar("T", bound="ForgottenItem")


@_attrs_define
class ForgottenItem:
    """A memory that is due, and why."""

    memory_id: UUID
    """ The memory """
    content: None | str
    """ None when its time to live has ended: it is not served any more """
    action: ForgettingAction
    """ `archive` = out of the default search, restorable; `expire` = the text is deleted. """
    reason: str
    """ Why """
    retrievability: float
    """ R = exp(-idle / (Q * S)), 0 to 1 """
    borderline: bool
    """ Faded though important: an LLM, if there is one, may keep it """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        memory_id = str(self.memory_id)

        content: None | str
        content = self.content

        action: str = self.action

        reason = self.reason

        retrievability = self.retrievability

        borderline = self.borderline

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "memory_id": memory_id,
                "content": content,
                "action": action,
                "reason": reason,
                "retrievability": retrievability,
                "borderline": borderline,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        memory_id = UUID(d.pop("memory_id"))

        def _parse_content(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        content = _parse_content(d.pop("content"))

        action = check_forgetting_action(d.pop("action"))

        reason = d.pop("reason")

        retrievability = d.pop("retrievability")

        borderline = d.pop("borderline")

        made = cls(
            memory_id=memory_id,
            content=content,
            action=action,
            reason=reason,
            retrievability=retrievability,
            borderline=borderline,
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
