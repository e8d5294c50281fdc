from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PromptContext")


@_attrs_define
class PromptContext:
    """A block for the prompt, never longer than the budget."""

    text: str
    """ The words """
    tokens: int
    """ How many of the budget it has taken """
    memory_ids: list[UUID]
    """ Send these back as `shown_memory_ids` with the model's turn. In markdown each is marked with the last
    characters of its id, at least 6, in square brackets """
    turn_ids: list[UUID]
    """ The turns shown, and those that say a memory which is shown; send these back in `shown_memory_ids` too """
    gated: bool
    """ The query is a greeting, thanks or assent: only the last turns are shown """
    waited: bool | None
    """ With wait_for: whether the job ended in time """
    retrieval_id: None | UUID
    """ For feedback, within an hour; None while Redis is out of reach """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        tokens = self.tokens

        memory_ids = []
        for memory_ids_item_data in self.memory_ids:
            memory_ids_item = str(memory_ids_item_data)
            memory_ids.append(memory_ids_item)

        turn_ids = []
        for turn_ids_item_data in self.turn_ids:
            turn_ids_item = str(turn_ids_item_data)
            turn_ids.append(turn_ids_item)

        gated = self.gated

        waited: bool | None
        waited = self.waited

        retrieval_id: None | str
        if isinstance(self.retrieval_id, UUID):
            retrieval_id = str(self.retrieval_id)
        else:
            retrieval_id = self.retrieval_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
                "tokens": tokens,
                "memory_ids": memory_ids,
                "turn_ids": turn_ids,
                "gated": gated,
                "waited": waited,
                "retrieval_id": retrieval_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        text = d.pop("text")

        tokens = d.pop("tokens")

        memory_ids = []
        _memory_ids = d.pop("memory_ids")
        for memory_ids_item_data in _memory_ids:
            memory_ids_item = UUID(memory_ids_item_data)

            memory_ids.append(memory_ids_item)

        turn_ids = []
        _turn_ids = d.pop("turn_ids")
        for turn_ids_item_data in _turn_ids:
            turn_ids_item = UUID(turn_ids_item_data)

            turn_ids.append(turn_ids_item)

        gated = d.pop("gated")

        def _parse_waited(data: object) -> bool | None:
            if data is None:
                return data
            return cast("bool | None", data)

        waited = _parse_waited(d.pop("waited"))

        def _parse_retrieval_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                retrieval_id_type_0 = UUID(data)

                return retrieval_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | UUID", data)

        retrieval_id = _parse_retrieval_id(d.pop("retrieval_id"))

        made = cls(
            text=text,
            tokens=tokens,
            memory_ids=memory_ids,
            turn_ids=turn_ids,
            gated=gated,
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
