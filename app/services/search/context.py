"""The prompt-ready block: a session's last turns and what the search finds, within a token budget."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID

from app.core.instants import in_utc_offset
from app.core.security import Principal
from app.core.vocabulary import Form, ItemType, Status
from app.db.memory_rows import MemoryState
from app.db.models import Memory, Turn
from app.db.repositories.ingestion import turns
from app.db.repositories.memories import history, memories
from app.db.repositories.platform import users
from app.llm.embeddings import count_tokens
from app.memory.ranking.context_budget import ContextLine, cut_recent_lines, fill_token_budget
from app.memory.ranking.excerpts import MAX_EXCERPT_CHARS, cut_middle
from app.memory.sessions.small_talk import is_small_talk
from app.memory.text.dates.date_spans import add_absolute_dates
from app.memory.text.limits import LONG_TEXT_CHARS
from app.resources import Resources
from app.schemas.search.search import (
    BuildContext,
    ContextOut,
    NearTurn,
    SearchFilters,
    SearchItem,
    SearchMemory,
)
from app.services.memories.as_of import BitemporalPoint, load_state_as_of
from app.services.memories.metadata_conditions import to_condition
from app.services.platform.user_context import UserContext
from app.services.search import metadata_matches, retrievals, search
from app.services.search.metadata_matches import split_ids
from app.services.search.retrievals import ShownItem
from app.services.search.search import SearchAnswer

RECENT_TURNS = 8
HOT_MEMORIES, HOT_IMPORTANCE = 20, 0.7
BEST_EXCERPTS = 2  # so many of the best items with words of the question have an excerpt as last turns too
MAX_SHOWN_DAYS = 5  # days that a line names on which other turns said the same


@dataclass(frozen=True, slots=True)
class RecentTurn:
    """A turn as it stands in the block; `at` is its time in ISO 8601."""

    id: str
    speaker: str
    content: str
    at: str


@dataclass(frozen=True, slots=True)
class HotMemory:
    """An important memory as it stands in the block; `at` and `expires_at` are in ISO 8601.

    A memory expires without any change of the user's revision, so whoever reads it from Redis compares
    `expires_at` with the time.
    """

    id: str
    content: str
    at: str
    expires_at: str | None = None


@dataclass(frozen=True, slots=True)
class WorkingMemory:
    """The last turns of a session, oldest first, the hot memories of its user, and the user's epoch."""

    recent_turns: list[RecentTurn]
    hot_memories: list[HotMemory]
    epoch: int


def build_context(
    resources: Resources, principal: Principal, request: BuildContext, waited: bool | None = None
) -> ContextOut:
    """Search, and fill a block of at most `max_tokens` tokens.

    The session's last turns come first, then the items of the search, then the hot memories, then the turns
    beside the items. Small talk needs nothing but the last turns. `waited` tells whether the job that the
    request waited for has ended; None = it waited for none. Raises `Forbidden`.
    """
    search.require_read_access(principal, request)
    ctx = UserContext(resources, principal, request.user_id)
    point = BitemporalPoint(request.as_of, request.known_at)
    if point:
        working_memory = load_working_memory_as_of(ctx, request.session_id, point)
    else:
        working_memory = load_working_memory(ctx, request.session_id)
    working_memory = _filter_working_memory(ctx, working_memory, request, point)
    recent = [_recent_line(turn) for turn in working_memory.recent_turns]
    gated = is_small_talk(request.query)
    answer, lines = None, list[ContextLine]()
    if not gated:
        answer = search.find_answer(ctx, _to_search_request(request))
        answer_time = request.reference_time or point.answer_time(resources.now())
        lines += [_item_line(item, answer_time) for item in answer.response.items]
        lines += [ContextLine(hot.id, True, hot.at, hot.content) for hot in working_memory.hot_memories]
        lines += [
            _neighbour_line(item, neighbour)
            for item in answer.response.items
            for neighbour in item.neighbours
            if not neighbour.superseded_by  # a block can't mark which of its words are no longer true
        ]
    excerpts = _list_telling_excerpts(answer.response.items, lines) if answer is not None else {}
    lines = [*cut_recent_lines(recent, excerpts, request.max_tokens, count_tokens), *lines]
    distinct = {line.id: line for line in reversed(lines)}
    ordered = [distinct[line_id] for line_id in dict.fromkeys(line.id for line in lines)]
    text, tokens, used = fill_token_budget(ordered, request.format, request.max_tokens, count_tokens)
    return ContextOut(
        text=text,
        tokens=tokens,
        memory_ids=[UUID(line.id) for line in used if line.is_memory],
        turn_ids=_list_turn_ids(used),
        gated=gated,
        waited=waited,
        retrieval_id=_record_retrieval(ctx, working_memory.epoch, answer, used),
    )


