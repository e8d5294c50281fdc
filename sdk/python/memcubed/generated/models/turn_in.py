from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.role import Role, check_role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.place import Place


T = TypeVar("T", bound="TurnIn")


@_attrs_define
class TurnIn:
    """One message of a conversation. `ref` is the client's own id; it comes back in every source."""

    role: Role
    """ Who spoke a turn. """
    content: str
    name: None | str | Unset = UNSET
    """ The speaker's name """
    ref: None | str | Unset = UNSET
    """ The client's id of the turn; the same ref twice is one turn """
    observed_at: datetime.datetime | None | Unset = UNSET
    """ When it was said, in the speaker's zone, whose days count; default: now, in UTC """
    metadata: Any | Unset = UNSET
    place: None | Place | Unset = UNSET
    shown_memory_ids: list[UUID] | Unset = UNSET
    """ What the model had before it: the `memory_ids` and `turn_ids` of the context """

    def to_dict(self) -> dict[str, Any]:
        from ..models.place import Place  # noqa: PLC0415

        role: str = self.role

        content = self.content

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        ref: None | str | Unset
        if isinstance(self.ref, Unset):
            ref = UNSET
        else:
            ref = self.ref

        observed_at: None | str | Unset
        if isinstance(self.observed_at, Unset):
            observed_at = UNSET
        elif isinstance(self.observed_at, datetime.datetime):
            observed_at = self.observed_at.isoformat()
        else:
            observed_at = self.observed_at

        metadata = self.metadata

        place: dict[str, Any] | None | Unset
        if isinstance(self.place, Unset):
            place = UNSET
        elif isinstance(self.place, Place):
            place = self.place.to_dict()
        else:
            place = self.place

        shown_memory_ids: list[str] | Unset = UNSET
        if not isinstance(self.shown_memory_ids, Unset):
            shown_memory_ids = []
            for shown_memory_ids_item_data in self.shown_memory_ids:
                shown_memory_ids_item = str(shown_memory_ids_item_data)
                shown_memory_ids.append(shown_memory_ids_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "role": role,
                "content": content,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name
        if ref is not UNSET:
            field_dict["ref"] = ref
        if observed_at is not UNSET:
            field_dict["observed_at"] = observed_at
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if place is not UNSET:
            field_dict["place"] = place
        if shown_memory_ids is not UNSET:
            field_dict["shown_memory_ids"] = shown_memory_ids

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.place import Place  # noqa: PLC0415

        d = dict(src_dict)
        role = check_role(d.pop("role"))

        content = d.pop("content")

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_ref(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        ref = _parse_ref(d.pop("ref", UNSET))

        def _parse_observed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                observed_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return observed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        observed_at = _parse_observed_at(d.pop("observed_at", UNSET))

        metadata = d.pop("metadata", UNSET)

        def _parse_place(data: object) -> None | Place | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                place_type_0 = Place.from_dict(data)

                return place_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Place | Unset", data)

        place = _parse_place(d.pop("place", UNSET))

        _shown_memory_ids = d.pop("shown_memory_ids", UNSET)
        shown_memory_ids: list[UUID] | Unset = UNSET
        if _shown_memory_ids is not UNSET:
            shown_memory_ids = []
            for shown_memory_ids_item_data in _shown_memory_ids:
                shown_memory_ids_item = UUID(shown_memory_ids_item_data)

                shown_memory_ids.append(shown_memory_ids_item)

        turn_in = cls(
            role=role,
            content=content,
            name=name,
            ref=ref,
            observed_at=observed_at,
            metadata=metadata,
            place=place,
            shown_memory_ids=shown_memory_ids,
        )

        return turn_in
