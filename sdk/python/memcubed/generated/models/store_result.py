from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.stored_item import StoredItem


T = TypeVar("T", bound="StoreResult")


@_attrs_define
class StoreResult:
    """What one operation gave; what does not belong to it is null."""

    item: None | StoredItem
    """ Of `get`: the item, null if there is none """
    items: list[StoredItem] | None
    """ Of `search` """
    namespaces: list[list[str]] | None
    """ Of `list_namespaces` """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.stored_item import StoredItem  # noqa: PLC0415

        item: dict[str, Any] | None
        if isinstance(self.item, StoredItem):
            item = self.item.to_dict()
        else:
            item = self.item

        items: list[dict[str, Any]] | None
        if isinstance(self.items, list):
            items = []
            for items_type_0_item_data in self.items:
                items_type_0_item = items_type_0_item_data.to_dict()
                items.append(items_type_0_item)

        else:
            items = self.items

        namespaces: list[list[str]] | None
        if isinstance(self.namespaces, list):
            namespaces = []
            for namespaces_type_0_item_data in self.namespaces:
                namespaces_type_0_item = namespaces_type_0_item_data

                namespaces.append(namespaces_type_0_item)

        else:
            namespaces = self.namespaces

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "item": item,
                "items": items,
                "namespaces": namespaces,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.stored_item import StoredItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_item(data: object) -> None | StoredItem:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                item_type_0 = StoredItem.from_dict(data)

                return item_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | StoredItem", data)

        item = _parse_item(d.pop("item"))

        def _parse_items(data: object) -> list[StoredItem] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                items_type_0 = []
                _items_type_0 = data
                for items_type_0_item_data in _items_type_0:
                    items_type_0_item = StoredItem.from_dict(items_type_0_item_data)

                    items_type_0.append(items_type_0_item)

                return items_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[StoredItem] | None", data)

        items = _parse_items(d.pop("items"))

        def _parse_namespaces(data: object) -> list[list[str]] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                namespaces_type_0 = []
                _namespaces_type_0 = data
                for namespaces_type_0_item_data in _namespaces_type_0:
                    namespaces_type_0_item = cast("list[str]", namespaces_type_0_item_data)

                    namespaces_type_0.append(namespaces_type_0_item)

                return namespaces_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[list[str]] | None", data)

        namespaces = _parse_namespaces(d.pop("namespaces"))

        made = cls(
            item=item,
            items=items,
            namespaces=namespaces,
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
