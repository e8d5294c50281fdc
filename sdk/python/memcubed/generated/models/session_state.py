from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.procedure_step import ProcedureStep
    from ..models.session_goal import SessionGoal


T = TypeVar("T", bound="SessionState")


@_attrs_define
class SessionState:
    """What must not be lost between two turns; its size is bounded, however long the session goes."""

    goals: list[SessionGoal] | Unset = UNSET
    """ What the session is meant to reach, open ones first """
    topics: list[str] | Unset = UNSET
    """ Words of the last turns, the most frequent first """
    procedure: None | ProcedureStep | Unset = UNSET
    """ The procedure that is being carried out, and how far it is """
    data: Any | Unset = UNSET
    """ The client's own; the service never changes it """

    def to_dict(self) -> dict[str, Any]:
        from ..models.procedure_step import ProcedureStep  # noqa: PLC0415

        goals: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.goals, Unset):
            goals = []
            for goals_item_data in self.goals:
                goals_item = goals_item_data.to_dict()
                goals.append(goals_item)

        topics: list[str] | Unset = UNSET
        if not isinstance(self.topics, Unset):
            topics = self.topics

        procedure: dict[str, Any] | None | Unset
        if isinstance(self.procedure, Unset):
            procedure = UNSET
        elif isinstance(self.procedure, ProcedureStep):
            procedure = self.procedure.to_dict()
        else:
            procedure = self.procedure

        data = self.data

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if goals is not UNSET:
            field_dict["goals"] = goals
        if topics is not UNSET:
            field_dict["topics"] = topics
        if procedure is not UNSET:
            field_dict["procedure"] = procedure
        if data is not UNSET:
            field_dict["data"] = data

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.procedure_step import ProcedureStep  # noqa: PLC0415
        from ..models.session_goal import SessionGoal  # noqa: PLC0415

        d = dict(src_dict)
        _goals = d.pop("goals", UNSET)
        goals: list[SessionGoal] | Unset = UNSET
        if _goals is not UNSET:
            goals = []
            for goals_item_data in _goals:
                goals_item = SessionGoal.from_dict(goals_item_data)

                goals.append(goals_item)

        topics = cast("list[str]", d.pop("topics", UNSET))

        def _parse_procedure(data: object) -> None | ProcedureStep | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                procedure_type_0 = ProcedureStep.from_dict(data)

                return procedure_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | ProcedureStep | Unset", data)

        procedure = _parse_procedure(d.pop("procedure", UNSET))

        data = d.pop("data", UNSET)

        made = cls(
            goals=goals,
            topics=topics,
            procedure=procedure,
            data=data,
        )

        return made
