from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.memory_form import MemoryForm, check_memory_form
from ..models.memory_kind import MemoryKind, check_memory_kind
from ..models.memory_layer import MemoryLayer, check_memory_layer
from ..models.memory_origin import MemoryOrigin, check_memory_origin
from ..models.memory_status import MemoryStatus, check_memory_status
from ..models.reliance import Reliance, check_reliance
from ..models.volatility import Volatility, check_volatility

if TYPE_CHECKING:
    from ..models.geo_place import GeoPlace


T = TypeVar("T", bound="Memory")


@_attrs_define
class Memory:
    """A memory as it is now."""

    id: UUID
    """ Its id """
    user_id: str
    """ The user whose memory it is """
    agent_id: None | str
    """ The agent that told it first """
    agent_ids: list[str]
    """ All agents that told it or took part in a turn that says it """
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
    polarity: int
    """ 1 = it is so, -1 = it is not so """
    keywords: list[str]
    """ Further words that find it """
    tags: list[str]
    """ Labels, to filter by """
    entities: list[str]
    """ People, places and things that it names """
    context: None | str
    """ What the statement needs to be understood """
    place: GeoPlace | None
    """ Where it happened """
    event_from: datetime.datetime | None
    """ When the event began """
    event_to: datetime.datetime | None
    """ When the event ended """
    valid_from: datetime.datetime | None
    """ From when on it is true """
    valid_to: datetime.datetime | None
    """ Until when it is true; null = it still is """
    recorded_at: datetime.datetime
    """ ISO 8601 with zone """
    updated_at: datetime.datetime
    """ ISO 8601 with zone """
    origin: MemoryOrigin
    """ Whose word an assertion is; by authority: edit, user, tool, assistant, copy, inference. """
    confidence: float
    """ 0 to 1: how sure it is that this is so """
    volatility: Volatility
    """ How easily a memory stops being true; `disputable` = another one contradicts it. """
    conflicts: list[UUID]
    """ Current memories that contradict this one, undecided """
    reliance: Reliance
    """ What a caller should do with a memory. """
    importance: float
    """ 0 to 1: how much it matters; the more, the more slowly it fades """
    layer: MemoryLayer
    """ How slowly a memory fades. """
    strength: float
    """ 1 to 10: grows with each day on which it is said or cited """
    frozen: bool
    """ Under legal hold: no edit, no fading, no deletion """
    pinned: bool
    """ Does not fade """
    expires_at: datetime.datetime | None
    """ When its time to live ends """
    stale: bool
    """ Derived, and a source changed since: not to be taken as true """
    version: int
    """ The version, to be sent as If-Match with a change """
    extractor: None | str
    """ What read it out of the turns: a model, or `offline`; null when a client wrote it """
    metadata: Any
    """ The client's own, any JSON object up to 16 KiB """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        id = str(self.id)

        user_id = self.user_id

        agent_id: None | str
        agent_id = self.agent_id

        agent_ids = self.agent_ids

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

        polarity = self.polarity

        keywords = self.keywords

        tags = self.tags

        entities = self.entities

        context: None | str
        context = self.context

        place: dict[str, Any] | None
        if isinstance(self.place, GeoPlace):
            place = self.place.to_dict()
        else:
            place = self.place

        event_from: None | str
        if isinstance(self.event_from, datetime.datetime):
            event_from = self.event_from.isoformat()
        else:
            event_from = self.event_from

        event_to: None | str
        if isinstance(self.event_to, datetime.datetime):
            event_to = self.event_to.isoformat()
        else:
            event_to = self.event_to

        valid_from: None | str
        if isinstance(self.valid_from, datetime.datetime):
            valid_from = self.valid_from.isoformat()
        else:
            valid_from = self.valid_from

        valid_to: None | str
        if isinstance(self.valid_to, datetime.datetime):
            valid_to = self.valid_to.isoformat()
        else:
            valid_to = self.valid_to

        recorded_at = self.recorded_at.isoformat()

        updated_at = self.updated_at.isoformat()

        origin: str = self.origin

        confidence = self.confidence

        volatility: str = self.volatility

        conflicts = []
        for conflicts_item_data in self.conflicts:
            conflicts_item = str(conflicts_item_data)
            conflicts.append(conflicts_item)

        reliance: str = self.reliance

        importance = self.importance

        layer: str = self.layer

        strength = self.strength

        frozen = self.frozen

        pinned = self.pinned

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        stale = self.stale

        version = self.version

        extractor: None | str
        extractor = self.extractor

        metadata = self.metadata

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "user_id": user_id,
                "agent_id": agent_id,
                "agent_ids": agent_ids,
                "kind": kind,
                "form": form,
                "status": status,
                "content": content,
                "subject": subject,
                "attribute": attribute,
                "value": value,
                "polarity": polarity,
                "keywords": keywords,
                "tags": tags,
                "entities": entities,
                "context": context,
                "place": place,
                "event_from": event_from,
                "event_to": event_to,
                "valid_from": valid_from,
                "valid_to": valid_to,
                "recorded_at": recorded_at,
                "updated_at": updated_at,
                "origin": origin,
                "confidence": confidence,
                "volatility": volatility,
                "conflicts": conflicts,
                "reliance": reliance,
                "importance": importance,
                "layer": layer,
                "strength": strength,
                "frozen": frozen,
                "pinned": pinned,
                "expires_at": expires_at,
                "stale": stale,
                "version": version,
                "extractor": extractor,
                "metadata": metadata,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        user_id = d.pop("user_id")

        def _parse_agent_id(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        agent_id = _parse_agent_id(d.pop("agent_id"))

        agent_ids = cast("list[str]", d.pop("agent_ids"))

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

        polarity = d.pop("polarity")

        keywords = cast("list[str]", d.pop("keywords"))

        tags = cast("list[str]", d.pop("tags"))

        entities = cast("list[str]", d.pop("entities"))

        def _parse_context(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        context = _parse_context(d.pop("context"))

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

        def _parse_event_from(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                event_from_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return event_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        event_from = _parse_event_from(d.pop("event_from"))

        def _parse_event_to(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                event_to_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return event_to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        event_to = _parse_event_to(d.pop("event_to"))

        def _parse_valid_from(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_from_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return valid_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        valid_from = _parse_valid_from(d.pop("valid_from"))

        def _parse_valid_to(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_to_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return valid_to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        valid_to = _parse_valid_to(d.pop("valid_to"))

        recorded_at = datetime.datetime.fromisoformat(d.pop("recorded_at").replace("Z", "+00:00"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at").replace("Z", "+00:00"))

        origin = check_memory_origin(d.pop("origin"))

        confidence = d.pop("confidence")

        volatility = check_volatility(d.pop("volatility"))

        conflicts = []
        _conflicts = d.pop("conflicts")
        for conflicts_item_data in _conflicts:
            conflicts_item = UUID(conflicts_item_data)

            conflicts.append(conflicts_item)

        reliance = check_reliance(d.pop("reliance"))

        importance = d.pop("importance")

        layer = check_memory_layer(d.pop("layer"))

        strength = d.pop("strength")

        frozen = d.pop("frozen")

        pinned = d.pop("pinned")

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None", data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        stale = d.pop("stale")

        version = d.pop("version")

        def _parse_extractor(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        extractor = _parse_extractor(d.pop("extractor"))

        metadata = d.pop("metadata")

        made = cls(
            id=id,
            user_id=user_id,
            agent_id=agent_id,
            agent_ids=agent_ids,
            kind=kind,
            form=form,
            status=status,
            content=content,
            subject=subject,
            attribute=attribute,
            value=value,
            polarity=polarity,
            keywords=keywords,
            tags=tags,
            entities=entities,
            context=context,
            place=place,
            event_from=event_from,
            event_to=event_to,
            valid_from=valid_from,
            valid_to=valid_to,
            recorded_at=recorded_at,
            updated_at=updated_at,
            origin=origin,
            confidence=confidence,
            volatility=volatility,
            conflicts=conflicts,
            reliance=reliance,
            importance=importance,
            layer=layer,
            strength=strength,
            frozen=frozen,
            pinned=pinned,
            expires_at=expires_at,
            stale=stale,
            version=version,
            extractor=extractor,
            metadata=metadata,
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
