from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.abstain_reason import AbstainReason, check_abstain_reason
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.search_item import SearchItem


T = TypeVar("T", bound="SearchResults")


@_attrs_define
class SearchResults:
    """Best first. What is null is left out, but for `abstained`."""

    items: list[SearchItem]
    """ What was found, best first """
    abstained: bool
    """ The items hold no answer; what to do is the caller's """
    reason: AbstainReason | None | Unset = UNSET
    """ With `abstained`: why """
    expanded_by: None | str | Unset = UNSET
    """ With `explain`: what of the session `asked_in` was searched for beside the question """
    waited: bool | None | Unset = UNSET
    """ With wait_for: whether the job came to its end in time """
    retrieval_id: None | Unset | UUID = UNSET
    """ For feedback, within an hour; None while Redis is out of reach """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        abstained = self.abstained

        reason: None | str | Unset
        if isinstance(self.reason, Unset):
            reason = UNSET
        elif isinstance(self.reason, str):
            reason = self.reason
        else:
            reason = self.reason

        expanded_by: None | str | Unset
        if isinstance(self.expanded_by, Unset):
            expanded_by = UNSET
        else:
            expanded_by = self.expanded_by

        waited: bool | None | Unset
        if isinstance(self.waited, Unset):
            waited = UNSET
        else:
            waited = self.waited

        retrieval_id: None | str | Unset
        if isinstance(self.retrieval_id, Unset):
            retrieval_id = UNSET
        elif isinstance(self.retrieval_id, UUID):
            retrieval_id = str(self.retrieval_id)
        else:
            retrieval_id = self.retrieval_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "items": items,
                "abstained": abstained,
            }
        )
        if reason is not UNSET:
            field_dict["reason"] = reason
        if expanded_by is not UNSET:
            field_dict["expanded_by"] = expanded_by
        if waited is not UNSET:
            field_dict["waited"] = waited
        if retrieval_id is not UNSET:
            field_dict["retrieval_id"] = retrieval_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.search_item import SearchItem  # noqa: PLC0415

        d = dict(src_dict)
        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = SearchItem.from_dict(items_item_data)

            items.append(items_item)

        abstained = d.pop("abstained")

        def _parse_reason(data: object) -> AbstainReason | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reason_type_0 = check_abstain_reason(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("AbstainReason | None | Unset", data)

        reason = _parse_reason(d.pop("reason", UNSET))

        def _parse_expanded_by(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        expanded_by = _parse_expanded_by(d.pop("expanded_by", UNSET))

        def _parse_waited(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("bool | None | Unset", data)

        waited = _parse_waited(d.pop("waited", UNSET))

        def _parse_retrieval_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                retrieval_id_type_0 = UUID(data)

                return retrieval_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Unset | UUID", data)

        retrieval_id = _parse_retrieval_id(d.pop("retrieval_id", UNSET))

        made = cls(
            items=items,
            abstained=abstained,
            reason=reason,
            expanded_by=expanded_by,
            waited=waited,
            retrieval_id=retrieval_id,
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
