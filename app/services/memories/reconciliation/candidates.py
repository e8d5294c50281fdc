"""Nominate the stored memories that new statements may concern: by words and topics, beside vectors."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.vocabulary import Role
from app.db import models
from app.db.repositories.memories import candidates, memories
from app.db.user_session import UserSession
from app.memory.reconciliation.nomination import object_words, rank_by_words, searched_words
from app.memory.types import Fact, Turn

MAX_ROWS = 300  # memories with one of the words of a batch that are loaded, newest first
NEAR_SIMILARITY = 0.3  # cosine from which a memory is near a text of a dialogue


def find_by_words(user: UserSession, facts: Sequence[Fact], turns: Iterable[Turn]) -> Sequence[models.Memory]:
    """Return the memories that share a name or a noun with one of the facts, or its topic."""
    ignored = speaker_words(turns)
    words = searched_words([fact.content for fact in facts], ignored)
    return candidates.list_memories_with_words(user, words, MAX_ROWS)


def speaker_words(turns: Iterable[Turn]) -> frozenset[str]:
    """Return the words of the speakers' names: every statement of theirs has them."""
    names = {turn.name for turn in turns if turn.name and turn.role == Role.USER}
    return frozenset(word for name in names for word in (*object_words(name), *name.casefold().split()))


def nominate_for_texts(
    user: UserSession,
    model_id: str,
    vectors: NDArray[np.float32],
    texts: Sequence[str],
    limit: int,
    ignored: frozenset[str] = frozenset(),
) -> list[models.Memory]:
    """Return at most `limit` memories that the texts may concern, the best of each text in turn.

    `vectors` (n, d) belong to the texts; `ignored` are words that are no sign, as of `speaker_words`. By
    turns a memory is taken that shares rare words or a topic, and one that is near by cosine.
    """
    found = candidates.list_memories_with_words(user, searched_words(texts, ignored), MAX_ROWS)
    near = memories.find_nearest_memories(
        user, model_id, vectors, limit=limit, least=NEAR_SIMILARITY, with_ended=True
    )
    rows = {row.id: row for row in found}
    missing = {memory_id for _, memory_id, _ in near} - set(rows)
    loaded = memories.list_memories_by_ids(user.session, user.tenant_id, missing) if missing else ()
    rows |= {row.id: row for row in loaded}
    contents = {i: row.content for i, row in rows.items()}
    rankings: list[list[UUID]] = []
    for place, content in enumerate(texts):
        rankings.append([i for i, _ in rank_by_words(contents, content, ignored)])
        by_cosine = sorted((-cosine, i) for row, i, cosine in near if row == place)
        rankings.append([i for _, i in by_cosine])
    return [rows[i] for i in _take_in_turn(rankings, limit)]


def _take_in_turn(rankings: Sequence[Sequence[UUID]], limit: int) -> list[UUID]:
    """Take the best of each ranking, then the second best, until there are `limit`."""
    taken: dict[UUID, None] = {}
    for place in range(max(map(len, rankings), default=0)):
        for ranking in rankings:
            if place < len(ranking) and len(taken) < limit:
                taken.setdefault(ranking[place])
    return list(taken)
