from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.reembed_action import ReembedAction, check_reembed_action
from ..models.reembed_status import ReembedStatus, check_reembed_status

T = TypeVar("T", bound="ReembedRun")


@_attrs_define
class ReembedRun:
    """A run over the stored vectors of all tenants."""

    id: UUID
    """ Its id """
    action: ReembedAction
    """ What a run over the stored vectors does. """
    source_model_id: str
    """ The model that was in use when it began """
    target_model_id: str
    """ The model that is in use when it has ended """
    status: ReembedStatus
    """ Where such a run is; succeeded, failed and cancelled are end states. """
    drop_old: bool
    """ Whether the vectors of other models are dropped after the switch """
    total: int
    """ Vectors to make, or to drop """
    done: int
    """ How many are done """
    rate: float | None
    """ Vectors a second, lately """
    remaining_seconds: float | None
    """ At that rate """
    error: None | str
    """ The last error; null when there was none """
    created_at: datetime.datetime
    """ When it was made """
    started_at: datetime.datetime | None
    """ When it was first begun """
    finished_at: datetime.datetime | None
    """ When it came to its end """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        action: str = self.action

        source_model_id = self.source_model_id

        target_model_id = self.target_model_id

        status: str = self.status

        drop_old = self.drop_old

        total = self.total

        done = self.done

        rate: float | None
        rate = self.rate

        remaining_seconds: float | None
        remaining_seconds = self.remaining_seconds

        error: None | str
        error = self.error

        created_at = self.created_at.isoformat()

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        finished_at: None | str
        if isinstance(self.finished_at, datetime.datetime):
            finished_at = self.finished_at.isoformat()
        else:
            finished_at = self.finished_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "action": action,
                "source_model_id": source_model_id,
                "target_model_id": target_model_id,
                "status": status,
                "drop_old": drop_old,
                "total": total,
                "done": done,
                "rate": rate,
                "remaining_seconds": remaining_seconds,
                "error": error,
                "created_at": created_at,
                "started_at": started_at,
                "finished_at": finished_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        action = check_reembed_action(d.pop("action"))

        source_model_id = d.pop("source_model_id")

        target_model_id = d.pop("target_model_id")

        status = check_reembed_status(d.pop("status"))

        drop_old = d.pop("drop_old")

        total = d.pop("total")

        done = d.pop("done")

        def _parse_rate(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        rate = _parse_rate(d.pop("rate"))

        def _parse_remaining_seconds(data: object) -> float | None:
            if data is None:
                return data
            return cast("float | None", data)

        remaining_seconds = _parse_remaining_seconds(d.pop("remaining_seconds"))

        def _parse_error(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        error = _parse_error(d.pop("error"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at").replace("Z", "+00:00"))

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        started_at = _parse_started_at(d.pop("started_at"))

        def _parse_finished_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                finished_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return finished_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        finished_at = _parse_finished_at(d.pop("finished_at"))

        made = cls(
            id=id,
            action=action,
            source_model_id=source_model_id,
            target_model_id=target_model_id,
            status=status,
            drop_old=drop_old,
            total=total,
            done=done,
            rate=rate,
            remaining_seconds=remaining_seconds,
            error=error,
            created_at=created_at,
            started_at=started_at,
            finished_at=finished_at,
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
