"""The tools that change nothing."""

from app.core.errors import NotFound
from app.doors.mcp.arguments import (
    GetContextArguments,
    GetMemoryArguments,
    GetPortraitArguments,
    ListMemoriesArguments,
    SearchMemoryArguments,
)
from app.doors.mcp.caller import UserCall
from app.doors.mcp.results import (
    Answer,
    Context,
    MemoryList,
    MemoryWithSources,
    Portrait,
    SearchResult,
    describe_memories,
    describe_memory,
    describe_search,
    describe_sources,
    to_hit,
    to_memory_line,
    to_quote,
)
from app.memory.types import MemoryFilter
from app.schemas.search.search import BuildContext, SearchFilters, SearchMemory
from app.services.consolidation import derived_reads
from app.services.memories import memory_reads
from app.services.search import context, search


def search_memory(call: UserCall, given: SearchMemoryArguments) -> Answer:
    """Search turns and memories of the user."""
    request = SearchMemory(
        user_id=call.user_id,
        query=given.query,
        k=given.limit,
        kinds=given.kinds,
        session_id=given.in_session,
        asked_in=call.session_id,
        filters=SearchFilters(since=given.since, until=given.until),
        as_of=given.as_of,
        include_superseded=given.include_superseded,
    )
    found = search.search_memory(call.resources, call.reader, request)
    items = [to_hit(item) for item in found.items]
    result = SearchResult(items=items, abstained=found.abstained, reason=found.reason)
    return Answer(result, describe_search(result))


def get_context(call: UserCall, given: GetContextArguments) -> Answer:
    """Build the block of text for a prompt."""
    session_id = call.choose_session(given.session_id) if call.session_id else given.session_id
    request = BuildContext(
        user_id=call.user_id, query=given.query, session_id=session_id, max_tokens=given.max_tokens
    )
    built = context.build_context(call.resources, call.reader, request)
    result = Context(
        text=built.text, tokens=built.tokens, memory_ids=built.memory_ids, turn_ids=built.turn_ids
    )
    return Answer(result, built.text or "Nothing that is remembered belongs to this.")


def list_memories(call: UserCall, given: ListMemoriesArguments) -> Answer:
    """List memories of the user, newest first."""
    matching = MemoryFilter(
        status=[given.status],
        kinds=given.kinds,
        subject=given.subject,
        tags=given.tags,
        session_id=given.in_session,
    )
    page = memory_reads.list_memories(
        call.resources,
        call.reader,
        user_id=call.user_id,
        matching=matching,
        cursor=given.cursor,
        limit=given.limit,
    )
    result = MemoryList(items=[to_memory_line(memory) for memory in page.items], next_cursor=page.next_cursor)
    return Answer(result, describe_memories(result))


def get_memory_with_sources(call: UserCall, given: GetMemoryArguments) -> Answer:
    """Read one memory and the quotes that it rests on."""
    memory = memory_reads.get_memory(call.resources, call.reader, given.memory_id)
    sources = memory_reads.list_sources(call.resources, call.reader, given.memory_id).items
    result = MemoryWithSources(
        memory=to_memory_line(memory), sources=[to_quote(source) for source in sources]
    )
    text = f"{describe_memory(result.memory)}\n{describe_sources(result.sources)}"
    return Answer(result, text.rstrip())


def get_portrait(call: UserCall, _given: GetPortraitArguments) -> Answer:
    """Read what has been concluded about the user."""
    try:
        found = derived_reads.get_portrait(call.resources, call.reader, call.user_id)
    except NotFound:
        return Answer(
            Portrait(sources=[]),
            "There is no portrait of this user yet: it is made when things were said on two days or more.",
        )
    sources = [source.content for source in found.sources]
    if found.memory is None:
        text = "The portrait is being made again. What it rests on:\n" + "\n".join(f"- {s}" for s in sources)
        return Answer(Portrait(sources=sources), text)
    return Answer(Portrait(portrait=found.memory.content, sources=sources), found.memory.content)
