from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.search_memory import SearchMemory


T = TypeVar("T", bound="SearchMemoryBatch")


@_attrs_define
class SearchMemoryBatch:
    """Searches of one user or several; each is answered as if it were sent alone."""

    searches: list[SearchMemory]
    """ At most 1000 items in all (the sum of `k`); none waits for a job """

    def to_dict(self) -> dict[str, Any]:
        searches = []
        for searches_item_data in self.searches:
            searches_item = searches_item_data.to_dict()
            searches.append(searches_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "searches": searches,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.search_memory import SearchMemory  # noqa: PLC0415

        d = dict(src_dict)
        searches = []
        _searches = d.pop("searches")
        for searches_item_data in _searches:
            searches_item = SearchMemory.from_dict(searches_item_data)

            searches.append(searches_item)

        made = cls(
            searches=searches,
        )

        return made
