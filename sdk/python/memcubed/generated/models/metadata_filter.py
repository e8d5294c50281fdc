from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.metadata_operator import MetadataOperator, check_metadata_operator
from ..types import UNSET, Unset

T = TypeVar("T", bound="MetadataFilter")


@_attrs_define
class MetadataFilter:
    """A condition on metadata: a comparison (`field`, `op`, `value`), or one of `and`, `or`, `not`."""

    field: list[str] | None | str | Unset = UNSET
    """ A key of the metadata; a list of keys is the path into nested objects """
    op: MetadataOperator | None | Unset = UNSET
    """ How `field` is compared with `value` """
    value: Any | Unset = UNSET
    """ What to compare with: a JSON value; for `in` and `nin` a list of 1 to 100; for `gt`, `gte`, `lt`, `lte` a
    number or a text; for `exists` true (the default) or false """
    and_: list[MetadataFilter] | None | Unset = UNSET
    """ All of these hold """
    or_: list[MetadataFilter] | None | Unset = UNSET
    """ At least one of these holds """
    not_: MetadataFilter | None | Unset = UNSET
    """ This does not hold """

    def to_dict(self) -> dict[str, Any]:
        field: list[str] | None | str | Unset
        if isinstance(self.field, Unset):
            field = UNSET
        elif isinstance(self.field, list):
            field = self.field

        else:
            field = self.field

        op: None | str | Unset
        if isinstance(self.op, Unset):
            op = UNSET
        elif isinstance(self.op, str):
            op = self.op
        else:
            op = self.op

        value = self.value

        and_: list[dict[str, Any]] | None | Unset
        if isinstance(self.and_, Unset):
            and_ = UNSET
        elif isinstance(self.and_, list):
            and_ = []
            for and_type_0_item_data in self.and_:
                and_type_0_item = and_type_0_item_data.to_dict()
                and_.append(and_type_0_item)

        else:
            and_ = self.and_

        or_: list[dict[str, Any]] | None | Unset
        if isinstance(self.or_, Unset):
            or_ = UNSET
        elif isinstance(self.or_, list):
            or_ = []
            for or_type_0_item_data in self.or_:
                or_type_0_item = or_type_0_item_data.to_dict()
                or_.append(or_type_0_item)

        else:
            or_ = self.or_

        not_: dict[str, Any] | None | Unset
        if isinstance(self.not_, Unset):
            not_ = UNSET
        elif isinstance(self.not_, MetadataFilter):
            not_ = self.not_.to_dict()
        else:
            not_ = self.not_

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if field is not UNSET:
            field_dict["field"] = field
        if op is not UNSET:
            field_dict["op"] = op
        if value is not UNSET:
            field_dict["value"] = value
        if and_ is not UNSET:
            field_dict["and"] = and_
        if or_ is not UNSET:
            field_dict["or"] = or_
        if not_ is not UNSET:
            field_dict["not"] = not_

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_field(data: object) -> list[str] | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                field_type_1 = cast("list[str]", data)

                return field_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[str] | None | str | Unset", data)

        field = _parse_field(d.pop("field", UNSET))

        def _parse_op(data: object) -> MetadataOperator | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                op_type_0 = check_metadata_operator(data)

                return op_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MetadataOperator | None | Unset", data)

        op = _parse_op(d.pop("op", UNSET))

        value = d.pop("value", UNSET)

        def _parse_and_(data: object) -> list[MetadataFilter] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                and_type_0 = []
                _and_type_0 = data
                for and_type_0_item_data in _and_type_0:
                    and_type_0_item = MetadataFilter.from_dict(and_type_0_item_data)

                    and_type_0.append(and_type_0_item)

                return and_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[MetadataFilter] | None | Unset", data)

        and_ = _parse_and_(d.pop("and", UNSET))

        def _parse_or_(data: object) -> list[MetadataFilter] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                or_type_0 = []
                _or_type_0 = data
                for or_type_0_item_data in _or_type_0:
                    or_type_0_item = MetadataFilter.from_dict(or_type_0_item_data)

                    or_type_0.append(or_type_0_item)

                return or_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[MetadataFilter] | None | Unset", data)

        or_ = _parse_or_(d.pop("or", UNSET))

        def _parse_not_(data: object) -> MetadataFilter | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                not_type_0 = MetadataFilter.from_dict(data)

                return not_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("MetadataFilter | None | Unset", data)

        not_ = _parse_not_(d.pop("not", UNSET))

        made = cls(
            field=field,
            op=op,
            value=value,
            and_=and_,
            or_=or_,
            not_=not_,
        )

        return made
