"""The items of an answer: filters, scores, candidates, and near-duplicates in one."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.memory.index.documents import recounts
from app.memory.index.tables import NEVER, microseconds
from app.memory.index.user_index import Scope
from app.memory.numeric import Array
from app.memory.ranking.ann_candidates import Mask, Question, Ranked, rank_candidates
from app.memory.ranking.deduplication import Found, fold
from app.memory.ranking.query import Wanted
from app.memory.ranking.result_candidates import candidates
from app.memory.ranking.scoring import NOTHING, linked, score
from app.memory.ranking.time_match import within
from app.memory.text.dates import undated


def find(scope: Scope, wanted: Wanted) -> list[Found]:
    """The best items, best first; each turn and each memory at most once, near-duplicates in one."""
    fitting = _fitting(scope, wanted)
    asked = _question(scope, wanted, scope.terms(_told(wanted, fitting)), fitting)
    if scope.is_large:
        return _find_among_many(scope, wanted, asked)
    evidence = scope.memory_evidence(asked.terms, wanted.vector)
    turns = NOTHING
    if scope.turns:
        turns = score(scope, asked.terms, wanted.vector, evidence, fitting, wanted.weights)
    turns, received = linked(scope, turns, evidence, wanted.weights)
    rows = np.arange(len(turns.scores))
    ranked = Ranked(
        rows, asked.turns, turns, evidence, scope.places.orphans, complete=True, received=received
    )
    some = wanted.kinds or wanted.tags or wanted.area
    return _items(scope, wanted, asked, ranked, len(rows) if some else wanted.enough)


def _find_among_many(scope: Scope, wanted: Wanted, asked: Question) -> list[Found]:
    """The items of a large user, more candidates of which are looked at until there are enough items."""
    enough = wanted.enough
    while True:
        ranked = rank_candidates(scope, asked, enough)
        found = _items(scope, wanted, asked, ranked, enough)
        if len(found) >= wanted.count or ranked.complete:
            return found
        enough *= 4


def _items(scope: Scope, wanted: Wanted, asked: Question, ranked: Ranked, looked_at: int) -> list[Found]:
    shown = fold(scope, candidates(scope, wanted, asked, ranked, looked_at), wanted.count)
    return [one.found(scope, ranked.turns.features) for one in shown]


def _fitting(scope: Scope, wanted: Wanted) -> Array | None:
    """Which turns fit the time that the question names, (n,); None when it names none."""
    return within(scope, *wanted.period) if wanted.period is not None and scope.turns else None


def _told(wanted: Wanted, fitting: Array | None) -> str:
    """The question whose words are looked for: without its time, if the turns' own times tell what fits."""
    if fitting is None or wanted.reference_time is None or not fitting.any():
        return wanted.searched
    return f"{undated(wanted.query, wanted.reference_time)} {wanted.asked_with}"


def _question(scope: Scope, wanted: Wanted, terms: Sequence[str], fitting: Array | None) -> Question:
    """The question with masks of what may be an item or bring one."""
    turns, memories, places = _allowed(scope, wanted), scope.memories, scope.places
    fits, gone = memories.current, memories.columns["superseded"].rows
    if wanted.include_superseded:
        fits = fits | gone
    fits = fits & _of_traits(scope, wanted)
    if wanted.area is not None:
        fits &= memories.lying(wanted.area)
    if wanted.kinds is not None or wanted.tags or wanted.area is not None:
        said = np.zeros(len(turns), np.bool_)
        if wanted.turns_too:
            said[:] = True if wanted.area is None else scope.turns.lying(wanted.area)
        said[places.telling[(fits | gone)[places.told]]] = True
        turns &= said
    orphans = np.zeros(len(fits), np.bool_)
    if wanted.session_id is None and wanted.roles is None and wanted.speaker is None:
        orphans[places.orphans] = True
        orphans &= fits
        if wanted.since is not None or wanted.until is not None:
            said_at = memories.columns["valid_from"].rows
            orphans &= (said_at == NEVER) | _between(said_at, wanted)
    return Question(terms, wanted.vector, fitting, wanted.weights, turns, fits, orphans)


def _of_traits(scope: Scope, wanted: Wanted) -> Mask:
    """Which memories have the kind, the agent and the tags that are asked for, (m,)."""
    if wanted.kinds is None and wanted.agent_id is None and not wanted.tags:
        return ~scope.places.recounting
    traits = scope.memories.names["traits"]
    return traits.having(one for one in traits.names if _is_wanted(wanted, one[0], one[1], one[2:]))


def _is_wanted(wanted: Wanted, kind: str, agent_id: str | None, tags: Sequence[str]) -> bool:
    if wanted.kinds is not None and kind not in wanted.kinds:
        return False
    if wanted.kinds is None and not wanted.tags and recounts(kind, tags):
        return False
    if wanted.agent_id is not None and agent_id != wanted.agent_id:
        return False
    return wanted.tags <= set(tags)


def _between(said_at: NDArray[np.int64], wanted: Wanted) -> NDArray[np.bool_]:
    """Which times, in microseconds since 1970, lie between those that the filters name, (n,)."""
    inside = np.ones(len(said_at), np.bool_)
    if wanted.since is not None:
        inside &= said_at >= microseconds(wanted.since)
    if wanted.until is not None:
        inside &= said_at < microseconds(wanted.until)
    return inside


def _allowed(scope: Scope, wanted: Wanted) -> NDArray[np.bool_]:
    """Which turns pass the filters, (n,)."""
    allowed = _between(scope.turns.columns["said_at"].rows, wanted)
    names = scope.turns.names
    if wanted.session_id is not None:
        allowed &= names["session"].having([wanted.session_id])
    if wanted.agent_id is not None:
        allowed &= names["agent"].having([wanted.agent_id])
    if wanted.roles is not None:
        allowed &= names["role"].having(wanted.roles)
    if wanted.speaker is not None:
        allowed &= names["name"].having([wanted.speaker.casefold()])
    return allowed
