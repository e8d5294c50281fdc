from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ResolveConflict")


@_attrs_define
class ResolveConflict:
    """Which side is right, or that all may stay."""

    keep: None | Unset | UUID = UNSET
    """ The side that is true; the others are superseded """
    dismiss: bool | Unset = UNSET
    """ All sides stay, and the conflict is no longer listed; default: `false` """
    reason: None | str | Unset = UNSET
    """ Why; kept with the new version of every side """

    def to_dict(self) -> dict[str, Any]:
        keep: None | str | Unset
        if isinstance(self.keep, Unset):
            keep = UNSET
        elif isinstance(self.keep, UUID):
            keep = str(self.keep)
        else:
            keep = self.keep

        dismiss = self.dismiss

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        else:
            reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if keep is not UNSET:
            field_dict["keep"] = keep
        if dismiss is not UNSET:
            field_dict["dismiss"] = dismiss
        if reason is not UNSET:
            field_dict["reason"] = reason

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_keep(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                keep_type_0 = UUID(data)

                return keep_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Unset | UUID", data)

        keep = _parse_keep(d.pop("keep", UNSET))

        dismiss = d.pop("dismiss", UNSET)

        def _parse_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        reason = _parse_reason(d.pop("reason", UNSET))

        made = cls(
            keep=keep,
            dismiss=dismiss,
            reason=reason,
        )

        return made
