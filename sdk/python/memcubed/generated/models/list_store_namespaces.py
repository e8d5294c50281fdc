from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.namespace_match import NamespaceMatch


T = TypeVar("T", bound="ListStoreNamespaces")


@_attrs_define
class ListStoreNamespaces:
    """List the namespaces that have items, in order."""

    op: Literal["list_namespaces"]
    """ Which operation this is """
    match_conditions: list[NamespaceMatch] | Unset = UNSET
    """ All of which must hold """
    max_depth: int | None | Unset = UNSET
    """ Cut namespaces to so many labels """
    limit: int | Unset = UNSET
    """ How many namespaces at most; default: `100` """
    offset: int | Unset = UNSET
    """ How many of the first to leave out; default: `0` """

    def to_dict(self) -> dict[str, Any]:
        op = self.op

        match_conditions: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.match_conditions, Unset):
            match_conditions = []
            for match_conditions_item_data in self.match_conditions:
                match_conditions_item = match_conditions_item_data.to_dict()
                match_conditions.append(match_conditions_item)

        max_depth: int | None | Unset
        if isinstance(self.max_depth, Unset):
            max_depth = UNSET
        else:
            max_depth = self.max_depth

        limit = self.limit

        offset = self.offset

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "op": op,
            }
        )
        if match_conditions is not UNSET:
            field_dict["match_conditions"] = match_conditions
        if max_depth is not UNSET:
            field_dict["max_depth"] = max_depth
        if limit is not UNSET:
            field_dict["limit"] = limit
        if offset is not UNSET:
            field_dict["offset"] = offset

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.namespace_match import NamespaceMatch  # noqa: PLC0415

        d = dict(src_dict)
        op = cast("Literal['list_namespaces']", d.pop("op"))
        if op != "list_namespaces":
            raise ValueError(f"op must match const 'list_namespaces', got '{op}'")

        _match_conditions = d.pop("match_conditions", UNSET)
        match_conditions: list[NamespaceMatch] | Unset = UNSET
        if _match_conditions is not UNSET:
            match_conditions = []
            for match_conditions_item_data in _match_conditions:
                match_conditions_item = NamespaceMatch.from_dict(match_conditions_item_data)

                match_conditions.append(match_conditions_item)

        def _parse_max_depth(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("int | None | Unset", data)

        max_depth = _parse_max_depth(d.pop("max_depth", UNSET))

        limit = d.pop("limit", UNSET)

        offset = d.pop("offset", UNSET)

        made = cls(
            op=op,
            match_conditions=match_conditions,
            max_depth=max_depth,
            limit=limit,
            offset=offset,
        )

        return made
