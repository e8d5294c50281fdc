from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.tool_call_type import ToolCallType, check_tool_call_type
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.called_function import CalledFunction
    from ..models.called_tool import CalledTool


T = TypeVar("T", bound="ToolCall")


@_attrs_define
class ToolCall:
    """A call that a model asks for; the turn with the result names its `id` as `tool_call_id`."""

    id: str
    """ Its id """
    type_: ToolCallType | Unset = UNSET
    """ What it is; default: `"function"` """
    function: CalledFunction | None | Unset = UNSET
    """ The function that was called """
    custom: CalledTool | None | Unset = UNSET
    """ The tool that was called with a text """

    def to_dict(self) -> dict[str, Any]:
        from ..models.called_function import CalledFunction  # noqa: PLC0415
        from ..models.called_tool import CalledTool  # noqa: PLC0415

        id = self.id

        type_: str | Unset = UNSET
        if not isinstance(self.type_, Unset):
            type_ = self.type_

        function: dict[str, Any] | None | Unset
        if isinstance(self.function, Unset):
            function = UNSET
        elif isinstance(self.function, CalledFunction):
            function = self.function.to_dict()
        else:
            function = self.function

        custom: dict[str, Any] | None | Unset
        if isinstance(self.custom, Unset):
            custom = UNSET
        elif isinstance(self.custom, CalledTool):
            custom = self.custom.to_dict()
        else:
            custom = self.custom

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "id": id,
            }
        )
        if type_ is not UNSET:
            field_dict["type"] = type_
        if function is not UNSET:
            field_dict["function"] = function
        if custom is not UNSET:
            field_dict["custom"] = custom

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.called_function import CalledFunction  # noqa: PLC0415
        from ..models.called_tool import CalledTool  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        _type_ = d.pop("type", UNSET)
        type_: ToolCallType | Unset
        if isinstance(_type_, Unset):
            type_ = UNSET
        else:
            type_ = check_tool_call_type(_type_)

        def _parse_function(data: object) -> CalledFunction | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                function_type_0 = CalledFunction.from_dict(data)

                return function_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("CalledFunction | None | Unset", data)

        function = _parse_function(d.pop("function", UNSET))

        def _parse_custom(data: object) -> CalledTool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                custom_type_0 = CalledTool.from_dict(data)

                return custom_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("CalledTool | None | Unset", data)

        custom = _parse_custom(d.pop("custom", UNSET))

        made = cls(
            id=id,
            type_=type_,
            function=function,
            custom=custom,
        )

        return made
