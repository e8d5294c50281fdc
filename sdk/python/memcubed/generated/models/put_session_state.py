from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.session_state import SessionState


T = TypeVar("T", bound="PutSessionState")


@_attrs_define
class PutSessionState:
    """A state to put in the place of the one that was read."""

    user_id: str
    """ The user whose memory it is """
    state: SessionState
    """ What must not be lost between two turns; its size is bounded, however long the session goes. """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        state = self.state.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.session_state import SessionState  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        state = SessionState.from_dict(d.pop("state"))

        made = cls(
            user_id=user_id,
            state=state,
        )

        return made
