from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="DeleteStoreItem")


@_attrs_define
class DeleteStoreItem:
    """Delete one item; one that is not there is no error."""

    op: Literal["delete"]
    """ Which operation this is """
    namespace: list[str]
    """ The labels of the namespace, outermost first """
    key: str
    """ Names the item within its namespace """

    def to_dict(self) -> dict[str, Any]:
        op = self.op

        namespace = self.namespace

        key = self.key

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "op": op,
                "namespace": namespace,
                "key": key,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        op = cast("Literal['delete']", d.pop("op"))
        if op != "delete":
            raise ValueError(f"op must match const 'delete', got '{op}'")

        namespace = cast("list[str]", d.pop("namespace"))

        key = d.pop("key")

        made = cls(
            op=op,
            namespace=namespace,
            key=key,
        )

        return made
