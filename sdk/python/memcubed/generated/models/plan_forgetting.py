from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="PlanForgetting")


@_attrs_define
class PlanForgetting:
    """Whose memories to look through; with `dry_run` nothing changes."""

    user_id: str
    """ The user whose memory it is """
    dry_run: bool | Unset = UNSET
    """ Only list what would go and why; default: `true` """
    reference_time: datetime.datetime | None | Unset = UNSET
    """ With dry_run: what would be due at this time; default: now """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        dry_run = self.dry_run

        reference_time: None | str | Unset
        if isinstance(self.reference_time, Unset):
            reference_time = UNSET
        elif isinstance(self.reference_time, datetime.datetime):
            reference_time = self.reference_time.isoformat()
        else:
            reference_time = self.reference_time

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
            }
        )
        if dry_run is not UNSET:
            field_dict["dry_run"] = dry_run
        if reference_time is not UNSET:
            field_dict["reference_time"] = reference_time

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("user_id")

        dry_run = d.pop("dry_run", UNSET)

        def _parse_reference_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reference_time_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return reference_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        reference_time = _parse_reference_time(d.pop("reference_time", UNSET))

        made = cls(
            user_id=user_id,
            dry_run=dry_run,
            reference_time=reference_time,
        )

        return made
