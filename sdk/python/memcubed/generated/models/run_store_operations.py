from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define

if TYPE_CHECKING:
    from ..models.delete_store_item import DeleteStoreItem
    from ..models.get_store_item import GetStoreItem
    from ..models.list_store_namespaces import ListStoreNamespaces
    from ..models.put_store_item import PutStoreItem
    from ..models.search_store_items import SearchStoreItems


T = TypeVar("T", bound="RunStoreOperations")


@_attrs_define
class RunStoreOperations:
    """Operations of one user's store, done in their order and in one transaction."""

    user_id: str
    """ Whose store it is """
    operations: list[DeleteStoreItem | GetStoreItem | ListStoreNamespaces | PutStoreItem | SearchStoreItems]
    """ What is to be done """

    def to_dict(self) -> dict[str, Any]:
        from ..models.delete_store_item import DeleteStoreItem  # noqa: PLC0415
        from ..models.get_store_item import GetStoreItem  # noqa: PLC0415
        from ..models.put_store_item import PutStoreItem  # noqa: PLC0415
        from ..models.search_store_items import SearchStoreItems  # noqa: PLC0415

        user_id = self.user_id

        operations = []
        for operations_item_data in self.operations:
            operations_item: dict[str, Any]
            if isinstance(operations_item_data, GetStoreItem):
                operations_item = operations_item_data.to_dict()
            elif isinstance(operations_item_data, PutStoreItem):
                operations_item = operations_item_data.to_dict()
            elif isinstance(operations_item_data, DeleteStoreItem):
                operations_item = operations_item_data.to_dict()
            elif isinstance(operations_item_data, SearchStoreItems):
                operations_item = operations_item_data.to_dict()
            else:
                operations_item = operations_item_data.to_dict()

            operations.append(operations_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "operations": operations,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.delete_store_item import DeleteStoreItem  # noqa: PLC0415
        from ..models.get_store_item import GetStoreItem  # noqa: PLC0415
        from ..models.list_store_namespaces import ListStoreNamespaces  # noqa: PLC0415
        from ..models.put_store_item import PutStoreItem  # noqa: PLC0415
        from ..models.search_store_items import SearchStoreItems  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        operations = []
        _operations = d.pop("operations")
        for operations_item_data in _operations:

            def _parse_operations_item(
                data: object,
            ) -> DeleteStoreItem | GetStoreItem | ListStoreNamespaces | PutStoreItem | SearchStoreItems:
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    operations_item_type_0 = GetStoreItem.from_dict(data)

                    return operations_item_type_0
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    operations_item_type_1 = PutStoreItem.from_dict(data)

                    return operations_item_type_1
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    operations_item_type_2 = DeleteStoreItem.from_dict(data)

                    return operations_item_type_2
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                try:
                    if not isinstance(data, dict):
                        raise TypeError()
                    operations_item_type_3 = SearchStoreItems.from_dict(data)

                    return operations_item_type_3
                except (TypeError, ValueError, AttributeError, KeyError):
                    pass
                if not isinstance(data, dict):
                    raise TypeError()
                operations_item_type_4 = ListStoreNamespaces.from_dict(data)

                return operations_item_type_4

            operations_item = _parse_operations_item(operations_item_data)

            operations.append(operations_item)

        made = cls(
            user_id=user_id,
            operations=operations,
        )

        return made