def _list_telling_excerpts(items: Sequence[SearchItem], lines: Sequence[ContextLine]) -> dict[str, str]:
    """What the lines of the best items say whose excerpt is more than the start of their content, by id."""
    telling = [str(item.id) for item in items if item.excerpt is not None and item.excerpt.spans[0].start > 0]
    best = telling[:BEST_EXCERPTS]
    return {line.id: line.text for line in lines if line.id in best and line.whole is not None}


def _list_turn_ids(lines: Sequence[ContextLine]) -> list[UUID]:
    """The turns that the lines show, and those whose memories they show."""
    ids = (turn_id for line in lines for turn_id in (line.turn_ids if line.is_memory else (line.id,)))
    return [UUID(turn_id) for turn_id in dict.fromkeys(ids)]


def _to_search_request(request: BuildContext) -> SearchMemory:
    return SearchMemory(
        user_id=request.user_id,
        query=request.query,
        asked_in=request.session_id,
        k=request.k,
        agent_id=request.agent_id,
        reference_time=request.reference_time,
        as_of=request.as_of,
        known_at=request.known_at,
        shared=request.shared,
        neighbours=request.neighbours,
        filters=SearchFilters(metadata=request.filters.metadata),
    )


def _filter_working_memory(
    ctx: UserContext, working_memory: WorkingMemory, request: BuildContext, point: BitemporalPoint
) -> WorkingMemory:
    """Leave out turns and memories whose metadata do not pass the filter of the request."""
    if request.filters.metadata is None:
        return working_memory
    allowed = metadata_matches.load_allowed_rows(ctx, to_condition(request.filters.metadata), point)
    turn_ids, memory_ids = split_ids(allowed.turn_ids), split_ids(allowed.memory_ids)
    return replace(
        working_memory,
        recent_turns=[turn for turn in working_memory.recent_turns if turn.id in turn_ids],
        hot_memories=[memory for memory in working_memory.hot_memories if memory.id in memory_ids],
    )


def _record_retrieval(
    ctx: UserContext, epoch: int, answer: SearchAnswer | None, used: list[ContextLine]
) -> UUID | None:
    """Record the lines that the block shows, in its order, until feedback comes."""
    features = {item.id: item.features for item in answer.shown_items} if answer is not None else {}
    shown = [ShownItem(UUID(line.id), features.get(UUID(line.id))) for line in used]
    ranker_version = answer.ranker_version if answer is not None else 0
    return retrievals.record_retrieval(ctx, epoch, ranker_version, shown)


def load_working_memory(ctx: UserContext, session_id: str | None) -> WorkingMemory:
    """Load the working memory from Redis if it has that of the user's revision, otherwise from Postgres.

    What Postgres gives is written to Redis, so a flushed Redis fills itself again. Without a session there
    are no turns.
    """
    tenant_id, user_id = ctx.tenant_id, ctx.user_id
    cache, now = ctx.resources.cache, ctx.resources.now()
    with ctx.read_transaction() as user:
        state = users.get_revision_and_epoch(user) or (0, 0)
    part = f"turns:{session_id}"
    cached_turns = cache.get_working_memory(tenant_id, user_id, part, state) if session_id is not None else []
    cached_hot = cache.get_working_memory(tenant_id, user_id, "hot_memories", state)
    if cached_turns is not None and cached_hot is not None:
        stored = [HotMemory(**row) for row in cached_hot]
        hot = [memory for memory in stored if _is_unexpired(memory, now)]
        return WorkingMemory([RecentTurn(**row) for row in cached_turns], hot, state[1])
    with ctx.read_transaction() as user:
        last_turns = turns.list_recent_turns(user, session_id, RECENT_TURNS) if session_id else []
        hottest = memories.list_hot_memories(user, HOT_IMPORTANCE, HOT_MEMORIES)
    recent = [_to_recent_turn(turn) for turn in last_turns]
    hot = [_to_hot_memory(memory) for memory in hottest]
    if session_id is not None:
        cache.put_working_memory(tenant_id, user_id, part, state, [asdict(turn) for turn in recent])
    cache.put_working_memory(tenant_id, user_id, "hot_memories", state, [asdict(memory) for memory in hot])
    return WorkingMemory(recent, hot, state[1])


