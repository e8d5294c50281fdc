from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.turn_input import TurnInput


T = TypeVar("T", bound="AddTurns")


@_attrs_define
class AddTurns:
    """A batch of turns of one session."""

    user_id: str
    """ The user whose memory it is """
    session_id: str
    """ The conversation; it begins with its first turns """
    turns: list[TurnInput]
    """ What was said, in that order """
    agent_id: None | str | Unset = UNSET
    """ The agent that takes part in the conversation """
    close_session: bool | Unset = UNSET
    """ The session is over: extract what is left of it now; default: `false` """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        session_id = self.session_id

        turns = []
        for turns_item_data in self.turns:
            turns_item = turns_item_data.to_dict()
            turns.append(turns_item)

        agent_id: None | str | Unset
        if isinstance(self.agent_id, Unset):
            agent_id = UNSET
        else:
            agent_id = self.agent_id

        close_session = self.close_session

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "session_id": session_id,
                "turns": turns,
            }
        )
        if agent_id is not UNSET:
            field_dict["agent_id"] = agent_id
        if close_session is not UNSET:
            field_dict["close_session"] = close_session

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.turn_input import TurnInput  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        session_id = d.pop("session_id")

        turns = []
        _turns = d.pop("turns")
        for turns_item_data in _turns:
            turns_item = TurnInput.from_dict(turns_item_data)

            turns.append(turns_item)

        def _parse_agent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        agent_id = _parse_agent_id(d.pop("agent_id", UNSET))

        close_session = d.pop("close_session", UNSET)

        made = cls(
            user_id=user_id,
            session_id=session_id,
            turns=turns,
            agent_id=agent_id,
            close_session=close_session,
        )

        return made
