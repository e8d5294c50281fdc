from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define

from ..models.context_format import ContextFormat, check_context_format
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.context_filters import ContextFilters


T = TypeVar("T", bound="BuildContext")


@_attrs_define
class BuildContext:
    """What to put before a model that is about to answer `query`."""

    user_id: str
    """ The user whose memory it is """
    query: str
    """ The question, in words """
    session_id: None | str | Unset = UNSET
    """ The conversation that goes on: its last turns come first """
    agent_id: None | str | Unset = UNSET
    """ The agent that takes part in the conversation """
    filters: ContextFilters | Unset = UNSET
    """ Only what passes all of them is put into a context, the session's last turns too. """
    max_tokens: int | Unset = UNSET
    """ Counted with the WordPiece tokens of MiniLM; default: `2000` """
    k: int | Unset = UNSET
    """ How many items at most; default: `30` """
    neighbours: int | Unset = UNSET
    """ Turns to add before and after what is found, while there is room; default: `1` """
    reference_time: datetime.datetime | None | Unset = UNSET
    """ What `now` is for this question; default: as_of, known_at or now """
    as_of: datetime.datetime | None | Unset = UNSET
    """ What was true at that moment (valid time) """
    known_at: datetime.datetime | None | Unset = UNSET
    """ What was recorded up to that moment, and nothing that came later """
    shared: bool | Unset = UNSET
    """ Also find the memories, never the turns, that others granted to the user; default: `false` """
    format_: ContextFormat | Unset = UNSET
    """ How the block for the prompt is written. """
    wait_for: None | Unset | UUID = UNSET
    """ A job to wait for first """
    wait_seconds: float | Unset = UNSET
    """ How long to wait for it at most; default: `5.0` """

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        query = self.query

        session_id: None | str | Unset
        if isinstance(self.session_id, Unset):
            session_id = UNSET
        else:
            session_id = self.session_id

        agent_id: None | str | Unset
        if isinstance(self.agent_id, Unset):
            agent_id = UNSET
        else:
            agent_id = self.agent_id

        filters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.filters, Unset):
            filters = self.filters.to_dict()

        max_tokens = self.max_tokens

        k = self.k

        neighbours = self.neighbours

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

        format_: str | Unset = UNSET
        if not isinstance(self.format_, Unset):
            format_ = self.format_

        wait_for: None | str | Unset
        if isinstance(self.wait_for, Unset):
            wait_for = UNSET
        elif isinstance(self.wait_for, UUID):
            wait_for = str(self.wait_for)
        else:
            wait_for = self.wait_for

        wait_seconds = self.wait_seconds

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_id": user_id,
                "query": query,
            }
        )
        if session_id is not UNSET:
            field_dict["session_id"] = session_id
        if agent_id is not UNSET:
            field_dict["agent_id"] = agent_id
        if filters is not UNSET:
            field_dict["filters"] = filters
        if max_tokens is not UNSET:
            field_dict["max_tokens"] = max_tokens
        if k is not UNSET:
            field_dict["k"] = k
        if neighbours is not UNSET:
            field_dict["neighbours"] = neighbours
        if reference_time is not UNSET:
            field_dict["reference_time"] = reference_time
        if as_of is not UNSET:
            field_dict["as_of"] = as_of
        if known_at is not UNSET:
            field_dict["known_at"] = known_at
        if shared is not UNSET:
            field_dict["shared"] = shared
        if format_ is not UNSET:
            field_dict["format"] = format_
        if wait_for is not UNSET:
            field_dict["wait_for"] = wait_for
        if wait_seconds is not UNSET:
            field_dict["wait_seconds"] = wait_seconds

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.context_filters import ContextFilters  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        query = d.pop("query")

        def _parse_session_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        session_id = _parse_session_id(d.pop("session_id", UNSET))

        def _parse_agent_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast("None | str | Unset", data)

        agent_id = _parse_agent_id(d.pop("agent_id", UNSET))

        _filters = d.pop("filters", UNSET)
        filters: ContextFilters | Unset
        if isinstance(_filters, Unset):
            filters = UNSET
        else:
            filters = ContextFilters.from_dict(_filters)

        max_tokens = d.pop("max_tokens", UNSET)

        k = d.pop("k", UNSET)

        neighbours = d.pop("neighbours", UNSET)

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

        _format_ = d.pop("format", UNSET)
        format_: ContextFormat | Unset
        if isinstance(_format_, Unset):
            format_ = UNSET
        else:
            format_ = check_context_format(_format_)

        def _parse_wait_for(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                wait_for_type_0 = UUID(data)

                return wait_for_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast("None | Unset | UUID", data)

        wait_for = _parse_wait_for(d.pop("wait_for", UNSET))

        wait_seconds = d.pop("wait_seconds", UNSET)

        made = cls(
            user_id=user_id,
            query=query,
            session_id=session_id,
            agent_id=agent_id,
            filters=filters,
            max_tokens=max_tokens,
            k=k,
            neighbours=neighbours,
            reference_time=reference_time,
            as_of=as_of,
            known_at=known_at,
            shared=shared,
            format_=format_,
            wait_for=wait_for,
            wait_seconds=wait_seconds,
        )

        return made
