from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.memory_kind import MemoryKind, check_memory_kind
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.search_filters import SearchFilters


T = TypeVar("T", bound="AnswerQuestion")


@_attrs_define
class AnswerQuestion:
    """A question that is to be answered from one user's memory."""

    user_id: str
    """ The user whose memory it is """
    query: str
    """ The question, in words """
    k: int | Unset = UNSET
    """ Items that the model may be shown; default: `20` """
    kinds: list[MemoryKind] | None | Unset = UNSET
    """ Only memories of these kinds, and no turns """
    session_id: None | str | Unset = UNSET
    """ Only this session """
    asked_in: None | str | Unset = UNSET
    """ The session that the question is asked in """
    agent_id: None | str | Unset = UNSET
    """ Only what this agent took part in """
    filters: SearchFilters | Unset = UNSET
    """ Only what passes all of them is looked at. """
    reference_time: datetime.datetime | None | Unset = UNSET
    """ What `now` is for this question; default: as_of, known_at or now """
    as_of: datetime.datetime | None | Unset = UNSET
    """ What was true at that moment (valid time) """
    known_at: datetime.datetime | None | Unset = UNSET
    """ What was recorded up to that moment, and nothing that came later """
    shared: bool | Unset = UNSET
    """ Also find the memories, never the turns, that others granted to the user; default: `false` """
    sub_questions: int | Unset = UNSET
    """ How many further questions the model may look up before it answers, in one second call; default: `0` """
    max_evidence_tokens: int | Unset = UNSET
    """ Of what the model is shown, in WordPiece tokens of MiniLM; default: `3000` """
    stream: bool | Unset = UNSET
    """ Answer with server-sent events, as with `Accept: text/event-stream`; default: `false` """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        query = self.query

        k = self.k

        kinds: list[str] | None | Unset
        if isinstance(self.kinds, Unset):
            kinds = UNSET
        elif isinstance(self.kinds, list):
            kinds = []
            for kinds_type_0_item_data in self.kinds:
                kinds_type_0_item: str = kinds_type_0_item_data
                kinds.append(kinds_type_0_item)

        else:
            kinds = self.kinds

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        else:
            session_id = self.session_id

        asked_in: None | str | Unset
        if isinstance(self.asked_in, Unset):
            asked_in = UNSET
        else:
            asked_in = self.asked_in

        agent_id: None | str | Unset
        if isinstance(self.agent_id, Unset):
            agent_id = UNSET
        else:
            agent_id = self.agent_id

        filters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.filters, Unset):
            filters = self.filters.to_dict()

        reference_time: None | str | Unset
        if isinstance(self.reference_time, Unset):
            reference_time = UNSET
        elif isinstance(self.reference_time, datetime.datetime):
            reference_time = self.reference_time.isoformat()
        else:
            reference_time = self.reference_time

        as_of: None | str | Unset
        if isinstance(self.as_of, Unset):
            as_of = UNSET
        elif isinstance(self.as_of, datetime.datetime):
            as_of = self.as_of.isoformat()
        else:
            as_of = self.as_of

        known_at: None | str | Unset
        if isinstance(self.known_at, Unset):
            known_at = UNSET
        elif isinstance(self.known_at, datetime.datetime):
            known_at = self.known_at.isoformat()
        else:
            known_at = self.known_at

        shared = self.shared

        sub_questions = self.sub_questions

        max_evidence_tokens = self.max_evidence_tokens

        stream = self.stream

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "query": query,
            }
        )
        if k is not UNSET:
            field_dict["k"] = k
        if kinds is not UNSET:
            field_dict["kinds"] = kinds
        if session_id is not UNSET:
            field_dict["session_id"] = session_id
        if asked_in is not UNSET:
            field_dict["asked_in"] = asked_in
        if agent_id is not UNSET:
            field_dict["agent_id"] = agent_id
        if filters is not UNSET:
            field_dict["filters"] = filters
        if reference_time is not UNSET:
            field_dict["reference_time"] = reference_time
        if as_of is not UNSET:
            field_dict["as_of"] = as_of
        if known_at is not UNSET:
            field_dict["known_at"] = known_at
        if shared is not UNSET:
            field_dict["shared"] = shared
        if sub_questions is not UNSET:
            field_dict["sub_questions"] = sub_questions
        if max_evidence_tokens is not UNSET:
            field_dict["max_evidence_tokens"] = max_evidence_tokens
        if stream is not UNSET:
            field_dict["stream"] = stream

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.search_filters import SearchFilters  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        query = d.pop("query")

        k = d.pop("k", UNSET)

        def _parse_kinds(data: object) -> list[MemoryKind] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                kinds_type_0 = []
                _kinds_type_0 = data
                for kinds_type_0_item_data in _kinds_type_0:
                    kinds_type_0_item = check_memory_kind(kinds_type_0_item_data)

                    kinds_type_0.append(kinds_type_0_item)

                return kinds_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("list[MemoryKind] | None | Unset", data)

        kinds = _parse_kinds(d.pop("kinds", UNSET))

        def _parse_session_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        session_id = _parse_session_id(d.pop("session_id", UNSET))

        def _parse_asked_in(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        asked_in = _parse_asked_in(d.pop("asked_in", UNSET))

        def _parse_agent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        agent_id = _parse_agent_id(d.pop("agent_id", UNSET))

        _filters = d.pop("filters", UNSET)
        filters: SearchFilters | Unset
        if isinstance(_filters, Unset):
            filters = UNSET
        else:
            filters = SearchFilters.from_dict(_filters)

        def _parse_reference_time(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                reference_time_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return reference_time_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        reference_time = _parse_reference_time(d.pop("reference_time", UNSET))

        def _parse_as_of(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                as_of_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return as_of_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        as_of = _parse_as_of(d.pop("as_of", UNSET))

        def _parse_known_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                known_at_type_0 = datetime.datetime.fromisoformat(data.replace("Z", "+00:00"))

                return known_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("datetime.datetime | None | Unset", data)

        known_at = _parse_known_at(d.pop("known_at", UNSET))

        shared = d.pop("shared", UNSET)

        sub_questions = d.pop("sub_questions", UNSET)

        max_evidence_tokens = d.pop("max_evidence_tokens", UNSET)

        stream = d.pop("stream", UNSET)

        made = cls(
            user_id=user_id,
            query=query,
            k=k,
            kinds=kinds,
            session_id=session_id,
            asked_in=asked_in,
            agent_id=agent_id,
            filters=filters,
            reference_time=reference_time,
            as_of=as_of,
            known_at=known_at,
            shared=shared,
            sub_questions=sub_questions,
            max_evidence_tokens=max_evidence_tokens,
            stream=stream,
        )

        return made
