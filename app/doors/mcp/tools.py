"""The tools, and how one is called: arguments are checked, and an error says what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from app.core.errors import MemcubedError
from app.core.settings import Settings
from app.core.vocabulary import KeyScope
from app.doors.mcp import arguments, reading, results, writing
from app.doors.mcp.arguments import UserArguments
from app.doors.mcp.caller import Caller, UserCall
from app.doors.mcp.results import Answer
from app.doors.mcp.schemas import build_schema

_MAX_FAULTS, _MAX_CHARACTERS = 10, 300
_ADVICE = {
    "forbidden": "Do not try again; tell the user.",
    "not_found": "Find ids with `search_memory` or `list_memories`; do not make them up.",
    "precondition_failed": "Read it with `get_memory_with_sources`, then repeat the edit with its `version`.",
    "too_many_requests": "Wait a few seconds, then call again.",
    "unavailable": "Wait a few seconds, then call again.",
    "upstream_failed": "Wait a minute, then call again.",
    "invalid_input": "Correct the arguments and call again.",
}


class ToolError(Exception):
    """The call failed in a way that its caller can mend; the message is for the model."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: what it is called, what it takes and answers, and who may call it."""

    name: str
    title: str
    description: str
    takes: type[UserArguments]
    answers: type[BaseModel]
    run: Callable[[UserCall, Any], Answer]
    scope: KeyScope = KeyScope.READ
    is_destructive: bool = False
    is_idempotent: bool = False


TOOLS = (
    Tool(
        "search_memory",
        "Search memory",
        "Find what the user said or what is known of them, best first, each with the words that prove it."
        " Call it before you answer anything that may depend on earlier conversations, and before you say"
        " that you do not know. If `abstained` is true, memory holds no answer: say so or ask, do not"
        " guess.",
        arguments.SearchMemoryArguments,
        results.SearchResult,
        reading.search_memory,
    ),
    Tool(
        "get_context",
        "Get context",
        "One block of text with all that is worth knowing before answering a message: the last turns of"
        " the session, memories, and what was said. Call it once at the start of an answer; use"
        " `search_memory` for a single question.",
        arguments.GetContextArguments,
        results.Context,
        reading.get_context,
    ),
    Tool(
        "add_turns",
        "Remember turns",
        "Store messages of the conversation, word for word, so that they are remembered. Call it after"
        " each exchange with the user's message and your answer, or when the user asks you to remember"
        " something. Memories are made of them by the service: do not summarise. Never store passwords or"
        " keys.",
        arguments.AddTurnsArguments,
        results.StoredTurns,
        writing.add_turns,
        KeyScope.WRITE,
    ),
    Tool(
        "list_memories",
        "List memories",
        "The memories of the user, newest first, with ids and versions. Use it to show what is"
        " remembered, or to find one to edit or forget; to answer a question use `search_memory`.",
        arguments.ListMemoriesArguments,
        results.MemoryList,
        reading.list_memories,
    ),
    Tool(
        "get_memory_with_sources",
        "Get a memory with its sources",
        "One memory in full, with its version and the sentences that it was made from. Use it when the"
        " user asks how you know something, and before `edit_memory`.",
        arguments.GetMemoryArguments,
        results.MemoryWithSources,
        reading.get_memory_with_sources,
    ),
    Tool(
        "edit_memory",
        "Edit a memory",
        "Correct a memory that is wrong. It takes the `version` that you read, and fails if the memory"
        " has changed since. Only when the user asks for it; when something has changed in the world,"
        " store what the user said with `add_turns` instead, so that the past stays true.",
        arguments.EditMemoryArguments,
        results.MemoryWithSources,
        writing.edit_memory,
        KeyScope.WRITE,
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        "forget_memory",
        "Forget a memory",
        "Delete one memory for good, with the text of all its versions. Only when the user asks for it;"
        " this can't be undone.",
        arguments.ForgetMemoryArguments,
        results.Forgotten,
        writing.forget_memory,
        KeyScope.WRITE,
        is_destructive=True,
        is_idempotent=True,
    ),
    Tool(
        "get_portrait",
        "Get the portrait",
        "A short text about who the user is, concluded from what they said on several days. Use it to"
        " adapt tone and content at the start of a conversation.",
        arguments.GetPortraitArguments,
        results.Portrait,
        reading.get_portrait,
    ),
)
ERASE_USER = Tool(
    "erase_user",
    "Erase the user",
    "Erase everything about the user for good: turns, memories, copies. Only when the user has asked"
    " for it and confirmed it; this can't be undone.",
    arguments.EraseUserArguments,
    results.Erased,
    writing.erase_user,
    KeyScope.ADMIN,
    is_destructive=True,
    is_idempotent=True,
)
NAMES = frozenset(tool.name for tool in (*TOOLS, ERASE_USER))


def iter_tools(caller: Caller) -> Iterator[Tool]:
    """Yield the tools that the caller's key may use."""
    for tool in _served_tools(caller.resources.settings):
        if tool.scope in caller.principal.scopes:
            yield tool


def _served_tools(settings: Settings) -> tuple[Tool, ...]:
    return (*TOOLS, ERASE_USER) if settings.mcp_erasure else TOOLS


@cache
def input_schema(tool: Tool, *, has_user: bool, has_session: bool) -> dict[str, Any]:
    """The JSON schema of the arguments: what the connection is bound to is not the model's to choose."""
    schema = build_schema(tool.takes)
    properties: dict[str, Any] = schema["properties"]
    if has_user:
        properties.pop("user_id")
    else:
        schema["required"] = ["user_id", *schema.get("required", [])]
    if has_session:
        properties.pop("session_id", None)
    return schema


@cache
def output_schema(tool: Tool) -> dict[str, Any]:
    """The JSON schema of the structured answer."""
    return build_schema(tool.answers)


def call_tool(caller: Caller, name: str, given: dict[str, Any]) -> Answer:
    """Call a tool. Raises `ToolError` with what the model should do."""
    tool = _find_tool(caller, name)
    try:
        asked = tool.takes.model_validate(given)
    except ValidationError as exc:
        raise ToolError(_describe_faults(exc)) from exc
    try:
        return tool.run(caller.as_user(asked.user_id), asked)
    except MemcubedError as exc:
        raise ToolError(_describe_error(exc)) from exc


def _find_tool(caller: Caller, name: str) -> Tool:
    served = {tool.name: tool for tool in _served_tools(caller.resources.settings)}
    if name in served:
        return served[name]
    near = get_close_matches(name[:100], served, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "the tools are " + ", ".join(served) + "."
    raise ToolError(f"There is no such tool; {hint}")


def _describe_faults(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_input=False)
    lines = [
        f"{'.'.join(str(part) for part in fault['loc']) or 'arguments'}: {fault['msg']}"[:_MAX_CHARACTERS]
        for fault in faults[:_MAX_FAULTS]
    ]
    more = [f"and {len(faults) - _MAX_FAULTS} more"] if len(faults) > _MAX_FAULTS else []
    return "\n".join(
        ["The arguments are not valid; nothing was done.", *lines, *more, _ADVICE["invalid_input"]]
    )


def _describe_error(error: MemcubedError) -> str:
    field = f"{error.field}: " if error.field is not None else ""
    advice = _ADVICE.get(error.code)
    return f"{field}{error.message}"[:_MAX_CHARACTERS] + (f" {advice}" if advice is not None else "")
