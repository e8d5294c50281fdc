from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="SearchStoreItems")


@_attrs_define
class SearchStoreItems:
    """Find items: those nearest to a `query` or `vector`, else the ones written last."""

    op: Literal["search"]
    """ Which operation this is """
    namespace_prefix: list[str]
    """ The first labels of the namespaces; none = all of them """
    filter_: Any | Unset = UNSET
    """ Members of the value that must be equal, or `{member: {operator: value}}` with $eq, $ne, $gt, $gte, $lt,
    $lte; numbers are compared as numbers, and only with numbers """
    query: None | str | Unset = UNSET
    """ Compared with the `texts` of the items """
    vector: list[float] | None | Unset = UNSET
    """ Compared with the `vectors` of the items that have as many dimensions """
    limit: int | Unset = UNSET
    """ How many items at most; default: `10` """
    offset: int | Unset = UNSET
    """ How many of the best to leave out; default: `0` """
    refresh_ttl: bool | Unset = UNSET
    """ Let the time to live of what is read begin anew; done for keys that may write; default: `false` """

    def to_dict(self) -> dict[str, Any]:
        op = self.op

        namespace_prefix = self.namespace_prefix

        filter_ = self.filter_

        query: None | str | Unset
        if isinstance(self.query, Unset):
            query = UNSET
        else:
            query = self.query

        vector: list[float] | None | Unset
        if isinstance(self.vector, Unset):
            vector = UNSET
        elif isinstance(self.vector, list):
            vector = self.vector

        else:
            vector = self.vector

        limit = self.limit

        offset = self.offset

        refresh_ttl = self.refresh_ttl

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "op": op,
                "namespace_prefix": namespace_prefix,
            }
        )
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if query is not UNSET:
            field_dict["query"] = query
        if vector is not UNSET:
            field_dict["vector"] = vector
        if limit is not UNSET:
            field_dict["limit"] = limit
        if offset is not UNSET:
            field_dict["offset"] = offset
        if refresh_ttl is not UNSET:
            field_dict["refresh_ttl"] = refresh_ttl

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        op = cast("Literal['search']", d.pop("op"))
        if op != "search":
            raise ValueError(f"op must match const 'search', got '{op}'")

        namespace_prefix = cast("list[str]", d.pop("namespace_prefix"))

        filter_ = d.pop("filter", UNSET)

        def _parse_query(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        query = _parse_query(d.pop("query", UNSET))

        def _parse_vector(data: object) -> list[float] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                vector_type_0 = cast("list[float]", data)

                return vector_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[float] | None | Unset", data)

        vector = _parse_vector(d.pop("vector", UNSET))

        limit = d.pop("limit", UNSET)

        offset = d.pop("offset", UNSET)

        refresh_ttl = d.pop("refresh_ttl", UNSET)

        made = cls(
            op=op,
            namespace_prefix=namespace_prefix,
            filter_=filter_,
            query=query,
            vector=vector,
            limit=limit,
            offset=offset,
            refresh_ttl=refresh_ttl,
        )

        return made
