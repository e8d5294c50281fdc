from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.memory_form import MemoryForm, check_memory_form
from ..models.memory_kind import MemoryKind, check_memory_kind
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.geo_place_input import GeoPlaceInput


T = TypeVar("T", bound="CreateMemory")


@_attrs_define
class CreateMemory:
    """A ready-made memory. With `subject`, `attribute` and `value` it takes the slot's timeline."""

    user_id: str
    """ The user whose memory it is """
    content: str
    """ The statement, as it is to be found and shown """
    agent_id: None | str | Unset = UNSET
    """ The agent that takes part in the conversation """
    kind: MemoryKind | Unset = UNSET
    """ What a memory is about. """
    form: MemoryForm | Unset = UNSET
    """ `state` is true until replaced; `event` happened and is never replaced. """
    subject: None | str | Unset = UNSET
    """ Whom or what it is about """
    attribute: None | str | Unset = UNSET
    """ The attribute of the slot, such as `residence` """
    value: None | str | Unset = UNSET
    """ The value of the slot, such as `oslo` """
    keywords: list[str] | Unset = UNSET
    """ Further words that find it """
    tags: list[str] | Unset = UNSET
    """ Labels, to filter by """
    entities: list[str] | Unset = UNSET
    """ People, places and things that it names """
    place: GeoPlaceInput | None | Unset = UNSET
    """ Where it happened """
    event_from: datetime.datetime | None | Unset = UNSET
    """ When the event began """
    event_to: datetime.datetime | None | Unset = UNSET
    """ When the event ended """
    asserted_at: datetime.datetime | None | Unset = UNSET
    """ Since when it holds; default: now """
    importance: float | Unset = UNSET
    """ 0 to 1: how much it matters; the more, the more slowly it fades; default: `0.5` """
    pinned: bool | Unset = UNSET
    """ Keep it from fading; default: `false` """
    expires_at: datetime.datetime | None | Unset = UNSET
    """ Its time to live: deleted after this """
    metadata: Any | Unset = UNSET
    """ The client's own, any JSON object up to 16 KiB """

    def to_dict(self) -> dict[str, Any]:
        from ..models.geo_place_input import GeoPlaceInput  # noqa: PLC0415

        user_id = self.user_id

        content = self.content

        agent_id: None | str | Unset
        if isinstance(self.agent_id, Unset):
            agent_id = UNSET
        else:
            agent_id = self.agent_id

        kind: str | Unset = UNSET
        if not isinstance(self.kind, Unset):
            kind = self.kind

        form: str | Unset = UNSET
        if not isinstance(self.form, Unset):
            form = self.form

        subject: None | str | Unset
        if isinstance(self.subject, Unset):
            subject = UNSET
        else:
            subject = self.subject

        attribute: None | str | Unset
        if isinstance(self.attribute, Unset):
            attribute = UNSET
        else:
            attribute = self.attribute

        value: None | str | Unset
        if isinstance(self.value, Unset):
            value = UNSET
        else:
            value = self.value

        keywords: list[str] | Unset = UNSET
        if not isinstance(self.keywords, Unset):
            keywords = self.keywords

        tags: list[str] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags

        entities: list[str] | Unset = UNSET
        if not isinstance(self.entities, Unset):
            entities = self.entities

        place: dict[str, Any] | None | Unset
        if isinstance(self.place, Unset):
            place = UNSET
        elif isinstance(self.place, GeoPlaceInput):
            place = self.place.to_dict()
        else:
            place = self.place

        event_from: None | str | Unset
        if isinstance(self.event_from, Unset):
            event_from = UNSET
        elif isinstance(self.event_from, datetime.datetime):
            event_from = self.event_from.isoformat()
        else:
            event_from = self.event_from

        event_to: None | str | Unset
        if isinstance(self.event_to, Unset):
            event_to = UNSET
        elif isinstance(self.event_to, datetime.datetime):
            event_to = self.event_to.isoformat()
        else:
            event_to = self.event_to

        asserted_at: None | str | Unset
        if isinstance(self.asserted_at, Unset):
            asserted_at = UNSET
        elif isinstance(self.asserted_at, datetime.datetime):
            asserted_at = self.asserted_at.isoformat()
        else:
            asserted_at = self.asserted_at

        importance = self.importance

        pinned = self.pinned

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        metadata = self.metadata

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "content": content,
            }
        )
        if agent_id is not UNSET:
            field_dict["agent_id"] = agent_id
        if kind is not UNSET:
            field_dict["kind"] = kind
        if form is not UNSET:
            field_dict["form"] = form
        if subject is not UNSET:
            field_dict["subject"] = subject
        if attribute is not UNSET:
            field_dict["attribute"] = attribute
        if value is not UNSET:
            field_dict["value"] = value
        if keywords is not UNSET:
            field_dict["keywords"] = keywords
        if tags is not UNSET:
            field_dict["tags"] = tags
        if entities is not UNSET:
            field_dict["entities"] = entities
        if place is not UNSET:
            field_dict["place"] = place
        if event_from is not UNSET:
            field_dict["event_from"] = event_from
        if event_to is not UNSET:
            field_dict["event_to"] = event_to
        if asserted_at is not UNSET:
            field_dict["asserted_at"] = asserted_at
        if importance is not UNSET:
            field_dict["importance"] = importance
        if pinned is not UNSET:
            field_dict["pinned"] = pinned
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.geo_place_input import GeoPlaceInput  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        content = d.pop("content")

        def _parse_agent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        agent_id = _parse_agent_id(d.pop("agent_id", UNSET))

        _kind = d.pop("kind", UNSET)
        kind: MemoryKind | Unset
        if isinstance(_kind, Unset):
            kind = UNSET
        else:
            kind = check_memory_kind(_kind)

        _form = d.pop("form", UNSET)
        form: MemoryForm | Unset
        if isinstance(_form, Unset):
            form = UNSET
        else:
            form = check_memory_form(_form)

        def _parse_subject(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        subject = _parse_subject(d.pop("subject", UNSET))

        def _parse_attribute(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        attribute = _parse_attribute(d.pop("attribute", UNSET))

        def _parse_value(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        value = _parse_value(d.pop("value", UNSET))

        keywords = cast("list[str]", d.pop("keywords", UNSET))

        tags = cast("list[str]", d.pop("tags", UNSET))

        entities = cast("list[str]", d.pop("entities", UNSET))

        def _parse_place(data: object) -> GeoPlaceInput | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                place_type_0 = GeoPlaceInput.from_dict(data)

                return place_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("GeoPlaceInput | None | Unset", data)

        place = _parse_place(d.pop("place", UNSET))

        def _parse_event_from(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                event_from_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return event_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        event_from = _parse_event_from(d.pop("event_from", UNSET))

        def _parse_event_to(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                event_to_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return event_to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        event_to = _parse_event_to(d.pop("event_to", UNSET))

        def _parse_asserted_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                asserted_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return asserted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        asserted_at = _parse_asserted_at(d.pop("asserted_at", UNSET))

        importance = d.pop("importance", UNSET)

        pinned = d.pop("pinned", UNSET)

        def _parse_expires_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        expires_at = _parse_expires_at(d.pop("expires_at", UNSET))

        metadata = d.pop("metadata", UNSET)

        made = cls(
            user_id=user_id,
            content=content,
            agent_id=agent_id,
            kind=kind,
            form=form,
            subject=subject,
            attribute=attribute,
            value=value,
            keywords=keywords,
            tags=tags,
            entities=entities,
            place=place,
            event_from=event_from,
            event_to=event_to,
            asserted_at=asserted_at,
            importance=importance,
            pinned=pinned,
            expires_at=expires_at,
            metadata=metadata,
        )

        return made
