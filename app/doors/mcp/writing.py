"""The tools that change something."""

from uuid import UUID

from app.core.preconditions import IfMatch
from app.doors.mcp.arguments import (
    AddTurnsArguments,
    EditMemoryArguments,
    EraseUserArguments,
    ForgetMemoryArguments,
)
from app.doors.mcp.caller import UserCall
from app.doors.mcp.results import (
    Answer,
    Erased,
    Forgotten,
    MemoryWithSources,
    StoredTurns,
    describe_memory,
    to_memory_line,
)
from app.schemas.ingestion.turns import AddTurns, NewTurn
from app.schemas.memories.memories import UpdateMemory
from app.services.ingestion import accept_turns
from app.services.memories import memory_reads, memory_writes
from app.services.portability import erasure


def add_turns(call: UserCall, given: AddTurnsArguments) -> Answer:
    """Store turns, and tell the workers."""
    session_id = call.choose_session(given.session_id)
    request = AddTurns(
        user_id=call.user_id,
        session_id=session_id,
        turns=[NewTurn(**turn.model_dump()) for turn in given.turns],
        close_session=given.close_session,
    )
    accepted = accept_turns.accept_turns(call.resources, call.writer, request, None)
    accept_turns.notify_workers(call.resources)
    result = StoredTurns(
        session_id=session_id,
        turn_ids=accepted.turn_ids,
        duplicates=accepted.duplicates,
        job_id=accepted.job_id,
    )
    known = f" {accepted.duplicates} of them had been stored before." if accepted.duplicates else ""
    count = f"{len(accepted.turn_ids)} turn{'' if len(accepted.turn_ids) == 1 else 's'}"
    text = f"Stored {count} in the session {session_id}.{known}"
    return Answer(result, f"{text} They can be searched now; memories are made of them in the background.")


def edit_memory(call: UserCall, given: EditMemoryArguments) -> Answer:
    """Make a new version of a memory."""
    asked = given.model_dump(exclude={"user_id", "memory_id", "version"}, exclude_none=True)
    if_match = IfMatch(frozenset({str(given.version)}))
    _require_memory(call, given.memory_id)
    memory = memory_writes.update_memory(
        call.resources, call.writer, given.memory_id, UpdateMemory(**asked), if_match
    )
    result = MemoryWithSources(memory=to_memory_line(memory), sources=[])
    return Answer(result, f"Changed:\n{describe_memory(result.memory)}")


def forget_memory(call: UserCall, given: ForgetMemoryArguments) -> Answer:
    """Delete a memory with the text of all its versions."""
    _require_memory(call, given.memory_id)
    memory_writes.delete_memory(call.resources, call.writer, given.memory_id)
    return Answer(
        Forgotten(memory_id=given.memory_id, forgotten=True),
        "Forgotten, in all its versions. What was said is still in the log of turns.",
    )


def _require_memory(call: UserCall, memory_id: UUID) -> None:
    """Raise `NotFound` for another user's memory. A memory never changes its user."""
    memory_reads.get_memory(call.resources, call.reader, memory_id)


def erase_user(call: UserCall, _given: EraseUserArguments) -> Answer:
    """Erase the user."""
    receipt = erasure.erase_user(call.resources, call.writer, call.user_id)
    result = Erased(erasure_id=receipt.id, rows=sum(receipt.rows.values()), remaining=receipt.remaining)
    return Answer(result, f"Everything of this user is erased; the receipt is {receipt.id}.")
