"""The features of turns and memories that need no vectors, and those that combine others.

They are computed for all rows of a user of any size, since a term costs one addition per posting.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.memory.index.user_index import UserIndex
from app.memory.numeric import FloatArray, standardise_scores
from app.memory.ranking.matching.subject_match import score_subjects, score_turn_subjects
from app.memory.ranking.query_plan import QueryPlan

DocIds = NDArray[np.integer]
READ_TERMS = 150  # about what the local model reads of a text: a vector tells nothing of the rest


@dataclass(frozen=True, slots=True)
class WordFeatures:
    """Features of all turns, (n,) each, and the standardised BM25 of all memories, (m,).

    Memories about somebody else than the question have less.
    """

    turns: dict[str, FloatArray]
    memories: FloatArray


def score_words(index: UserIndex, plan: QueryPlan) -> WordFeatures:
    """What the words of a query tell of all turns and memories, standardised over the rows of the user."""
    view, bm25 = index.index_view, index.score_turns(plan.terms)
    speaker = np.zeros(len(index.turns), np.float32)
    if plan.speaker is not None:
        speaker = index.turns.categorical_columns["speaker"].match_any([plan.speaker]).astype(np.float32)
    features = {name: standardise_scores(scores) for name, scores in bm25.items()}
    is_partly_read = index.turns.inverted_index.document_lengths > READ_TERMS
    features["unread_lexical"] = np.where(is_partly_read, features["lexical"], np.float32(0))
    features |= {"length": view.length, "recency": view.recency, "speaker": speaker}
    memories = standardise_scores(index.memories.inverted_index.score_documents(plan.terms))
    other_subjects = score_subjects(index, plan)
    if other_subjects is not None:
        memories += other_subjects
        features["subject"] = score_turn_subjects(index, other_subjects)
    return WordFeatures(features, memories)


def own_score(features: Mapping[str, FloatArray]) -> FloatArray:
    """How well each turn matches by itself, (c,): its words and, where there is a vector, its meaning."""
    return features["lexical"] + features.get("dense", features["lexical"])


def fact_feature(count: int, rows: DocIds, memories: DocIds, memory_scores: FloatArray) -> FloatArray:
    """How well each turn's best current memory matches by itself, (c,); at least 0.

    What was found worth a memory, and is asked for, is told by its turn. Turn rows[i] of `count` states the
    current memory memories[i], (p,) each.
    """
    best = np.zeros(count, np.float32)
    np.maximum.at(best, rows, memory_scores[memories])
    return best
