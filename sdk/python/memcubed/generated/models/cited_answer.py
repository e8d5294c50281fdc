from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.no_answer_reason import NoAnswerReason, check_no_answer_reason

if TYPE_CHECKING:
    from ..models.answer_claim import AnswerClaim
    from ..models.llm_usage import LlmUsage
    from ..models.search_item import SearchItem


T = TypeVar("T", bound="CitedAnswer")


@_attrs_define
class CitedAnswer:
    """A short answer in which every sentence cites items, or why there is none."""

    answer: None | str
    """ The supported claims; None when it abstains """
    abstained: bool
    """ Whether there is no answer; `reason` says why """
    reason: NoAnswerReason | None
    """ With `abstained`: why """
    missing: None | str
    """ With `not_in_evidence`: what is missing, in the model's words """
    claims: list[AnswerClaim]
    """ The sentences of the model, also those without support """
    items: list[SearchItem]
    """ The items that are cited, in the order of the claims """
    shown_ids: list[UUID]
    """ All items that the model was shown, best first """
    sub_questions: list[str]
    """ What was looked up beside the question """
    usage: LlmUsage
    """ What a job has cost at the LLM, failed calls too. """
    model: None | str
    """ The model that wrote it; None when none was asked """
    retrieval_id: None | UUID
    """ For feedback, within an hour; None while Redis is out of reach """
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        answer: None | str
        answer = self.answer

        abstained = self.abstained

        reason: None | str
        if isinstance(self.reason, str):
            reason = self.reason
        else:
            reason = self.reason

        missing: None | str
        missing = self.missing

        claims = []
        for claims_item_data in self.claims:
            claims_item = claims_item_data.to_dict()
            claims.append(claims_item)

        items = []
        for items_item_data in self.items:
            items_item = items_item_data.to_dict()
            items.append(items_item)

        shown_ids = []
        for shown_ids_item_data in self.shown_ids:
            shown_ids_item = str(shown_ids_item_data)
            shown_ids.append(shown_ids_item)

        sub_questions = self.sub_questions

        usage = self.usage.to_dict()

        model: None | str
        model = self.model

        retrieval_id: None | str
        if isinstance(self.retrieval_id, UUID):
            retrieval_id = str(self.retrieval_id)
        else:
            retrieval_id = self.retrieval_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "answer": answer,
                "abstained": abstained,
                "reason": reason,
                "missing": missing,
                "claims": claims,
                "items": items,
                "shown_ids": shown_ids,
                "sub_questions": sub_questions,
                "usage": usage,
                "model": model,
                "retrieval_id": retrieval_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.answer_claim import AnswerClaim  # noqa: PLC0415
        from ..models.llm_usage import LlmUsage  # noqa: PLC0415
        from ..models.search_item import SearchItem  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_answer(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        answer = _parse_answer(d.pop("answer"))

        abstained = d.pop("abstained")

        def _parse_reason(data: object) -> NoAnswerReason | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reason_type_0 = check_no_answer_reason(data)

                return reason_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("NoAnswerReason | None", data)

        reason = _parse_reason(d.pop("reason"))

        def _parse_missing(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        missing = _parse_missing(d.pop("missing"))

        claims = []
        _claims = d.pop("claims")
        for claims_item_data in _claims:
            claims_item = AnswerClaim.from_dict(claims_item_data)

            claims.append(claims_item)

        items = []
        _items = d.pop("items")
        for items_item_data in _items:
            items_item = SearchItem.from_dict(items_item_data)

            items.append(items_item)

        shown_ids = []
        _shown_ids = d.pop("shown_ids")
        for shown_ids_item_data in _shown_ids:
            shown_ids_item = UUID(shown_ids_item_data)

            shown_ids.append(shown_ids_item)

        sub_questions = cast("list[str]", d.pop("sub_questions"))

        usage = LlmUsage.from_dict(d.pop("usage"))

        def _parse_model(data: object) -> None | str:
            if data is None:
                return data
            return cast("None | str", data)

        model = _parse_model(d.pop("model"))

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
            answer=answer,
            abstained=abstained,
            reason=reason,
            missing=missing,
            claims=claims,
            items=items,
            shown_ids=shown_ids,
            sub_questions=sub_questions,
            usage=usage,
            model=model,
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
