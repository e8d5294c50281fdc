from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_form import MemoryForm, check_memory_form
from ..models.memory_kind import MemoryKind, check_memory_kind
from ..models.memory_status import MemoryStatus, check_memory_status

if TYPE_CHECKING:
    from ..models.geo_place import GeoPlace


T = TypeVar("T", bound="TimelineItem")


@_attrs_define
class TimelineItem:
    """A memory at its place in time."""

    id: UUID
    """ Its id """
    kind: MemoryKind
    """ What a memory is about. """
    form: MemoryForm
    """ `state` is true until replaced; `event` happened and is never replaced. """
    status: MemoryStatus
    """ Where a memory is in its life. `superseded` = no longer true; `archived` = true but cold. """
    content: str
    """ The statement, in words """
    subject: None | str
    """ Whom or what it is about """
    attribute: None | str
    """ The attribute of the slot, such as `residence` """
    value: None | str
    """ The value of the slot, such as `oslo` """
    place: GeoPlace | None
    """ Where it happened """
    from_: datetime.datetime
    """ ISO 8601 with zone """
    to: datetime.datetime | None
    """ Exclusive; None = a moment, or still going on """
    precision: None | str
    """ Of an event's date: hour, day, week, month, year … """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        id = str(self.id)

        kind: str = self.kind

        form: str = self.form

        status: str = self.status

        content = self.content

        subject: None | str
        subject = self.subject

        attribute: None | str
        attribute = self.attribute

        value: None | str
        value = self.value

        place: dict[str, Any] | None
        if isinstance(self.place, GeoPlace):
            place = self.place.to_dict()
        else:
            place = self.place

        from_ = self.from_.isoformat()

        to: None | str
        if isinstance(self.to, datetime.datetime):
            to = self.to.isoformat()
        else:
            to = self.to

        precision: None | str
        precision = self.precision

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "kind": kind,
                "form": form,
                "status": status,
                "content": content,
                "subject": subject,
                "attribute": attribute,
                "value": value,
                "place": place,
                "from": from_,
                "to": to,
                "precision": precision,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        kind = check_memory_kind(d.pop("kind"))

        form = check_memory_form(d.pop("form"))

        status = check_memory_status(d.pop("status"))

        content = d.pop("content")

        def _parse_subject(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        subject = _parse_subject(d.pop("subject"))

        def _parse_attribute(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        attribute = _parse_attribute(d.pop("attribute"))

        def _parse_value(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        value = _parse_value(d.pop("value"))

        def _parse_place(data: object) -> GeoPlace | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                place_type_0 = GeoPlace.from_dict(data)

                return place_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("GeoPlace | None", data)

        place = _parse_place(d.pop("place"))

        from_ = datetime.datetime.fromisoformat(d.pop("from").replace("Z", "+00:00"))

        def _parse_to(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                to_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        to = _parse_to(d.pop("to"))

        def _parse_precision(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        precision = _parse_precision(d.pop("precision"))

        made = cls(
            id=id,
            kind=kind,
            form=form,
            status=status,
            content=content,
            subject=subject,
            attribute=attribute,
            value=value,
            place=place,
            from_=from_,
            to=to,
            precision=precision,
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
