from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.item_type import ItemType, check_item_type
from ..models.memory_kind import MemoryKind, check_memory_kind
from ..models.memory_status import MemoryStatus, check_memory_status
from ..models.reliance import Reliance, check_reliance
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.memory_source import MemorySource
    from ..models.near_turn import NearTurn
    from ..models.search_excerpt import SearchExcerpt


T = TypeVar("T", bound="SearchItem")


@_attrs_define
class SearchItem:
    """A turn or a memory, with the words that prove it. What is null, empty or false is left out."""

    content: str
    """ The statement of a memory, or the whole turn """
    score: float
    """ By which the items are ordered; it compares items of this answer only """
    sources: list[MemorySource]
    """ What says so, newest first """
    type_: ItemType
    """ What an item of an answer is. """
    id: UUID
    """ Its id """
    kind: MemoryKind | None | Unset = UNSET
    """ None for a turn """
    excerpt: None | SearchExcerpt | Unset = UNSET
    """ The best sentences of a content of more than 600 characters; None of a shorter one """
    relevance: float | None | Unset = UNSET
    """ How probable it is that the item is about what is asked, 0 to 1, on one scale for all users and questions;
    None where the embedding model has no such scale """
    valid_from: datetime.datetime | None | Unset = UNSET
    """ Since when it holds, or when the turn was said """
    valid_to: datetime.datetime | None | Unset = UNSET
    """ Until when it held. Of a turn: when the last of its memories that match the question ended; None while one
    of them holds, or if nothing is known of an end """
    confidence: float | None | Unset = UNSET
    """ 0 to 1; None for a turn: it was said, whether or not it is true """
    version: int | None | Unset = UNSET
    """ The version of a memory """
    status: MemoryStatus | None | Unset = UNSET
    """ Of a memory """
    agent_id: None | str | Unset = UNSET
    """ The agent that told it first, or that the turn was said to """
    agent_ids: list[str] | Unset = UNSET
    """ All agents that told it or took part in a turn that says it """
    metadata: Any | Unset = UNSET
    """ Its own, without what a memory inherits of its turns """
    recorded_at: datetime.datetime | None | Unset = UNSET
    """ When it was stored; None for what others share """
    updated_at: datetime.datetime | None | Unset = UNSET
    """ When a memory was changed last; a turn never changes """
    tags: list[str] | Unset = UNSET
    """ Of a memory; an example has its label """
    pending: bool | Unset = UNSET
    """ A turn that extraction has still to read """
    superseded_by: list[UUID] | Unset = UNSET
    """ The current memories that replaced this memory, or part of what this turn says """
    conflicts: list[UUID] | Unset = UNSET
    """ Current memories that contradict this one, undecided """
    folded: list[UUID] | Unset = UNSET
    """ Turns or memories that say the same; their sources are among this item's """
    neighbours: list[NearTurn] | Unset = UNSET
    """ With `neighbours`: in the order in which they were said; no turn twice in one answer """
    reliance: None | Reliance | Unset = UNSET
    """ None for a turn; rely on a memory, check it, or ask the user """
    owner_user_id: None | str | Unset = UNSET
    """ With `shared`: whose memory it is; its sources then say when and nothing else. None = the user's own """
    features: Any | Unset = UNSET
    """ With `explain` """
    weights: Any | Unset = UNSET
    """ With `explain`: of these features """
    via: None | str | Unset = UNSET
    """ With `explain`: the feature that adds most to its score, if any does """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.search_excerpt import SearchExcerpt  # noqa: PLC0415

        content = self.content

        score = self.score

        sources = []
        for sources_item_data in self.sources:
            sources_item = sources_item_data.to_dict()
            sources.append(sources_item)

        type_: str = self.type_

        id = str(self.id)

        kind: None | str | Unset
        if isinstance(self.kind, Unset):
            kind = UNSET
        elif isinstance(self.kind, str):
            kind = self.kind
        else:
            kind = self.kind

        excerpt: dict[str, Any] | None | Unset
        if isinstance(self.excerpt, Unset):
            excerpt = UNSET
        elif isinstance(self.excerpt, SearchExcerpt):
            excerpt = self.excerpt.to_dict()
        else:
            excerpt = self.excerpt

        relevance: float | None | Unset
        if isinstance(self.relevance, Unset):
            relevance = UNSET
        else:
            relevance = self.relevance

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

        confidence: float | None | Unset
        if isinstance(self.confidence, Unset):
            confidence = UNSET
        else:
            confidence = self.confidence

        version: int | None | Unset
        if isinstance(self.version, Unset):
            version = UNSET
        else:
            version = self.version

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, str):
            status = self.status
        else:
            status = self.status

        agent_id: None | str | Unset
        if isinstance(self.agent_id, Unset):
            agent_id = UNSET
        else:
            agent_id = self.agent_id

        agent_ids: list[str] | Unset = UNSET
        if not isinstance(self.agent_ids, Unset):
            agent_ids = self.agent_ids

        metadata = self.metadata

        recorded_at: None | str | Unset
        if isinstance(self.recorded_at, Unset):
            recorded_at = UNSET
        elif isinstance(self.recorded_at, datetime.datetime):
            recorded_at = self.recorded_at.isoformat()
        else:
            recorded_at = self.recorded_at

        updated_at: None | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        elif isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        tags: list[str] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags

        pending = self.pending

        superseded_by: list[str] | Unset = UNSET
        if not isinstance(self.superseded_by, Unset):
            superseded_by = []
            for superseded_by_item_data in self.superseded_by:
                superseded_by_item = str(superseded_by_item_data)
                superseded_by.append(superseded_by_item)

        conflicts: list[str] | Unset = UNSET
        if not isinstance(self.conflicts, Unset):
            conflicts = []
            for conflicts_item_data in self.conflicts:
                conflicts_item = str(conflicts_item_data)
                conflicts.append(conflicts_item)

        folded: list[str] | Unset = UNSET
        if not isinstance(self.folded, Unset):
            folded = []
            for folded_item_data in self.folded:
                folded_item = str(folded_item_data)
                folded.append(folded_item)

        neighbours: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.neighbours, Unset):
            neighbours = []
            for neighbours_item_data in self.neighbours:
                neighbours_item = neighbours_item_data.to_dict()
                neighbours.append(neighbours_item)

        reliance: None | str | Unset
        if isinstance(self.reliance, Unset):
            reliance = UNSET
        elif isinstance(self.reliance, str):
            reliance = self.reliance
        else:
            reliance = self.reliance

        owner_user_id: None | str | Unset
        if isinstance(self.owner_user_id, Unset):
            owner_user_id = UNSET
        else:
            owner_user_id = self.owner_user_id

        features = self.features

        weights = self.weights

        via: None | str | Unset
        if isinstance(self.via, Unset):
            via = UNSET
        else:
            via = self.via

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "content": content,
                "score": score,
                "sources": sources,
                "type": type_,
                "id": id,
            }
        )
        if kind is not UNSET:
            field_dict["kind"] = kind
        if excerpt is not UNSET:
            field_dict["excerpt"] = excerpt
        if relevance is not UNSET:
            field_dict["relevance"] = relevance
        if valid_from is not UNSET:
            field_dict["valid_from"] = valid_from
        if valid_to is not UNSET:
            field_dict["valid_to"] = valid_to
        if confidence is not UNSET:
            field_dict["confidence"] = confidence
        if version is not UNSET:
            field_dict["version"] = version
        if status is not UNSET:
            field_dict["status"] = status
        if agent_id is not UNSET:
            field_dict["agent_id"] = agent_id
        if agent_ids is not UNSET:
            field_dict["agent_ids"] = agent_ids
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if recorded_at is not UNSET:
            field_dict["recorded_at"] = recorded_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if tags is not UNSET:
            field_dict["tags"] = tags
        if pending is not UNSET:
            field_dict["pending"] = pending
        if superseded_by is not UNSET:
            field_dict["superseded_by"] = superseded_by
        if conflicts is not UNSET:
            field_dict["conflicts"] = conflicts
        if folded is not UNSET:
            field_dict["folded"] = folded
        if neighbours is not UNSET:
            field_dict["neighbours"] = neighbours
        if reliance is not UNSET:
            field_dict["reliance"] = reliance
        if owner_user_id is not UNSET:
            field_dict["owner_user_id"] = owner_user_id
        if features is not UNSET:
            field_dict["features"] = features
        if weights is not UNSET:
            field_dict["weights"] = weights
        if via is not UNSET:
            field_dict["via"] = via

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.memory_source import MemorySource  # noqa: PLC0415
        from ..models.near_turn import NearTurn  # noqa: PLC0415
        from ..models.search_excerpt import SearchExcerpt  # noqa: PLC0415

        d = dict(src_dict)
        content = d.pop("content")

        score = d.pop("score")

        sources = []
        _sources = d.pop("sources")
        for sources_item_data in _sources:
            sources_item = MemorySource.from_dict(sources_item_data)

            sources.append(sources_item)

        type_ = check_item_type(d.pop("type"))

        id = UUID(d.pop("id"))

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

        def _parse_excerpt(data: object) -> None | SearchExcerpt | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                excerpt_type_0 = SearchExcerpt.from_dict(data)

                return excerpt_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | SearchExcerpt | Unset", data)

        excerpt = _parse_excerpt(d.pop("excerpt", UNSET))

        def _parse_relevance(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("float | None | Unset", data)

        relevance = _parse_relevance(d.pop("relevance", UNSET))

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

        def _parse_confidence(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("float | None | Unset", data)

        confidence = _parse_confidence(d.pop("confidence", UNSET))

        def _parse_version(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        version = _parse_version(d.pop("version", UNSET))

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

        def _parse_agent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        agent_id = _parse_agent_id(d.pop("agent_id", UNSET))

        agent_ids = cast("list[str]", d.pop("agent_ids", UNSET))

        metadata = d.pop("metadata", UNSET)

        def _parse_recorded_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                recorded_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return recorded_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        recorded_at = _parse_recorded_at(d.pop("recorded_at", UNSET))

        def _parse_updated_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                updated_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return updated_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        updated_at = _parse_updated_at(d.pop("updated_at", UNSET))

        tags = cast("list[str]", d.pop("tags", UNSET))

        pending = d.pop("pending", UNSET)

        _superseded_by = d.pop("superseded_by", UNSET)
        superseded_by: list[UUID] | Unset = UNSET
        if _superseded_by is not UNSET:
            superseded_by = []
            for superseded_by_item_data in _superseded_by:
                superseded_by_item = UUID(superseded_by_item_data)

                superseded_by.append(superseded_by_item)

        _conflicts = d.pop("conflicts", UNSET)
        conflicts: list[UUID] | Unset = UNSET
        if _conflicts is not UNSET:
            conflicts = []
            for conflicts_item_data in _conflicts:
                conflicts_item = UUID(conflicts_item_data)

                conflicts.append(conflicts_item)

        _folded = d.pop("folded", UNSET)
        folded: list[UUID] | Unset = UNSET
        if _folded is not UNSET:
            folded = []
            for folded_item_data in _folded:
                folded_item = UUID(folded_item_data)

                folded.append(folded_item)

        _neighbours = d.pop("neighbours", UNSET)
        neighbours: list[NearTurn] | Unset = UNSET
        if _neighbours is not UNSET:
            neighbours = []
            for neighbours_item_data in _neighbours:
                neighbours_item = NearTurn.from_dict(neighbours_item_data)

                neighbours.append(neighbours_item)

        def _parse_reliance(data: object) -> None | Reliance | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reliance_type_0 = check_reliance(data)

                return reliance_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Reliance | Unset", data)

        reliance = _parse_reliance(d.pop("reliance", UNSET))

        def _parse_owner_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        owner_user_id = _parse_owner_user_id(d.pop("owner_user_id", UNSET))

        features = d.pop("features", UNSET)

        weights = d.pop("weights", UNSET)

        def _parse_via(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        via = _parse_via(d.pop("via", UNSET))

        made = cls(
            content=content,
            score=score,
            sources=sources,
            type_=type_,
            id=id,
            kind=kind,
            excerpt=excerpt,
            relevance=relevance,
            valid_from=valid_from,
            valid_to=valid_to,
            confidence=confidence,
            version=version,
            status=status,
            agent_id=agent_id,
            agent_ids=agent_ids,
            metadata=metadata,
            recorded_at=recorded_at,
            updated_at=updated_at,
            tags=tags,
            pending=pending,
            superseded_by=superseded_by,
            conflicts=conflicts,
            folded=folded,
            neighbours=neighbours,
            reliance=reliance,
            owner_user_id=owner_user_id,
            features=features,
            weights=weights,
            via=via,
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
