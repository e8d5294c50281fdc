"""Reads which states of whom a stored sentence tells, with the value of each."""

import re
from collections.abc import Iterator
from dataclasses import replace

from app.core.text_caches import text_cache
from app.memory.reconciliation.nomination import object_words
from app.memory.reconciliation.states.civil_states import read_civil_states
from app.memory.reconciliation.states.clauses import (
    Clause,
    is_mentioned_only,
    is_past,
    is_unreal,
    split_clauses,
)
from app.memory.reconciliation.states.described_things import read_descriptions, read_role, read_tools
from app.memory.reconciliation.states.holders import NOBODY, Holder, read_holder, read_owner
from app.memory.reconciliation.states.state_frames import FRAMES, THING_FRAMES, Hold
from app.memory.reconciliation.states.state_values import fits_topic, narrow_value, read_value
from app.memory.reconciliation.states.state_words import MAKES, OWNED_NOUNS
from app.memory.reconciliation.states.states import State

_ADJECTIVES = re.compile(
    r"(?<![^ ])(?:(?:new|old|current|own|little|tiny|lovely|small|big|former|first|next|the|a|an|main"
    r"|only|now|also"
    r"|just|recently|finally|beautiful|nice|cosy|great|whole|real|dear) )+$"
)
# "Ann's mobile contract": what stands between an owner and the noun.
_COMPOUND = re.compile(r"(?<= 's )(?:[\w-]+ ){1,2}$")
_PASSIVE = re.compile(r" (?:is|are|am|was|were|been|be|being|got|gets|get)(?: \w+)?$")
_PROGRESSIVE = re.compile(r"(?:^| )(?:is|are|am|'s|'re) (?:\w+ly |also |now |still )*$")


@text_cache()
def read_states(content: str) -> tuple[State, ...]:
    """The states that an English sentence tells, each with its holder and its value."""
    found: dict[State, None] = {}
    holder = NOBODY
    for place, clause in enumerate(split_clauses(content)):
        if clause.is_relative:
            continue
        for state in _read_clause(clause, content):
            carried = _carry(state, holder, place)
            if carried is not None:
                found.setdefault(carried)
        own = read_subject(clause.text)
        if own is not None and not own.is_pronoun:
            holder = own
    return tuple(found)


def _carry(state: State, before: Holder, place: int) -> State | None:
    """The state with whom the clause before names, where its own names nobody."""
    if state.holder.is_pronoun:
        return None if before == NOBODY else replace(state, holder=before)
    if state.holder == NOBODY and place and before != NOBODY and not state.is_described:
        return replace(state, holder=before)
    return state


_VERB = re.compile(
    r"(?<![^ ])(?:is|are|am|was|has|have|had|lives?|works?|drives?|rides?|uses?|studies|study|goes|go"
    r"|plays?|moved"
    r"|joined|got|bought|started|relocated|switched|took|does|did|said|needs?|wants?|likes?|loves?"
    r"|makes?)(?= )"
)


def read_subject(text: str) -> Holder | None:
    """Who the subject of a clause is, if it has a verb with words before it."""
    verb = _VERB.search(text)
    if verb is None or not verb.start():
        return None
    found = read_holder(text[: verb.start()].strip())
    return None if found == NOBODY else found


def _read_clause(clause: Clause, content: str) -> Iterator[State]:
    words = frozenset(clause.text.split())
    for word in words & FRAMES.keys():
        for (topic, hold), frame in FRAMES[word]:
            match = frame.pattern.search(clause.text)
            if match is not None:
                yield from _from_frame(clause, content, match, topic, hold)
    if words & MAKES.keys():
        yield from _read_things(clause, content, words)
    yield from read_descriptions(clause, content)
    yield from read_tools(clause, content)
    yield from read_role(clause, content)
    yield from read_civil_states(clause)


def _from_frame(
    clause: Clause, content: str, match: re.Match[str], topic: str, hold: Hold
) -> Iterator[State]:
    groups = match.groupdict()
    before = clause.text[: match.start()]
    if groups.get("holder") or match.start("value") == match.start():
        leading = match.start("value") == match.start()
        before = "" if leading else before
        if leading and (is_unreal(f"{groups['value']} ") or _PASSIVE.search(groups["value"])):
            return
    if is_unreal(before) or is_unreal(match[0].removesuffix(f"{groups['value']} ")):
        return
    if is_mentioned_only(before, match[0].split()[0]) and match.start("value") != match.start():
        return
    if hold is not Hold.BEGINS and (is_past(before) or is_past(match[0].partition(groups["value"])[0])):
        return
    if hold is Hold.BEGINS and _PROGRESSIVE.search(before) and match[0].split()[0].endswith("ing"):
        return
    value = read_value(groups["value"], content, is_leading=match.start("value") == match.start())
    if value is None or not fits_topic(topic, value, match[0], groups["value"]):
        return
    value = narrow_value(topic, value)
    if match[0].split()[0] in OWNED_NOUNS:
        before = _COMPOUND.sub("", before)
    holder = read_holder(groups["holder"]) if groups.get("holder") else find_holder(before)
    old = object_words(groups["old"]) if groups.get("old") else frozenset[str]()
    yield State(
        topic, hold, holder, value.stems, value.names, old, is_secondary=clause.is_secondary and not old
    )


def find_holder(before: str) -> Holder:
    """Whose state it is, by the words before what tells it: a subject, or the owner of a noun."""
    bare = _ADJECTIVES.sub("", f"{before.strip()} ").strip()
    if bare.endswith(("'s", " my", " our", " his", " her", " their")) or bare in (
        "my",
        "our",
        "his",
        "her",
        "their",
    ):
        return read_owner(bare) or NOBODY
    return read_holder(bare)


def _read_things(clause: Clause, content: str, words: frozenset[str]) -> Iterator[State]:
    """What somebody has or uses that is known by its make ("a Pixel", "Obsidian")."""
    for word in words & THING_FRAMES.keys():
        for hold, frame in THING_FRAMES[word]:
            match = frame.pattern.search(clause.text)
            if (
                match is None
                or is_unreal(clause.text[: match.start()])
                or is_past(clause.text[: match.start()])
            ):
                continue
            value = read_value(match["value"], content)
            if value is None:
                continue
            old = object_words(match["old"]) if match.groupdict().get("old") else frozenset[str]()
            for topic in {MAKES[make] for make in MAKES.keys() & frozenset(match["value"].split()[:5])}:
                if not _is_written_as_name(content, match["value"]):
                    continue
                holder = find_holder(clause.text[: match.start()])
                yield State(
                    topic, hold, holder, value.stems, value.names, old=old, is_secondary=clause.is_secondary
                )


def _is_written_as_name(content: str, text: str) -> bool:
    """Whether the make is a name, and no common word ("an orange"), in a sentence that has capitals."""
    makes = [word for word in text.split()[:5] if word in MAKES]
    return any(re.search(rf"\b{re.escape(make)}", content) is None for make in makes)
