"""The topics of a user: what several sessions say of one thing, grouped without a model.

Method: RMM (Tan et al. 2025, arXiv 2503.08026, section 4.1, prospective reflection): memory is organised by
topic across sessions, and what a session adds to a known topic is merged into that topic's memory. Where RMM
asks a model what belongs together, these are clusters by average linkage, found by joining reciprocal nearest
neighbours (Murtagh 1983, The Computer Journal 26(4)). They follow from the memories alone, so neither the
order of arrival nor what was grouped before changes them.
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
from app.memory.numeric import FloatArray
from app.memory.text.analysis import analyze_detecting_language, analyze_text

TOPIC_TAG = "topic"
MIN_TOPIC_MEMORIES = 3  # memories
MIN_TOPIC_SESSIONS = 2
MAX_GROUPED_MEMORIES = 5_000  # of so many the clusters are found in about 4 s
# Of LoCoMo's facts (dev, MiniLM) 36 % of the pairs that one multi-hop question needs from two sessions are
# then in one topic, and 9 % of all pairs; at .50 it is 49 % and 15 %, at .60 23 % and 6 %.
MIN_MEAN_SIMILARITY = 0.55
MAX_SHARED_WORDS_SCORE = 0.3  # what entities, subjects and tags in common add to a cosine at most
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
        """Sorts what came to hold first; of equal ones an order that no order of arrival changes."""
        return self.since, self.content, self.id


@dataclass(frozen=True, slots=True)
class ExistingTopic:
    """A topic as it was written before: its key, from which state and from which memories."""

    key: str
    fingerprint: bytes
    sources: frozenset[UUID]


def draft_topics(
    members: Iterable[TopicMember],
    speakers: Iterable[str],
    existing: Sequence[ExistingTopic],
    new_key: Callable[[], str],
) -> list[MemoryDraft]:
    """One draft for each topic: at least `TOPIC_FROM` memories that `TOPIC_SESSIONS` sessions say.

    A topic that was there before keeps its key. The names of `speakers` name no topic.
    """
    looked_at = sorted(members, key=lambda m: m.sort_key)
    terms = [_terms_with_spelling(member.content) for member in looked_at]
    having = Counter(term for words in terms for term in words)
    silent = {term for speaker in speakers for term in analyze_text(speaker)}
    drafts: list[MemoryDraft] = []
    for group in cluster_members(looked_at):
        told = [looked_at[row] for row in group]
        if (
            len(told) < MIN_TOPIC_MEMORIES
            or len({session for m in told for session in m.sessions}) < MIN_TOPIC_SESSIONS
        ):
            continue
        name = _name_topic([terms[row] for row in group], having, len(looked_at), silent)
        drafts.append(_draft_topic(told, (TOPIC_TAG, name) if name and name != TOPIC_TAG else (TOPIC_TAG,)))
    keys = _match_existing_keys(drafts, existing)
    return [replace(draft, key=keys.get(row) or new_key()) for row, draft in enumerate(drafts)]


def cluster_members(members: Sequence[TopicMember]) -> list[list[int]]:
    """Places of the members (in order of `place`) of each cluster of two or more, by average linkage.

    Two clusters are joined while the mean similarity of their members is at least `ALIKE`: the cosine of two
    memories and `SHARED` times what their words have in common. The mean is the product of the clusters' mean
    vectors, so nothing of size (n, n) is held. A cluster that is near no other stays so: a mean of
    similarities below a bound is below it.
    """
    if not members:
        return []
    vectors = np.stack([member.vector for member in members]).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    total = np.hstack([vectors, _shared_word_vectors(members)])
    size = np.ones(len(members), np.float32)
    clusters = [[row] for row in range(len(members))]
    found: list[list[int]] = []
    while len(clusters) > 1:
        nearest, likeness = _nearest_neighbours(total / size[:, None])
        rows = np.arange(len(clusters))
        left = rows[(rows < nearest) & (nearest[nearest] == rows) & (likeness >= MIN_MEAN_SIMILARITY)]
        if not len(left):
            break
        right = nearest[left]
        total[left] += total[right]
        size[left] += size[right]
        for one, other in zip(left, right, strict=True):
            clusters[one] = clusters[one] + clusters[other]
        joined_up = np.isin(rows, right)
        found += [clusters[row] for row in rows[(likeness < MIN_MEAN_SIMILARITY) & ~joined_up]]
        kept = rows[(likeness >= MIN_MEAN_SIMILARITY) & ~joined_up]
        total, size, clusters = total[kept], size[kept], [clusters[row] for row in kept]
    return sorted(sorted(cluster) for cluster in [*found, *clusters] if len(cluster) > 1)


def _nearest_neighbours(means: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """(the row that is nearest to each row of (n, d), the product of the two), (n,) each; n > 1.

    Rounded, so that of equal ones the first is taken, however the products were computed.
    """
    nearest = np.zeros(len(means), np.intp)
    likeness = np.zeros(len(means), np.float32)
    for start in range(0, len(means), _BLOCK_ROWS):
        products = np.round(means[start : start + _BLOCK_ROWS] @ means.T, 5)
        rows = np.arange(len(products))
        products[rows, start + rows] = -np.inf
        nearest[start : start + len(rows)] = products.argmax(axis=1)
        likeness[start : start + len(rows)] = products.max(axis=1)
    return nearest, likeness


def _shared_word_vectors(members: Sequence[TopicMember]) -> FloatArray:
    """(n, w) of the words that several members have: the product of two rows is at most `SHARED`.

    A word counts by its rarity, ln(n / n that have it) / ln n; one that all have counts nothing.
    """
    having = Counter(word for member in members for word in member.words)
    columns = {word: column for column, word in enumerate(sorted(w for w in having if having[w] > 1))}
    found = np.zeros((len(members), len(columns)), np.float32)
    scale = math.log(max(2, len(members)))
    for row, member in enumerate(members):
        for word in member.words & columns.keys():
            found[row, columns[word]] = math.log(len(members) / having[word]) / scale
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return math.sqrt(MAX_SHARED_WORDS_SCORE) * found / np.maximum(lengths, 1.0)


def _draft_topic(members: Sequence[TopicMember], tags: tuple[str, ...]) -> MemoryDraft:
    """The topic of these members from its weightiest, of equal ones the newest; told in order of time."""
    newest = sorted(members, key=lambda m: m.sort_key, reverse=True)
    weighty = sorted(newest, key=lambda m: -m.importance)[:MAX_SOURCES]
    room, told = MAX_SUMMARY_CHARS, list[TopicMember]()
    for member in weighty:
        if len(member.content) + 2 <= room:
            told.append(member)
            room -= len(member.content) + 2
    text = join_statements([m.content for m in sorted(told, key=lambda m: m.sort_key)])
    sources = tuple((m.id, m.content) for m in sorted(weighty, key=lambda m: m.sort_key))
    return MemoryDraft(
        basis=Basis.TOPIC,
        key="",
        kind=Kind.SUMMARY,
        form=Form.STATE,
        sources=sources,
        extractive_text=text or weighty[0].content[:MAX_SUMMARY_CHARS],
        tags=tags,
    )


def _match_existing_keys(drafts: Sequence[MemoryDraft], existing: Sequence[ExistingTopic]) -> dict[int, str]:
    """{place of a draft: key of the topic that it continues}: what is the same, else what shares most."""
    by_state = {noted.fingerprint: noted.key for noted in existing}
    keys: dict[int, str] = {}
    for row, draft in enumerate(drafts):
        if draft.fingerprint in by_state:
            keys[row] = by_state[draft.fingerprint]
    pairs: list[tuple[int, int, str]] = []
    for row, draft in enumerate(drafts):
        ids = {memory_id for memory_id, _ in draft.sources}
        pairs += [(-len(ids & noted.sources), row, noted.key) for noted in existing]
    taken = set(keys.values())
    for common, row, key in sorted(pairs):
        if -common >= MIN_SOURCES and row not in keys and key not in taken:
            keys[row] = key
            taken.add(key)
    return keys


def _terms_with_spelling(content: str) -> dict[str, str]:
    """{term: as it is written} of a text; of a CJK text the term itself."""
    _, language = analyze_detecting_language(content)
    found: dict[str, str] = {}
    for word in _WORD.findall(content.lower()):
        terms = analyze_text(word, language)
        for term in terms:
            found.setdefault(term, word if len(terms) == 1 else term)
    return found


def _name_topic(
    members: Sequence[Mapping[str, str]],
    document_frequency: Mapping[str, int],
    count: int,
    excluded: Iterable[str],
) -> str:
    """The word that most of the members share and few other memories have, as most of them write it."""
    shared = Counter(term for terms in members for term in terms if not term.isdigit())
    for term in excluded:
        shared.pop(term, None)
    best = min(
        shared, key=lambda t: (-shared[t] * (1 + math.log(count / document_frequency[t])), t), default=None
    )
    if best is None:
        return ""
    spelled = Counter(terms[best] for terms in members if best in terms)
    return min(spelled, key=lambda word: (-spelled[word], len(word), word))
