"""Which memories are related: near neighbours by cosine (A-MEM's link generation, without a model)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.memory.reconciliation.decisions import normalise

MAX_ADDED = 5  # index words that one new memory may give a neighbour


@dataclass(frozen=True, slots=True)
class LinkingLimits:
    """Of the `neighbours` nearest memories, at most `most` with a cosine of at least `least` are related."""

    neighbours: int = 30
    least: float = 0.75
    most: int = 8


def related(
    similarities: Mapping[UUID, float], limits: LinkingLimits = LinkingLimits()
) -> list[tuple[UUID, float]]:
    """(memory, cosine) of the related ones, nearest first."""
    near = sorted((pair for pair in similarities.items() if pair[1] >= limits.least), key=_nearest)
    return near[: limits.most]


def _nearest(pair: tuple[UUID, float]) -> tuple[float, UUID]:
    return -pair[1], pair[0]


def enriched(held: Sequence[str], offered: Iterable[str], said: Iterable[str]) -> list[str]:
    """The index words of a memory with those of `offered` that a new memory really says.

    `said` is the new memory's content and its own index words: a model may pick from them, not invent.
    """
    texts = [normalise(text) for text in said]
    known = {normalise(word) for word in held}
    added: list[str] = []
    for word in offered:
        plain = normalise(word)
        if plain and plain not in known and any(f" {plain} " in f" {text} " for text in texts):
            known.add(plain)
            added.append(plain)
    return [*held, *added[:MAX_ADDED]]
