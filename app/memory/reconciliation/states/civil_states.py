"""States of which a person is in one at a time, by their words: single or married, working or retired.

Two states of one line exclude each other, whichever comes first in a life.
"""

from collections.abc import Iterator

from app.memory.reconciliation.states.civil_table import CIVIL_STATES
from app.memory.reconciliation.states.clauses import (
    Clause,
    is_denied,
    is_mentioned_only,
    is_past,
    is_unreal,
)
from app.memory.reconciliation.states.frame_patterns import Frame, compile_frame, index_frames
from app.memory.reconciliation.states.holders import NOBODY, Holder, read_holder
from app.memory.reconciliation.states.state_frames import Hold
from app.memory.reconciliation.states.states import State


def _read_table(text: str) -> Iterator[tuple[tuple[str, str, Hold], Frame]]:
    """Yield ((line, state, hold), frame) of each row of the table."""
    line = state = ""
    for row in filter(str.strip, text.splitlines()):
        if row[0] != " ":
            line, _, state = row.partition(" = ")
            continue
        hold, _, words = row.strip().partition(" ")
        yield (line, state, Hold(hold)), compile_frame(words, has_value=False)


_FRAMES = index_frames(_read_table(CIVIL_STATES))


def read_civil_states(clause: Clause) -> Iterator[State]:
    """Yield the states of such a line that a clause tells, with whose they are."""
    words = frozenset(clause.text.split())
    for word in words & _FRAMES.keys():
        for (line, state, hold), frame in _FRAMES[word]:
            match = frame.pattern.search(clause.text)
            if match is None:
                continue
            before = clause.text[: match.start()]
            if is_unreal(f"{before} ") or is_denied(match[0]):
                continue
            if clause.is_secondary and line != "relationship":
                continue
            if before.endswith((" was ", " were ")) or is_mentioned_only(before, match[0].split()[0]):
                continue
            if hold is Hold.HOLDS and (is_past(before) or is_past(match[0])):
                continue
            told_of = match.groupdict().get("holder") or before
            holder = _owner_of_state(line, read_holder(told_of.strip().removesuffix(" 's")))
            yield State(line, hold, holder, frozenset([state]), is_secondary=clause.is_secondary)


_BABIES = frozenset(["baby", "son", "daughter", "child", "kid", "twin", "twins"])


def _owner_of_state(line: str, holder: Holder) -> Holder:
    """Whose state it is: that a baby was born is told of who has it."""
    if line == "pregnancy" and holder.kin in _BABIES:
        return Holder(holder.owners) if holder.owners else NOBODY
    return holder
