"""Clusters a user's memories into topics across sessions, without a model.

Method: RMM (Tan et al. 2025, arXiv 2503.08026, section 4.1, prospective reflection): memory is organised by
topic across sessions, and what a session adds to a known topic is merged into that topic's memory. RMM asks a
model what belongs together. Here topics are clusters by average linkage, found by joining reciprocal nearest
neighbours (Murtagh 1983, The Computer Journal 26(4)). They depend on the memories alone, so neither the order
of arrival nor earlier groupings change them.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import numpy as np

from app.core.vocabulary import Basis, Form, Kind
from app.memory.consolidation.condensation import MAX_SUMMARY_CHARS, join_statements
from app.memory.consolidation.derivation import MAX_SOURCES, MIN_SOURCES, MemoryDraft
from app.memory.consolidation.labels import is_label
from app.memory.numeric import FloatArray
from app.memory.text.analysis import analyze_detecting_language, analyze_text

TOPIC_TAG = "topic"
MIN_TOPIC_MEMORIES = 3  # chosen
MIN_TOPIC_SESSIONS = 2
MAX_NAMES_TRIED = 5  # chosen
MIN_LABEL_NOUNS = 2  # chosen: memories in which the name of a topic has to be said as a noun
MAX_GROUPED_MEMORIES = 5_000  # clustering this many takes about 4 s
# Measured by benchmarks/topics.py on LoCoMo's facts (dev, MiniLM): 36 % of the pairs that one multi-hop
# question needs from two sessions are then in one topic, and 9 % of all pairs; at 0.50 it is 49 % and 15 %,
# at 0.60 23 % and 6 %.
MIN_MEAN_SIMILARITY = 0.55
MAX_SHARED_WORDS_SCORE = 0.3  # the most that common entities, subjects and tags add to a cosine (chosen)
_BLOCK_ROWS = 1_024
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class TopicMember:
    """A memory that may belong to a topic; `words` are its subject, entities and tags, `vector` is (d,)."""

    id: UUID
    content: str
    importance: float
    since: datetime
    words: frozenset[str]
    sessions: frozenset[str]
    vector: FloatArray

    @property
    def sort_key(self) -> tuple[datetime, str, UUID]:
        """Sorts by begin of validity; ties are broken independently of the order of arrival."""
        return self.since, self.content, self.id


@dataclass(frozen=True, slots=True)
class ExistingTopic:
    """A topic as it was written before: its key, its fingerprint and its source memories."""

    key: str
    fingerprint: bytes
    sources: frozenset[UUID]


def draft_topics(
    members: Iterable[TopicMember],
    speakers: Iterable[str],
    existing: Sequence[ExistingTopic],
    new_key: Callable[[], str],
    *,
    by_rules: bool = False,
) -> list[MemoryDraft]:
    """One draft per topic with at least `MIN_TOPIC_MEMORIES` memories from `MIN_TOPIC_SESSIONS` sessions.

    A topic that existed before keeps its key. The names of `speakers` are not used as names of topics.
    Without a model, `by_rules`, a topic is what memories say of one noun or name: each of them has it.
    """
    ordered = sorted(members, key=lambda m: m.sort_key)
    terms = [_terms_with_spelling(member.content) for member in ordered]
    document_frequency = Counter(term for words in terms for term in words)
    excluded = {term for speaker in speakers for term in analyze_text(speaker)}
    drafts: list[MemoryDraft] = []
    for group in cluster_members(ordered):
        topic_members = [ordered[row] for row in group]
        if not _is_topic(topic_members):
            continue
        names = _rank_names([terms[row] for row in group], document_frequency, len(ordered), excluded)
        if by_rules:
            named = _find_labelled_group(ordered, terms, group, names)
            if named is None:
                continue
            names, topic_members = named
        name = names[0] if names else ""
        drafts.append(
            _draft_topic(topic_members, (TOPIC_TAG, name) if name and name != TOPIC_TAG else (TOPIC_TAG,))
        )
    keys = _match_existing_keys(drafts, existing)
    return [replace(draft, key=keys.get(row) or new_key()) for row, draft in enumerate(drafts)]


def _find_labelled_group(
    members: Sequence[TopicMember],
    terms: Sequence[Mapping[str, str]],
    group: Sequence[int],
    names: Sequence[str],
) -> tuple[list[str], list[TopicMember]] | None:
    """The first name that is a noun or a name, and the members of the group that say it; None without one."""
    for name in names[:MAX_NAMES_TRIED]:
        named = [row for row in group if name in terms[row].values()]
        of_stem = {term for row in named for term, spelling in terms[row].items() if spelling == name}
        rows = [row for row in group if not of_stem.isdisjoint(terms[row])]
        named_members = [members[row] for row in rows]
        is_named = is_label(name, (member.content for member in named_members), MIN_LABEL_NOUNS)
        if is_named and _is_topic(named_members):
            return [name], named_members
    return None


def _is_topic(members: Sequence[TopicMember]) -> bool:
    sessions = {session for member in members for session in member.sessions}
    return len(members) >= MIN_TOPIC_MEMORIES and len(sessions) >= MIN_TOPIC_SESSIONS


def cluster_members(members: Sequence[TopicMember]) -> list[list[int]]:
    """Indices of the members of each cluster of two or more, by average linkage.

    Two clusters are joined while the mean similarity of their members is at least `MIN_MEAN_SIMILARITY`. The
    similarity of two memories is their cosine plus up to `MAX_SHARED_WORDS_SCORE` for common words. The mean
    is the product of the clusters' mean vectors, so no (n, n) matrix is held. A cluster without a near
    neighbour is final: a mean of similarities below a bound is below it.
    """
    if not members:
        return []
    vectors = np.stack([member.vector for member in members]).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    total = np.hstack([vectors, _shared_word_vectors(members)])
    size = np.ones(len(members), np.float32)
    clusters = [[row] for row in range(len(members))]
    finished: list[list[int]] = []
    while len(clusters) > 1:
        nearest, similarity = _nearest_neighbours(total / size[:, None])
        rows = np.arange(len(clusters))
        left = rows[(rows < nearest) & (nearest[nearest] == rows) & (similarity >= MIN_MEAN_SIMILARITY)]
        if not len(left):
            break
        right = nearest[left]
        total[left] += total[right]
        size[left] += size[right]
        for keep, join in zip(left, right, strict=True):
            clusters[keep] = clusters[keep] + clusters[join]
        was_joined = np.isin(rows, right)
        finished += [clusters[row] for row in rows[(similarity < MIN_MEAN_SIMILARITY) & ~was_joined]]
        kept = rows[(similarity >= MIN_MEAN_SIMILARITY) & ~was_joined]
        total, size, clusters = total[kept], size[kept], [clusters[row] for row in kept]
    return sorted(sorted(cluster) for cluster in [*finished, *clusters] if len(cluster) > 1)


def _nearest_neighbours(means: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """(index of the nearest other row, dot product with it) for each row of (n, d), (n,) each; n > 1.

    Products are rounded, so that the first of equal ones is taken, however they were computed.
    """
    nearest = np.zeros(len(means), np.intp)
    similarity = np.zeros(len(means), np.float32)
    for start in range(0, len(means), _BLOCK_ROWS):
        products = np.round(means[start : start + _BLOCK_ROWS] @ means.T, 5)
        rows = np.arange(len(products))
        products[rows, start + rows] = -np.inf
        nearest[start : start + len(rows)] = products.argmax(axis=1)
        similarity[start : start + len(rows)] = products.max(axis=1)
    return nearest, similarity


def _shared_word_vectors(members: Sequence[TopicMember]) -> FloatArray:
    """(n, w) vectors of the words that several members have; products are at most MAX_SHARED_WORDS_SCORE.

    A word is weighted by its rarity, ln(n / document frequency) / ln n; a word that all members have weighs
    0.
    """
    document_frequency = Counter(word for member in members for word in member.words)
    columns = {
        word: column
        for column, word in enumerate(sorted(w for w in document_frequency if document_frequency[w] > 1))
    }
    weights = np.zeros((len(members), len(columns)), np.float32)
    scale = math.log(max(2, len(members)))
    for row, member in enumerate(members):
        for word in member.words & columns.keys():
            weights[row, columns[word]] = math.log(len(members) / document_frequency[word]) / scale
    lengths = np.linalg.norm(weights, axis=1, keepdims=True)
    return math.sqrt(MAX_SHARED_WORDS_SCORE) * weights / np.maximum(lengths, 1.0)


def _draft_topic(members: Sequence[TopicMember], tags: tuple[str, ...]) -> MemoryDraft:
    """The draft of these members: the most important ones (the newest on a tie), told in order of time."""
    newest = sorted(members, key=lambda m: m.sort_key, reverse=True)
    important = sorted(newest, key=lambda m: -m.importance)[:MAX_SOURCES]
    room, fitting = MAX_SUMMARY_CHARS, list[TopicMember]()
    for member in important:
        if len(member.content) + 2 <= room:
            fitting.append(member)
            room -= len(member.content) + 2
    text = join_statements([m.content for m in sorted(fitting, key=lambda m: m.sort_key)])
    sources = tuple((m.id, m.content) for m in sorted(important, key=lambda m: m.sort_key))
    return MemoryDraft(
        basis=Basis.TOPIC,
        key="",
        kind=Kind.SUMMARY,
        form=Form.STATE,
        sources=sources,
        extractive_text=text or important[0].content[:MAX_SUMMARY_CHARS],
        tags=tags,
    )


def _match_existing_keys(drafts: Sequence[MemoryDraft], existing: Sequence[ExistingTopic]) -> dict[int, str]:
    """{index of a draft: key of the topic that it continues}: equal state first, then most common sources."""
    by_state = {topic.fingerprint: topic.key for topic in existing}
    keys: dict[int, str] = {}
    for row, draft in enumerate(drafts):
        if draft.fingerprint in by_state:
            keys[row] = by_state[draft.fingerprint]
    pairs: list[tuple[int, int, str]] = []
    for row, draft in enumerate(drafts):
        ids = {memory_id for memory_id, _ in draft.sources}
        pairs += [(-len(ids & topic.sources), row, topic.key) for topic in existing]
    taken = set(keys.values())
    for common, row, key in sorted(pairs):
        if -common >= MIN_SOURCES and row not in keys and key not in taken:
            keys[row] = key
            taken.add(key)
    return keys


def _terms_with_spelling(content: str) -> dict[str, str]:
    """{term: its spelling in the text}; for CJK text the term itself."""
    _, language = analyze_detecting_language(content)
    spelling: dict[str, str] = {}
    for word in _WORD.findall(content.lower()):
        all_terms = analyze_text(word, language)
        terms = [term for term in all_terms if len(term) > 1] or all_terms  # a pair tells more than its parts
        for term in terms:
            spelling.setdefault(term, word if len(terms) == 1 else term)
    return spelling


def _rank_names(
    members: Sequence[Mapping[str, str]],
    document_frequency: Mapping[str, int],
    count: int,
    excluded: Iterable[str],
) -> list[str]:
    """The terms that most members share and few other memories have, each in its most frequent spelling."""
    shared = Counter(term for terms in members for term in terms if not term.isdigit())
    for term in excluded:
        shared.pop(term, None)
    ranked = sorted(shared, key=lambda t: (-shared[t] * (1 + math.log(count / document_frequency[t])), t))
    names: list[str] = []
    for best in ranked[:MAX_NAMES_TRIED]:
        spelled = Counter(terms[best] for terms in members if best in terms)
        names.append(min(spelled, key=lambda word: (-spelled[word], len(word), word)))
    return names
