"""How probable it is that an item is about what is asked, by what it shares with the question.

A logistic function (Platt, Probabilistic Outputs for Support Vector Machines, 1999, section 2.1) of the
cosine, of the share of the question's words, weighed by rarity, that the item has, and of whether it is of
the time that the question names. Unlike a score it depends on no statistics of the user's other vectors, so
it means the same for every user and every question. What it is fitted on is in docs/search-experiments.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.memory.numeric import FloatArray
from app.memory.ranking.documents import Documents
from app.memory.ranking.query_plan import QueryPlan
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.time_match import compute_telling_share
from app.memory.ranking.weights import RelevanceScale
from app.memory.text.content_words import has_content_words

# Of a question or a row without a vector: by the words alone.
WORDS_ONLY = RelevanceScale(bias=-1.6, cosine=0.0, words=5.9, time=2.3)


@dataclass(frozen=True, slots=True)
class Relevance:
    """The relevance of each result, (n,), in [0, 1], and which of them were compared by vectors, (n,)."""

    values: FloatArray
    by_vector: NDArray[np.bool_]

    @property
    def best(self) -> float | None:
        """The greatest; None if there is no result, or one of them has no vector yet."""
        return float(self.values.max()) if len(self.values) and self.by_vector.all() else None


def score_relevance(
    plan: QueryPlan, documents: Documents, results: Sequence[SearchResult]
) -> Relevance | None:
    """The relevance of results whose rows are those of `documents`; None for a model without a scale."""
    scale = plan.query.relevance_scale
    if scale is None:
        return None
    odds, by_vector = np.zeros(len(results), np.float32), np.zeros(len(results), np.bool_)
    in_time = _find_in_time(plan, results)
    asks_for_time_only = plan.period is not None and not has_content_words(plan.query.topic_text)
    for is_memory in (False, True):
        rows = [at for at, result in enumerate(results) if (result.memory is not None) is is_memory]
        if not rows:
            continue
        ids = [results[at].id for at in rows]
        has_vector, cosines, words = _compare(plan, documents, ids, is_memory=is_memory)
        if asks_for_time_only:  # "What happened on 5 May?" asks for whatever was said then
            words = in_time[rows]
        odds[rows] = np.where(
            has_vector,
            _log_odds(scale, cosines, words, in_time[rows]),
            _log_odds(WORDS_ONLY, cosines, words, in_time[rows]),
        )
        by_vector[rows] = has_vector
    return Relevance((1 / (1 + np.exp(-odds))).astype(np.float32), by_vector)


def map_relevance(results: Sequence[SearchResult], relevance: Relevance | None) -> dict[UUID, float]:
    """The relevance of each result by its id; nothing for a model without a scale."""
    if relevance is None:
        return {}
    return {one.id: round(value, 3) for one, value in zip(results, relevance.values.tolist(), strict=True)}


def _compare(
    plan: QueryPlan, documents: Documents, ids: Sequence[UUID], *, is_memory: bool
) -> tuple[NDArray[np.bool_], FloatArray, FloatArray]:
    """(which of these rows have a vector, cosines with the question, shares of its words), (k,) each."""
    index = documents.index
    table = index.memories if is_memory else index.turns
    doc_ids = np.asarray([table.id_map[row_id] for row_id in ids], np.intp)
    words = table.inverted_index.term_coverage(index.compute_term_idf(plan.topic_terms))[doc_ids]
    if plan.vector is None:
        return np.zeros(len(ids), np.bool_), np.zeros(len(ids), np.float32), words
    has_vector, vectors = (documents.memory_vectors if is_memory else documents.turn_vectors).lookup(doc_ids)
    return has_vector, np.where(has_vector, vectors @ plan.vector, np.float32(0)), words


def _find_in_time(plan: QueryPlan, results: Sequence[SearchResult]) -> FloatArray:
    """Which results are of the time that the question names, (n,), as 0 or 1."""
    if plan.period is None:
        return np.zeros(len(results), np.float32)
    enough = compute_telling_share(*plan.period)
    return np.asarray([result.features.get("time", 0.0) >= enough for result in results], np.float32)


def _log_odds(
    scale: RelevanceScale, cosines: FloatArray, words: FloatArray, in_time: FloatArray
) -> FloatArray:
    odds = scale.bias + scale.cosine * cosines + scale.words * words + scale.time * in_time
    return odds.astype(np.float32)
