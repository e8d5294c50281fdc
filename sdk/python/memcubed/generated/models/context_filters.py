from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata_filter import MetadataFilter


T = TypeVar("T", bound="ContextFilters")


@_attrs_define
class ContextFilters:
    """Only what passes all of them is put into a context, the session's last turns too."""

    metadata: MetadataFilter | None | Unset = UNSET
    """ As `filters.metadata` of a search """

    def to_dict(self) -> dict[str, Any]:
        from ..models.metadata_filter import MetadataFilter  # noqa: PLC0415

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, MetadataFilter):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if metadata is not UNSET:
            field_dict["metadata"] = metadata

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metadata_filter import MetadataFilter  # noqa: PLC0415

        d = dict(src_dict)

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
            metadata=metadata,
        )

        return made
