from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.turn_role import TurnRole, check_turn_role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.geo_circle import GeoCircle
    from ..models.metadata_filter import MetadataFilter


T = TypeVar("T", bound="SearchFilters")


@_attrs_define
class SearchFilters:
    """Only what passes all of them is looked at."""

    roles: list[TurnRole] | None | Unset = UNSET
    """ Turns of these roles, and memories that they say """
    speaker: None | str | Unset = UNSET
    """ Turns of whoever has this name, and memories that they say """
    tags: list[str] | None | Unset = UNSET
    """ Memories with all of these tags """
    since: datetime.datetime | None | Unset = UNSET
    """ Said at or after """
    until: datetime.datetime | None | Unset = UNSET
    """ Said before """
    place: None | str | Unset = UNSET
    """ Memories of what happened, and turns said, at a place with these words """
    near: GeoCircle | None | Unset = UNSET
    """ The same within a distance; places with coordinates """
    metadata: MetadataFilter | None | Unset = UNSET
    """ What the metadata say; a memory inherits those of the turns that state it """

    def to_dict(self) -> dict[str, Any]:
        from ..models.geo_circle import GeoCircle  # noqa: PLC0415
        from ..models.metadata_filter import MetadataFilter  # noqa: PLC0415

        roles: list[str] | None | Unset
        if isinstance(self.roles, Unset):
            roles = UNSET
        elif isinstance(self.roles, list):
            roles = []
            for roles_type_0_item_data in self.roles:
                roles_type_0_item: str = roles_type_0_item_data
                roles.append(roles_type_0_item)

        else:
            roles = self.roles

        speaker: None | str | Unset
        if isinstance(self.speaker, Unset):
            speaker = UNSET
        else:
            speaker = self.speaker

        tags: list[str] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        since: None | str | Unset
        if isinstance(self.since, Unset):
            since = UNSET
        elif isinstance(self.since, datetime.datetime):
            since = self.since.isoformat()
        else:
            since = self.since

        until: None | str | Unset
        if isinstance(self.until, Unset):
            until = UNSET
        elif isinstance(self.until, datetime.datetime):
            until = self.until.isoformat()
        else:
            until = self.until

        place: None | str | Unset
        if isinstance(self.place, Unset):
            place = UNSET
        else:
            place = self.place

        near: dict[str, Any] | None | Unset
        if isinstance(self.near, Unset):
            near = UNSET
        elif isinstance(self.near, GeoCircle):
            near = self.near.to_dict()
        else:
            near = self.near

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, MetadataFilter):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if roles is not UNSET:
            field_dict["roles"] = roles
        if speaker is not UNSET:
            field_dict["speaker"] = speaker
        if tags is not UNSET:
            field_dict["tags"] = tags
        if since is not UNSET:
            field_dict["since"] = since
        if until is not UNSET:
            field_dict["until"] = until
        if place is not UNSET:
            field_dict["place"] = place
        if near is not UNSET:
            field_dict["near"] = near
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.geo_circle import GeoCircle  # noqa: PLC0415
        from ..models.metadata_filter import MetadataFilter  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_roles(data: object) -> list[TurnRole] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                roles_type_0 = []
                _roles_type_0 = data
                for roles_type_0_item_data in _roles_type_0:
                    roles_type_0_item = check_turn_role(roles_type_0_item_data)

                    roles_type_0.append(roles_type_0_item)

                return roles_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[TurnRole] | None | Unset", data)

        roles = _parse_roles(d.pop("roles", UNSET))

        def _parse_speaker(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        speaker = _parse_speaker(d.pop("speaker", UNSET))

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

        def _parse_since(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                since_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return since_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        since = _parse_since(d.pop("since", UNSET))

        def _parse_until(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                until_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        until = _parse_until(d.pop("until", UNSET))

        def _parse_place(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        place = _parse_place(d.pop("place", UNSET))

        def _parse_near(data: object) -> GeoCircle | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                near_type_0 = GeoCircle.from_dict(data)

                return near_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("GeoCircle | None | Unset", data)

        near = _parse_near(d.pop("near", UNSET))

        def _parse_metadata(data: object) -> MetadataFilter | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = MetadataFilter.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MetadataFilter | None | Unset", data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        made = cls(
            roles=roles,
            speaker=speaker,
            tags=tags,
            since=since,
            until=until,
            place=place,
            near=near,
            metadata=metadata,
        )

        return made
