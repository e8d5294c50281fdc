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
from ..models.volatility import Volatility, check_volatility
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.geo_place import GeoPlace


T = TypeVar("T", bound="MemorySnapshot")


@_attrs_define
class MemorySnapshot:
    """What a version kept of the memory; those of earlier releases and of bundles may have other fields."""

    content: None | str | Unset = UNSET
    """ The statement, in words """
    kind: MemoryKind | None | Unset = UNSET
    """ What it is about """
    form: MemoryForm | None | Unset = UNSET
    """ Whether it is true until replaced, or happened """
    status: MemoryStatus | None | Unset = UNSET
    """ Where it is in its life """
    subject: None | str | Unset = UNSET
    """ Whom or what it is about """
    attribute: None | str | Unset = UNSET
    """ The attribute of the slot, such as `residence` """
    value: None | str | Unset = UNSET
    """ The value of the slot, such as `oslo` """
    polarity: int | None | Unset = UNSET
    """ 1 = it is so, -1 = it is not so """
    keywords: list[str] | None | Unset = UNSET
    """ Further words that find it """
    tags: list[str] | None | Unset = UNSET
    """ Labels, to filter by """
    entities: list[str] | None | Unset = UNSET
    """ People, places and things that it names """
    context: None | str | Unset = UNSET
    """ What the statement needs to be understood """
    confidence: float | None | Unset = UNSET
    """ 0 to 1: how sure it is that this is so """
    importance: float | None | Unset = UNSET
    """ 0 to 1: how much it matters; the more, the more slowly it fades """
    valid_from: datetime.datetime | None | Unset = UNSET
    """ From when on it is true """
    valid_to: datetime.datetime | None | Unset = UNSET
    """ Until when it is true; null = it still is """
    event_from: datetime.datetime | None | Unset = UNSET
    """ When the event began """
    event_to: datetime.datetime | None | Unset = UNSET
    """ When the event ended """
    place: GeoPlace | None | Unset = UNSET
    """ Where it happened """
    origin: MemoryOrigin | None | Unset = UNSET
    """ Whose word it is """
    metadata: Any | Unset = UNSET
    """ The client's own, any JSON object up to 16 KiB """
    layer: MemoryLayer | None | Unset = UNSET
    """ How slowly it faded """
    strength: float | None | Unset = UNSET
    """ 1 to 10: grows with each day of use """
    frozen: bool | None | Unset = UNSET
    """ Whether it was under legal hold """
    pinned: bool | None | Unset = UNSET
    """ Whether it was kept from fading """
    expires_at: datetime.datetime | None | Unset = UNSET
    """ When it ends by itself; null = never """
    volatility: None | Unset | Volatility = UNSET
    """ How easily it stops being true """
    stale: bool | None | Unset = UNSET
    """ Whether what it was derived from had changed """
    turn_ids: list[UUID] | None | Unset = UNSET
    """ The turns that say it """
    redacted: bool | None | Unset = UNSET
    """ True where the words are gone, as somebody who had said them was erased """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        content: None | str | Unset
        if isinstance(self.content, Unset):
            content = UNSET
        else:
            content = self.content

        kind: None | str | Unset
        if isinstance(self.kind, Unset):
            kind = UNSET
        elif isinstance(self.kind, str):
            kind = self.kind
        else:
            kind = self.kind

        form: None | str | Unset
        if isinstance(self.form, Unset):
            form = UNSET
        elif isinstance(self.form, str):
            form = self.form
        else:
            form = self.form

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, str):
            status = self.status
        else:
            status = self.status

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

        polarity: int | None | Unset
        if isinstance(self.polarity, Unset):
            polarity = UNSET
        else:
            polarity = self.polarity

        keywords: list[str] | None | Unset
        if isinstance(self.keywords, Unset):
            keywords = UNSET
        elif isinstance(self.keywords, list):
            keywords = self.keywords

        else:
            keywords = self.keywords

        tags: list[str] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        entities: list[str] | None | Unset
        if isinstance(self.entities, Unset):
            entities = UNSET
        elif isinstance(self.entities, list):
            entities = self.entities

        else:
            entities = self.entities

        context: None | str | Unset
        if isinstance(self.context, Unset):
            context = UNSET
        else:
            context = self.context

        confidence: float | None | Unset
        if isinstance(self.confidence, Unset):
            confidence = UNSET
        else:
            confidence = self.confidence

        importance: float | None | Unset
        if isinstance(self.importance, Unset):
            importance = UNSET
        else:
            importance = self.importance

        valid_from: None | str | Unset
        if isinstance(self.valid_from, Unset):
            valid_from = UNSET
        elif isinstance(self.valid_from, datetime.datetime):
            valid_from = self.valid_from.isoformat()
        else:
            valid_from = self.valid_from

        valid_to: None | str | Unset
        if isinstance(self.valid_to, Unset):
            valid_to = UNSET
        elif isinstance(self.valid_to, datetime.datetime):
            valid_to = self.valid_to.isoformat()
        else:
            valid_to = self.valid_to

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

        place: dict[str, Any] | None | Unset
        if isinstance(self.place, Unset):
            place = UNSET
        elif isinstance(self.place, GeoPlace):
            place = self.place.to_dict()
        else:
            place = self.place

        origin: None | str | Unset
        if isinstance(self.origin, Unset):
            origin = UNSET
        elif isinstance(self.origin, str):
            origin = self.origin
        else:
            origin = self.origin

        metadata = self.metadata

        layer: None | str | Unset
        if isinstance(self.layer, Unset):
            layer = UNSET
        elif isinstance(self.layer, str):
            layer = self.layer
        else:
            layer = self.layer

        strength: float | None | Unset
        if isinstance(self.strength, Unset):
            strength = UNSET
        else:
            strength = self.strength

        frozen: bool | None | Unset
        if isinstance(self.frozen, Unset):
            frozen = UNSET
        else:
            frozen = self.frozen

        pinned: bool | None | Unset
        if isinstance(self.pinned, Unset):
            pinned = UNSET
        else:
            pinned = self.pinned

        expires_at: None | str | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        elif isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        volatility: None | str | Unset
        if isinstance(self.volatility, Unset):
            volatility = UNSET
        elif isinstance(self.volatility, str):
            volatility = self.volatility
        else:
            volatility = self.volatility

        stale: bool | None | Unset
        if isinstance(self.stale, Unset):
            stale = UNSET
        else:
            stale = self.stale

        turn_ids: list[str] | None | Unset
        if isinstance(self.turn_ids, Unset):
            turn_ids = UNSET
        elif isinstance(self.turn_ids, list):
            turn_ids = []
            for turn_ids_type_0_item_data in self.turn_ids:
                turn_ids_type_0_item = str(turn_ids_type_0_item_data)
                turn_ids.append(turn_ids_type_0_item)

        else:
            turn_ids = self.turn_ids

        redacted: bool | None | Unset
        if isinstance(self.redacted, Unset):
            redacted = UNSET
        else:
            redacted = self.redacted

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if content is not UNSET:
            field_dict["content"] = content
        if kind is not UNSET:
            field_dict["kind"] = kind
        if form is not UNSET:
            field_dict["form"] = form
        if status is not UNSET:
            field_dict["status"] = status
        if subject is not UNSET:
            field_dict["subject"] = subject
        if attribute is not UNSET:
            field_dict["attribute"] = attribute
        if value is not UNSET:
            field_dict["value"] = value
        if polarity is not UNSET:
            field_dict["polarity"] = polarity
        if keywords is not UNSET:
            field_dict["keywords"] = keywords
        if tags is not UNSET:
            field_dict["tags"] = tags
        if entities is not UNSET:
            field_dict["entities"] = entities
        if context is not UNSET:
            field_dict["context"] = context
        if confidence is not UNSET:
            field_dict["confidence"] = confidence
        if importance is not UNSET:
            field_dict["importance"] = importance
        if valid_from is not UNSET:
            field_dict["valid_from"] = valid_from
        if valid_to is not UNSET:
            field_dict["valid_to"] = valid_to
        if event_from is not UNSET:
            field_dict["event_from"] = event_from
        if event_to is not UNSET:
            field_dict["event_to"] = event_to
        if place is not UNSET:
            field_dict["place"] = place
        if origin is not UNSET:
            field_dict["origin"] = origin
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if layer is not UNSET:
            field_dict["layer"] = layer
        if strength is not UNSET:
            field_dict["strength"] = strength
        if frozen is not UNSET:
            field_dict["frozen"] = frozen
        if pinned is not UNSET:
            field_dict["pinned"] = pinned
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if volatility is not UNSET:
            field_dict["volatility"] = volatility
        if stale is not UNSET:
            field_dict["stale"] = stale
        if turn_ids is not UNSET:
            field_dict["turn_ids"] = turn_ids
        if redacted is not UNSET:
            field_dict["redacted"] = redacted

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.geo_place import GeoPlace  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_content(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        content = _parse_content(d.pop("content", UNSET))

        def _parse_kind(data: object) -> MemoryKind | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                kind_type_0 = check_memory_kind(data)

                return kind_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MemoryKind | None | Unset", data)

        kind = _parse_kind(d.pop("kind", UNSET))

        def _parse_form(data: object) -> MemoryForm | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                form_type_0 = check_memory_form(data)

                return form_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MemoryForm | None | Unset", data)

        form = _parse_form(d.pop("form", UNSET))

        def _parse_status(data: object) -> MemoryStatus | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = check_memory_status(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MemoryStatus | None | Unset", data)

        status = _parse_status(d.pop("status", UNSET))

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

        def _parse_polarity(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        polarity = _parse_polarity(d.pop("polarity", UNSET))

        def _parse_keywords(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                keywords_type_0 = cast("list[str]", data)

                return keywords_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[str] | None | Unset", data)

        keywords = _parse_keywords(d.pop("keywords", UNSET))

        def _parse_tags(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast("list[str]", data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[str] | None | Unset", data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_entities(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                entities_type_0 = cast("list[str]", data)

                return entities_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[str] | None | Unset", data)

        entities = _parse_entities(d.pop("entities", UNSET))

        def _parse_context(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        context = _parse_context(d.pop("context", UNSET))

        def _parse_confidence(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("float | None | Unset", data)

        confidence = _parse_confidence(d.pop("confidence", UNSET))

        def _parse_importance(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("float | None | Unset", data)

        importance = _parse_importance(d.pop("importance", UNSET))

        def _parse_valid_from(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_from_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return valid_from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        valid_from = _parse_valid_from(d.pop("valid_from", UNSET))

        def _parse_valid_to(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                valid_to_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return valid_to_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        valid_to = _parse_valid_to(d.pop("valid_to", UNSET))

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

        def _parse_place(data: object) -> GeoPlace | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                place_type_0 = GeoPlace.from_dict(data)

                return place_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("GeoPlace | None | Unset", data)

        place = _parse_place(d.pop("place", UNSET))

        def _parse_origin(data: object) -> MemoryOrigin | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                origin_type_0 = check_memory_origin(data)

                return origin_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MemoryOrigin | None | Unset", data)

        origin = _parse_origin(d.pop("origin", UNSET))

        metadata = d.pop("metadata", UNSET)

        def _parse_layer(data: object) -> MemoryLayer | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                layer_type_0 = check_memory_layer(data)

                return layer_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MemoryLayer | None | Unset", data)

        layer = _parse_layer(d.pop("layer", UNSET))

        def _parse_strength(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("float | None | Unset", data)

        strength = _parse_strength(d.pop("strength", UNSET))

        def _parse_frozen(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("bool | None | Unset", data)

        frozen = _parse_frozen(d.pop("frozen", UNSET))

        def _parse_pinned(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("bool | None | Unset", data)

        pinned = _parse_pinned(d.pop("pinned", UNSET))

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

        def _parse_volatility(data: object) -> None | Unset | Volatility:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                volatility_type_0 = check_volatility(data)

                return volatility_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Unset | Volatility", data)

        volatility = _parse_volatility(d.pop("volatility", UNSET))

        def _parse_stale(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("bool | None | Unset", data)

        stale = _parse_stale(d.pop("stale", UNSET))

        def _parse_turn_ids(data: object) -> list[UUID] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                turn_ids_type_0 = []
                _turn_ids_type_0 = data
                for turn_ids_type_0_item_data in _turn_ids_type_0:
                    turn_ids_type_0_item = UUID(turn_ids_type_0_item_data)

                    turn_ids_type_0.append(turn_ids_type_0_item)

                return turn_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[UUID] | None | Unset", data)

        turn_ids = _parse_turn_ids(d.pop("turn_ids", UNSET))

        def _parse_redacted(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("bool | None | Unset", data)

        redacted = _parse_redacted(d.pop("redacted", UNSET))

        made = cls(
            content=content,
            kind=kind,
            form=form,
            status=status,
            subject=subject,
            attribute=attribute,
            value=value,
            polarity=polarity,
            keywords=keywords,
            tags=tags,
            entities=entities,
            context=context,
            confidence=confidence,
            importance=importance,
            valid_from=valid_from,
            valid_to=valid_to,
            event_from=event_from,
            event_to=event_to,
            place=place,
            origin=origin,
            metadata=metadata,
            layer=layer,
            strength=strength,
            frozen=frozen,
            pinned=pinned,
            expires_at=expires_at,
            volatility=volatility,
            stale=stale,
            turn_ids=turn_ids,
            redacted=redacted,
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