def load_working_memory_as_of(
    ctx: UserContext, session_id: str | None, point: BitemporalPoint
) -> WorkingMemory:
    """Load the working memory as of a bitemporal point.

    How often a memory was used is not recorded over time, so the importance alone orders the memories.
    """
    with ctx.read_transaction() as user:
        _, epoch = users.get_revision_and_epoch(user) or (0, 0)
        all_turns = history.list_turns_as_of(user, point.as_of, point.known_at) if session_id else []
        state = load_state_as_of(user, point)
        recent = [_to_recent_turn(turn) for turn in all_turns if turn.session_id == session_id]
    hottest = [
        row
        for row in state.memories
        if row.status == Status.ACTIVATED and row.form == Form.STATE and row.importance >= HOT_IMPORTANCE
    ]
    hottest.sort(key=lambda row: (-row.importance, row.id))
    hot = [
        HotMemory(str(row.id), row.content, _format_instant(_holds_since(row)))
        for row in hottest[:HOT_MEMORIES]
    ]
    return WorkingMemory(recent[-RECENT_TURNS:], hot, epoch)


def _to_recent_turn(turn: Turn) -> RecentTurn:
    return RecentTurn(str(turn.id), turn.name or turn.role, turn.content, turn.said_at.isoformat())


def _to_hot_memory(memory: Memory) -> HotMemory:
    expires_at = memory.expires_at if not memory.frozen else None
    return HotMemory(
        id=str(memory.id),
        content=memory.content,
        at=_format_instant(_holds_since(memory)),
        expires_at=expires_at.isoformat() if expires_at is not None else None,
    )


def _holds_since(memory: Memory | MemoryState) -> datetime | None:
    """Return `valid_from` on the clock by which the memory's dates are days: a line shows the day alone."""
    return in_utc_offset(memory.valid_from, memory.utc_offset) if memory.valid_from is not None else None


def _format_instant(at: datetime | None) -> str:
    return at.isoformat() if at is not None else ""


def _is_unexpired(memory: HotMemory, now: datetime) -> bool:
    return memory.expires_at is None or datetime.fromisoformat(memory.expires_at) > now


def _recent_line(turn: RecentTurn) -> ContextLine:
    return ContextLine(turn.id, False, turn.at, f"{turn.speaker}: {turn.content}", is_recent=True)


def _neighbour_line(item: SearchItem, turn: NearTurn) -> ContextLine:
    told = turn.content
    if len(told) > LONG_TEXT_CHARS:
        told = cut_middle(told, MAX_EXCERPT_CHARS)
    text = f"{turn.name or turn.role}: {add_absolute_dates(told, turn.observed_at)}"
    return ContextLine(
        str(turn.turn_id), False, turn.observed_at.isoformat(), text, neighbour_of=str(item.id)
    )


def _item_line(item: SearchItem, answer_time: datetime) -> ContextLine:
    """The line of an item, of a long one its excerpt, which becomes whole if there is room."""
    text = _tell_item(item, item.content if item.excerpt is None else item.excerpt.text, answer_time)
    whole = _tell_item(item, item.content, answer_time) if item.excerpt is not None else None
    source = item.sources[0] if item.sources else None
    at = (source.observed_at if source is not None else None) or item.valid_from
    turn_ids = tuple(str(source.turn_id) for source in item.sources if source.turn_id is not None)
    is_memory = item.type is ItemType.MEMORY
    return ContextLine(str(item.id), is_memory, _format_instant(at), text, turn_ids=turn_ids, whole=whole)


def _tell_item(item: SearchItem, text: str, answer_time: datetime) -> str:
    """What a line says; what had ended by `answer_time` says so, as a reader takes a line as current."""
    is_memory = item.type is ItemType.MEMORY
    source = item.sources[0] if item.sources else None
    speaker = (source.name or source.role or "") if source is not None else ""
    if not is_memory:
        said_at = source.observed_at if source is not None else None
        told = add_absolute_dates(text, said_at) if said_at is not None else text
        text = f"{speaker}: {told}" if speaker else told
    if item.folded and not is_memory:
        days = sorted({f"{other.observed_at:%Y-%m-%d}" for other in item.sources[1:] if other.observed_at})
        text += f" (also said on {', '.join(days[:MAX_SHOWN_DAYS])})"
    if item.valid_to is not None and item.valid_to <= answer_time:
        text += f" (until {item.valid_to.day} {item.valid_to:%B %Y})"
    elif item.superseded_by and not is_memory:
        text += " (in part no longer true)"
    if item.owner_user_id is not None:
        text += f" (shared by {item.owner_user_id})"
    return text
