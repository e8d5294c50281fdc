"""Exact search: every turn is a candidate."""

import numpy as np

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, Statistics, standardise_scores
from app.memory.ranking.matching.candidates import Candidates, GranularityScores
from app.memory.ranking.matching.features import fact_feature, score_words
from app.memory.ranking.matching.router import sum_granularity_features
from app.memory.ranking.matching.turn_vectors import TurnVectors
from app.memory.ranking.query_plan import QueryPlan


class ExactSearchIndex:
    """Matches a query with all rows of an index that keeps its vectors."""

    def __init__(self, index: UserIndex) -> None:
        self.index = index

    def match(self, plan: QueryPlan) -> Candidates:
        """All turns with their features."""
        index, view = self.index, self.index.index_view
        words, vectors = score_words(index, plan), None
        features, memory_scores = dict(words.turns), self._score_memories(plan, words.memories)
        if plan.vector is not None:
            vectors = TurnVectors.of_index(index)
            cosines, has_vector = vectors.all_cosines(plan.vector), vectors.has_vector
            statistics = Statistics.of(cosines.own[has_vector])
            features["dense"] = statistics.standardise(cosines.own, has_vector)
            features["window_dense"] = standardise_scores(cosines.window, has_vector)
            is_reply = view.replies & vectors.has_previous
            features["answer"] = statistics.standardise(cosines.previous, is_reply)
        features["fact"] = fact_feature(
            len(index.turns), view.current_pair_turns, view.current_pair_memories, memory_scores
        )
        granularities = {
            "turn": sum_granularity_features("turn", features, plan.weights),
            "window": sum_granularity_features("window", features, plan.weights),
            "session": features["session_lexical"][view.session_turn],
            "fact": memory_scores[view.current_mask],
        }
        return Candidates(
            index=index,
            turns=np.arange(len(index.turns)),
            passes_filters=plan.turn_mask,
            features=features,
            memory_scores=memory_scores,
            memories=None,
            orphans=np.flatnonzero(plan.orphan_mask),
            granularities={name: GranularityScores(scores) for name, scores in granularities.items()},
            vectors=vectors,
            is_complete=True,
        )

    def _score_memories(self, plan: QueryPlan, lexical: FloatArray) -> FloatArray:
        """The memory score of each: how well it matches by itself, standardised dense plus lexical, (m,)."""
        vectors = self.index.memories.vectors
        if plan.vector is None or not len(vectors):
            return lexical
        return lexical + standardise_scores(vectors.dot_products(plan.vector), vectors.has_vector)
