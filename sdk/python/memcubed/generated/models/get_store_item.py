from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="GetStoreItem")


@_attrs_define
class GetStoreItem:
    """Read one item."""

    op: Literal["get"]
    """ Which operation this is """
    namespace: list[str]
    """ The labels of the namespace, outermost first """
    key: str
    """ Names the item within its namespace """
    refresh_ttl: bool | Unset = UNSET
    """ Let the time to live of what is read begin anew; done for keys that may write; default: `false` """

    def to_dict(self) -> dict[str, Any]:
        op = self.op

        namespace = self.namespace

        key = self.key

        refresh_ttl = self.refresh_ttl

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "op": op,
                "namespace": namespace,
                "key": key,
            }
        )
        if refresh_ttl is not UNSET:
            field_dict["refresh_ttl"] = refresh_ttl

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        op = cast("Literal['get']", d.pop("op"))
        if op != "get":
            raise ValueError(f"op must match const 'get', got '{op}'")

        namespace = cast("list[str]", d.pop("namespace"))

        key = d.pop("key")

        refresh_ttl = d.pop("refresh_ttl", UNSET)

        made = cls(
            op=op,
            namespace=namespace,
            key=key,
            refresh_ttl=refresh_ttl,
        )

        return made
