"""How well search finds the evidence of LoCoMo's and LongMemEval-S's questions, and the gain of each feature.

Usage: python -m benchmarks.quality [--locomo dev.json] [--longmemeval FOLDER] [--ablate]
The service's own index, ranker and offline extractor, called in the process: no database, no HTTP, and no
reconciliation (each extracted fact is current). The same figures over HTTP differ by a point or less.
LoCoMo: recall@k, the share of a question's evidence among the first k turns. LongMemEval: t@k = 1 when all
evidence is among the first k turns, s@k the same for sessions. Intervals: 95 %, from 2,000 bootstrap samples
of conversations.
"""

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.core.ids import new_id
from app.core.vocabulary import LinkType
from app.llm.embeddings import RELEVANCE_SCALES, SPEAKER_RELEVANCE_SCALES, LocalEmbedder, Vectors
from app.llm.english_reader import EnglishReader
from app.memory.extraction.guard import filter_facts
from app.memory.extraction.offline.extractor import extract_facts
from app.memory.index.documents import MemoryRow, SourceRow, TurnRow
from app.memory.index.link_graph import EDGE_WEIGHTS
from app.memory.index.user_index import UserIndex
from app.memory.ranking.asked_speaker import put_as_speaker
from app.memory.ranking.query import SearchQuery
from app.memory.ranking.results.deduplication import SearchResult
from app.memory.ranking.search_index import search_index
from app.memory.ranking.weights import RankingWeights
from app.memory.reconciliation.linking import select_related
from app.memory.reconciliation.timeline.reliance import default_volatility
from app.memory.text.embedding_text import turn_embedding_text
from app.memory.types import Fact, Turn
from app.services.search.question_embedding import EmbeddedQuestion
from benchmarks.dialogues import Dialogue, Question, locomo, longmemeval

