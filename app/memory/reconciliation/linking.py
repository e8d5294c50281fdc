"""Selects related memories: nearest neighbours by cosine (A-MEM's link generation, without a model)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.memory.reconciliation.decisions import normalise_text

MAX_ADDED_WORDS = 5  # index words that one new memory may add to a neighbour (chosen)


@dataclass(frozen=True, slots=True)
class LinkingLimits:
    """Which of the `neighbour_count` nearest memories are related (chosen).

    They are at most `max_links`, each with a cosine of at least `min_similarity`.
    """

    neighbour_count: int = 30
    min_similarity: float = 0.75
    max_links: int = 8


def select_related(
    similarities: Mapping[UUID, float], limits: LinkingLimits = LinkingLimits()
) -> list[tuple[UUID, float]]:
    """(memory, cosine) of the related memories, nearest first."""
    near = sorted(
        (pair for pair in similarities.items() if pair[1] >= limits.min_similarity), key=_similarity_sort_key
    )
    return near[: limits.max_links]


def _similarity_sort_key(pair: tuple[UUID, float]) -> tuple[float, UUID]:
    return -pair[1], pair[0]


def add_index_words(
    stored_words: Sequence[str], offered_words: Iterable[str], new_texts: Iterable[str]
) -> list[str]:
    """The index words of a memory plus those of `offered_words` that occur in `new_texts`.

    At most `MAX_ADDED_WORDS` are added. `new_texts` are the new memory's content and its own index words: a
    model may pick words from them but not invent any.
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
