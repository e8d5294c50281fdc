"""Selects related memories: nearest neighbours by cosine (A-MEM's link generation, without a model)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.memory.reconciliation.decisions import normalise_text

MAX_ADDED_WORDS = 5  # index words that one new memory may give a neighbour


@dataclass(frozen=True, slots=True)
class LinkingLimits:
    """Of the `neighbours` nearest memories, at most `most` with a cosine of at least `least` are related."""

    neighbour_count: int = 30
    min_similarity: float = 0.75
    max_links: int = 8


def select_related(
    similarities: Mapping[UUID, float], limits: LinkingLimits = LinkingLimits()
) -> list[tuple[UUID, float]]:
    """(memory, cosine) of the related ones, nearest first."""
    near = sorted(
        (pair for pair in similarities.items() if pair[1] >= limits.min_similarity), key=_similarity_sort_key
    )
    return near[: limits.max_links]


def _similarity_sort_key(pair: tuple[UUID, float]) -> tuple[float, UUID]:
    return -pair[1], pair[0]


def add_index_words(
    stored_words: Sequence[str], offered_words: Iterable[str], new_texts: Iterable[str]
) -> list[str]:
    """The index words of a memory with those of `offered` that a new memory really says.

    `said` is the new memory's content and its own index words: a model may pick from them, not invent.
    """
    texts = [normalise_text(text) for text in new_texts]
    known = {normalise_text(word) for word in stored_words}
    added: list[str] = []
    for word in offered_words:
        plain = normalise_text(word)
        if plain and plain not in known and any(f" {plain} " in f" {text} " for text in texts):
            known.add(plain)
            added.append(plain)
    return [*stored_words, *added[:MAX_ADDED_WORDS]]