READER = EnglishReader()
FOUND = 50
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its embedding and the user index that it queries; `group` is the conversation."""

    group: int
    user_index: UserIndex
    question: Question
    embedded: EmbeddedQuestion


@dataclass(frozen=True, slots=True)
class Corpus:
    """Questions, the metric of each, and the names of its figures."""

    name: str
    asked: list[Asked]
    figures: tuple[str, ...]
    score: Callable[[Sequence[str], frozenset[str]], list[float]]

    def run(self, weights: RankingWeights) -> Scores:
        """The figures of each question, (questions, figures)."""
        return np.array([self.score(_ranked(one, weights), one.question.evidence) for one in self.asked])


def recall(ranked: Sequence[str], evidence: frozenset[str]) -> list[float]:
    """recall@5, @10, @20, @50."""
    return [len(evidence.intersection(ranked[:k])) / len(evidence) for k in (5, 10, 20, FOUND)]


def recall_all(ranked: Sequence[str], evidence: frozenset[str]) -> list[float]:
    """t@5, t@10, s@5."""
    sessions = list(dict.fromkeys(ref.split(":")[0] for ref in ranked))
    evidence_sessions = {ref.split(":")[0] for ref in evidence}
    return [float(evidence <= set(ranked[:k])) for k in (5, 10)] + [
        float(evidence_sessions <= set(sessions[:5]))
    ]


def index(dialogues: Sequence[Dialogue], embedder: LocalEmbedder) -> list[Asked]:
    """The questions of all dialogues, each with the index of its dialogue and its offline facts."""
    asked: list[Asked] = []
    for group, dialogue in enumerate(dialogues):
        if not dialogue.questions:
            continue
        user_index = indexed(dialogue, embedder)
        asked += [
            Asked(group, user_index, question, embed_question(question.text, user_index, embedder))
            for question in dialogue.questions
        ]
    return asked


def embed_question(text: str, user_index: UserIndex, embedder: LocalEmbedder) -> EmbeddedQuestion:
    """The question as the service embeds it: one about a speaker as that speaker would put it."""
    put = put_as_speaker(text, user_index.turns.speaker_names)
    scales = RELEVANCE_SCALES if put == text else SPEAKER_RELEVANCE_SCALES
    return EmbeddedQuestion(embedder.embed_query(put), scales[embedder.model_id])


def indexed(dialogue: Dialogue, embedder: LocalEmbedder) -> UserIndex:
    """The user index of a dialogue with its offline facts."""
    found: list[Fact] = []
    for _, session_turns in groupby(dialogue.turns, key=lambda turn: turn.session_id):
        found += extract_facts(list(session_turns), READER)
    facts, _ = filter_facts(found, dialogue.turns, {})
    texts = [turn_embedding_text(turn) for turn in dialogue.turns] + [fact.content for fact in facts]
    return _scope(dialogue.turns, facts, embedder.embed(texts))


def _scope(turns: Sequence[Turn], facts: Sequence[Fact], vectors: Vectors) -> UserIndex:
    user_index = UserIndex(vectors.shape[1])
    for turn in turns:
        user_index.upsert_turn(
            TurnRow(
                turn.id, turn.session_id, None, turn.role, turn.name, turn.content, turn.ref,
                turn.observed_at, pending=False,
            )
        )  # fmt: skip
    observed_at = {turn.id: turn.observed_at for turn in turns}
    ids = [new_id() for _ in facts]
    for memory_id, fact in zip(ids, facts, strict=True):
        at, slot = observed_at[fact.turn_id], fact.slot
        user_index.upsert_memory(
            MemoryRow(
                id=memory_id, kind=fact.kind, form=fact.form, status="activated", content=fact.content,
                subject=slot.subject if slot else None, attribute=slot.attribute if slot else None,
                tags=[], agent_id=None, valid_from=at, valid_to=None, event_from=fact.event_from,
                event_to=fact.event_to, recorded_at=at, confidence=fact.confidence,
                volatility=default_volatility(fact.form, slot.attribute if slot else None),
                value=slot.value if slot else None, polarity=fact.polarity, anchor_at=at, version=1,
                sources=[SourceRow(fact.turn_id, fact.quote, at)],
            )
        )  # fmt: skip
    user_index.replace_links(ids, _links(ids, vectors[len(turns) :]))
    for row, turn in enumerate(turns):
        user_index.set_vector(turn.id, True, vectors[row])
    for row, memory_id in enumerate(ids):
        user_index.set_vector(memory_id, False, vectors[len(turns) + row])
    return user_index


def _links(ids: Sequence[UUID], vectors: Vectors) -> list[tuple[UUID, UUID, float]]:
    """The links that the service makes: each memory to similar ones among the earlier ones."""
    links: list[tuple[UUID, UUID, float]] = []
    for row, memory_id in enumerate(ids):
        similarities = dict(zip(ids[:row], (vectors[:row] @ vectors[row]).tolist(), strict=True))
        links += [
            (memory_id, other, EDGE_WEIGHTS[LinkType.RELATES] * cosine)
            for other, cosine in select_related(similarities)
        ]
    return links


def _ranked(one: Asked, weights: RankingWeights) -> list[str]:
    query = SearchQuery(
        text=one.question.text,
        count=FOUND,
        reference_time=one.question.asked_at or NOW,
        weights=weights,
        vector=one.embedded.vector,
    )
    return list(
        dict.fromkeys(
            ref for result in search_index(one.user_index, query) for ref in refs_of(one.user_index, result)
        )
    )


def refs_of(user_index: UserIndex, result: SearchResult) -> list[str]:
    """The turns that a result represents, the one that led to it first, as the API lists them."""
    ids: list[UUID] = []
    for part in (result, *result.duplicates):
        ids += [part.turn.id] if part.turn is not None else []
        if part.memory is not None:
            ids += [source.turn_id for source in part.memory.sources if source.turn_id is not None]
    return [
        ref for turn_id in ids if (ref := user_index.turns[user_index.turns.id_map[turn_id]].ref) is not None
    ]


def interval(scores: Scores, groups: Sequence[int]) -> tuple[Scores, Scores]:
    """The 2.5th and 97.5th percentile of the mean, (figures,) each, by bootstrap over conversations."""
    members: dict[int, list[int]] = defaultdict(list)
    for row, group in enumerate(groups):
        members[group].append(row)
    parts = [np.array(rows) for rows in members.values()]
    chance = np.random.default_rng(1)
    means = [
        scores[
            np.concatenate([parts[group_index] for group_index in chance.integers(0, len(parts), len(parts))])
        ].mean(axis=0)
        for _ in range(2_000)
    ]
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return low, high


def show(corpus: Corpus) -> None:
    """Print the table of categories and the total."""
    scores = corpus.run(RankingWeights())
    print(f"\n{corpus.name:28}{'n':>5}  " + "  ".join(f"{name:>18}" for name in corpus.figures))
    by_category: dict[str, list[int]] = defaultdict(list)
    for row, one in enumerate(corpus.asked):
        by_category[one.question.category].append(row)
    for category, rows in [*sorted(by_category.items()), ("all", list(range(len(scores))))]:
        part = scores[rows]
        low, high = interval(part, [corpus.asked[row].group for row in rows])
        cells = [f"{m:.3f} [{a:.3f}-{b:.3f}]" for m, a, b in zip(part.mean(axis=0), low, high, strict=True)]
        print(f"{category:28}{len(rows):5}  " + "  ".join(f"{cell:>18}" for cell in cells))


def ablate(corpora: Sequence[Corpus]) -> None:
    """Print the loss (-) or gain (+) without each feature."""
    names = [name for corpus in corpora for name in corpus.figures]
    print(f"\n{'without':20}" + "".join(f"{name:>12}" for name in names))
    whole = [corpus.run(RankingWeights()).mean(axis=0) for corpus in corpora]
    for feature in fields(RankingWeights):
        weights = replace(RankingWeights(), **{feature.name: 0.0})
        change = [
            corpus.run(weights).mean(axis=0) - all_on for corpus, all_on in zip(corpora, whole, strict=True)
        ]
        print(f"{feature.name:20}" + "".join(f"{value:+12.3f}" for row in change for value in row))


def main() -> None:
    """Index, search, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--locomo", type=Path)
    parser.add_argument("--longmemeval", type=Path, help="folder of sessions.jsonl.xz and questions.jsonl.xz")
    parser.add_argument("--ablate", action="store_true")
    args = parser.parse_args()
    embedder = LocalEmbedder(threads=2)
    corpora: list[Corpus] = []
    if args.locomo is not None:
        asked = index(list(locomo(args.locomo)), embedder)
        corpora.append(Corpus("LoCoMo", asked, ("recall@5", "recall@10", "recall@20", "recall@50"), recall))
    if args.longmemeval is not None:
        asked = index(list(longmemeval(args.longmemeval)), embedder)
        corpora.append(Corpus("LongMemEval-S", asked, ("t@5", "t@10", "s@5"), recall_all))
    for corpus in corpora:
        show(corpus)
    if args.ablate:
        ablate(corpora)


if __name__ == "__main__":
    main()
