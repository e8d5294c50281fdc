from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.turn_role import TurnRole, check_turn_role
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.geo_place_input import GeoPlaceInput
    from ..models.tool_call import ToolCall
    from ..models.turn_input_content_type_1_item import TurnInputContentType1Item


T = TypeVar("T", bound="TurnInput")


@_attrs_define
class TurnInput:
    """One message of a conversation. `ref` is the client's own id; it comes back in every source."""

    role: TurnRole
    """ Who spoke a turn. """
    content: list[TurnInputContentType1Item] | None | str
    """ What is said: a text, or OpenAI's parts of text, which are joined by line breaks. Only an assistant's turn
    with `tool_calls` may leave it out or null """
    tool_calls: list[ToolCall] | None | Unset = UNSET
    """ Of an assistant: the tools that it calls """
    tool_call_id: None | str | Unset = UNSET
    """ Of a tool's turn: the call that it answers """
    name: None | str | Unset = UNSET
    """ The speaker's name """
    ref: None | str | Unset = UNSET
    """ The client's id of the turn; the same ref twice is one turn """
    observed_at: datetime.datetime | None | Unset = UNSET
    """ When it was said, in the speaker's zone, whose days count; default: now, in UTC """
    metadata: Any | Unset = UNSET
    """ The client's own, any JSON object up to 16 KiB """
    place: GeoPlaceInput | None | Unset = UNSET
    """ Where it happened """
    shown_memory_ids: list[UUID] | Unset = UNSET
    """ What the model had before it: the `memory_ids` and `turn_ids` of the context """

    def to_dict(self) -> dict[str, Any]:
        from ..models.geo_place_input import GeoPlaceInput  # noqa: PLC0415

        role: str = self.role

        content: list[dict[str, Any]] | None | str
        if isinstance(self.content, list):
            content = []
            for content_type_1_item_data in self.content:
                content_type_1_item = content_type_1_item_data.to_dict()
                content.append(content_type_1_item)

        else:
            content = self.content

        tool_calls: list[dict[str, Any]] | None | Unset
        if isinstance(self.tool_calls, Unset):
            tool_calls = UNSET
        elif isinstance(self.tool_calls, list):
            tool_calls = []
            for tool_calls_type_0_item_data in self.tool_calls:
                tool_calls_type_0_item = tool_calls_type_0_item_data.to_dict()
                tool_calls.append(tool_calls_type_0_item)

        else:
            tool_calls = self.tool_calls

        tool_call_id: None | str | Unset
        if isinstance(self.tool_call_id, Unset):
            tool_call_id = UNSET
        else:
            tool_call_id = self.tool_call_id

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        ref: None | str | Unset
        if isinstance(self.ref, Unset):
            ref = UNSET
        else:
            ref = self.ref

        observed_at: None | str | Unset
        if isinstance(self.observed_at, Unset):
            observed_at = UNSET
        elif isinstance(self.observed_at, datetime.datetime):
            observed_at = self.observed_at.isoformat()
        else:
            observed_at = self.observed_at

        metadata = self.metadata

        place: dict[str, Any] | None | Unset
        if isinstance(self.place, Unset):
            place = UNSET
        elif isinstance(self.place, GeoPlaceInput):
            place = self.place.to_dict()
        else:
            place = self.place

        shown_memory_ids: list[str] | Unset = UNSET
        if not isinstance(self.shown_memory_ids, Unset):
            shown_memory_ids = []
            for shown_memory_ids_item_data in self.shown_memory_ids:
                shown_memory_ids_item = str(shown_memory_ids_item_data)
                shown_memory_ids.append(shown_memory_ids_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "role": role,
                "content": content,
            }
        )
        if tool_calls is not UNSET:
            field_dict["tool_calls"] = tool_calls
        if tool_call_id is not UNSET:
            field_dict["tool_call_id"] = tool_call_id
        if name is not UNSET:
            field_dict["name"] = name
        if ref is not UNSET:
            field_dict["ref"] = ref
        if observed_at is not UNSET:
            field_dict["observed_at"] = observed_at
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if place is not UNSET:
            field_dict["place"] = place
        if shown_memory_ids is not UNSET:
            field_dict["shown_memory_ids"] = shown_memory_ids

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.geo_place_input import GeoPlaceInput  # noqa: PLC0415
        from ..models.tool_call import ToolCall  # noqa: PLC0415
        from ..models.turn_input_content_type_1_item import TurnInputContentType1Item  # noqa: PLC0415

        d = dict(src_dict)
        role = check_turn_role(d.pop("role"))

        def _parse_content(data: object) -> list[TurnInputContentType1Item] | None | str:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                content_type_1 = []
                _content_type_1 = data
                for content_type_1_item_data in _content_type_1:
                    content_type_1_item = TurnInputContentType1Item.from_dict(content_type_1_item_data)

                    content_type_1.append(content_type_1_item)

                return content_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[TurnInputContentType1Item] | None | str", data)

        content = _parse_content(d.pop("content"))

        def _parse_tool_calls(data: object) -> list[ToolCall] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tool_calls_type_0 = []
                _tool_calls_type_0 = data
                for tool_calls_type_0_item_data in _tool_calls_type_0:
                    tool_calls_type_0_item = ToolCall.from_dict(tool_calls_type_0_item_data)

                    tool_calls_type_0.append(tool_calls_type_0_item)

                return tool_calls_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[ToolCall] | None | Unset", data)

        tool_calls = _parse_tool_calls(d.pop("tool_calls", UNSET))

        def _parse_tool_call_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        tool_call_id = _parse_tool_call_id(d.pop("tool_call_id", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_ref(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        ref = _parse_ref(d.pop("ref", UNSET))

        def _parse_observed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                observed_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return observed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        observed_at = _parse_observed_at(d.pop("observed_at", UNSET))

        metadata = d.pop("metadata", UNSET)

        def _parse_place(data: object) -> GeoPlaceInput | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                place_type_0 = GeoPlaceInput.from_dict(data)

                return place_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("GeoPlaceInput | None | Unset", data)

        place = _parse_place(d.pop("place", UNSET))

        _shown_memory_ids = d.pop("shown_memory_ids", UNSET)
        shown_memory_ids: list[UUID] | Unset = UNSET
        if _shown_memory_ids is not UNSET:
            shown_memory_ids = []
            for shown_memory_ids_item_data in _shown_memory_ids:
                shown_memory_ids_item = UUID(shown_memory_ids_item_data)

                shown_memory_ids.append(shown_memory_ids_item)

        made = cls(
            role=role,
            content=content,
            tool_calls=tool_calls,
            tool_call_id=tool_call_id,
            name=name,
            ref=ref,
            observed_at=observed_at,
            metadata=metadata,
            place=place,
            shown_memory_ids=shown_memory_ids,
        )

        return made
