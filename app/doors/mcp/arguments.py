"""What each tool takes: bounded, and described for the model that fills it in."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import BeforeValidator, Field, model_validator

from app.core.vocabulary import Kind, Role, SearchKind, Status
from app.schemas.common import Content, Id, Instant, Message, Name, PathId
from app.schemas.memories.memories import MAX_INDEX_WORDS, Text
from app.schemas.search.search import Query

MAX_TURNS = 100  # of one call; a longer conversation is several calls


def _parse_list(value: Any) -> Any:
    """The list in a text: some clients send lists and objects as JSON within a string."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value


ListText = BeforeValidator(_parse_list)
UserName = Annotated[
    PathId | None,
    Field(description="Whose memory: the id of the user, as the application names them; never invent one"),
]
MemoryId = Annotated[UUID, Field(description="The `id` of a memory, as another tool gave it")]
Kinds = Annotated[
    list[Kind] | None,
    ListText,
    Field(max_length=len(Kind), description="Only memories of these kinds"),
]


class UserArguments(Message):
    """What all tools take."""

    user_id: UserName = None


class Turn(Message):
    """One message of the conversation, in its own words."""

    role: Role = Field(description="Who said it")
    content: Content = Field(description="What was said, word for word: no summary, no interpretation")
    name: Name | None = Field(default=None, description="The speaker's name, if it is known")
    ref: Id | None = Field(
        default=None, description="The application's id of the message: sent again, it is stored once"
    )
    observed_at: Instant | None = Field(
        default=None, description="When it was said, with a zone; leave it out for now"
    )
    shown_memory_ids: Annotated[list[UUID], ListText] = Field(
        default_factory=list[UUID],
        max_length=500,
        description="Of an assistant's turn: the `memory_ids` and `turn_ids` of the context that it was"
        " written with, so that what was recalled is not learned again",
    )


class AddTurnsArguments(UserArguments):
    """Arguments of `add_turns`."""

    turns: Annotated[list[Turn], ListText] = Field(
        min_length=1, max_length=MAX_TURNS, description="In the order in which they were said"
    )
    session_id: PathId | None = Field(
        default=None, description="The conversation; leave it out for one session a day"
    )
    close_session: bool = Field(default=False, description="True when the conversation has ended")


class SearchMemoryArguments(UserArguments):
    """Arguments of `search_memory`."""

    query: Query = Field(description="A question or words, as a person would ask: `Where does Ann live?`")
    limit: int = Field(default=10, ge=1, le=50, description="At most so many results")
    kinds: Annotated[list[SearchKind] | None, ListText] = Field(
        default=None, max_length=10, description="Only these kinds; `turn` is what was said itself"
    )
    in_session: PathId | None = Field(default=None, description="Only what was said in this session")
    since: Instant | None = Field(default=None, description="Only what was said at or after this")
    until: Instant | None = Field(default=None, description="Only what was said before this")
    as_of: Instant | None = Field(default=None, description="What was true at that moment")
    include_superseded: bool = Field(default=False, description="Also what is no longer true")


class GetContextArguments(UserArguments):
    """Arguments of `get_context`."""

    query: Query = Field(description="The message that is about to be answered")
    max_tokens: int = Field(default=1_000, ge=50, le=20_000, description="The context is never longer")
    session_id: PathId | None = Field(
        default=None, description="The conversation that goes on: its last turns come first"
    )


class ListMemoriesArguments(UserArguments):
    """Arguments of `list_memories`."""

    kinds: Kinds = None
    status: Status = Field(
        default=Status.ACTIVATED, description="`activated` is held to be true, `superseded` no longer is"
    )
    subject: Name | None = Field(default=None, description="Only about this person or thing: `Ann`")
    tags: Annotated[list[Name] | None, ListText] = Field(
        default=None, max_length=MAX_INDEX_WORDS, description="Only memories that have all of these tags"
    )
    in_session: PathId | None = Field(default=None, description="Only what a turn of this session says")
    limit: int = Field(default=20, ge=1, le=100, description="At most so many; the newest come first")
    cursor: str | None = Field(
        default=None, max_length=2_000, description="`next_cursor` of the page before, to go on"
    )


class GetMemoryArguments(UserArguments):
    """Arguments of `get_memory_with_sources`."""

    memory_id: MemoryId


class EditMemoryArguments(UserArguments):
    """Arguments of `edit_memory`."""

    memory_id: MemoryId
    version: int = Field(ge=1, le=999_999_999, description="The `version` of the memory that you have read")
    content: Text | None = Field(default=None, description="The memory in new words: one full sentence")
    value: Name | None = Field(
        default=None, description="Only for a memory that has a `value`: the new one, as the content says it"
    )
    tags: Annotated[list[Name] | None, ListText] = Field(
        default=None, max_length=MAX_INDEX_WORDS, description="In place of the tags that it has"
    )
    importance: float | None = Field(default=None, ge=0, le=1, description="0 to 1; from .7 on it is hot")
    reason: Text | None = Field(default=None, description="Why; it is kept with the version")

    @model_validator(mode="after")
    def _check_not_empty(self) -> "EditMemoryArguments":
        if all(one is None for one in (self.content, self.value, self.tags, self.importance)):
            raise ValueError("name at least one of content, value, tags, importance")
        return self


class ForgetMemoryArguments(UserArguments):
    """Arguments of `forget_memory`."""

    memory_id: MemoryId


class GetPortraitArguments(UserArguments):
    """Arguments of `get_portrait`."""


class EraseUserArguments(UserArguments):
    """Arguments of `erase_user`."""

    confirm: Literal[True] = Field(description="true, once the user has agreed to lose everything")
